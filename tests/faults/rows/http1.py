"""Rows of the stage http1."""

from __future__ import annotations

import socket

from netcore import Trace
from netcore.trace import Completed
from tests.faults.case import Case, Scene, chosen, octets_of, plain_http
from tests.faults.hostile import (
    Converse,
    drip,
    hold,
    repeat,
    reply,
    reply_and_finish,
)

OK = b"HTTP/1.1 200 OK\r\n"
FIVE = b"Content-Length: 5\r\n\r\nhello"


def bad_status_line(line: bytes) -> Case:
    return Case(
        "H1-03",
        line.decode(),
        plain_http(reply(line, b"\r\n", FIVE)),
        "h1.bad_status_line",
        check=first_octets_are_kept,
    )


def first_octets_are_kept(scene: Scene, trace: Trace) -> None:
    sent = scene.servers[0].sent[0]
    assert octets_of(trace, "tcp:1.received")[:1024] == sent[:1024]


def bad_length(value: bytes) -> Case:
    return Case(
        "H1-17",
        repr(value)[1:40],
        plain_http(reply(OK, b"Content-Length: " + value + b"\r\n\r\nhello")),
        "h1.bad_length",
    )


def bad_header(title: str, field: bytes) -> Case:
    return Case("H1-11", title, plain_http(reply(OK, field, b"\r\n", FIVE)), "h1.bad_header")


def speak_first(connection: socket.socket) -> None:
    connection.sendall(OK + FIVE)
    hold(connection)


def body_is(length: int) -> object:
    def check(scene: Scene, trace: Trace) -> None:
        end = trace.events[-1]
        assert isinstance(end, Completed)
        assert end.body_octets == length

    return check


def one_hop_only(scene: Scene, trace: Trace) -> None:
    assert isinstance(trace.events[-1], Completed)
    assert trace.events[-1].status_code == 200
    assert octets_of(trace, "tcp:1.received").count(b"HTTP/1.1") == 2
    assert any(
        "surplus" in note.value or "surplus" in note.why for note in chosen(trace, "framing")
    )


def endless(first: bytes, again: bytes, every_s: float = 0.0) -> Converse:
    return repeat(first, again, every_s=every_s)


CASES = [
    Case(
        "H1-01",
        "a page without a head",
        plain_http(reply_and_finish(b"<!doctype html><title>hi</title>\r\n\r\n" + b"x" * 2000)),
        "h1.bad_status_line",
        check=first_octets_are_kept,
    ),
    Case(
        "H1-01",
        "the banner of another protocol",
        plain_http(reply(b"SSH-2.0-OpenSSH_9.2p1\r\n")),
        "h1.bad_status_line",
        check=first_octets_are_kept,
    ),
    bad_status_line(b"HTTP/9.9 200 OK"),
    bad_status_line(b"HTTP/1.1 2OO"),
    bad_status_line(b"HTTP/1.1 99999 x"),
    bad_status_line(b"HTTP/1.1 -1"),
    bad_status_line(b"HTTP/1.1200 OK"),
    bad_status_line(b"http/1.1 200 OK"),
    Case(
        "H1-05",
        "one line of 1 MB",
        plain_http(reply(OK, b"X: " + b"a" * 1_000_000 + b"\r\n", FIVE)),
        "h1.header_too_large",
    ),
    Case(
        "H1-05",
        "a status line of 1 MB",
        plain_http(reply(b"HTTP/1.1 200 " + b"O" * 1_000_000 + b"\r\n", FIVE)),
        "h1.header_too_large",
    ),
    Case(
        "H1-05",
        "many long lines",
        plain_http(reply(OK, (b"X: " + b"a" * 10_000 + b"\r\n") * 10, FIVE)),
        "h1.header_too_large",
    ),
    Case(
        "H1-07",
        "5,001 fields",
        plain_http(reply(OK, b"a: b\r\n" * 5001, FIVE)),
        "h1.too_many_headers",
    ),
    Case(
        "H1-07",
        "257 fields",
        plain_http(reply(OK, b"a: b\r\n" * 256, FIVE)),
        "h1.too_many_headers",
    ),
    Case("H1-07", "256 fields", plain_http(reply(OK, b"a: b\r\n" * 255, FIVE)), "ok"),
    Case(
        "H1-09",
        "octets of a head one by one",
        plain_http(drip(OK + b"X: " + b"a" * 1000, every_s=0.02)),
        "http.header_timeout",
        "waiting",
        limit="headers_s",
    ),
    bad_header("CR alone ends a line", b"X: a\rSet-Cookie: b\r\n"),
    bad_header("NUL in a value", b"X: a\0b\r\n"),
    bad_header("a line without a colon", b"no colon\r\n"),
    bad_header("a name with a space", b"X y: a\r\n"),
    bad_header("a space before the colon", b"X : a\r\n"),
    bad_header("an empty name", b": a\r\n"),
    Case(
        "H1-13",
        "a line that continues the one before",
        plain_http(reply(OK, b"X: one\r\n two\r\n\tthree\r\n", FIVE)),
        "ok",
        noted="framing",
    ),
    Case(
        "H1-15",
        "octets beyond ASCII",
        plain_http(reply(b"HTTP/1.1 200 \xc3\xbcber\r\nX: caf\xe9 \xff\xfe\r\n", FIVE)),
        "ok",
    ),
    bad_length(b"+5"),
    bad_length(b"5_0"),
    bad_length(b"\xa05"),
    bad_length(b"5 5"),
    bad_length(b"\xef\xbc\x95"),
    bad_length(b"0x10"),
    bad_length(b"-1"),
    bad_length(b""),
    bad_length(b"5, x"),
    bad_length(b"9" * 400),
    Case(
        "H1-17",
        "two lengths that differ",
        plain_http(reply(OK, b"Content-Length: 4\r\n", FIVE)),
        "h1.conflicting_length",
    ),
    Case(
        "H1-19",
        "Content-Length and Transfer-Encoding",
        plain_http(
            reply(
                OK,
                b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"5\r\nhello\r\n0\r\n\r\n",
            )
        ),
        "ok",
        noted="framing",
        check=body_is(5),
    ),
    Case(
        "H1-19",
        "a transfer coding that nobody knows",
        plain_http(reply_and_finish(OK, b"Transfer-Encoding: sausage\r\n\r\nhello")),
        "h1.bad_te",
    ),
    Case(
        "H1-21",
        "a body shorter than its length",
        plain_http(reply_and_finish(OK, b"Content-Length: 500\r\n\r\nhello")),
        "http.incomplete_body",
    ),
    Case(
        "H1-21",
        "a head that does not end",
        plain_http(reply_and_finish(OK, b"Content-Le")),
        "h1.incomplete_header",
    ),
    Case(
        "H1-21",
        "a body that stops coming",
        plain_http(reply(OK, b"Content-Length: 500\r\n\r\nhello")),
        "http.stall",
        limit="stall_s",
    ),
    Case(
        "H1-23",
        "a second response behind the first",
        plain_http(reply((OK + FIVE) * 2)),
        "ok",
        noted="framing",
        check=one_hop_only,
    ),
    Case(
        "H1-25",
        "an endless body in a trickle",
        plain_http(endless(OK + b"\r\n", b"a", 0.02), limits={"slow_window_s": 0.5}),
        "limit.slow_body",
        limit="slow_window_s",
    ),
    Case(
        "H1-25",
        "an endless body at full speed",
        plain_http(endless(OK + b"\r\n", b"a" * 65536)),
        "limit.body",
    ),
    Case(
        "H1-27",
        "204 with a body",
        plain_http(reply(b"HTTP/1.1 204 No Content\r\n", FIVE)),
        "ok",
        noted="framing",
        check=body_is(0),
    ),
    Case(
        "H1-27",
        "304 with a body",
        plain_http(reply(b"HTTP/1.1 304 Not Modified\r\n", FIVE)),
        "ok",
        noted="framing",
        check=body_is(0),
    ),
    Case(
        "H1-29",
        "100 Continue for ever",
        plain_http(
            endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), limits={"kept_octets": 65_536}
        ),
        "limit.interim",
    ),
    Case(
        "H1-29",
        "ten interim responses are still fine",
        plain_http(reply(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10, OK, FIVE)),
        "ok",
        check=body_is(5),
    ),
    Case(
        "H1-31",
        "101 that nobody asked for",
        plain_http(
            reply(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
        ),
        "h1.unexpected_101",
    ),
    Case("H1-33", "an answer before the question", plain_http(speak_first), "ok", check=body_is(5)),
    Case(
        "H1-35",
        "trailers of 1 MB",
        plain_http(
            reply(
                OK,
                b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
                (b"X: " + b"a" * 10_000 + b"\r\n") * 100,
                b"\r\n",
            )
        ),
        "h1.header_too_large",
    ),
]
