"""Rows of the stage tcp that loopback can show. TCP-03 and TCP-13 have tests of their own."""

from __future__ import annotations

import contextlib
import socket

import msgspec

from netcore import Trace
from netcore.trace import Called
from tests.faults.case import Case, Scene, chosen, octets_of, options, plain_http
from tests.faults.hostile import (
    Datagram,
    HostileResolver,
    HostileServer,
    finish,
    hold,
    receive_request,
    reply,
    reply_and_finish,
    reset,
)
from tests.faults.rows.dns import AAAA, ARRIVED, LOCALHOST, NAME, kind_of, record, response

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"a" * 50


def closed_port(stack: contextlib.ExitStack) -> Scene:
    server = stack.enter_context(HostileServer(hold, listening=False))
    return Scene(f"http://{server.endpoint}/", options(server), [server])


def shows_the_refusal(scene: Scene, trace: Trace) -> None:
    calls = [e for e in trace.events if isinstance(e, Called)]
    assert any(e.errno == "ECONNREFUSED" for e in calls)
    assert octets_of(trace, "tcp:1.sent") == b""


def reset_at_once(connection: socket.socket) -> None:
    receive_request(connection)
    reset(connection)


def reset_in_the_request(connection: socket.socket) -> None:
    connection.recv(1_000)
    reset(connection)


def knows_what_left(scene: Scene, trace: Trace) -> None:
    """The kernel took more than TCP had sent when the connection broke, and says so."""
    (told,) = (
        e for e in trace.events if isinstance(e, Called) and "tcpi_bytes_sent" in e.arguments
    )
    taken = len(octets_of(trace, "tcp:1.sent"))
    assert isinstance(told.result, int)
    assert 0 < told.result <= taken


def reset_in_the_body(connection: socket.socket) -> None:
    receive_request(connection)
    connection.sendall(HALF)
    reset(connection)


def keeps_the_half(scene: Scene, trace: Trace) -> None:
    assert octets_of(trace, "tcp:1.received") == HALF


def black_hole(port: int) -> contextlib.ExitStack:
    """[::1]:port, which answers no connection request: its queue is full and nobody accepts."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
        listener.bind(("::1", port))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
            filler.setblocking(False)
            filler.connect_ex(("::1", port))
        return stack.pop_all()


def black_holed_ipv6(stack: contextlib.ExitStack) -> Scene:
    server = stack.enter_context(HostileServer(reply(ARRIVED)))
    stack.enter_context(black_hole(server.port))
    loopback = {AAAA: record(AAAA, bytes(15) + b"\1")}
    resolver = stack.enter_context(
        HostileResolver(lambda q: [Datagram(response(q, [loopback.get(kind_of(q), LOCALHOST)]))])
    )
    wanted = options(server, dns_server=resolver.address)
    lab = msgspec.structs.replace(
        wanted.lab, endpoints=(*wanted.lab.endpoints, f"[::1]:{server.port}")
    )
    wanted = msgspec.structs.replace(wanted, lab=lab)
    return Scene(f"http://{NAME}:{server.port}/", wanted, [server], resolver)


def goes_over_ipv4_after_250_ms(scene: Scene, trace: Trace) -> None:
    """The attempt over IPv6 is begun first, is still silent, and is closed when IPv4 connects."""
    port = scene.servers[0].port
    calls = [e for e in trace.events if isinstance(e, Called)]
    first, second = (e for e in calls if e.call == "connect" and e.socket.startswith("tcp:"))
    assert first.arguments == (f"[::1]:{port}",)
    assert second.arguments == (f"127.0.0.1:{port}",)
    assert second.time_ns - first.time_ns >= 250_000_000
    own = [e.call for e in calls if e.socket == first.socket]
    assert own[-1] == "close"
    assert not {"getsockopt", "getpeername", "send", "recv"} & set(own)  # nothing came of it
    assert octets_of(trace, f"{second.socket}.received") == ARRIVED
    assert [e.value for e in chosen(trace, "attempt")] == [f"[::1]:{port}"]
    addresses = [e.value for e in chosen(trace, "address")]
    assert addresses == [f"[::1]:{port}", f"127.0.0.1:{port}", f"127.0.0.1:{port}"]


CASES = [
    Case(
        "TCP-05",
        "IPv6 swallows the request, IPv4 answers",
        black_holed_ipv6,
        "ok",
        plain=False,
        check=goes_over_ipv4_after_250_ms,
    ),
    Case("TCP-01", "port closed", closed_port, "tcp.refused", "connect", check=shows_the_refusal),
    Case("TCP-07", "FIN at once", plain_http(finish), "tcp.closed_early", "waiting"),
    Case("TCP-07", "RST in place of an answer", plain_http(reset_at_once), "tcp.reset", "waiting"),
    Case(
        "TCP-07",
        "RST in the middle of the request",
        plain_http(reset_in_the_request, method="POST", body=bytes(2 << 20)),
        "tcp.reset",
        "waiting",
        check=knows_what_left,
    ),
    Case(
        "TCP-09",
        "silence",
        plain_http(hold),
        "http.first_byte_timeout",
        "waiting",
        limit="first_byte_s",
    ),
    Case(
        "TCP-11",
        "FIN after the head, still reads",
        plain_http(reply_and_finish(HALF[:-50])),
        "http.incomplete_body",
    ),
    Case(
        "TCP-11",
        "FIN in the body, still reads",
        plain_http(reply_and_finish(HALF)),
        "http.incomplete_body",
        check=keeps_the_half,
    ),
    Case(
        "TCP-11",
        "RST in the body",
        plain_http(reset_in_the_body),
        "tcp.reset",
        check=keeps_the_half,
    ),
]
