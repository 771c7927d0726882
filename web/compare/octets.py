"""Octets: two units beside each other, with what differs between them marked.

Fields are compared with fields of the same name at the same place in the tree, not octets with
octets: so a longer name in front does not make all behind it look different.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from netcore.field import Field
from netcore.pdu import Pdu, octets_of
from netcore.pdus import Explanation
from web.fieldtree import Path, Run, paths, rows

SHOWN = 768  # octets of each unit

Place = tuple[tuple[str, int], ...]
"""The names from the root to a field, each with its number among those of its parent."""


@dataclass(frozen=True)
class Piece:
    """Octets in a row of one field that all differ, or none of them."""

    text: str
    differs: bool


@dataclass(frozen=True)
class PairedRun:
    """Neighbouring octets of one field in half of a row."""

    css: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class PairedRow:
    """Sixteen octets: two halves in hex, and the same as text."""

    digits: str
    hex: tuple[tuple[PairedRun, ...], ...]
    text: tuple[tuple[PairedRun, ...], ...]


def leaves(tree: Field) -> dict[Place, Field]:
    """The leaves of a tree by their places."""
    found: dict[Place, Field] = {}

    def visit(field: Field, place: Place) -> None:
        if not field.children:
            found[place] = field
        seen: Counter[str] = Counter()
        for child in field.children:
            seen[child.name] += 1
            visit(child, (*place, (child.name, seen[child.name])))

    visit(tree, ())
    return found


def differing(one: tuple[Pdu, Field], other: tuple[Pdu, Field]) -> set[int]:
    """The octets of the first unit that are not so in the other. In: units and their trees."""
    pdu, tree = one
    theirs = leaves(other[1])
    found: set[int] = set()
    for place, field in leaves(tree).items():
        own = octets_of(pdu, field)
        twin = theirs.get(place)
        start = field.start // 8
        if twin is None or len(there := octets_of(other[0], twin)) != len(own):
            found.update(range(start, start + len(own)))
        elif field.length % 8 or field.start % 8:
            found.update(range(start, start + len(own)) if field.value != twin.value else ())
        else:
            found.update(start + at for at, octet in enumerate(own) if octet != there[at])
    return found


def marked_in(trees: Sequence[tuple[Pdu, Field] | None], at: int) -> set[int]:
    """The octets of a unit that differ: from the first of its kind, of that one from any other.

    In: `trees`, a unit with its tree for each side that has one; `at`, the place of the unit.
    """
    own = trees[at]
    if own is None:
        return set()
    same = [
        (place, each) for place, each in enumerate(trees) if each and each[0].name == own[0].name
    ]
    others = [each for _, each in same[1:]] if same[0][0] == at else [same[0][1]]
    return set().union(*(differing(own, other) for other in others))


def paired_rows(pdu: Pdu, explanation: Explanation, marked: set[int]) -> tuple[PairedRow, ...]:
    """The rows of a unit. In: `marked`, the octets that differ."""
    keyed: dict[str, Path] = paths(explanation.tree(pdu))
    last = min(len(pdu.octets), SHOWN)
    return tuple(
        PairedRow(
            row.digits,
            tuple(_runs(half, row.offset + 8 * at, marked, " ") for at, half in enumerate(row.hex)),
            tuple(_runs(half, row.offset + 8 * at, marked, "") for at, half in enumerate(row.text)),
        )
        for row in rows(pdu.octets, keyed, 0, last, None)
    )


def _runs(
    half: tuple[Run, ...], start: int, marked: set[int], between: str
) -> tuple[PairedRun, ...]:
    found = []
    for run in half:
        parts = run.text.split(between) if between else list(run.text)
        cut = groupby(enumerate(parts, start=start), key=lambda each: each[0] in marked)
        pieces = [Piece(between.join(text for _, text in group), flag) for flag, group in cut]
        found.append(PairedRun(run.css, tuple(pieces)))
        start += len(parts)
    return tuple(found)
