"""Links: thin lines between marks that belong together, for the selection.

Theory of operation. Pairs of events say what belongs together: an answer to its request, a frame to
the next one of its stream, octets that were sent again to those that were sent first. A line is
drawn for each pair of marks, as a bow between their ends at the client, and stays hidden until one
of the two is selected: so never more is seen than the direct neighbours of what is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netcore.timeline import Mark
from web.drawing.shapes import DrawnLink

Pair = tuple[int, int, str]
"""Numbers of two events, the earlier one first, and why: "again", "answer" or "stream"."""

Pairs = Mapping[int, Sequence[Pair]]
"""The pairs that an event is one of, by its number."""

NO_PAIRS: Pairs = {}

BOW = 30.0  # pixels that a line bows out, at most
STANDING_BOW = 18.0  # beside a lane that runs down, where texts begin
_RING = "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0"


@dataclass(frozen=True)
class End:
    """Where a mark begins or ends at the client."""

    mark: Mark
    members: str  # runs of the numbers of its events
    x: float
    y: float


def draw_links(pairs: Pairs, ends: Sequence[End], *, lying: bool) -> tuple[DrawnLink, ...]:
    """One line for each pair of marks that are drawn.

    Args:
        pairs: of events; only those of what is drawn are looked at.
        ends: of the marks that are drawn.
        lying: whether time runs to the right; else it runs down.
    """
    at = {number: end for end in ends for number in end.mark.members}
    drawn: dict[tuple[int, int], DrawnLink] = {}
    for number, one in at.items():
        for first, second, why in pairs.get(number, ()):
            other = at.get(second)
            if number != first or other is None or one is other:
                continue
            numbers = one.mark.number, other.mark.number
            if numbers not in drawn:
                members = f"{one.members} {other.members}"
                d = _bow(one, other, lying)
                drawn[numbers] = DrawnLink(f"bow {why}", d, members, numbers)
    return tuple(drawn.values())


def _bow(one: End, other: End, lying: bool) -> str:
    """A curve from end to end with a ring at either."""
    apart = abs(other.x - one.x) if lying else abs(other.y - one.y)
    out = round(
        min(BOW if lying else STANDING_BOW, 12 + apart / 6) / 0.75, 1
    )  # a curve goes three quarters of the way
    if lying:
        by = f"C{one.x} {one.y - out} {other.x} {other.y - out} {other.x} {other.y}"
    else:
        by = f"C{one.x + out} {one.y} {other.x + out} {other.y} {other.x} {other.y}"
    start = f"M{one.x} {one.y}{_RING}"
    return f"{start}M{one.x} {one.y}{by}{_RING}"
