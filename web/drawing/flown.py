"""Flown: the flights of a whole trace, kept in an order in which those of a span are found at once.

Theory of operation. A trace may have a hundred thousand flights, and a drawing shows a span of
them. They are sorted by when they began, beside how far all before them reach, so two searches
bound what can be in sight. The sums of what crossed are kept too: how much a pixel stands for is
then a difference of two of them, however many flights it has.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from netcore.timeline import Timeline
from web.drawing.flights import Flight, end_ns, flights, queries
from web.drawing.folding import Interval, gaps
from web.drawing.shapes import is_arrow

_SUMMED = frozenset({"send", "receive", "segment"})


@dataclass(frozen=True)
class Series:
    """What crossed in one direction on one layer: moments in order, and sums up to each."""

    kind: str
    layer: str
    direction: str
    times_ns: Sequence[int]
    octets: Sequence[int]  # one more than moments: the first is 0
    calls: Sequence[int]  # the same


class Flown:
    """The flights of a finished trace."""

    def __init__(self, timeline: Timeline) -> None:
        self.flights = flights(timeline.singles, timeline.lanes)
        self.extent_ns = end_ns(self.flights, timeline.summary.total_ns)
        self.place = {id(flight): at for at, flight in enumerate(self.flights)}
        begun = sorted((*flight.interval, at) for at, flight in enumerate(self.flights))
        self._order = [at for _, _, at in begun]
        self._begins = [begin for begin, _, _ in begun]
        self._reach = list(accumulate((end for _, end, _ in begun), max))
        self._numbers = [flight.mark.number for flight in self.flights]

    @cached_property
    def quiet(self) -> list[Interval]:
        """When nothing was on its way, in order."""
        return gaps([flight.interval for flight in self.flights], self.extent_ns)

    @cached_property
    def answers(self) -> frozenset[Interval]:
        """When answers of a resolver were waited for."""
        return queries(self.flights)

    @cached_property
    def rare(self) -> list[Flight]:
        """All that is not summed up in a series: ends, decisions, secrets, what failed."""
        return [flight for flight in self.flights if not is_summed(flight)]

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """The sums of the whole trace."""
        return sums(self.flights)

    def count(self, window: Interval) -> int:
        """How many flights can be in sight, at most."""
        first, last = self._bounds(window)
        return last - first

    def between(self, window: Interval) -> list[Flight]:
        """The flights in sight, in the order of their marks."""
        first, last = self._bounds(window)
        return [self.flights[at] for at in sorted(self._order[first:last])]

    def around(self, number: int) -> list[Flight]:
        """The flight of an event and its two neighbours; none for no event."""
        at = bisect_right(self._numbers, number) - 1
        return self.flights[max(0, at - 1) : at + 2] if at >= 0 else []

    def _bounds(self, window: Interval) -> tuple[int, int]:
        first = bisect_left(self._reach, window[0])
        return first, max(first, bisect_right(self._begins, window[1]))


def is_summed(flight: Flight) -> bool:
    """Whether a flight is one of many of its kind, so that a sum can stand for it."""
    mark = flight.mark
    return mark.kind in _SUMMED and not (mark.error or mark.lost) and is_arrow(mark)


def sums(flown: Iterable[Flight]) -> tuple[Series, ...]:
    """One series for each kind, layer and direction of those that can be summed."""
    sides: dict[tuple[str, str, str], list[Flight]] = {}
    for flight in flown:
        if is_summed(flight):
            mark = flight.mark
            sides.setdefault((mark.kind, mark.layer, mark.direction), []).append(flight)
    return tuple(_series(side, group) for side, group in sorted(sides.items()))


def _series(side: tuple[str, str, str], group: list[Flight]) -> Series:
    group = sorted(group, key=lambda flight: flight.near_ns)
    return Series(
        *side,
        times_ns=[flight.near_ns for flight in group],
        octets=list(accumulate((flight.mark.octets for flight in group), initial=0)),
        calls=list(accumulate((flight.mark.calls for flight in group), initial=0)),
    )
