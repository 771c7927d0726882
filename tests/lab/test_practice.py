"""The servers of the exercises, and what they say of their own end."""

from __future__ import annotations

import socket

import pytest

from lab.practice import SIZES, PracticeServer
from tests.lab.asking import connect, exchange

pytestmark = pytest.mark.wire

CLOSING = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def read(client: socket.socket, octets: int) -> bytes:
    got = b""
    while len(got) < octets:
        got += client.recv(octets - len(got))
    return got


@pytest.mark.slow
def test_a_response_is_written_a_segment_at_a_time_and_counted() -> None:
    with PracticeServer("big", "a") as server:
        with connect(server) as client:
            client.sendall(CLOSING)
            first = client.recv(1 << 20)
            rest = b"".join(iter(lambda: client.recv(65536), b""))
        assert len(first) < len(first + rest) == server.connections[0].sent
    least, most = SIZES["big"]
    body = (first + rest).partition(b"\r\n\r\n")[2]
    assert least <= len(body) <= most
    assert body[6_400:].startswith(b"This line begins at octet 6400 of the body.")


@pytest.mark.slow
def test_another_code_is_another_size_and_the_same_code_the_same() -> None:
    sizes = []
    for code in ("a", "b", "a"):
        with PracticeServer("keep-alive", code) as server:
            sizes.append(len(exchange(server, CLOSING)))
    assert sizes[0] == sizes[2] != sizes[1]


def test_what_the_client_did_not_wait_for_counts_as_sent() -> None:
    with PracticeServer("big", "a") as server, connect(server) as client:
        client.sendall(CLOSING)
        assert client.recv(10)
    assert server.connections[0].sent > SIZES["big"][0]


def test_a_head_alone_is_sent_where_a_head_was_asked_for() -> None:
    with PracticeServer("keep-alive", "a") as server:
        answer = exchange(server, CLOSING.replace(b"GET", b"HEAD"))
    assert answer.endswith(b"\r\n\r\n")
    assert server.connections[0].sent == len(answer)


@pytest.mark.slow
def test_the_echo_reads_late_so_that_writes_in_a_row_arrive_together() -> None:
    with PracticeServer("echo", "a") as server, connect(server) as client:
        port = client.getsockname()[1]
        for word in (b"a", b"bc", b"def"):
            client.sendall(word)
        assert read(client, 6) == b"abcdef"
        client.sendall(b"g")
        assert read(client, 1) == b"g"
    end = server.connections[0]
    assert (end.reads, end.sent, end.peer_port) == ([6, 1], 7, port)


@pytest.mark.slow
def test_how_long_nothing_had_crossed_is_known_when_the_client_closes() -> None:
    with PracticeServer("keep-alive", "a") as server, connect(server) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while client.recv(65536):
            if server.connections[0].sent and not server.release.is_set():
                client.settimeout(0.3)
                try:
                    while client.recv(65536):
                        pass
                except TimeoutError:
                    break
    silent_s = server.connections[0].silent_s
    assert silent_s is not None
    assert 0.2 < silent_s < 5
