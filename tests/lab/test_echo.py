"""Echo: what is sent comes back, over TCP and over UDP."""

from __future__ import annotations

import socket

import pytest

from lab.echo import Echo

pytestmark = pytest.mark.wire


def endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


@pytest.mark.usefixtures("nothing_left")
def test_what_is_sent_over_tcp_comes_back_until_the_client_has_no_more() -> None:
    with Echo() as echo, socket.create_connection(endpoint(echo.tcp), 5) as client:
        client.sendall(b"one\r\ntwo")
        client.shutdown(socket.SHUT_WR)
        got = b""
        while piece := client.recv(100):
            got += piece
    assert got == b"one\r\ntwo"


@pytest.mark.usefixtures("nothing_left")
def test_a_datagram_comes_back_as_one_and_an_empty_one_too() -> None:
    with Echo() as echo, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(endpoint(echo.udp))
        for datagram in (b"one", b"", b"three"):
            client.send(datagram)
            assert client.recv(100) == datagram


@pytest.mark.usefixtures("nothing_left")
def test_it_stops_while_a_client_is_still_connected() -> None:
    with Echo() as echo:
        client = socket.create_connection(endpoint(echo.tcp), 5)
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    client.close()
