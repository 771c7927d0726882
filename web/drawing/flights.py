"""Flights: when what was sent arrived, and when what arrived was sent. Neither was seen.

Theory of operation. We see our own end of a flight alone. The other end is put half a round trip
away, and then moved as far as order demands: an answer does not leave before the message that it
answers has arrived, and flights to one peer in one direction do not overtake each other. An end
that was moved says so.

What a query over UDP took is no round trip: most of it may be the resolver's own work. So both ends
of a query are a guess, right where it was seen, and what is between them is time like any other.

Which message an answer belongs to is known no better than this: it is one of the same layer. What
the client says on a layer until it hears something on it is a turn, and the first answer belongs to
the turn's first message, since a peer may answer as soon as that has arrived. Whatever its layer
is, the first word of a peer does not leave before the first one to it has arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from netcore.round_trips import BY_QUERY
from netcore.timeline import Lane, Mark
from web.drawing.shapes import is_arrow


@dataclass(frozen=True)
class Flight:
    """One mark in time."""

    mark: Mark
    near_ns: int  # at the client: measured
    far_ns: int  # at the peer: assumed; the same as near_ns for what goes nowhere
    moved: bool = False  # whether order moved the far end
    answered: bool = True  # whether anything came back later; False: nobody knows that it arrived
    guessed: bool = False  # whether nothing tells how long it was on its way
    other: tuple[int, int] | None = None  # both ends of what it answers, or of its first answer

    @property
    def interval(self) -> tuple[int, int]:
        """When it was on its way, and how long its calls went on."""
        last = max(self.near_ns, self.mark.last_ns)
        return min(self.near_ns, self.far_ns), max(last, self.far_ns)


def flights(marks: Iterable[Mark], lanes: Sequence[Lane]) -> list[Flight]:
    """Every mark with both of its ends, in the order of the marks."""
    one_way = {lane.key: lane.round_trip_ns // 2 for lane in lanes if is_measured(lane)}
    asked = {lane.key for lane in lanes if lane.measured_by == BY_QUERY}
    made = [_first_guess(mark, one_way, guessed=mark.lane in asked) for mark in marks]
    by_lane: dict[str, list[int]] = {}
    for index, flight in enumerate(made):
        if is_arrow(flight.mark) and not flight.mark.lost:  # which nobody waits behind
            by_lane.setdefault(flight.mark.lane, []).append(index)
    for indices in by_lane.values():
        indices.sort(key=lambda index: made[index].near_ns)
        ordered = in_order([made[index] for index in indices])
        for index, flight in zip(indices, ordered, strict=True):
            made[index] = flight
    return made


def is_measured(lane: Lane) -> bool:
    """Whether the way to a peer and back was measured, and nothing else with it."""
    return lane.round_trip_ns > 0 and lane.measured_by != BY_QUERY


def queries(flown: Iterable[Flight]) -> frozenset[tuple[int, int]]:
    """When each answer of a resolver was waited for: from the last query before it."""
    asked: dict[str, int] = {}  # lane -> when the last query was sent
    waited: set[tuple[int, int]] = set()
    for flight in flown:
        if not flight.guessed:
            continue
        if not _came(flight):
            asked[flight.mark.lane] = flight.near_ns
        elif flight.mark.lane in asked:
            waited.add((asked[flight.mark.lane], flight.near_ns))
    return frozenset(waited)


def end_ns(flown: Iterable[Flight], total_ns: int) -> int:
    """When the last of it was over: what was sent at the end of a trace still has its way to go."""
    return max([total_ns, *(flight.interval[1] for flight in flown)])


def _first_guess(mark: Mark, one_way: Mapping[str, int], *, guessed: bool) -> Flight:
    way = one_way.get(mark.lane, 0) if is_arrow(mark) else 0
    far = mark.time_ns + way if mark.direction == "sent" else mark.time_ns - way
    return Flight(mark, mark.time_ns, far, guessed=guessed and is_arrow(mark))


def in_order(lane: Sequence[Flight]) -> list[Flight]:
    """The flights of one peer, their far ends moved as order demands.

    Args:
        lane: in the order in which the client saw them.
    """
    far = [flight.far_ns for flight in lane]
    others = _answers_after_messages(lane, far)
    _no_overtaking(lane, far)
    last_answer = max((at for at, flight in enumerate(lane) if _came(flight)), default=-1)
    return [
        Flight(
            flight.mark,
            flight.near_ns,
            there,
            moved=there != flight.far_ns,
            answered=_came(flight) or at < last_answer,
            guessed=flight.guessed,
            other=(lane[others[at]].near_ns, far[others[at]]) if at in others else None,
        )
        for at, (flight, there) in enumerate(zip(lane, far, strict=True))
    ]


def _came(flight: Flight) -> bool:
    return flight.mark.direction == "received"


def _answers_after_messages(lane: Sequence[Flight], far: list[int]) -> dict[int, int]:
    """Where a turn's first answer would leave too early, both ends meet in the middle.

    Out: which flight answers which, both ways, by their places in the lane.
    """
    first: dict[str, int] = {}  # layer -> the first message of the turn that waits for an answer
    opening: int | None = None  # the first message of all, until anything comes
    others: dict[int, int] = {}
    for at, flight in enumerate(lane):
        layer = flight.mark.layer
        if not _came(flight):
            opening = at if not first and not others and opening is None else opening
            first.setdefault(layer, at)
            continue
        for message in (opening, first.pop(layer, None)):
            if message is None:
                continue
            others[at] = message
            others.setdefault(message, at)
            if far[message] > far[at]:
                middle = (lane[message].near_ns + flight.near_ns) // 2
                far[message] = min(far[message], middle)
                far[at] = max(far[at], far[message])
        opening = None
    return others


def _no_overtaking(lane: Sequence[Flight], far: list[int]) -> None:
    """Messages arrive not later than those behind them, answers leave not before those ahead.

    Both moves keep what was reached before: messages get earlier, answers later.
    """
    limit: int | None = None
    for at in reversed(range(len(lane))):
        if not _came(lane[at]):
            limit = far[at] = far[at] if limit is None else min(far[at], limit)
    limit = None
    for at, flight in enumerate(lane):
        if _came(flight):
            limit = far[at] = far[at] if limit is None else max(far[at], limit)
