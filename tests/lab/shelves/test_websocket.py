"""The lab's WebSocket servers, asked by a client that we did not write."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
)
from websockets.sync.client import ClientConnection, connect

from lab import Authority, LabServer
from tests.lab.asking import CLOSE, client_context, exchange

pytestmark = pytest.mark.wire
Start = Callable[[str], LabServer]
WAIT_S = 5


def asked(server: LabServer, **more: object) -> ClientConnection:
    host = {"address": ("127.0.0.1", server.port), "proxy": None, "open_timeout": WAIT_S}
    return connect(server.url, close_timeout=WAIT_S, **host, **more)  # type: ignore[arg-type]


def test_echo(lab_server: Start) -> None:
    with asked(lab_server("ws-echo")) as client:
        for message in ("Hello", b"\0\xff", "x" * 70_000):
            client.send(message)
            assert client.recv(WAIT_S) == message
        client.send(["in ", "fragments"])
        assert client.recv(WAIT_S) == "in fragments"
        assert client.ping(b"?").wait(WAIT_S)
    assert client.close_code == 1000


def test_echo_under_tls(lab_server: Start, authority: Authority) -> None:
    server = lab_server("wss-echo")
    context = client_context(authority)
    with asked(server, ssl=context, server_hostname=server.host) as client:
        client.send("Hello")
        assert client.recv(WAIT_S) == "Hello"


def test_who_asks_for_a_page_is_told_so(lab_server: Start) -> None:
    answer = exchange(lab_server("ws-echo"), b"GET / HTTP/1.1\r\n" + CLOSE)
    assert answer.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("ws-fragments", ["This message came in three fragments."]),
        (
            "ws-deflate",
            ["Both sides keep what was said before, so saying it again costs a few bytes."] * 3,
        ),
    ],
)
def test_messages(lab_server: Start, name: str, messages: list[str]) -> None:
    with asked(lab_server(name)) as client:
        client.send("Hello")
        assert [client.recv(WAIT_S) for _ in messages] == messages


def test_a_goodbye_with_a_reason(lab_server: Start) -> None:
    with asked(lab_server("ws-goodbye")) as client:
        client.send("Hello")
        with pytest.raises(ConnectionClosed):
            client.recv(WAIT_S)
    assert (client.close_code, client.close_reason) == (1001, "restarting, come again")


@pytest.mark.parametrize("name", ["ws-page", "ws-bad-accept", "ws-bad-extension"])
def test_a_handshake_that_opens_nothing(lab_server: Start, name: str) -> None:
    with pytest.raises((InvalidHandshake, InvalidStatus)), asked(lab_server(name)):
        pass


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ws-masked", 1002),
        ("ws-reserved-bit", 1002),
        ("ws-bad-utf8", 1007),
        ("ws-fragmented-ping", 1002),
        ("ws-huge", 1009),
        ("ws-bomb", 1009),
        ("ws-bad-close", 1002),
        ("ws-drops", 1006),
    ],
)
def test_what_is_wrong_ends_it_in_the_code_of_the_rfc(
    lab_server: Start, name: str, code: int
) -> None:
    with asked(lab_server(name)) as client:
        client.send("Hello")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(WAIT_S)
    sent = closed.value.sent
    assert (sent.code if sent else 1006) == code


def test_a_flood_of_pings_is_answered_by_who_counts_none(lab_server: Start) -> None:
    with asked(lab_server("ws-ping-flood")) as client:
        client.send("Hello")
        client.close()
    assert client.close_code == 1000
