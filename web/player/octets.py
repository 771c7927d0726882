"""Octets: a few rows of a unit, large, with the names of the fields written under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netcore.field import Field
from web.fieldtree import Path, Run, rows

CELL = 15.6  # the width of a character of the octets, in pixels of the slide
LEFT = 92.0  # where the first octet stands
ROW = 40  # the height of a row of octets
LEVEL = 24  # the height of a row of names
LEVELS = 3


@dataclass(frozen=True)
class Room:
    """What a strip has room for."""

    columns: int  # octets of a row
    rows: int
    width: int
    name: float  # the width of a character of a name

    @property
    def text_left(self) -> float:
        """Where the text of a row stands."""
        return LEFT + (3 * self.columns + 1.5) * CELL


WIDE = Room(16, 2, 1_216, 11.0)
NARROW = Room(8, 4, 620, 13.4)


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
    """Sixteen octets, eight where it is narrow."""

    y: float
    digits: str
    runs: tuple[StripRun, ...]
    text: tuple[StripRun, ...]
    names: tuple[StripName, ...]


@dataclass(frozen=True)
class OctetStrip:
    """A few rows of octets as shapes."""

    width: int
    height: float
    rows: tuple[StripRow, ...]
    said: str  # the octets of these rows and the selected field, for those who hear it
    shown: int  # octets
    more: int  # octets of the unit that are not shown


def octet_strip(
    octets: bytes, keyed: Mapping[str, Path], selected: Field | None, room: Room = WIDE
) -> OctetStrip:
    """The rows of a unit around a field.

    Args:
        octets: of the unit.
        keyed: its fields by their keys, see `web.fieldtree`.
        selected: the field that is shown, None for the unit as a whole.
        room: of the strip.
    """
    at = min(selected.start // 8, max(0, len(octets) - 1)) if selected is not None else 0
    first = at // room.columns * room.columns
    last = min(len(octets), first + room.columns * room.rows)
    met: set[str] = set()
    y = 0.0
    drawn: list[StripRow] = []
    for row in rows(octets, keyed, first, last, selected, width=room.columns):
        runs = _placed(row.hex, LEFT, 3, room)
        text = _placed(row.text, room.text_left, 1, room)
        keys = [run.key for half in row.hex for run in half]
        names = _names(runs, _texts(keys, keyed, met), y + ROW, room)
        drawn.append(StripRow(y, row.digits, runs, text, names))
        y += ROW + (max((name.y for name in names), default=y + ROW) - y - ROW) + 12
    said = octets[first:last].hex(" ")
    shown = last - first
    return OctetStrip(room.width, y, tuple(drawn), said, shown, len(octets) - shown)


def _placed(
    halves: tuple[tuple[Run, ...], ...], left: float, step: int, room: Room
) -> tuple[StripRun, ...]:
    """Runs side by side; between the halves of octets is a wider gap."""
    placed: list[StripRun] = []
    for half, runs in enumerate(halves):
        x = left + half * (room.columns // 2 * step + (0.5 if step > 1 else 0)) * CELL
        for run in runs:
            width = len(run.text) * CELL
            placed.append(StripRun(run.css, round(x, 1), round(width, 1), run.text))
            x += width + (CELL if step > 1 else 0)
    return tuple(placed)


def _texts(keys: Sequence[str], keyed: Mapping[str, Path], met: set[str]) -> list[str]:
    """The name of each run's field; "" for one whose field was met before.

    A name stands at the first octets of its field that are shown, or nowhere: under later ones
    it would say that the field begins there.
    """
    texts: list[str] = []
    for key in keys:
        texts.append(keyed[key][-1].name if key and key not in met else "")
        met.add(key)
    return texts


def _names(
    runs: tuple[StripRun, ...], texts: Sequence[str], bottom: float, room: Room
) -> tuple[StripName, ...]:
    """Names that do not cover each other nor a line that leads to one below.

    The selected field's is placed first, then from the right to the left: a line that leads to a
    lower name then passes to the left of those above. One that has room at no level is left out.
    """
    levels: list[list[StripName]] = [[] for _ in range(LEVELS)]
    order = sorted(range(len(runs)), key=lambda at: ("sel" not in runs[at].css, -at))
    for run, text in ((runs[at], texts[at]) for at in order if texts[at]):
        css = "octet-name sel" if "sel" in run.css else "octet-name"
        x = round(min(run.x, room.width - len(text) * room.name), 1)
        for level, others in enumerate(levels):
            y = bottom + 22 + level * LEVEL
            name = StripName(css, x, y, text, run.x + 6, bottom - 3)
            below = [each for names in levels[level + 1 :] for each in names]
            above = [each for names in levels[:level] for each in names]
            if (
                not any(_touch(name, other, room) for other in others)
                and not any(_leads_through(other, name, room) for other in below)
                and not any(_leads_through(name, other, room) for other in above)
            ):
                others.append(name)
                break
    return tuple(name for names in levels for name in names)


def _end(name: StripName, room: Room) -> float:
    return name.x + len(name.text) * room.name


def _touch(one: StripName, other: StripName, room: Room) -> bool:
    """Whether two names of a level stand too near to each other."""
    return one.x < _end(other, room) + 12 and other.x < _end(one, room) + 12


def _leads_through(name: StripName, above: StripName, room: Room) -> bool:
    """Whether the line that leads to a name would run through one of a level above."""
    return above.x - 4 <= name.from_x <= _end(above, room) + 4
