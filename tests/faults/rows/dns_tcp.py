"""Rows of the stage dns that need TCP: the answer in a datagram is always cut (TC=1)."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

from netcore import Trace
from netcore.trace import Called
from tests.faults.case import Case, Scene, chosen, octets_of, options
from tests.faults.hostile import (
    Converse,
    Datagram,
    HostileResolver,
    HostileServer,
    finish,
    hold,
    reply,
    reset,
)
from tests.faults.rows.dns import ARRIVED, LOCALHOST, NAME, record, response, shown, to_a

TRIES: Final = 10
LONGEST: Final = 65_535


def cut(octets: bytes) -> bytes:
    """The same message, its first three octets saying that it was cut."""
    return octets[:2] + bytes((octets[2] | 0x02,)) + octets[3:]


def cut_to(query: bytes) -> list[Datagram]:
    """A datagram whose last record is not whole, as some servers cut."""
    return [Datagram(cut(response(query, [LOCALHOST])[:-2]))]


def prefixed(message: bytes) -> bytes:
    return struct.pack("!H", len(message)) + message


def receive_query(connection: socket.socket) -> bytes:
    """The query that came over TCP, without its length."""
    octets = b""
    while len(octets) < 2 or len(octets) < 2 + int.from_bytes(octets[:2], "big"):
        received = connection.recv(65536)
        if not received:
            raise ConnectionAbortedError("the client closed")
        octets += received
    return octets[2:]


def answer(make: Callable[[bytes], bytes], end: Converse = hold) -> Converse:
    """Read a query, send what `make` makes of it, then end the connection so."""

    def converse(connection: socket.socket) -> None:
        connection.sendall(make(receive_query(connection)))
        end(connection)

    return converse


def in_pieces(connection: socket.socket) -> None:
    """A message that answers something else, then the answer, octet by octet."""
    query = receive_query(connection)
    whole = response(query, [LOCALHOST])
    other = bytes((whole[0] ^ 1,)) + whole[1:]
    for octet in prefixed(other) + prefixed(whole):
        connection.sendall(bytes((octet,)))
    hold(connection)


def longest(query: bytes) -> bytes:
    """The longest answer that has a length: TXT records behind the address."""
    short = response(query, [LOCALHOST])
    room, texts = LONGEST - len(short), []
    while room:
        size = min(room, 12 + 256)
        size -= 13 if 0 < room - size < 13 else 0
        texts.append(record(16, bytes((size - 13,)) + b"t" * (size - 13)))
        room -= size
    whole = response(query, [LOCALHOST, *texts])
    assert len(whole) == LONGEST
    return prefixed(whole)


@contextlib.contextmanager
def resolver(converse: Converse, *, listening: bool = True) -> Any:
    """A resolver whose datagrams are cut, and its TCP server on the same port."""
    for _ in range(TRIES):
        server = HostileServer(converse, listening=listening)
        with contextlib.suppress(OSError), server:  # the UDP port may be another's
            with HostileResolver(to_a(cut_to), server.port) as made:
                yield made
            return
    raise AssertionError("no port is free for both TCP and UDP")


def case(
    row: str, title: str, converse: Converse, code: str, *, listening: bool = True, **more: Any
) -> Case:
    def scene(stack: contextlib.ExitStack) -> Scene:
        asked = stack.enter_context(resolver(converse, listening=listening))
        server = stack.enter_context(HostileServer(reply(ARRIVED)))
        wanted = options(server, dns_server=asked.address)
        return Scene(f"http://{NAME}:{server.port}/", wanted, [server], asked)

    stage = "" if code == "ok" else "dns"
    return Case(row, title, scene, code, stage, plain=False, noted="dns answer", **more)


def keeps_both_attempts(scene: Scene, trace: Trace) -> None:
    """The cut datagram and the connection that was refused."""
    shown(scene, trace)
    calls = [e for e in trace.events if isinstance(e, Called) and e.socket == "tcp:1"]
    assert [e.arguments for e in calls if e.call == "connect"] == [(scene.resolver.address,)]  # type: ignore[union-attr]
    assert [e.errno for e in calls if e.errno][-1] == "ECONNREFUSED"
    assert calls[-1].call == "close"
    decided = [e.value for e in chosen(trace, "dns answer")]
    assert decided[:2] == ["truncated", "none"]
    # The answer about the HTTPS record may come behind the end of the lookup, and is told then.
    assert decided[2:] in ([], ["late"])


def keeps_what_came(octets: int) -> Callable[[Scene, Trace], None]:
    def check(scene: Scene, trace: Trace) -> None:
        assert len(octets_of(trace, "tcp:1.received")) == octets

    return check


def asked_once_more_over_tcp(scene: Scene, trace: Trace) -> None:
    """The same question, behind its length, and the fetch went on over the next connection."""
    sent = octets_of(trace, "tcp:1.sent")
    assert int.from_bytes(sent[:2], "big") == len(sent) - 2
    assert scene.resolver
    assert sent[4:] in [query[2:] for query in scene.resolver.queries]  # but for the id
    assert octets_of(trace, "tcp:2.received") == ARRIVED


CASES: Final = [
    case(
        "DNS-17",
        "nobody listens on TCP",
        hold,
        "dns.tcp_refused",
        listening=False,
        check=keeps_both_attempts,
    ),
    case("DNS-17", "FIN at once over TCP", finish, "dns.tcp_closed"),
    case(
        "DNS-17",
        "FIN inside the length",
        answer(lambda q: b"\x01", finish),
        "dns.tcp_closed",
        check=keeps_what_came(1),
    ),
    case(
        "DNS-17",
        "FIN inside the answer",
        answer(lambda q: prefixed(response(q, [LOCALHOST]))[:-4], finish),
        "dns.tcp_closed",
    ),
    case(
        "DNS-17",
        "RST inside the answer",
        answer(lambda q: prefixed(response(q, [LOCALHOST]))[:-4], reset),
        "dns.tcp_closed",
    ),
    case("DNS-17", "silence over TCP", answer(lambda q: b""), "dns.timeout"),
    case("DNS-17", "a message of no octets", answer(lambda q: b"\0\0"), "dns.malformed"),
    case(
        "DNS-17",
        "messages without end that answer something else",
        answer(lambda q: prefixed(q) * 5000),
        "dns.malformed",
    ),
    case(
        "DNS-19",
        "cut over TCP as well",
        answer(lambda q: prefixed(cut(response(q, [LOCALHOST])))),
        "dns.truncated",
        check=shown,
    ),
    case("DNS-19", "whole over TCP", in_pieces, "ok", check=asked_once_more_over_tcp),
    case(
        "DNS-19",
        "65,535 octets over TCP",
        answer(longest, finish),
        "ok",
        check=keeps_what_came(2 + LONGEST),
    ),
]
