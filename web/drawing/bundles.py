"""Bundles: flights that would stand on top of each other are drawn as one ribbon."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from netcore.marks import join
from netcore.timeline import Mark
from web.drawing.flights import Flight
from web.drawing.folding import Scale
from web.drawing.runs import LEAST_RUN, far_ends
from web.drawing.shapes import MARK_BUDGET, is_arrow

NEAR = 14.0  # pixels between the client's ends of two flights of one bundle, at most
_WIDENINGS = 8  # times that the distance is doubled until the marks keep to their budget


@dataclass(frozen=True)
class Strand:
    """One mark or several, with the pixels of their ends: of the first and of the last one."""

    mark: Mark  # all of them as one
    flights: tuple[Flight, ...]
    near: tuple[float, float]
    far: tuple[float, float]
    members: str  # runs of the numbers of their events: "12-17 21-21"

    @property
    def is_bundle(self) -> bool:
        """Whether it stands for several marks."""
        return len(self.flights) > 1

    @property
    def is_stretched(self) -> bool:
        """Whether an arrow runs farther sideways than its time says; a guess says nothing."""
        if not is_arrow(self.mark) or self.flights[0].guessed:
            return False
        return abs(self.far[0] - self.near[0]) <= LEAST_RUN


def strands(
    flights: Sequence[Flight],
    scale: Scale,
    place: Mapping[int, int],
    apart: Collection[int] = (),
    *,
    widening: bool = True,
) -> list[Strand]:
    """What there is to draw, in order of time.

    Args:
        flights: in the order of their marks.
        scale: of the visible span.
        place: of each flight of the whole trace among all, by its id.
        apart: the ids of those that are not to be in a bundle.
        widening: whether bundles are made wider until the marks keep to their budget.
    """
    seen = [flight for flight in flights if _is_visible(flight, scale)]
    ends = [(scale.x(flight.near_ns), scale.x(flight.mark.last_ns)) for flight in seen]
    distance = NEAR
    groups = _groups(seen, ends, distance, apart)
    for _ in range(_WIDENINGS if widening else 0):
        if len(groups) <= MARK_BUDGET:
            break
        distance *= 2
        groups = _groups(seen, ends, distance, apart)
    far = far_ends(seen, scale)
    made = [_strand([seen[at] for at in group], scale, place, far) for group in groups]
    return sorted(made, key=lambda strand: strand.flights[0].near_ns)


def _is_visible(flight: Flight, scale: Scale) -> bool:
    begin, end = flight.interval
    return begin <= scale.to_ns and end >= scale.from_ns


def _groups(
    seen: Sequence[Flight],
    ends: Sequence[tuple[float, float]],
    distance: float,
    apart: Collection[int],
) -> list[list[int]]:
    """Places in `seen` of what belongs together."""
    groups: list[list[int]] = []
    latest: dict[tuple[object, ...], list[int]] = {}
    for at, flight in enumerate(seen):
        if id(flight) in apart:
            groups.append([at])
            continue
        kind = _kind(flight.mark)
        group = latest.get(kind)
        if group is None or ends[at][0] - ends[group[-1]][1] > distance:
            group = latest[kind] = []
            groups.append(group)
        group.append(at)
    return groups


def _kind(mark: Mark) -> tuple[object, ...]:
    alone = mark.lost or mark.first or mark.kind in ("failure", "truncated")
    number = mark.number if alone else 0
    return (mark.kind, mark.layer, mark.lane, mark.direction, bool(mark.error), number)


def _strand(
    group: Sequence[Flight], scale: Scale, place: Mapping[int, int], ends: Mapping[int, float]
) -> Strand:
    first, last = group[0], group[-1]
    mark = join([flight.mark for flight in group])
    near = scale.x(first.near_ns), scale.x(max(last.near_ns, mark.last_ns))
    way = scale.x(last.near_ns) if last.mark.calls == 1 else near[1]
    far = ends[id(first)], ends[id(last)]
    if last.is_measured:  # the last of its octets may have been there later than the first
        far = far[0], max(far[1], scale.x(last.far_last_ns))
    elif last.mark.calls > 1:  # a sum: its last call flew as long as its first
        far = far[0], near[1] + far[1] - way
    return Strand(mark, tuple(group), near, far, _members(group, place))


def _members(group: Sequence[Flight], place: Mapping[int, int]) -> str:
    """Events between two marks that follow each other are quiet ones and belong to the first."""
    runs: list[list[int]] = []
    before = -2
    for flight in group:
        at = place[id(flight)]
        numbers = flight.mark.members
        if at == before + 1:
            runs[-1][1] = numbers[-1]
        else:
            runs.append([numbers[0], numbers[-1]])
        before = at
    return " ".join(f"{first}-{last}" for first, last in runs)
