"""Tale: a trace with its explanation and its timeline, all that a page is made from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import msgspec

from netcore.descent import Descent
from netcore.kernel_times import KernelTimes
from netcore.other_ends import OtherEnds
from netcore.pdus import Explanation, explain
from netcore.timeline import Mark, StageSpan, Timeline, timeline
from netcore.trace import HAR, AnyEvent, Captured, Trace
from web.drawing.flown import Flown
from web.drawing.links import Pair
from web.feed import Feed
from web.threads import pairs

RECORDS = frozenset({"tls_record", "tls_ciphertext"})
"""What a TLS record is called, open and sealed."""


@dataclass(frozen=True, eq=False)
class Tale:
    """A trace as it is now, explained."""

    trace: Trace
    explanation: Explanation
    timeline: Timeline

    @cached_property
    def kernel(self) -> KernelTimes:
        """What the kernel said of its calls."""
        return KernelTimes(self.trace.events)

    @cached_property
    def ends(self) -> OtherEnds:
        """What the other ends noted of its calls."""
        return OtherEnds(self.trace.events)

    @cached_property
    def flown(self) -> Flown:
        """Its flights, for drawings over time."""
        return Flown(self.timeline)

    @cached_property
    def descent(self) -> Descent:
        """The way through its layers."""
        return Descent(self.explanation)

    @cached_property
    def captured(self) -> bool:
        """Whether any packet was captured."""
        return any(isinstance(event, Captured) for event in self.trace.events)

    @cached_property
    def records(self) -> dict[str, list[int]]:
        """By channel: where its TLS records begin, in order."""
        found: dict[str, list[int]] = {}
        for pdu in self.explanation.pdus:
            if pdu.name in RECORDS:
                found.setdefault(pdu.origin[0].channel, []).append(pdu.origin[0].start)
        return {channel: sorted(starts) for channel, starts in found.items()}

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Which of its events belong together."""
        return pairs(self.explanation, self.timeline.singles)

    @cached_property
    def paired(self) -> dict[int, list[Pair]]:
        """The same by either of their events."""
        found: dict[int, list[Pair]] = {}
        for pair in self.pairs:
            for number in pair[:2]:
                found.setdefault(number, []).append(pair)
        return found

    def neighbours(self, number: int) -> tuple[Pair, ...]:
        """The pairs that an event is one of."""
        return tuple(self.paired.get(number, ()))

    @cached_property
    def _places(self) -> dict[int, int]:
        marks = self.timeline.marks
        return {number: at for at, mark in enumerate(marks) for number in mark.members}

    def place_of(self, number: int) -> int:
        """Where the mark of that event stands among the marks; -1 if it is not drawn."""
        return self._places.get(number, -1)

    @cached_property
    def _stages(self) -> dict[tuple[str, int], tuple[int, int, int]]:
        """Of each stage the numbers of its first mark, its first but decisions, and its last."""
        found: dict[tuple[str, int], tuple[int, int, int]] = {}
        for mark in self.timeline.marks:
            key = mark.stage, mark.hop
            first, moved, _ = found.get(key, (mark.number, 0, 0))
            found[key] = first, moved or (mark.kind != "decision") * mark.number, mark.number
        return found

    def opening_of(self, span: StageSpan) -> int:
        """The event that shows a stage: its first but decisions, the last if it failed; or 0."""
        first, moved, last = self._stages.get((span.name, span.hop), (0, 0, 0))
        return last if span.error else moved or first

    def event(self, number: int) -> AnyEvent | None:
        """The event of that number, or None."""
        events = self.trace.events
        return events[number - 1] if 0 < number <= len(events) else None

    def mark_of(self, number: int) -> Mark | None:
        """The mark that the event of that number is drawn as, or None if it is not drawn."""
        at = self.place_of(number)
        return self.timeline.marks[at] if at >= 0 else None


def tell(trace: Trace) -> Tale:
    """Explain a trace, finished or running."""
    explanation = explain(trace.events)
    told = _in_order_of_time(timeline(trace, explanation))
    return Tale(trace, explanation, _assumed(told) if trace.origin == HAR else told)


def _in_order_of_time(told: Timeline) -> Timeline:
    """The same with its marks as they happened: some were in the kernel before we read them.

    The recording has a read where the call was, which may stand after a write that came later
    than the octets; and a packet that was captured is learnt when it has passed.
    """
    marks = tuple(sorted(told.marks, key=lambda mark: mark.time_ns))
    return msgspec.structs.replace(told, marks=marks)


def _assumed(told: Timeline) -> Timeline:
    """The same where nobody saw an octet: they are put together from what a log says."""

    def assume(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
        return tuple(msgspec.structs.replace(mark, certainty="assumed") for mark in marks)

    marks, singles = assume(told.marks), assume(told.singles)
    return Timeline(told.stages, told.lanes, marks, told.summary, singles, told.waits, told.reuses)


def beginning(trace: Trace, count: int) -> Trace:
    """The trace as it was when it had `count` events."""
    return Trace(
        trace.url, trace.started, trace.options, trace.events[:count], trace.software, trace.origin
    )


class Tales:
    """The latest tales by trace id and number of events, so that watchers share the work."""

    def __init__(self, kept: int = 8) -> None:
        self._kept = kept
        self._tales: OrderedDict[tuple[str, int], Tale] = OrderedDict()
        self._lock = threading.Lock()

    def of_feed(self, trace_id: str, feed: Feed) -> Tale:
        """The tale of a running trace as it is now."""
        trace = feed.snapshot()
        return self._get((trace_id, len(trace.events)), lambda: trace)

    def of_stored(self, trace_id: str, load: Callable[[], Trace | None]) -> Tale | None:
        """The tale of a finished trace; None if `load` finds none."""
        with self._lock:
            tale = self._tales.get((trace_id, 0))
        if tale is not None:
            return tale
        trace = load()
        return None if trace is None else self._get((trace_id, 0), lambda: trace)

    def forget(self, trace_id: str) -> None:
        """Let go of all tales of a trace."""
        with self._lock:
            for key in [each for each in self._tales if each[0] == trace_id]:
                del self._tales[key]

    def _get(self, key: tuple[str, int], trace: Callable[[], Trace]) -> Tale:
        with self._lock:
            tale = self._tales.get(key)
        if tale is None:
            tale = tell(trace())
        with self._lock:
            self._tales[key] = tale
            self._tales.move_to_end(key)
            while len(self._tales) > self._kept:
                self._tales.popitem(last=False)
        return tale
