"""What the lab's servers note of their own calls."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from lab.log import CALLS, CONNECTIONS, Log, LoggedDatagrams, LoggedSocket, Noted, written

pytestmark = pytest.mark.wire
WAIT_S = 20

KEY = "tcp", "127.0.0.1:80", "127.0.0.1:40000"


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, LoggedSocket, Log]]:
    """A client and the server's end of its connection."""
    log = Log()
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname(), WAIT_S)
        accepted = LoggedSocket(server.accept(), log)
    accepted.settimeout(WAIT_S)
    with client, accepted:
        yield client, accepted, log


def told(log: Log, client: socket.socket, *, udp: bool = False) -> list[tuple[str, int]]:
    protocol = "udp" if udp else "tcp"
    key = protocol, written(client.getpeername()), written(client.getsockname())
    return [(noted.call, noted.length) for noted in log.told(key, 0)]


def test_reads_and_writes_are_noted_with_their_times(
    ends: tuple[socket.socket, LoggedSocket, Log],
) -> None:
    client, accepted, log = ends
    before_ns = time.monotonic_ns()
    client.sendall(b"GET")
    assert accepted.recv(9) == b"GET"
    accepted.sendall(b"OK")
    assert told(log, client) == [("recv", 3), ("send", 2)]
    key = "tcp", written(client.getpeername()), written(client.getsockname())
    read, write = log.told(key, before_ns)
    assert before_ns <= read.start_ns <= read.end_ns <= write.start_ns <= write.end_ns
    assert log.told(key, time.monotonic_ns()) == []


def test_the_end_of_a_stream_moves_nothing_and_is_not_noted(
    ends: tuple[socket.socket, LoggedSocket, Log],
) -> None:
    client, accepted, log = ends
    client.shutdown(socket.SHUT_WR)
    assert accepted.recv(9) == b""
    accepted.sendall(b"")
    assert told(log, client) == []


def test_once_another_socket_shares_the_connection_nothing_more_is_noted(
    ends: tuple[socket.socket, LoggedSocket, Log],
) -> None:
    client, accepted, log = ends
    with accepted.dup() as other:
        assert type(other) is socket.socket
        client.sendall(b"GET")
        assert accepted.recv(9) == b"GET"
        other.sendall(b"OK")
        assert client.recv(9) == b"OK"
    assert told(log, client) == []


def test_a_datagram_that_is_lost_on_purpose_is_noted_and_not_sent() -> None:
    log = Log()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(WAIT_S)
        client.settimeout(WAIT_S)
        client.connect(bound.getsockname())
        server = LoggedDatagrams(bound, log)
        client.send(b"hello")
        octets, asker, noted = server.recvfrom(99)
        assert (octets, noted.call, noted.lost) == (b"hello", "recv", False)
        server.sendto(b"lost", asker, lost=True)
        server.sendto(b"back", asker)
        assert client.recv(99) == b"back"
        assert told(log, client, udp=True) == [("recv", 5), ("send", 4), ("send", 4)]


def test_a_new_connection_between_the_same_ports_begins_anew() -> None:
    log = Log()
    log.note(KEY, Noted("recv", 1, 5))
    log.begin(KEY)
    assert log.told(KEY, 0) == []


def test_what_is_noted_is_bounded() -> None:
    log = Log()
    for _ in range(CALLS + 5):
        log.note(KEY, Noted("recv", 1, 5))
    assert len(log.told(KEY, 0)) == CALLS
    for number in range(CONNECTIONS):
        log.note(("udp", "127.0.0.1:53", f"127.0.0.1:{number}"), Noted("recv", 1, 5))
    assert log.told(KEY, 0) == []


def test_an_address_is_written_as_a_trace_has_it() -> None:
    assert written(("::1", 80, 0, 0)) == "[::1]:80"
    assert written(("127.0.0.1", 80)) == "127.0.0.1:80"
