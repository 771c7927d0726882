"""Which of the kernel's times belong to which call."""

from __future__ import annotations

import sys

import pytest

from netcore import Options, fetch
from netcore.kernel_clock import WHAT
from netcore.kernel_times import NOTHING, KernelTimes, Times
from netcore.options import Limits
from netcore.trace import AnyEvent, Called, Chose, Completed, KernelTimestamp, Trace
from netcore.wire import _place
from tests.faults.hostile import HostileServer
from tests.netcore.test_client import HELLO, reply

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells its times")


def call(name: str, offset: int, length: int, time_ns: int = 100) -> Called:
    channel = "tcp:1.sent" if name == "send" else "tcp:1.received"
    return Called(
        time_ns, "tcp:1", name, duration_ns=50, channel=channel, offset=offset, length=length
    )


def stamp(time_ns: int, offset: int, what: str) -> KernelTimestamp:
    channel = "tcp:1.received" if what == "arrived" else "tcp:1.sent"
    return KernelTimestamp(time_ns, channel, offset, what)


def test_the_first_note_that_reaches_the_end_of_a_send_is_its_own() -> None:
    events: list[AnyEvent] = [
        stamp(300, 30, "sent"),
        stamp(200, 10, "sent"),
        stamp(400, 30, WHAT[2]),
    ]
    known = KernelTimes(events)
    assert known.of(call("send", 0, 10)) == Times(None, 200, 400)
    assert known.of(call("send", 10, 10)) == Times(None, 300, 400)  # coalesced with the next
    assert known.of(call("send", 20, 10)) == Times(None, 300, 400)
    assert known.of(call("send", 30, 10)) == Times()


def test_a_read_has_its_own_note_or_none() -> None:
    known = KernelTimes([stamp(90, 10, "arrived"), stamp(95, 30, "arrived")])
    assert known.of(call("recv", 0, 10)).arrived_ns == 90
    assert known.of(call("recv", 10, 10)).arrived_ns is None
    assert known.waited_ns(call("recv", 20, 10)) == 55
    assert known.waited_ns(call("recv", 10, 10)) == 0


def test_no_moment_is_where_it_cannot_have_been() -> None:
    known = KernelTimes([stamp(900, 10, "arrived"), stamp(99, 10, "sent")])
    assert known.of(call("recv", 0, 10)).arrived_ns == 150
    assert known.of(call("send", 0, 10)).sent_ns == 100


def test_a_call_that_moved_nothing_has_no_times() -> None:
    known = KernelTimes([stamp(90, 10, "arrived")])
    assert known.of(call("recv", 10, 0)) is NOTHING
    assert KernelTimes([]).crossed_ns(call("recv", 0, 10)) is None


def traced(**more: object) -> Trace:
    with HostileServer(reply(HELLO)) as server:
        options = Options(allow_private=True, **more)  # type: ignore[arg-type]
        return fetch(f"http://{server.endpoint}/", options)


@linux
@pytest.mark.wire
def test_a_fetch_knows_when_the_kernel_sent_its_request() -> None:
    trace = traced()
    (request,) = [e for e in trace.events if isinstance(e, Called) and e.call == "send"]
    times = KernelTimes(trace.events).of(request)
    assert times.handed_over_ns is not None
    assert times.sent_ns is not None
    assert times.acknowledged_ns is not None
    assert request.time_ns <= times.handed_over_ns <= times.sent_ns <= times.acknowledged_ns


@linux
@pytest.mark.wire
def test_what_arrives_was_there_before_it_was_read_and_after_the_request_was_sent() -> None:
    trace = traced()
    known = KernelTimes(trace.events)
    calls = [e for e in trace.events if isinstance(e, Called) and e.length]
    sent_ns = known.crossed_ns(next(e for e in calls if e.call == "send"))
    for read in (e for e in calls if e.call == "recv"):
        arrived_ns = known.crossed_ns(read)
        if arrived_ns is not None:  # the first of a machine may come before its clock is on
            assert sent_ns is not None
            assert sent_ns <= arrived_ns <= read.end_ns


@linux
@pytest.mark.wire
def test_a_wait_ends_with_what_was_waited_for_and_not_with_a_note() -> None:
    trace = traced()
    waits = [e for e in trace.events if isinstance(e, Called) and e.call == "select"]
    reads = [e for e in trace.events if isinstance(e, Called) and e.call == "recv"]
    assert len([e for e in waits if e.result == "read"]) <= len(reads)


@linux
@pytest.mark.wire
def test_behind_what_is_kept_no_time_is_asked_for() -> None:
    trace = traced(limits=Limits(kept_octets=10))
    offsets = [e.offset for e in trace.events if isinstance(e, KernelTimestamp)]
    sent = next(e for e in trace.events if isinstance(e, Called) and e.call == "send")
    assert isinstance(trace.outcome, Completed)
    assert max(offsets) <= max(sent.length, len(HELLO))


@pytest.mark.wire
def test_where_the_system_has_no_such_option_the_fetch_goes_on_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netcore.kernel_clock.NUMBERS", {})
    _place.cache_clear()
    try:
        trace = traced()
    finally:
        _place.cache_clear()
    assert isinstance(trace.outcome, Completed)
    assert not [e for e in trace.events if isinstance(e, KernelTimestamp)]
    (said,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "clock"]
    assert (said.value, said.why) == ("the program's", "SO_TIMESTAMPING failed with ENOPROTOOPT.")


@linux
@pytest.mark.wire
def test_where_the_kernel_refuses_the_fetch_goes_on_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netcore.kernel_clock.TCP", 1 << 30)
    trace = traced()
    assert isinstance(trace.outcome, Completed)
    (said,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "clock"]
    assert said.why == "SO_TIMESTAMPING failed with EINVAL."
