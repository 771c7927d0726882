"""A HAR becomes messages that say the same; what it does not know is not made up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netcore.imports.browser_log import ENTRIES, trace_of_har
from netcore.pdus import explain
from netcore.trace import HAR, BadTrace, Called, Completed, Failed, encode
from web.admission import admit
from web.tale import tell

ENTRY: dict[str, Any] = {
    "startedDateTime": "2026-01-02T03:04:05.006Z",
    "time": 60,
    "serverIPAddress": "192.0.2.1",
    "request": {
        "method": "GET",
        "url": "https://example.test/a?b=c",
        "headers": [
            {"name": ":authority", "value": "example.test"},
            {"name": "X", "value": "y\r\nZ: w"},
        ],
    },
    "response": {
        "status": 200,
        "statusText": "",
        "httpVersion": "h3",
        "headers": [{"name": "Content-Encoding", "value": "br"}, {"name": "A", "value": "1"}],
        "content": {"text": "aGVsbG8=", "encoding": "base64"},
    },
    "timings": {
        "blocked": -1,
        "dns": 5,
        "connect": 20,
        "ssl": 10,
        "send": 1,
        "wait": 30,
        "receive": 4,
    },
}


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


def test_the_messages_say_what_the_log_says() -> None:
    trace = trace_of_har(har(ENTRY))
    sent, received = (e for e in trace.events if isinstance(e, Called))
    fields = b"Host: example.test\r\nX: y\r\nX: Z: w\r\n"
    assert sent.data == b"GET /a?b=c HTTP/1.1\r\n" + fields + b"\r\n"
    assert received.data == b"HTTP/1.1 200 \r\nA: 1\r\nContent-Length: 5\r\n\r\nhello"
    assert (sent.time_ns, received.time_ns) == (26_000_000, 60_000_000)
    assert trace.origin == HAR
    assert isinstance(trace.outcome, Completed)
    assert trace.outcome.http_version == "3"
    assert {pdu.name for pdu in explain(trace.events).pdus} >= {"http1_request_head"}
    assert admit(encode(trace)) == trace


def test_every_mark_is_assumed_and_the_stages_are_those_of_the_timings() -> None:
    tale = tell(trace_of_har(har(ENTRY, ENTRY | {"startedDateTime": "2026-01-02T03:04:05.008Z"})))
    assert {mark.certainty for mark in tale.timeline.marks} == {"assumed"}
    stages = {span.name: (span.end_ns or 0) - span.start_ns for span in tale.timeline.stages}
    assert stages == {
        "dns": 5_000_000,
        "connect": 10_000_000,
        "tls": 10_000_000,
        "request": 1_000_000,
        "waiting": 30_000_000,
        "response": 4_000_000,
    }


def test_no_connection_is_told_and_a_lane_is_who_the_log_names() -> None:
    unnamed = ENTRY | {"serverIPAddress": "", "startedDateTime": "2026-01-02T03:04:06Z"}
    trace = trace_of_har(har(ENTRY, unnamed))
    assert {e.call for e in trace.events if isinstance(e, Called)} == {"send", "recv"}
    drawn = tell(trace).timeline
    assert {mark.kind for mark in drawn.marks} == {"send", "receive"}
    assert [lane.note for lane in drawn.lanes[1:]] == ["192.0.2.1:443", "example.test:443"]
    assert {lane.round_trip_ns for lane in drawn.lanes} == {0}


def test_a_request_without_a_response_failed() -> None:
    trace = trace_of_har(har(ENTRY | {"response": {"status": 0}}))
    assert isinstance(trace.outcome, Failed)
    assert admit(encode(trace)) == trace


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (b"{", "no HAR"),
        (b'{"log":{"entries":[]}}', "0 entries"),
        (har(*[ENTRY] * (ENTRIES + 1)), "101 entries"),
        (har(ENTRY | {"startedDateTime": "yesterday"}), "no time"),
        (
            har(
                ENTRY
                | {"response": ENTRY["response"] | {"content": {"text": "?", "encoding": "base64"}}}
            ),
            "no base64",
        ),
        (b'{"log":{"entries":' + b"[" * 100_000, "no HAR"),
    ],
)
def test_what_is_no_har_is_refused_with_a_reason(log: bytes, message: str) -> None:
    with pytest.raises(BadTrace, match=message):
        trace_of_har(log)
