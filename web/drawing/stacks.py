"""Stacks: arrows that stand so near to each other that their names stand one above the other.

A stack is read from the client's lane outwards in order of time, and a name there hides the arrow
that it belongs to. So it has to be known beforehand how many are still to come, and which of them
say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.drawing.bundles import Strand
from web.drawing.shapes import CHARACTER

Ends = tuple[float, float, float, float]
"""Of an arrow: near x and y, far x and y."""

MOST_BEHIND = 2  # names that have room beside one


@dataclass(frozen=True)
class Stacked:
    """What is around the name of an arrow."""

    behind: int = 0  # names of later arrows that stand over it or under it
    way: str = ""  # where its arrow points, if the name hides it and another one says the same


@dataclass(frozen=True)
class _Name:
    """A name where it would stand if it were alone."""

    text: str
    x: float
    half: float  # of its width
    below: bool  # whether it is under the client's lane
    sent: bool
    hides: bool  # its arrow is hardly wider than itself

    def meets(self, other: _Name) -> bool:
        """Whether both cannot stand in one row."""
        return self.below == other.below and abs(self.x - other.x) < self.half + other.half


def stacks(arrows: Sequence[tuple[Strand, Ends, str]]) -> list[Stacked]:
    """What is around each name, for arrows in order of time, each with its ends and its name."""
    names = [_name(*each) for each in arrows]
    found: list[Stacked] = []
    for at, name in enumerate(names):
        around = [other for other in names if other is not name and name.meets(other)]
        behind = sum(name.meets(other) for other in names[at + 1 :])
        twins = any(o.text == name.text and o.sent != name.sent and o.hides for o in around)
        way = ("↓" if name.below == name.sent else "↑") if twins and name.hides else ""
        found.append(Stacked(min(behind, MOST_BEHIND), way))
    return found


def _name(strand: Strand, ends: Ends, text: str) -> _Name:
    near_x, near_y, far_x, far_y = ends
    half = len(text) * CHARACTER / 2 + 6
    return _Name(
        text=text,
        x=(near_x + far_x) / 2,
        half=half,
        below=far_y > near_y,
        sent=strand.mark.direction == "sent",
        hides=abs(far_x - near_x) < half,
    )
