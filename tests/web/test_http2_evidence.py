"""Which frame of HTTP/2 a failure's card leads to."""

from __future__ import annotations

import pytest

from netcore.field import Field, find
from netcore.options import Options
from netcore.pdus import explain
from netcore.protocols.http2 import Http2
from netcore.trace import AnyEvent, Called, Failed, StageEnded, StageStarted, Trace
from tests.netcore.protocols.http2_octets import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    HEADERS,
    HOST,
    LIMITS,
    PING,
    RST_STREAM,
    WINDOW_UPDATE,
    code_of,
    frame,
    goaway,
    head,
    hello,
)
from tests.web.recordings import MS, connection, moved, name_lookup
from web.evidence import Evidence, evidence
from web.fieldtree import paths

OK = head([(":status", "200")], 1)
FIVE = head([(":status", "200"), ("content-length", "5")], 1)


def failing(code: str, received: bytes, stage: str) -> Trace:
    """A fetch that was answered with these octets in one read, and then failed."""
    client = Http2(LIMITS)
    client.start("GET", "/", HOST)
    events: list[AnyEvent] = [
        *name_lookup(),
        *connection(),
        StageEnded(5 * MS, "connect"),
        StageStarted(5 * MS, stage),
        moved(6 * MS, "tcp:1", "send", client.data_to_send()),
        *([moved(7 * MS, "tcp:1", "recv", received)] if received else []),
        StageEnded(9 * MS, stage, error=code),
        Called(9 * MS, "tcp:1", "close"),
        Failed(9 * MS, stage, code, "It failed."),
    ]
    return Trace("http://plain.example/", "", Options(), events)


def opened(code: str, received: bytes, stage: str = "response") -> tuple[str, Field | None, Called]:
    """The unit that is opened, the field in it, and the call."""
    trace = failing(code, received, stage)
    assert isinstance(trace.outcome, Failed)
    explanation = explain(trace.events)
    found: Evidence = evidence(trace.events, trace.outcome, explanation)
    event = trace.events[found.event - 1]
    assert isinstance(event, Called)
    if not found.unit:
        return "", None, event
    unit = explanation.of_event(found.event)[found.unit - 1]
    path = paths(explanation.tree(unit))[found.field]
    return unit.protocol, path[-1], event


SEEN = [
    ("h2.rst_stream", frame(RST_STREAM, 0, 1, b"\0\0\0\x02"), "http2_rst_stream", "INTERNAL_ERROR"),
    ("h2.goaway", goaway(0, 11), "http2_goaway", "ENHANCE_YOUR_CALM"),
    ("h2.flood", frame(PING, 0, 0, bytes(8)) * 101, "http2_ping", "PING"),
    ("h2.flow_control", frame(WINDOW_UPDATE, 0, 0, bytes(4)), "http2_window_update", ""),
    ("h2.continuation_flood", frame(HEADERS, 0, 1) + frame(CONTINUATION, 0, 1) * 64, "http2_c", ""),
    ("h2.compression", frame(HEADERS, END_HEADERS, 1, b"\xff\x80\x01"), "http2_headers", ""),
    ("h2.bad_header", head([(":status", "200"), ("A", "b")], 1), "http2_field_section", ""),
    ("h2.length_mismatch", FIVE + frame(DATA, 1, 1, b"hell"), "http2_field_section", ""),
    ("h2.frame_size", frame(PING, 0, 0, bytes(7)), "http2_ping", ""),
]


@pytest.mark.parametrize(("code", "octets", "protocol", "label"), SEEN)
def test_a_failure_leads_to_the_frame_that_shows_it(
    code: str, octets: bytes, protocol: str, label: str
) -> None:
    assert code_of(hello() + octets) == code
    unit, field, _ = opened(code, hello() + octets)
    assert unit.startswith(protocol)
    assert field is not None
    assert field.label == label or not label


def test_of_a_wrong_length_it_is_the_length_that_is_selected() -> None:
    octets = FIVE + frame(DATA, 1, 1, b"hell")
    _, field, _ = opened("h2.length_mismatch", hello() + octets)
    assert field is not None
    name = find(field, "field_name")
    assert name is not None
    assert name.value == "content-length"


@pytest.mark.parametrize("code", ["h2.settings_timeout", "h2.timeout"])
def test_silence_is_seen_in_what_we_sent_last(code: str) -> None:
    _, _, event = opened(code, b"", "waiting")
    assert event.call == "send"


def test_another_protocol_is_seen_in_the_first_read() -> None:
    _, _, event = opened("h2.bad_preface", b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert event.call == "recv"
