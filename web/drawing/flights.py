"""Flights: when what was sent arrived, and when what arrived was sent. Mostly neither was seen.

Theory of operation. We see our own end of a flight alone. The other end is put half a round trip
away, and then moved as far as order demands: an answer does not leave before the message that it
answers has arrived, and flights to one peer in one direction do not overtake each other. An end
that was moved says so. Where the peer noted its own calls, by the same clock, that is the other
end, and nothing moves it.

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
    far_ns: int  # at the peer: assumed, or noted there; the same as near_ns of what goes nowhere
    moved: bool = False  # whether order moved the far end
    answered: bool = True  # whether anything came back later; False: nobody knows that it arrived
    guessed: bool = False  # whether nothing tells how long it was on its way
    other: tuple[int, int] | None = None  # both ends of what it answers, or of its first answer

    @property
    def is_measured(self) -> bool:
        """Whether the peer noted its end."""
        return bool(self.mark.far) and is_arrow(self.mark)

    @property
    def far_last_ns(self) -> int:
        """When the last of its octets was there, or left there: later than the first in a fork."""
        if not self.is_measured:
            return self.far_ns
        last = self.mark.far[-1].time_ns
        if _came(self):
            last = min(last, max(self.near_ns, self.mark.last_ns))
        return max(self.far_ns, last)

    @property
    def interval(self) -> tuple[int, int]:
        """When it was on its way, and how long its calls went on."""
        last = max(self.near_ns, self.mark.last_ns)
        return min(self.near_ns, self.far_ns), max(last, self.far_last_ns)


def flights(marks: Iterable[Mark], lanes: Sequence[Lane]) -> list[Flight]:
    """Every mark with both of its ends, in the order of the marks."""
    one_way = {lane.key: lane.round_trip_ns // 2 for lane in lanes if is_measured(lane)}
    # Of a lane that is measured, what was not noted is the kernel's: nobody knows when it crossed.
    asked = {lane.key for lane in lanes if lane.measured_by == BY_QUERY or lane.measured}
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
    """How long each answer of a resolver took: from the last query before it.

    Where the resolver noted both, that is its own work alone, else the way is in it.
    """
    asked: dict[str, int] = {}  # lane -> when the last query was there, or was sent
    waited: set[tuple[int, int]] = set()
    for flight in flown:
        if not _is_query(flight):
            continue
        if not _came(flight):
            asked[flight.mark.lane] = max(flight.near_ns, flight.far_last_ns)
        elif flight.mark.lane in asked:
            waited.add((asked[flight.mark.lane], flight.far_ns))
    return frozenset(waited)


def _is_query(flight: Flight) -> bool:
    """Whether it is a query of a resolver or its answer."""
    if flight.is_measured:
        return flight.mark.layer == "dns"
    return flight.guessed and flight.mark.kind in ("send", "receive")


def end_ns(flown: Iterable[Flight], total_ns: int) -> int:
    """When the last of it was over: what was sent at the end of a trace still has its way to go."""
    return max([total_ns, *(flight.interval[1] for flight in flown)])


def _first_guess(mark: Mark, one_way: Mapping[str, int], *, guessed: bool) -> Flight:
    way = one_way.get(mark.lane, 0) if is_arrow(mark) else 0
    if mark.far and is_arrow(mark):
        return Flight(mark, mark.time_ns, _noted_ns(mark))
    if mark.never_sent:  # its time is that of the peer, who alone knew of it
        return Flight(mark, mark.time_ns + way, mark.time_ns)
    far = mark.time_ns + way if mark.direction == "sent" else mark.time_ns - way
    return Flight(mark, mark.time_ns, far, guessed=guessed and is_arrow(mark))


def _noted_ns(mark: Mark) -> int:
    """When the peer had the first of its octets, or sent it. Two clocks differ by very little."""
    noted = mark.far[0].time_ns
    return max(noted, mark.time_ns) if mark.direction == "sent" else min(noted, mark.time_ns)


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
            answered=_came(flight) or at < last_answer or flight.is_measured,
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
                _meet(lane, far, message, at)
        opening = None
    return others


def _meet(lane: Sequence[Flight], far: list[int], message: int, at: int) -> None:
    """Move a message's far end and its answer's to where neither is before the other's time."""
    if lane[message].is_measured or lane[at].is_measured:
        if not lane[message].is_measured:
            far[message] = max(far[at], lane[message].near_ns)
        elif not lane[at].is_measured:
            far[at] = min(far[message], lane[at].near_ns)
        return
    middle = (lane[message].near_ns + lane[at].near_ns) // 2
    far[message] = min(far[message], middle)
    far[at] = max(far[at], far[message])


def _no_overtaking(lane: Sequence[Flight], far: list[int]) -> None:
    """Messages arrive not later than those behind them, answers leave not before those ahead.

    Both moves keep what was reached before: messages get earlier, answers later.
    """
    limit: int | None = None
    for at in reversed(range(len(lane))):
        if not _came(lane[at]):
            limit = far[at] if limit is None else min(far[at], limit)
            far[at] = far[at] if lane[at].is_measured else max(limit, lane[at].near_ns)
    limit = None
    for at, flight in enumerate(lane):
        if _came(flight):
            limit = far[at] if limit is None else max(far[at], limit)
            far[at] = far[at] if flight.is_measured else min(limit, flight.near_ns)
