"""A trace is saved as JSON lines and loads back equal; what is no trace is refused by line."""

from __future__ import annotations

import contextlib
import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from netcore.options import COMMAND_LINE_LIMITS, Lab, Options
from netcore.trace import (
    AnyEvent,
    BadTrace,
    Called,
    Chose,
    Completed,
    Failed,
    StageStarted,
    Trace,
    decode,
    encode,
    encode_events,
    encode_head,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WHOLE = st.integers(0, (1 << 63) - 1)
PLAIN: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
FIELDS: dict[object, st.SearchStrategy[object]] = {
    int: WHOLE,
    str: TEXT,
    bytes: st.binary(max_size=40),
    int | None: st.none() | WHOLE,
    dict[str, int | str]: st.dictionaries(TEXT, WHOLE | TEXT, max_size=3),
    bool: st.booleans(),
    tuple[str, ...]: st.lists(TEXT, max_size=3).map(tuple),
}


def field(kind: object) -> st.SearchStrategy[object]:
    """Any value of a field of an event."""
    if kind in FIELDS:
        return FIELDS[kind]
    return st.lists(PLAIN, max_size=3).map(tuple) if "tuple" in str(kind) else PLAIN


def events() -> st.SearchStrategy[AnyEvent]:
    """Any event of any kind."""
    kinds = get_args(AnyEvent)
    return st.sampled_from(kinds).flatmap(
        lambda kind: st.builds(kind, **{f.name: field(f.type) for f in structs.fields(kind)})
    )


def trace_of(*events: AnyEvent) -> Trace:
    return Trace("http://a.example/", "2026-01-02T03:04:05.000006+00:00", Options(), list(events))


def plain(octets: bytes) -> Trace:
    called = Called(5, "tcp:1", "send", (4,), 4, channel="tcp:1.sent", length=4, data=octets)
    return trace_of(StageStarted(1, "target"), called, Completed(9, 204))


@settings(max_examples=150, deadline=None)
@given(st.lists(events(), max_size=8), TEXT, st.binary() | st.none())
def test_any_trace_loads_back_equal(told: list[AnyEvent], url: str, body: bytes | None) -> None:
    options = Options(
        method="PUT",
        headers=(("A", "b"), ("a", "")),
        body=body,
        lab=Lab("127.0.0.1:5353", ("[::1]:8443",)),
        limits=COMMAND_LINE_LIMITS,
    )
    trace = Trace(url, "2026-01-02T03:04:05.000006+00:00", options, told)
    loaded = decode(encode(trace))
    assert loaded == trace
    assert [type(event) for event in loaded.events] == [type(event) for event in told]


def test_line_n_plus_1_is_event_n() -> None:
    trace = plain(b"abcd")
    lines = encode(trace).splitlines()
    assert [json.loads(line)["kind"] for line in lines] == [
        "Trace",
        "StageStarted",
        "Called",
        "Completed",
    ]
    assert json.loads(lines[2])["data"] == "YWJjZA=="


def test_a_file_that_grows_by_events_is_the_file_that_is_saved_at_once() -> None:
    trace = plain(b"abcd")
    grown = encode_head(trace) + b"".join(encode_events([event]) for event in trace.events)
    assert grown == encode(trace)


def test_the_outcome_is_the_last_event_and_only_if_it_is_an_end() -> None:
    failed = Failed(3, "dns", "dns.nxdomain", "There is no such name.")
    assert trace_of(failed).outcome is failed
    assert plain(b"").outcome == Completed(9, 204)
    assert trace_of().outcome is None
    assert trace_of(Completed(1, 200), Chose(2, "guard", "x")).outcome is None


def test_a_field_of_a_later_version_is_passed_over() -> None:
    line = b'{"kind":"StageStarted","time_ns":1,"stage":"dns","weather":"fine"}\n'
    assert decode(encode_head(trace_of()) + line) == trace_of(StageStarted(1, "dns"))


HEAD = encode_head(trace_of())
NESTED = b'{"kind":"StageStarted","time_ns":1,"stage":"dns","deep":' + b"[" * 100_000


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"", "The file is empty"),
        (b"\n", "Line 1 does not describe a trace"),
        (b"GET / HTTP/1.1\r\n", "Line 1 does not describe a trace"),
        (b"\xff\xfe\n", "Line 1 does not describe a trace"),
        (b"[" * 100_000, "Line 1 does not describe a trace"),
        (HEAD.replace(b'"format":4', b'"format":5'), "This trace has format 5"),
        (HEAD.replace(b'"format":4', b'"format":0'), "This trace has format 0"),
        (HEAD + b'{"kind":"Imagined","time_ns":1}\n', "Line 2 is not an event"),
        (HEAD + b'{"kind":"StageStarted","stage":"dns"}\n', "Line 2 is not an event"),
        (HEAD + b'{"kind":"SecretLogged","time_ns":1,"line":"\xff"}\n', "Line 2 is not an event"),
        (HEAD + encode_events([StageStarted(1, "dns")])[:-9], "Line 2 is not an event"),
        (HEAD + NESTED, "Line 2 is not an event"),
        (HEAD + HEAD, "Line 2 is not an event"),
        (HEAD + encode_events([StageStarted(1, "dns")]) + b"\n\n", "Line 3 is not an event"),
    ],
)
def test_what_is_no_trace_is_refused_with_the_line(octets: bytes, message: str) -> None:
    with pytest.raises(BadTrace, match=message):
        decode(octets)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 600))
def test_any_octets_give_a_trace_or_say_why_not(noise: bytes, cut: int) -> None:
    for untrusted in (noise, encode(plain(b"abcd"))[:cut] + noise, HEAD + noise):
        with contextlib.suppress(BadTrace):
            assert decode(untrusted).url == "http://a.example/"


@pytest.mark.parametrize("older", [1, 2, 3])
def test_the_formats_before_this_one_are_still_read(older: int) -> None:
    saved = encode(trace_of()).replace(b'"format":4', b'"format":%d' % older, 1)
    assert saved != encode(trace_of())
    assert decode(saved) == trace_of()
