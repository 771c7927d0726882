"""What opens a WebSocket, and which answers do."""

from __future__ import annotations

import pytest
from wsproto.utilities import generate_accept_token

from netcore.errors import FetchError
from netcore.protocols.http1 import Head
from netcore.protocols.websocket_handshake import DEFLATE, OFFER, Deflate, Handshake

Lines = tuple[tuple[str, str], ...]


def answer(handshake: Handshake, *lines: tuple[str, str], version: str = "1.1") -> Head:
    accept = generate_accept_token(handshake.key.encode()).decode()
    fields = (("UPGRADE", "WebSocket"), ("connection", "keep-alive, Upgrade"))
    whole = (*fields, ("Sec-WebSocket-Accept", accept), *lines)
    return Head(101, "Switching Protocols", version, whole, "none", None, ())


def extensions(value: str) -> tuple[str, str]:
    return ("Sec-WebSocket-Extensions", value)


def code_of(handshake: Handshake, head: Head) -> str:
    with pytest.raises(FetchError) as raised:
        handshake.read_answer(head)
    return raised.value.code


def test_it_sends_the_fields_of_the_rfc_with_a_new_key_each_time() -> None:
    one, other = Handshake(()), Handshake(())
    assert one.key != other.key
    assert dict(one.fields()) == {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": one.key,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Extensions": OFFER,
    }


def test_fields_of_the_user_replace_ours() -> None:
    handshake = Handshake((("sec-websocket-key", "abc"), ("Sec-WebSocket-Extensions:", "")))
    assert handshake.key == "abc"
    names = [name for name, _ in handshake.fields()]
    assert names == ["Upgrade", "Connection", "Sec-WebSocket-Version"]
    offered = answer(handshake, extensions(DEFLATE))
    assert code_of(handshake, offered) == "ws.bad_handshake"


def test_a_right_answer_opens() -> None:
    handshake = Handshake(())
    agreed = handshake.read_answer(answer(handshake))
    assert (agreed.deflate, agreed.subprotocol) == (None, "")


@pytest.mark.parametrize(
    ("value", "deflate"),
    [
        (DEFLATE, Deflate()),
        (f"{DEFLATE}; server_no_context_takeover", Deflate(server_takeover=False)),
        (f"{DEFLATE};client_no_context_takeover", Deflate(client_takeover=False)),
        (f'{DEFLATE}; client_max_window_bits="10"', Deflate(client_bits=10)),
        (f"{DEFLATE}; server_max_window_bits=8", Deflate()),
    ],
)
def test_what_was_agreed_on_for_compression(value: str, deflate: Deflate) -> None:
    handshake = Handshake(())
    assert handshake.read_answer(answer(handshake, extensions(value))).deflate == deflate


@pytest.mark.parametrize(
    "value",
    [
        "x-other",
        f"{DEFLATE}, x-other",
        f"{DEFLATE}; client_max_window_bits=7",
        f"{DEFLATE}; client_max_window_bits=16",
        f"{DEFLATE}; client_max_window_bits=08",
        f"{DEFLATE}; client_max_window_bits=8",
        f"{DEFLATE}; client_max_window_bits",
        f"{DEFLATE}; server_no_context_takeover=1",
        f"{DEFLATE}; server_no_context_takeover; server_no_context_takeover",
        f"{DEFLATE}; unknown",
    ],
)
def test_an_extension_that_was_not_offered_so_opens_nothing(value: str) -> None:
    handshake = Handshake(())
    assert code_of(handshake, answer(handshake, extensions(value))) == "ws.bad_handshake"


def test_a_subprotocol_is_one_of_those_asked_for() -> None:
    handshake = Handshake((("Sec-WebSocket-Protocol", "chat, superchat"),))
    chosen = answer(handshake, ("Sec-WebSocket-Protocol", "superchat"))
    assert handshake.read_answer(chosen).subprotocol == "superchat"
    other = answer(handshake, ("Sec-WebSocket-Protocol", "Chat"))
    assert code_of(handshake, other) == "ws.bad_handshake"
    two = (("Sec-WebSocket-Protocol", "chat"), ("Sec-WebSocket-Protocol", "superchat"))
    assert code_of(handshake, answer(handshake, *two)) == "ws.bad_handshake"


def test_an_answer_in_http_1_0_or_without_its_fields_opens_nothing() -> None:
    handshake = Handshake(())
    assert code_of(handshake, answer(handshake, version="1.0")) == "ws.bad_handshake"
    bare = Head(101, "", "1.1", (), "none", None, ())
    assert code_of(handshake, bare) == "ws.bad_handshake"


def test_two_accept_values_are_none() -> None:
    handshake = Handshake(())
    twice = answer(handshake, ("Sec-WebSocket-Accept", "x"))
    assert code_of(handshake, twice) == "ws.bad_accept"
