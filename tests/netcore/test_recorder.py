"""The recorder: what is kept, what is only counted, and who called."""

from __future__ import annotations

import pytest

from netcore.errors import FetchError
from netcore.options import Limits, Options
from netcore.recorder import Recorder, site
from netcore.trace import (
    AnyEvent,
    Called,
    Chose,
    Failed,
    StageEnded,
    StageStarted,
    Trace,
    Truncated,
)


def recorder(**limits: int) -> tuple[Recorder, Trace]:
    trace = Trace("http://a/", "", Options(limits=Limits(**limits)), [])
    return Recorder(trace), trace


def test_events_are_numbered_from_one_as_they_are_recorded() -> None:
    seen: list[tuple[int, AnyEvent]] = []
    trace = Trace("http://a/", "", Options(), [])
    made = Recorder(trace, lambda number, event: seen.append((number, event)))
    made.chose("a", "b")
    made.chose("c", "d")
    assert [number for number, _ in seen] == [1, 2]
    assert [event for _, event in seen] == trace.events


def test_the_head_of_a_channel_is_kept_and_the_rest_is_counted() -> None:
    made, trace = recorder(kept_octets=5)
    for data in (b"abc", b"def", b"ghi"):
        made.moved("tcp:1", "recv", 3, 0, "tcp:1.received", data)
    made.chose("a", "b")
    calls = [each for each in trace.events if isinstance(each, Called)]
    assert [(each.offset, each.length, each.data) for each in calls] == [
        (0, 3, b"abc"),
        (3, 3, b"de"),
        (6, 3, b""),
    ]
    cuts = [each for each in trace.events if isinstance(each, Truncated)]
    assert [(each.what, each.limit) for each in cuts] == [("tcp:1.received", 5)]


def test_a_channel_that_fits_exactly_is_not_cut() -> None:
    made, trace = recorder(kept_octets=6)
    made.moved("tcp:1", "recv", 3, 0, "tcp:1.received", b"abcdef")
    assert not any(isinstance(each, Truncated) for each in trace.events)


def test_a_full_list_takes_stages_and_the_outcome_and_says_that_it_is_full_once() -> None:
    made, trace = recorder(trace_events=2)
    for _ in range(4):
        made.chose("a", "b")
    with made.stage("dns"):
        made.chose("c", "d")
    made.record(Failed(0, "dns", "dns.timeout", "."))
    assert [type(each) for each in trace.events] == [
        Chose,
        Chose,
        Truncated,
        StageStarted,
        StageEnded,
        Failed,
    ]
    assert trace.events[2] == Truncated(trace.events[2].time_ns, "events", 2)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FetchError("tcp.refused", "."), "tcp.refused"),
        (KeyboardInterrupt(), "fetch.interrupted"),
        (ZeroDivisionError(), "fetch.bug"),
    ],
)
def test_a_stage_ends_with_the_code_of_what_ended_it(error: BaseException, code: str) -> None:
    made, trace = recorder()
    with pytest.raises(type(error)), made.stage("connect"):
        raise error
    assert isinstance(trace.events[-1], StageEnded)
    assert trace.events[-1].error == code


def test_a_caller_outside_the_package_is_no_site() -> None:
    assert site(0) == ()
