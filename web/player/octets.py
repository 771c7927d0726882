"""Octets: a few rows of a unit, large, with the names of the fields written under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from netcore.field import Field
from web.fieldtree import Path, Run, rows

CELL = 15.6  # the width of a character of the octets, in pixels of the slide
LEFT = 92.0  # where the first octet stands
TEXT_LEFT = LEFT + 49.5 * CELL
NAME = 11.0  # the width of a character of a name
ROW = 40  # the height of a row of octets
LEVEL = 24  # the height of a row of names
LEVELS = 2
WIDTH = 1_216
SHOWN_ROWS = 2


@dataclass(frozen=True)
class StripRun:
    """Neighbouring octets of one field, or their text."""

    css: str
    x: float
    width: float
    text: str


@dataclass(frozen=True)
class StripName:
    """The name of a field, under its octets."""

    css: str
    x: float
    y: float
    text: str
    from_x: float  # what its line leads down from
    from_y: float


@dataclass(frozen=True)
class StripRow:
    """Sixteen octets."""

    y: float
    digits: str
    runs: tuple[StripRun, ...]
    text: tuple[StripRun, ...]
    names: tuple[StripName, ...]


@dataclass(frozen=True)
class OctetStrip:
    """A few rows of octets as shapes."""

    height: float
    rows: tuple[StripRow, ...]
    said: str  # the octets of these rows and the selected field, for those who hear it
    more: int  # octets of the unit that are not shown


def octet_strip(octets: bytes, keyed: Mapping[str, Path], selected: Field | None) -> OctetStrip:
    """The rows of a unit around a field.

    Args:
        octets: of the unit.
        keyed: its fields by their keys, see `web.fieldtree`.
        selected: the field that is shown, None for the unit as a whole.
    """
    at = min(selected.start // 8, max(0, len(octets) - 1)) if selected is not None else 0
    first = at // 16 * 16
    last = min(len(octets), first + 16 * SHOWN_ROWS)
    # A name stands once, at the first octets of its field.
    named: set[str] = set()
    y = 0.0
    drawn: list[StripRow] = []
    for row in rows(octets, keyed, first, last, selected):
        runs = _placed(row.hex, LEFT, 3)
        text = _placed(row.text, TEXT_LEFT, 1)
        keys = [run.key for half in row.hex for run in half]
        names = _names(runs, keys, keyed, named, y + ROW)
        drawn.append(StripRow(y, row.digits, runs, text, names))
        y += ROW + (max((name.y for name in names), default=y + ROW) - y - ROW) + 12
    said = octets[first:last].hex(" ")
    return OctetStrip(y, tuple(drawn), said, len(octets) - (last - first))


def _placed(halves: tuple[tuple[Run, ...], ...], left: float, step: int) -> tuple[StripRun, ...]:
    """Runs side by side; between the halves of octets is a wider gap."""
    placed: list[StripRun] = []
    for half, runs in enumerate(halves):
        x = left + half * (8 * step + (0.5 if step > 1 else 0)) * CELL
        for run in runs:
            width = len(run.text) * CELL
            placed.append(StripRun(run.css, round(x, 1), round(width, 1), run.text))
            x += width + (CELL if step > 1 else 0)
    return tuple(placed)


def _names(
    runs: tuple[StripRun, ...],
    keys: list[str],
    keyed: Mapping[str, Path],
    named: set[str],
    bottom: float,
) -> tuple[StripName, ...]:
    """Names that do not cover each other; the selected field's is placed first."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LEVELS)]
    order = sorted(range(len(runs)), key=lambda at: "sel" not in runs[at].css)
    placed: list[StripName] = []
    for at in order:
        run, key = runs[at], keys[at]
        if not key or key in named:
            continue
        text = keyed[key][-1].name
        x = min(run.x, WIDTH - len(text) * NAME)
        ends = (x - 6, x + len(text) * NAME + 6)
        for level, others in enumerate(taken):
            if all(ends[1] <= low or ends[0] >= high for low, high in others):
                others.append(ends)
                named.add(key)
                css = "octet-name sel" if "sel" in run.css else "octet-name"
                y = bottom + 22 + level * LEVEL
                placed.append(StripName(css, round(x, 1), y, text, run.x + 6, bottom - 3))
                break
    return _apart(tuple(placed))


def _apart(names: tuple[StripName, ...]) -> tuple[StripName, ...]:
    """Lines that would run through a name of the level above are left out."""
    high = [name for name in names if name.y == min((each.y for each in names), default=0)]
    return tuple(
        replace(name, from_y=0)
        if name not in high
        and any(h.x - 4 <= name.from_x <= h.x + len(h.text) * NAME + 4 for h in high)
        else name
        for name in names
    )
