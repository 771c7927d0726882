"""One question over UDP or over TCP: what is sent, and what ends it."""

from __future__ import annotations

import socket

import pytest

from netcore.dns_sockets import OverTcp, OverUdp, shown
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.protocols.dns import ask
from netcore.recorder import Recorder
from netcore.trace import Trace
from netcore.wire import READ, WRITE, Wire
from tests.faults.hostile import Converse, HostileServer, finish, hold, reset

QUESTION = ask("a.example", "A")


def test_a_resolver_is_shown_with_its_port() -> None:
    assert shown(Admitted("192.0.2.1", 53, "")) == "192.0.2.1:53"
    assert shown(Admitted("2001:db8::1", 53, "")) == "[2001:db8::1]:53"


@pytest.mark.wire
def test_over_udp_the_question_is_one_datagram() -> None:
    recorder = Recorder(Trace("", "", Options(), []))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        Wire(recorder) as wire,
    ):
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        way = OverUdp(wire, Admitted("127.0.0.1", server.getsockname()[1], ""), QUESTION)
        way.start()
        octets, asker = server.recvfrom(4096)
        assert octets == QUESTION.octets
        assert way.receive() == []
        server.sendto(b"anything", asker)
        assert wire.wait([(way.socket, way.wants)], 5)
        assert way.receive() == [b"anything"]
        longest = bytes(65_507)  # what IPv4 leaves for it
        server.sendto(longest, asker)
        assert wire.wait([(way.socket, way.wants)], 5)
        assert way.receive() == [longest]


def talk(converse: Converse) -> tuple[list[bytes], str]:
    """Ask over TCP until a message has come, or the failure's code and message."""
    recorder = Recorder(Trace("", "", Options(), []))
    with HostileServer(converse) as server, Wire(recorder) as wire:
        way = OverTcp(wire, Guard(Options()), Admitted("127.0.0.1", server.port, ""), QUESTION)
        assert way.wants == WRITE
        way.start()
        try:
            for _ in range(10_000):
                assert wire.wait([(way.socket, way.wants)], 5)
                found = way.receive()
                if found:
                    return found, ""
        except FetchError as error:
            return [], f"{error.code}: {error.message}"
        finally:
            way.close()
    raise AssertionError("it never ended")


@pytest.mark.wire
def test_over_tcp_the_length_and_the_question_are_sent_in_one_go() -> None:
    def echo(connection: socket.socket) -> None:
        connection.sendall(connection.recv(4096))
        hold(connection)

    assert talk(echo) == ([QUESTION.octets], "")


@pytest.mark.wire
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"", "closed the TCP connection before it answered"),
        (b"\1", "when one octet of a length of its answer had come"),
        (b"\1\0abc", "when 3 of 256 octets of its answer had come"),
    ],
)
def test_a_connection_that_ends_early_says_what_had_come(sent: bytes, says: str) -> None:
    def converse(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(sent)
        finish(connection)

    found, failure = talk(converse)
    assert found == []
    assert failure.startswith("dns.tcp_closed: ")
    assert says in failure


@pytest.mark.wire
def test_a_reset_is_told_by_its_name() -> None:
    def converse(connection: socket.socket) -> None:
        connection.recv(4096)
        reset(connection)

    assert "ECONNRESET" in talk(converse)[1]


def test_reading_is_waited_for_only_once_the_question_is_sent() -> None:
    assert OverUdp.wants == READ
