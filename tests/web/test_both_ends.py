"""What the inspector says of the other end of a call."""

from __future__ import annotations

from netcore.other_ends import FarEnd
from netcore.trace import AnyEvent, Called, PeerCalled
from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import exchange
from web.both_ends import clock_lines, measured, peer_title


def far(call: str, time_ns: int, octets: int = 9, whole: int = 9) -> FarEnd:
    return FarEnd(7, call, time_ns, octets, whole)


def test_one_call_at_either_end() -> None:
    assert measured([far("recv", 31_000)], 0) == (
        "Both ends were measured: the recv() at the other end returned 31.0 µs later."
    )
    assert measured([far("send", 10_000)], 12_000) == (
        "Both ends were measured: the send() at the other end was called 2.00 µs earlier."
    )
    assert measured([], 0) == ""


def test_forks_and_merges_are_told() -> None:
    assert measured([far("recv", 5_000), far("recv", 9_000)], 0) == (
        "Both ends were measured: one write, 2 reads at the other end. The first recv() there "
        "returned 5.00 µs later, the last 9.00 µs later."
    )
    assert "2 writes at the other end became this" in measured([far("send", 1), far("send", 2)], 9)
    assert "several writes merged into one read" in measured([far("recv", 1, 3, 9)], 0)
    assert "one write forked into several reads" in measured([far("send", 1, 3, 9)], 9)


def test_a_call_is_told_from_its_own_end() -> None:
    events: list[AnyEvent] = exchange()
    at = next(
        at for at, event in enumerate(events) if isinstance(event, Called) and event.length > 0
    )
    call = events[at]
    assert isinstance(call, Called)
    there = PeerCalled(call.time_ns + 500, call.channel, "recv", 0, call.length, 500)
    tale = tale_of([*events[:-1], there, events[-1]])
    assert "returned 1.00 µs later" in clock_lines(tale, call)
    assert clock_lines(tale, there) == ""
    assert peer_title(there) == "recv() at the other end"
