"""How marks and events are told in words."""

from __future__ import annotations

from typing import Any

import pytest

from netcore.kernel_times import KernelTimes
from netcore.timeline import Mark
from netcore.trace import Called, Chose, KernelTimestamp
from tests.web.recordings import MS, moved
from web.facts import in_bytes
from web.phrases import caption, mark_label, moment_ns


def mark(**more: Any) -> Mark:
    return Mark(
        **{
            "number": 1,
            "members": (1,),
            "kind": "receive",
            "layer": "http",
            "lane": "tcp:192.0.2.1:80",
            "stage": "response",
            "hop": 1,
            "direction": "received",
            "time_ns": 0,
            "title": "200 OK",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (mark(octets=488), "The client received 488 B: 200 OK."),
        (
            mark(octets=851_968, calls=4, kept=False, title="4 reads, 851,968 B, not kept"),
            "The client received 852 kB in 4 reads, counted and not kept.",
        ),
        (
            mark(octets=9, calls=3, direction="sent", kind="send", title="3 writes, 9 B"),
            "The client sent 9 B in 3 writes.",
        ),
        (mark(kind="close", title="end of file"), "The server has no more to send: end of file."),
        (
            mark(kind="close", title="ECONNRESET", error="ECONNRESET"),
            "Reading failed with ECONNRESET.",
        ),
        (
            mark(kind="connected", title="ECONNREFUSED", error="ECONNREFUSED"),
            "Connecting failed with ECONNREFUSED.",
        ),
        (
            mark(kind="connect", direction="sent", title="connect()", detail="192.0.2.1:80"),
            "The client asks 192.0.2.1:80 for a connection.",
        ),
        (mark(kind="connected", title="connected"), "The connection to the server is there."),
        (
            mark(kind="close", direction="sent", title="close()"),
            "The client closed the connection.",
        ),
        (
            mark(
                kind="close", direction="", title="close()", detail="The connection was not made."
            ),
            "The connection was not made.",
        ),
        (
            mark(kind="key", direction="", title="5 secrets", members=(1, 2)),
            "The TLS library gave out 5 secrets.",
        ),
        (
            mark(kind="decision", direction="", title="framing: length", detail="9 octets."),
            "9 bytes.",
        ),
    ],
)
def test_a_mark_is_told_in_a_sentence(one: Mark, said: str) -> None:
    assert caption(one) == said


@pytest.mark.parametrize(
    ("one", "label"),
    [
        (
            mark(octets=211, calls=2, title="2 reads, 211 B"),
            "Event 1, received, HTTP 2 reads, 211 B, at 0 milliseconds",
        ),
        (
            mark(octets=262_144, title="body, 262,144 bytes"),
            "Event 1, received, HTTP body, 262,144 bytes, at 0 milliseconds",
        ),
        (
            mark(octets=488, title="200 OK"),
            "Event 1, received, HTTP 200 OK, 488 bytes, at 0 milliseconds",
        ),
        (
            mark(octets=9, calls=3, title="3 reads, 9 B, not kept"),
            "Event 1, received, HTTP 3 reads, 9 B, not kept, at 0 milliseconds",
        ),
    ],
)
def test_a_label_says_how_many_bytes_once(one: Mark, label: str) -> None:
    assert mark_label(one) == label


def test_a_read_is_told_at_the_time_when_it_returned() -> None:
    read = moved(18 * MS, "tcp:1", "recv", b"abc")
    assert moment_ns(read, mark(), KernelTimes([])) == 18 * MS + 40_000
    assert (
        moment_ns(moved(MS, "tcp:1", "send", b"a"), mark(direction="sent"), KernelTimes([])) == MS
    )
    assert moment_ns(Chose(MS, "alpn", "h"), mark(direction=""), KernelTimes([])) == MS


def test_a_read_is_told_at_the_time_when_the_kernel_had_it() -> None:
    read = moved(18 * MS, "tcp:1", "recv", b"abc")
    kernel = KernelTimes([KernelTimestamp(11 * MS, "tcp:1.received", 3, "arrived")])
    assert moment_ns(read, mark(), kernel) == 11 * MS


def test_a_sum_of_reads_is_told_from_its_first_call_on() -> None:
    summed = Called(MS, "tcp:1", "recv", duration_ns=5 * MS, length=9, calls=3)
    assert moment_ns(summed, mark(calls=3), KernelTimes([])) == MS


def test_the_page_says_bytes_where_the_engine_says_octets() -> None:
    said = "It sent an octet, then 1,204 octets. octets.example and rooctets stay."
    assert in_bytes(said) == "It sent a byte, then 1,204 bytes. octets.example and rooctets stay."
