"""Rows of the stage tcp that loopback can show. TCP-03 and TCP-13 have tests of their own."""

from __future__ import annotations

import contextlib
import socket

from netcore import Trace
from netcore.trace import Called
from tests.faults.case import Case, Scene, octets_of, options, plain_http
from tests.faults.hostile import (
    HostileServer,
    finish,
    hold,
    receive_request,
    reply_and_finish,
    reset,
)

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


def reset_in_the_body(connection: socket.socket) -> None:
    receive_request(connection)
    connection.sendall(HALF)
    reset(connection)


def keeps_the_half(scene: Scene, trace: Trace) -> None:
    assert octets_of(trace, "tcp:1.received") == HALF


CASES = [
    Case("TCP-01", "port closed", closed_port, "tcp.refused", "connect", check=shows_the_refusal),
    Case("TCP-07", "FIN at once", plain_http(finish), "tcp.closed_early", "waiting"),
    Case("TCP-07", "RST in place of an answer", plain_http(reset_at_once), "tcp.reset", "waiting"),
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
