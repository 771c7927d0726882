"""Breakdown: what a length is made of, largest part first, for units with many parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from netcore.figures import size
from web.fieldtree import Item

LEAST_OCTETS: Final = 64  # of what is worth taking apart
LEAST_PARTS: Final = 3
MOST_PARTS: Final = 24  # that are told apart before they are sorted
SHOWN: Final = 8
BAR: Final = 120  # pixels of the longest bar
_OPENED: Final = 0.12  # of the whole: a part that large is shown as its own parts
_TOLD: Final = 8  # octets: where no part has as many, none is told apart
_WHOLE: Final = ("extension", "field_line")
"""Fields that say what they are about in their label, or in a part that means nothing alone."""
_LENGTHS: Final = ("length", "_length")


@dataclass(frozen=True)
class Part:
    """A line of the table. `href` is "" for the line of all that are not shown."""

    name: str
    label: str
    href: str
    octets: int
    size: str
    bar: int  # pixels


@dataclass(frozen=True)
class Breakdown:
    """The parts of a field, largest first; together they are all of it."""

    name: str
    size: str
    parts: tuple[Part, ...]
    more: int  # parts that the last line stands for


def breakdown(tree: Item) -> Breakdown | None:
    """What the selected field of a unit is made of; of a length, what it counts.

    In: `tree`, of a unit; where no field is selected, all of it is meant. Out: None for what is
    short, or has parts of one kind alone.
    """
    whole = _meant(tree)
    if whole.length < LEAST_OCTETS * 8:
        return None
    parts = _parts(whole)
    if len(parts) < LEAST_PARTS:
        return None
    parts.sort(key=lambda part: -part.length)
    shown, rest = parts[:SHOWN], parts[SHOWN:]
    if len({(part.name, part.label) for part in shown}) < len(shown):
        return None  # the names would not say which is which
    longest = shown[0].length
    lines = [
        Part(part.name, part.label, part.href, part.length // 8, part.size, _bar(part, longest))
        for part in shown
    ]
    if rest:
        octets = sum(part.length for part in rest) // 8
        lines.append(Part("", "", "", octets, size(octets), max(1, BAR * octets * 8 // longest)))
    return Breakdown(whole.name, whole.size, tuple(lines), len(rest))


def _bar(part: Item, longest: int) -> int:
    return max(1, BAR * part.length // longest)


def _meant(tree: Item) -> Item:
    """The selected field; of one that holds a length, the field behind it."""
    for parent, at in _walk(tree):
        child = parent.children[at]
        if child.selected:
            behind = parent.children[at + 1 :]
            return behind[0] if child.name.endswith(_LENGTHS) and behind else child
    return tree


def _walk(item: Item) -> Iterator[tuple[Item, int]]:
    for at, child in enumerate(item.children):
        yield item, at
        yield from _walk(child)


def _parts(whole: Item) -> list[Item]:
    """Parts that are worth a line each: the largest one is taken apart again and again."""
    parts = [whole]
    while len(parts) < MOST_PARTS:
        largest = max((part for part in parts if _opens(part, whole)), key=_length, default=None)
        if largest is None:
            break
        at = parts.index(largest)
        parts[at : at + 1] = [child for child in largest.children if child.length]
    return parts


def _length(item: Item) -> int:
    return item.length


def _opens(part: Item, whole: Item) -> bool:
    """Whether its parts say more than it does: not where they are numbers in a row."""
    inner = [child for child in part.children if child.length]
    if sum(child.length for child in inner) != part.length:
        return False  # bits, or parts that lie on each other
    if part is whole:
        return True
    if not inner or part.name in _WHOLE:
        return False
    largest = max(map(_length, inner))
    is_envelope = largest >= part.length * 0.9
    return largest >= _TOLD * 8 and (is_envelope or part.length >= whole.length * _OPENED)
