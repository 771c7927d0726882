"""A trace that somebody brings along is one that a recorder could have written."""

from __future__ import annotations

import gzip
import json
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.exports.har import har
from netcore.exports.pcapng import pcapng
from netcore.exports.units import units
from netcore.trace import (
    AnyEvent,
    BadTrace,
    Called,
    Captured,
    Chose,
    Completed,
    Failed,
    KernelTimestamp,
    PeerCalled,
    SecretLogged,
    SocketOptionsRead,
    StageEnded,
    StageStarted,
    TcpInfoSampled,
    Truncated,
    TrustAnchorFound,
    decode,
)
from tests.web.mutations import mutate, originals, saved
from tests.web.recordings import MS, exchange, moved
from web.admission import (
    DATAGRAMS,
    EVENTS,
    FILE_OCTETS,
    PACKETS,
    PEERS,
    SOCKETS,
    STAGE_EVENTS,
    TEXT_CHARACTERS,
    admit,
)
from web.tale import tell

DONE = Completed(3 * MS, 200, "OK")


@pytest.mark.parametrize("original", originals())
def test_what_a_recorder_wrote_is_admitted_as_it_is(original: bytes) -> None:
    assert admit(original) == decode(original)


SENT = Called(MS, "tcp:1", "send", channel="tcp:1.sent", length=3, data=b"GET")


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (PeerCalled(MS, "tcp:1.sent", "send", 0, 3), "channel is not the one"),
        (PeerCalled(MS, "tcp:1.sent", "dream", 0, 3), "channel is not the one"),
        (PeerCalled(MS, "tcp:1.sent", "recv", 1, 2), "offset is not 0"),
        (PeerCalled(MS, "tcp:1.sent", "recv", 0, 0), "length is too large or 0"),
        (PeerCalled(MS, "tcp:1.sent", "recv", 0, 3, -1), "duration_ns is no time of a call"),
        (PeerCalled(-1, "tcp:1.sent", "recv", 0, 3), "time_ns is no time of a fetch"),
    ],
)
def test_what_no_other_end_can_have_noted_is_refused(told: PeerCalled, wrong: str) -> None:
    with pytest.raises(BadTrace, match=wrong):
        admit(saved([SENT, told, DONE]))


def test_the_other_end_may_have_been_earlier_than_what_stands_above_it() -> None:
    told = [PeerCalled(0, "tcp:1.sent", "recv", 0, 2), PeerCalled(5, "tcp:1.sent", "recv", 2, 1)]
    assert admit(saved([SENT, *told, DONE])).events[1:3] == told


def call(**more: Any) -> Called:
    return Called(MS, "tcp:1", "send", **more)


def sent(**more: Any) -> Called:
    return call(**{"channel": "tcp:1.sent", "offset": 0, "length": 3, "data": b"abc", **more})


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (StageStarted(-1, "dns"), "time_ns is no time of a fetch"),
        (StageStarted(10**18, "dns"), "time_ns is no time of a fetch"),
        (StageStarted(MS, "lunch"), "stage is none of the list"),
        (StageStarted(MS, "dns", 0), "hop is not between 1 and 100"),
        (StageEnded(MS, "dns", 101), "hop is not between 1 and 100"),
        (StageEnded(MS, "dns", 1, "no code"), "error is no code of a failure"),
        (Called(MS, "tcp:x", "send"), "socket has no such name"),
        (Called(MS, "tcp:1", "sock.send"), "call is no name of a function"),
        (call(errno="<b>"), "errno is no name of an error"),
        (call(duration_ns=-1), "duration_ns is no time of a call"),
        (call(duration_ns=5, waited_ns=6), "waited_ns is not within the call"),
        (call(calls=0), "calls is less than 1"),
        (call(arguments=("x" * (TEXT_CHARACTERS + 1),)), "a text is too long"),
        (call(arguments=tuple(range(2_000))), "a list is too long"),
        (call(result=2**60), "a number is too large"),
        (call(result=1e308), "a number is too large"),
        (sent(channel="tcp:2.sent"), "channel is not the one of its socket and call"),
        (sent(channel="tcp:1.received"), "channel is not the one of its socket and call"),
        (sent(channel=""), "channel is not the one of its socket and call"),
        (sent(offset=1), "offset is not 0, where the channel ended"),
        (sent(length=2), "data has more bytes than length says"),
        (sent(length=-1, data=b""), "data has more bytes than length says"),
        (sent(calls=2), "several calls in one keep no data"),
        (SecretLogged(MS, "x" * 2_000), "the line of the key log is too long"),
        (KernelTimestamp(MS, "tcp:1.sent", 1, "sent"), "nothing has crossed up to offset"),
        (KernelTimestamp(MS, "tcp:1.sent", 0, "sent"), "nothing has crossed up to offset"),
        (KernelTimestamp(MS, "tcp:1.sent", 1, "dreamt"), "what is no time that a kernel tells"),
        (KernelTimestamp(-1, "tcp:1.sent", 1, "sent"), "time_ns is no time of a fetch"),
        (PeerCalled(MS, "tcp:9.sent", "recv", 0, 1), "nothing has crossed in that channel"),
        (TcpInfoSampled(MS, "tcp", "CLOSED"), "socket has no such name"),
        (TcpInfoSampled(MS, "tcp:1", "<b>"), "state is no state of TCP"),
        (TcpInfoSampled(MS, "tcp:1", "CLOSED", 2**60), "a number is too large"),
        (SocketOptionsRead(MS, "tcp:1", "later", {}), "when is no moment of a socket"),
        (SocketOptionsRead(MS, "tcp:1", "opened", {"A": 2**60}), "a number is too large"),
        (TrustAnchorFound(MS, "", b"0"), "socket has no such name"),
        (TrustAnchorFound(MS, "tcp:1", bytes(102_401)), "the certificate is too long"),
        (Chose(MS, "<what>", ""), "what names no decision"),
        (Truncated(MS, "tcp:1.sent", -1), "limit is negative"),
        (Captured(MS, "", "sent", 4), "interface is no name of one"),
        (Captured(MS, "eth 0", "sent", 4), "interface is no name of one"),
        (Captured(MS, "x" * 33, "sent", 4), "interface is no name of one"),
        (Captured(MS, "eth0", "quoted", 4), "direction is neither sent nor received"),
        (Captured(MS, "eth0", "sent", 2, b"abc"), "length is none of a packet"),
        (Captured(MS, "eth0", "sent", 1 << 40), "length is none of a packet"),
        (Captured(-1, "eth0", "sent", 4), "time_ns is no time of a fetch"),
        (Called(MS, "tcp:1", "recvmsg", channel="tcp:1.sent"), "channel is not the one"),
    ],
)
def test_what_no_recorder_writes_is_refused_by_line_and_reason(
    event: AnyEvent, reason: str
) -> None:
    with pytest.raises(BadTrace, match=f"^Line 2: {reason}"):
        admit(saved([event, DONE]))


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Completed(MS, 20), "status_code has not three digits"),
        (Completed(MS, 200, http_version="x" * 9), "http_version is too long"),
        (Completed(MS, 200, body_octets=-1), "body_octets is negative"),
        (Completed(MS, 200, hop=-1), "hop is not between"),
        (Failed(MS, "lunch", "dns.nxdomain", ""), "stage is none of the list"),
        (Failed(MS, "dns", "{code}", ""), "code is no code of a failure"),
    ],
)
def test_an_ending_that_no_recorder_writes_is_refused(event: AnyEvent, reason: str) -> None:
    with pytest.raises(BadTrace, match=f"^Line 2: {reason}"):
        admit(saved([event]))


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], "The file has no events"),
        (exchange()[:-1], r"Line \d+: the file stops before its fetch had ended"),
        ([DONE, DONE], "Line 2: the fetch ended here, and more follows"),
        ([sent(), sent(), DONE], "Line 3: offset is not 3"),
        (
            [sent(length=9), sent(offset=9), DONE],
            "Line 3: data stands behind bytes of its channel that were not kept",
        ),
        (
            [*(StageStarted(MS, "dns") for _ in range(STAGE_EVENTS + 1)), DONE],
            "Line 2002: more than 2,000 stages",
        ),
        (
            [*(Called(MS, f"tcp:{n}", "close") for n in range(1, SOCKETS + 2)), DONE],
            "Line 252: more than 250 sockets",
        ),
        (
            [*(Called(MS, "tcp:1", "connect", (f"[::{n}]:80",)) for n in range(PEERS + 1)), DONE],
            "Line 102: more than 100 addresses",
        ),
        (
            [*(moved(MS, "udp:1", "send", b"d", n) for n in range(DATAGRAMS + 1)), DONE],
            "Line 2002: more than 2,000 datagrams",
        ),
        (
            [StageStarted(2 * MS, "dns"), StageEnded(MS, "dns"), DONE],
            "Line 3: it ended before what is on the line above it",
        ),
        (
            [Called(MS, "tcp:1", "select", duration_ns=3 * MS), DONE],
            "Line 3: it ended before what is on the line above it",
        ),
        (
            [*(Captured(MS, "eth0", "sent", 4) for _ in range(PACKETS + 1)), DONE],
            "Line 4002: more than 4,000 captured packets",
        ),
        ([DONE] * (EVENTS + 2), "The trace has more than 12,000 events"),
    ],
)
def test_events_that_do_not_fit_together_are_refused(events: list[AnyEvent], reason: str) -> None:
    with pytest.raises(BadTrace, match=f"^{reason}"):
        admit(saved(events))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "h" * 8_193}, "the url is too long"),
        ({"software": "w" * 81}, "the name of the software is too long"),
        ({"started": "yesterday"}, "started is no time"),
        ({"started": "2026-01-02T03:04:05"}, "started is no time"),
        ({"options": {"limits": {"hops": 10**17}}}, "a number is too large"),
        ({"options": {"self_hosts": ["x"] * 1_001}}, "a list is too long"),
    ],
)
def test_a_first_line_that_no_recorder_writes_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    head, _, rest = saved(exchange()).partition(b"\n")
    line = json.dumps({**json.loads(head), **changes}).encode()
    with pytest.raises(BadTrace, match=f"^Line 1: {reason}"):
        admit(line + b"\n" + rest)


def test_a_call_may_have_begun_before_what_was_written_down_while_it_ran() -> None:
    read = Called(MS, "tcp:1", "select", duration_ns=MS)
    events = [StageStarted(MS // 2, "tls"), SecretLogged(MS + 5, "A 0 0"), read, DONE]
    assert admit(saved(events)).events == events


def test_a_packet_may_have_passed_before_what_was_written_down_before_it() -> None:
    events = [StageStarted(2 * MS, "dns"), Captured(MS, "eth0", "received", 4, b"E"), DONE]
    assert admit(saved(events)).events == events


def test_a_byte_order_mark_is_passed_over() -> None:
    original = saved(exchange())
    assert admit(b"\xef\xbb\xbf" + original) == decode(original)


@pytest.mark.parametrize(
    ("untrusted", "seems"),
    [
        (
            gzip.compress(saved(exchange()), mtime=0),
            "This seems to be a gzip file: unpack it first.",
        ),
        (har(decode(saved(exchange()))), "This seems to be a HAR, the log of a browser."),
        (b"".join(pcapng(decode(saved(exchange())))), "This seems to be a capture of packets."),
        (b"".join(units(decode(saved(exchange())))), "This seems to be the explanation of a trace"),
        (saved(exchange()).decode().encode("utf-16"), "This seems to be text in UTF-16"),
        (saved(exchange()).decode().encode("utf-16-be"), "This seems to be text in UTF-16"),
        (saved(exchange()).partition(b"\n")[2], "This seems to be a trace without its first line."),
        (b"<!doctype html>", "This seems to be a page of HTML or XML."),
        (b"CLIENT_RANDOM " + b"0" * 64 + b" 00\n", "This seems to be a log of TLS keys."),
        (b"hello", "This is no trace that was saved here."),
        (b"", "This is no trace that was saved here."),
        (b"[" * 100_000, "This is no trace that was saved here."),
    ],
)
def test_of_another_kind_of_file_it_is_said_what_it_seems_to_be(
    untrusted: bytes, seems: str
) -> None:
    with pytest.raises(BadTrace, match=f"^{re.escape(seems)}.*or a HAR.$"):
        admit(untrusted)


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(BadTrace, match="more than 8,388,608 bytes"):
        admit(b"x" * (FILE_OCTETS + 1))


@pytest.mark.parametrize("untrusted", [b"", b"\0", b"{}", b"[" * 100_000, b'{"kind":"Trace"}\n'])
def test_what_is_no_trace_at_all_is_a_bad_trace(untrusted: bytes) -> None:
    with pytest.raises(BadTrace):
        admit(untrusted)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**64))
def test_a_changed_trace_is_refused_or_can_be_told(seed: int) -> None:
    chance = random.Random(seed)
    untrusted = mutate(chance.choice(originals()), chance)
    try:
        trace = admit(untrusted)
    except BadTrace:
        return
    assert tell(trace).timeline.summary.failure or trace.outcome


def test_octets_behind_each_other_are_admitted() -> None:
    first, second = moved(MS, "tcp:1", "send", b"abc"), moved(MS, "tcp:1", "send", b"d", 3)
    assert admit(saved([first, second, DONE])).events[:2] == [first, second]


def test_calls_behind_a_limit_are_admitted_as_the_recorder_sums_them() -> None:
    events = [
        sent(length=9),
        Truncated(MS, "tcp:1.sent", 3),
        sent(offset=9, length=70_000, data=b"", calls=12, duration_ns=MS, waited_ns=5),
        DONE,
    ]
    assert admit(saved(events)).events == events
