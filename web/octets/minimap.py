"""All octets of a large unit at a glance: a strip of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from web.fieldtree import Path

LEAST_OCTETS = 2_048  # of a unit that has a strip
SLOTS = 240  # steps that the strip is drawn in


@dataclass(frozen=True)
class Stretch:
    """Neighbouring octets in one tint. `at` and `length` are in thousandths of the unit."""

    css: str
    at: float
    length: float


def minimap(keyed: Mapping[str, Path], size: int) -> tuple[Stretch, ...]:
    """The strip of a unit of `size` octets, empty where it is small enough to be seen whole."""
    if size <= LEAST_OCTETS:
        return ()
    ends = [path[-1].end for path in keyed.values() if not path[-1].children and path[-1].length]
    slots, leaf = [], 0
    for slot in range(SLOTS):
        bit = slot * size * 8 // SLOTS
        while leaf < len(ends) - 1 and ends[leaf] <= bit:
            leaf += 1
        slots.append("ab"[leaf % 2])
    found, at = [], 0
    for css, run in groupby(slots):
        length = len(list(run))
        found.append(Stretch(css, at * 1000 / SLOTS, length * 1000 / SLOTS))
        at += length
    return tuple(found)
