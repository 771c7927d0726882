"""A call reads as Python would write it, with the lines that made it."""

from __future__ import annotations

import pytest

from netcore.trace import SOFTWARE, Called, Chose
from web.calls import call_of, call_text, source_lines


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            Called(0, "tcp:1", "send", (517,), 517, duration_ns=40_000, length=517),
            "sock.send(<517 bytes>)  ->  517  in 40.0 µs",
        ),
        (
            Called(0, "tcp:1", "send", (9,), 9, duration_ns=40_000, length=9, data=b"GET / HTT"),
            "sock.send(b'GET / HT'... <9 bytes>)  ->  9  in 40.0 µs",
        ),
        (
            Called(0, "tcp:1", "send", (3,), 3, duration_ns=40_000, length=3, data=b"\x16<\n"),
            "sock.send(b'\\x16<\\n')  ->  3  in 40.0 µs",
        ),
        (
            Called(0, "tcp:1", "recv", (65_536,), 1_440, duration_ns=12_900_000, length=1_440),
            "sock.recv(65536)  ->  1,440 bytes  in 12.9 ms",
        ),
        (
            Called(0, "tcp:1", "recv", (65_536,), 0, duration_ns=900),
            'sock.recv(65536)  ->  b""  in 0.90 µs',
        ),
        (
            Called(0, "tcp:1", "connect", ("192.0.2.1:443",), None, "EINPROGRESS", 9_000),
            'sock.connect("192.0.2.1:443")  ->  EINPROGRESS  in 9.00 µs',
        ),
        (
            Called(0, "", "select", ("tcp:1", "read", 5.0), "read", duration_ns=12_900_000),
            'select("tcp:1", "read", 5.0)  ->  "read"  after waiting 12.9 ms',
        ),
        (
            Called(0, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0, duration_ns=2_000),
            "sock.getsockopt(SOL_SOCKET, SO_ERROR)  ->  0  in 2.00 µs",
        ),
        (
            Called(0, "tcp:1", "socket", ("AF_INET", "SOCK_STREAM"), 7, duration_ns=2_000),
            "socket.socket(AF_INET, SOCK_STREAM)  ->  7  in 2.00 µs",
        ),
        (
            Called(0, "tcp:1", "recv", (65_536,), 9, duration_ns=2_000, length=851_968, calls=4),
            "4 calls of sock.recv()  ->  851,968 bytes together  in 2.00 µs",
        ),
    ],
)
def test_a_call_is_written_as_it_was_made(call: Called, text: str) -> None:
    assert call_text(call) == text


def test_an_event_that_is_no_call_has_none() -> None:
    assert call_of(Chose(0, "address", "x"), SOFTWARE) is None


def test_the_line_that_called_stands_among_its_neighbours() -> None:
    lines = source_lines("netcore/trace.py:20 send")
    assert [line.number for line in lines] == [17, 18, 19, 20, 21, 22, 23]
    assert [line.number for line in lines if line.current] == [20]


@pytest.mark.parametrize(
    "site",
    [
        "",
        "netcore/nosuch.py:3 f",
        "netcore/trace.py:99999 f",
        "../app.py:3 f",
        "netcore/../app.py:3 f",
        "/etc/passwd:1 f",
        "web/pages.py:3 f",
    ],
)
def test_a_site_that_is_no_line_of_netcore_shows_nothing(site: str) -> None:
    assert source_lines(site) == ()


def test_lines_are_shown_only_for_what_this_program_recorded() -> None:
    call = Called(0, "tcp:1", "send", (1,), 1, site=("netcore/trace.py:20 send",))
    ours, older = call_of(call, SOFTWARE), call_of(call, "wiretale/0.0.1")
    assert ours is not None
    assert ours.source
    assert older is not None
    assert older.source == ()
    assert older.callers == call.site
