"""The client's side of a WebSocket, back to back with the library's server, cut anywhere."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage
from wsproto.events import Ping as PingEvent
from wsproto.extensions import PerMessageDeflate

from lab.frames import BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, close_payload, frame
from netcore.options import Limits
from netcore.protocols.websocket import (
    Broken,
    Closed,
    Message,
    Ping,
    Pong,
    WebSocket,
    WebSocketEvent,
)
from netcore.protocols.websocket_handshake import Agreement, Deflate

PLAIN = Agreement(None, "", "")
DEFLATED = Agreement(Deflate(), "permessage-deflate", "")
LIMITS = Limits()
MESSAGES = st.lists(st.text(max_size=200) | st.binary(max_size=200), max_size=6)


def server(agreed: Agreement) -> Connection:
    extension = PerMessageDeflate()
    extension._enabled = True
    return Connection(ConnectionType.SERVER, [extension] if agreed.deflate else [])


def heard(connection: Connection, octets: bytes) -> list[str | bytes]:
    """The messages that the library makes of these octets."""
    connection.receive_data(octets)
    messages: list[str | bytes] = []
    parts: list[str | bytes] = []
    for event in connection.events():
        assert isinstance(event, TextMessage | BytesMessage), event
        parts.append(event.data)
        if event.message_finished:
            text = isinstance(event, TextMessage)
            messages.append("".join(map(str, parts)) if text else b"".join(map(bytes, parts)))  # type: ignore[arg-type]
            parts = []
    return messages


def taken(websocket: WebSocket, octets: bytes, points: list[int]) -> list[WebSocketEvent]:
    edges = [0, *sorted(point % (len(octets) + 1) for point in points), len(octets)]
    pieces = (octets[a:b] for a, b in itertools.pairwise(edges) if b > a)
    return [event for piece in pieces for event in websocket.receive(piece)]


@settings(deadline=None)
@given(MESSAGES, st.sampled_from([PLAIN, DEFLATED]))
def test_what_is_sent_is_what_the_library_hears(
    messages: list[str | bytes], agreed: Agreement
) -> None:
    websocket = WebSocket(LIMITS, agreed)
    for message in messages:
        websocket.send(message)
    assert heard(server(agreed), websocket.data_to_send()) == messages


@settings(deadline=None)
@given(MESSAGES, st.sampled_from([PLAIN, DEFLATED]), st.lists(st.integers(0, 5_000), max_size=8))
def test_what_the_library_says_is_heard_however_it_is_cut(
    messages: list[str | bytes], agreed: Agreement, points: list[int]
) -> None:
    peer, octets = server(agreed), b""
    for message in messages:
        half = len(message) // 2
        kind = TextMessage if isinstance(message, str) else BytesMessage
        octets += peer.send(kind(data=message[:half], message_finished=False))  # type: ignore[arg-type]
        octets += peer.send(PingEvent(payload=b"between"))
        octets += peer.send(kind(data=message[half:], message_finished=True))  # type: ignore[arg-type]
    octets += peer.send(CloseConnection(code=1001, reason="bye"))
    websocket = WebSocket(LIMITS, agreed)
    events = taken(websocket, octets, points)
    assert [event.data for event in events if isinstance(event, Message)] == messages
    assert sum(isinstance(event, Ping) for event in events) == len(messages)
    assert events[-1] == Closed(1001, "bye")
    assert websocket.is_over
    sent = websocket.data_to_send()
    assert len(sent) == len(messages) * (6 + len(b"between")) + 8  # a Pong each, and a Close


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.binary(max_size=40)
        | st.builds(
            frame,
            st.integers(0, 15),
            st.binary(max_size=130),
            first=st.sampled_from([0, FIN, FIN | 0x40, FIN | 0x20]),
        ),
        max_size=6,
    ),
    st.sampled_from([PLAIN, DEFLATED]),
    st.lists(st.integers(0, 2_000), max_size=8),
)
def test_how_octets_are_cut_changes_nothing_and_nothing_raises(
    parts: list[bytes], agreed: Agreement, points: list[int]
) -> None:
    octets = b"".join(parts)
    whole, cut = WebSocket(LIMITS, agreed), WebSocket(LIMITS, agreed)
    events = whole.receive(octets) if octets else []
    assert taken(cut, octets, points) == events
    assert all(not isinstance(event, Broken) for event in events[:-1])
    assert (whole.is_broken, whole.closed) == (cut.is_broken, cut.closed)
    if whole.is_broken:
        assert whole.close_sent in (1002, 1003, 1007, 1008, 1009)


def test_a_ping_is_answered_with_its_payload() -> None:
    websocket = WebSocket(LIMITS, PLAIN)
    assert websocket.receive(frame(PING, b"abc") + frame(PONG)) == [Ping(b"abc"), Pong(b"")]
    sent = websocket.data_to_send()
    assert sent[:2] == bytes([FIN | PONG, 0x80 | 3])
    assert bytes(octet ^ sent[2 + at] for at, octet in enumerate(sent[6:])) == b"abc"


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_close_is_answered_with_its_code(code: int) -> None:
    websocket = WebSocket(LIMITS, PLAIN)
    assert websocket.receive(frame(CLOSE, close_payload(code, "ü"))) == [Closed(code, "ü")]
    assert (websocket.is_over, websocket.close_sent) == (True, code)
    assert len(websocket.data_to_send()) == 8


def test_a_close_without_a_code_is_answered_without_one() -> None:
    websocket = WebSocket(LIMITS, PLAIN)
    assert websocket.receive(frame(CLOSE)) == [Closed(1005, "")]
    assert len(websocket.data_to_send()) == 6


def test_close_is_said_once() -> None:
    websocket = WebSocket(LIMITS, PLAIN)
    websocket.close(1000)
    websocket.close(1001)
    assert len(websocket.data_to_send()) == 8
    assert not websocket.is_over
    assert websocket.receive(frame(CLOSE, close_payload(1000))) == [Closed(1000, "")]
    assert websocket.data_to_send() == b""
    assert websocket.is_over
    websocket.receive(b"xyz")
    assert websocket.surplus == 3
    assert websocket.receive(b"") == []


def test_an_end_without_a_close_is_abnormal() -> None:
    websocket = WebSocket(LIMITS, PLAIN)
    websocket.receive(frame(TEXT, b"hello")[:3])
    (event,) = websocket.receive(b"")
    assert isinstance(event, Broken)
    assert (event.code, websocket.is_broken) == ("ws.closed_abnormally", True)
    assert websocket.receive(b"more") == []


def test_a_ping_between_compressed_fragments_does_not_end_the_compression() -> None:
    peer = server(DEFLATED)
    text = "one two three " * 20
    octets = peer.send(TextMessage(data=text[:50], message_finished=False))
    octets += peer.send(PingEvent(payload=b""))
    octets += peer.send(TextMessage(data=text[50:], message_finished=True))
    events = WebSocket(LIMITS, DEFLATED).receive(octets)
    assert [event.data for event in events if isinstance(event, Message)] == [text]


@pytest.mark.parametrize("cut", [3, 7, 8])
def test_text_that_is_no_utf8_is_told_of_in_the_same_words_however_it_is_cut(cut: int) -> None:
    octets = frame(TEXT, b"Hello\x89!")
    told = [taken(WebSocket(LIMITS, PLAIN), octets, points) for points in ([], [cut])]
    text = "A text message of the server is not UTF-8: octet 89, invalid start byte."
    assert told == [[Broken("ws.bad_utf8", text)]] * 2


def test_the_bound_on_a_message_holds_over_its_fragments() -> None:
    limits = Limits(message_octets=10)
    first, last = frame(BINARY, bytes(6), first=0), frame(CONTINUATION, bytes(5))
    (event,) = WebSocket(limits, PLAIN).receive(first + last)
    assert isinstance(event, Broken)
    assert event.code == "ws.too_big"
    assert WebSocket(limits, PLAIN).receive(frame(BINARY, bytes(10))) == [Message(bytes(10))]
