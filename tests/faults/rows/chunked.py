"""Rows of the stage chunked."""

from __future__ import annotations

from netcore import Trace
from netcore.pdu import MOST_UNITS
from netcore.pdus import explain
from netcore.trace import Completed
from tests.faults.case import Case, Scene, octets_of, plain_http
from tests.faults.hostile import repeat, reply, reply_and_finish

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HELLO = b"5\r\nhello\r\n"
END = b"0\r\n\r\n"


def bad_size(size: bytes) -> Case:
    return Case(
        "CHK-01",
        repr(size)[1:],
        plain_http(reply(HEAD, HELLO, size, b"\r\nhello\r\n", END)),
        "chunk.bad_size",
        check=hello_is_kept,
    )


def bad_delimiter(title: str, octets: bytes) -> Case:
    return Case("CHK-07", title, plain_http(reply(HEAD, octets, END)), "chunk.bad_delimiter")


def hello_is_kept(scene: Scene, trace: Trace) -> None:
    assert octets_of(trace, "tcp:1.received").startswith(HEAD + HELLO)


def forty_thousand_octets(scene: Scene, trace: Trace) -> None:
    assert isinstance(trace.events[-1], Completed)
    assert trace.events[-1].body_octets == 40_000


def the_first_chunks_are_units(scene: Scene, trace: Trace) -> None:
    """Octets are kept as they came, up to the limit; of their chunks, a number becomes units."""
    assert octets_of(trace, "tcp:1.received").count(b"a\r\n") > 200
    chunks = [pdu for pdu in explain(trace.events).pdus if pdu.protocol == "http1_chunk"]
    assert 200 < len(chunks) <= MOST_UNITS


CASES = [
    bad_size(b"0x10"),
    bad_size(b"+5"),
    bad_size(b"-1"),
    bad_size(b"5_0"),
    bad_size(b" 5"),
    bad_size(b"\xef\xbc\x95"),
    bad_size(b""),
    bad_size(b"hello"),
    bad_size(b"f" * 30),
    Case(
        "CHK-03",
        "1 MB of leading zeros",
        plain_http(reply(HEAD, b"0" * 1_000_000 + b"5\r\nhello\r\n", END)),
        "chunk.line_too_long",
    ),
    Case(
        "CHK-03",
        "an extension of 1 MB",
        plain_http(reply(HEAD, b"5;x=" + b"a" * 1_000_000 + b"\r\nhello\r\n", END)),
        "chunk.line_too_long",
    ),
    Case(
        "CHK-05",
        "100,000 chunks of one octet",
        plain_http(reply(HEAD, b"1\r\na\r\n" * 100_000, END), limits={"kept_octets": 65_536}),
        "limit.chunks",
        cpu_s=1.0,
        check=the_first_chunks_are_units,
    ),
    Case(
        "CHK-05",
        "40,000 chunks of one octet",
        plain_http(reply(HEAD, b"1\r\na\r\n" * 40_000, END), limits={"kept_octets": 65_536}),
        "ok",
        cpu_s=1.0,
        check=forty_thousand_octets,
    ),
    bad_delimiter("XX in place of CRLF after the data", b"5\r\nhelloXX"),
    bad_delimiter("LF alone after the data", b"5\r\nhello\n"),
    bad_delimiter("more data than the size said", b"3\r\nhello\r\n"),
    bad_delimiter("LF alone after the size", b"5\nhello\r\n"),
    Case(
        "CHK-09",
        "FIN before the last chunk",
        plain_http(reply_and_finish(HEAD, HELLO)),
        "http.incomplete_body",
        check=hello_is_kept,
    ),
    Case(
        "CHK-09",
        "FIN inside a chunk",
        plain_http(reply_and_finish(HEAD, HELLO, b"5\r\nhe")),
        "http.incomplete_body",
        check=hello_is_kept,
    ),
    Case(
        "CHK-11",
        "1 GB announced, then a trickle",
        plain_http(
            repeat(HEAD + b"40000000\r\n", b"a", every_s=0.02),
            limits={"slow_window_s": 0.5},
        ),
        "limit.slow_body",
        limit="slow_window_s",
    ),
]
