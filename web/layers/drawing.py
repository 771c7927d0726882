"""Drawing: one direction as rows over a ruler of octets, in pixels.

A piece that would be narrower than a few pixels is not drawn alone: neighbours become one run that
says how many they are. If there are still too many marks, wider ones become runs too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise

from netcore.boundaries import Part, Row, Strip, Unit
from web.layers.asked import Asked, Window
from web.layers.naming import Namer, key, layer
from web.spoken import gettext as _
from web.spoken import ngettext

MARK_BUDGET = 150  # of a strip: a page has two
ROW, GAP, TOP, RULER = 34, 10, 6, 26  # pixels
_LEAST, _RUN = 3.0, 64.0  # pixels of a mark that is drawn alone; of a run at most
_TOUCH = 1.0  # pixels between pieces of one unit that nobody sees
_CHARACTER, _INSET = 6.7, 5  # pixels
_TICK = 110  # pixels between ticks at least


@dataclass(frozen=True)
class DrawnUnit:
    """A unit as one link with its pieces, or a run of units."""

    id: str
    css: str
    href: str
    label: str  # for those who hear it
    d: str  # of what is drawn at full height
    low: str  # of headers and trailers, at half of it
    text: str
    text_x: float
    text_y: float


@dataclass(frozen=True)
class DrawnRow:
    """A row with its name."""

    name: str
    note: str
    y: float
    units: tuple[DrawnUnit, ...]


@dataclass(frozen=True)
class Tick:
    """A place on the ruler."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Band:
    """A range of the selection, through all rows."""

    x: float
    width: float


@dataclass(frozen=True)
class Drawing:
    """A strip."""

    width: int
    height: int
    rows: tuple[DrawnRow, ...]  # the upper ones first
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    torn: bool  # whether more crossed behind the right end than was kept
    collapsed: int  # units that stand in runs

    @property
    def floor(self) -> int:
        """Where the rows end and the ruler begins."""
        return self.height - RULER


@dataclass
class _Shape:
    """Pieces of one unit, or of several that are too narrow."""

    units: list[Unit]
    spans: list[tuple[float, float]]
    low: list[tuple[float, float]] = field(default_factory=list)
    octets: Window = (0, 0)


_Whole = tuple[Unit, list[Part], float, float]
"""Pieces of a unit that look like one, with the pixels where they begin and end."""


class _Scale:
    """From octets to pixels."""

    def __init__(self, window: Window, width: int) -> None:
        self.start, self.end = window
        self.factor = width / max(1, self.end - self.start)

    def x(self, octet: int) -> float:
        if octet <= self.start:
            return 0.0
        return (min(octet, self.end) - self.start) * self.factor


def draw(strip: Strip, asked: Asked, names: Namer, chosen: Unit | None) -> Drawing:
    """A strip in the range that is asked for. In: the selected unit, if it is of this strip."""
    window = asked.window(strip.direction, strip.octets)
    scale = _Scale(window, asked.width)
    rows = [(row, row.cover(*window)) for row in strip.rows]
    shaped = _within_budget(rows, scale, chosen)
    height = TOP + len(rows) * (ROW + GAP) + RULER
    bands = _bands(chosen, scale) if chosen else ()
    drawn = []
    for at, (row, shapes) in enumerate(zip(strip.rows, shaped, strict=True)):
        y = height - RULER - (at + 1) * (ROW + GAP) + GAP / 2
        pen = _Pen(row, strip, asked, names, chosen, y, bands)
        units = tuple(pen.drawn(shape) for shape in shapes)
        note = f"{len(row.units):,}"
        drawn.append(DrawnRow(names.row(row, strip.direction), note, y, units))
    return Drawing(
        width=asked.width,
        height=height,
        rows=tuple(reversed(drawn)),
        ticks=tuple(_ticks(scale, asked.width)),
        bands=bands,
        torn=bool(strip.missing) and window[1] == strip.octets,
        collapsed=sum(len(s.units) for shapes in shaped for s in shapes if len(s.units) > 1),
    )


def _within_budget(
    rows: Sequence[tuple[Row, Sequence[tuple[Part, Unit]]]], scale: _Scale, chosen: Unit | None
) -> list[list[_Shape]]:
    """The shapes of each row, with the least width at which they are few enough."""
    merged = [(_chosen_in(row, chosen), list(_whole(pieces, scale))) for row, pieces in rows]
    for doubling in count():
        least = _LEAST * 2**doubling
        found = [_shapes(whole, scale, least, number) for number, whole in merged]
        if sum(map(len, found)) <= MARK_BUDGET:
            break
    return found


def _chosen_in(row: Row, chosen: Unit | None) -> int:
    """The number of the selected unit, if it is of this row; else 0."""
    if chosen is None or not any(row.units[chosen.number - 1 : chosen.number]):
        return 0
    return chosen.number if row.units[chosen.number - 1] is chosen else 0


def _shapes(whole: Sequence[_Whole], scale: _Scale, least: float, chosen: int) -> list[_Shape]:
    """Marks and runs of one row, from left to right."""
    marks: dict[int, _Shape] = {}
    found: list[_Shape] = []
    run: _Shape | None = None
    longest = max(_RUN, 2 * least)
    for unit, parts, left, right in whole:
        if right - left >= least or unit.number == chosen:
            run = None
            mark = marks.get(unit.number)
            if mark is None:
                mark = marks[unit.number] = _Shape([unit], [])
                found.append(mark)
            _add(mark, parts, scale)
            continue
        begins = run is None or right - run.spans[0][0] > longest
        if run is None or begins:
            run = _Shape([], [(left, right)], octets=(parts[0].start, parts[-1].end))
            found.append(run)
        if not run.units or run.units[-1] is not unit:
            run.units.append(unit)
        run.spans = [(run.spans[0][0], right)]
        run.octets = (run.octets[0], parts[-1].end)
    return found


def _whole(pieces: Sequence[tuple[Part, Unit]], scale: _Scale) -> Iterator[_Whole]:
    """Pieces of one unit that follow each other without a gap that could be seen."""
    touch = _TOUCH / scale.factor
    parts: list[Part] = []
    before: Unit | None = None
    for part, unit in pieces:
        if before is not None and (unit is not before or part.start - parts[-1].end >= touch):
            yield before, parts, scale.x(parts[0].start), scale.x(parts[-1].end)
            parts = []
        parts.append(part)
        before = unit
    if before is not None:
        yield before, parts, scale.x(parts[0].start), scale.x(parts[-1].end)


def _add(mark: _Shape, parts: Sequence[Part], scale: _Scale) -> None:
    """Draw parts of a unit: those that are no payload at half of the height."""
    for part in parts:
        left, right = scale.x(part.start), scale.x(part.end)
        shapes = mark.spans if part.is_payload else mark.low
        if shapes and left - shapes[-1][1] < _TOUCH:
            shapes[-1] = (shapes[-1][0], right)
        else:
            shapes.append((left, right))


class _Pen:
    """Writes the marks of one row."""

    def __init__(
        self,
        row: Row,
        strip: Strip,
        asked: Asked,
        names: Namer,
        chosen: Unit | None,
        y: float,
        bands: Sequence[Band] = (),
    ) -> None:
        self._row, self._strip, self._asked, self._names = row, strip, asked, names
        self._chosen, self._y = chosen, y
        self._edges = sorted(x for band in bands for x in (band.x, band.x + band.width))

    def drawn(self, shape: _Shape) -> DrawnUnit:
        """A mark, or a run if there are several units in it."""
        return self._mark(shape) if len(shape.units) == 1 else self._run(shape)

    def _mark(self, shape: _Shape) -> DrawnUnit:
        unit = shape.units[0]
        number, event = key(unit)
        name = self._names.unit(unit, self._row, self._strip.direction)
        tint = "a" if unit.number % 2 else "b"
        on = " on" if unit is self._chosen else ""
        octets = f"{unit.octets:,}"
        sized = name if octets in name else f"{name}, {octets}"
        text, x = self._text(shape, (sized, name, octets))
        return DrawnUnit(
            id=f"u-{number}" if number else f"e-{event}",
            css=f"unit L-{layer(self._row, unit)} {tint}{on}",
            href=self._asked.selecting(number, event).query(),
            label=_(
                "%(name)s, %(octets)s bytes from offset %(start)s on",
                name=name,
                octets=f"{unit.octets:,}",
                start=f"{unit.start:,}",
            ),
            d=_path(shape.spans, self._y, ROW),
            low=_path(shape.low, self._y + ROW / 2, ROW / 2),
            text=text,
            text_x=x,
            text_y=self._y + ROW / 2 + 4,
        )

    def _run(self, shape: _Shape) -> DrawnUnit:
        units = len(shape.units)
        start, end = shape.octets
        label = ngettext(
            "%(units)s unit between offset %(start)s and offset %(end)s, too narrow here: zoom in",
            "%(units)s units between offset %(start)s and offset %(end)s, too narrow here: zoom in",
            units,
            units=f"{units:,}",
            start=f"{start:,}",
            end=f"{end:,}",
        )
        text, x = self._text(shape, (_("%(units)s units", units=f"{units:,}"), f"×{units:,}"))
        zoomed = self._asked.zoomed(self._strip.direction, shape.octets)
        return DrawnUnit(
            id=f"r-{self._strip.direction}-{self._row.name}-{start}",
            css=f"unit run L-{layer(self._row, shape.units[0])}",
            href=zoomed.query(),
            label=label,
            d=_path(shape.spans, self._y, ROW),
            low="",
            text=text,
            text_x=x,
            text_y=self._y + ROW / 2 + 4,
        )

    def _text(self, shape: _Shape, wanted: Sequence[str]) -> tuple[str, float]:
        """The first text that has room in the widest piece, and where it begins.

        The edges of the selection cut pieces: their lines would strike the text out.
        """
        pieces: list[tuple[float, float]] = []
        for left, right in shape.spans or shape.low:
            cuts = [left, *(x for x in self._edges if left < x < right), right]
            pieces.extend(pairwise(cuts))
        left, right = max(pieces, key=lambda each: each[1] - each[0])
        room = right - left - 2 * _INSET
        fits: Callable[[str], bool] = lambda text: len(text) * _CHARACTER <= room  # noqa: E731 (one line, used once)
        return next(filter(fits, wanted), ""), round(left + _INSET, 1)


def _path(spans: Sequence[tuple[float, float]], y: float, height: float) -> str:
    """Rectangles; one that would not be seen is made as wide as a pixel."""
    return "".join(
        f"M{left:.1f} {y:g}h{max(right - left - 0.8, 1.0):.1f}v{height:g}"
        f"h-{max(right - left - 0.8, 1.0):.1f}z"
        for left, right in spans
    )


def _bands(chosen: Unit, scale: _Scale) -> tuple[Band, ...]:
    spans: list[tuple[float, float]] = []
    for part in chosen.parts:
        if part.end <= scale.start or part.start >= scale.end:
            continue
        left, right = scale.x(part.start), scale.x(part.end)
        if spans and left - spans[-1][1] < _TOUCH:
            spans[-1] = (spans[-1][0], right)
        else:
            spans.append((left, right))
    return tuple(Band(round(left, 1), round(max(right - left, 2), 1)) for left, right in spans)


def _ticks(scale: _Scale, width: int) -> Iterator[Tick]:
    """Round numbers of octets, in powers of two."""
    octets = scale.end - scale.start
    step = 1
    while step * width < _TICK * octets:
        step *= 2
    first = -(-scale.start // step) * step
    for octet in range(first, scale.end + 1, step):
        x = scale.x(octet)
        anchor = "start" if x < 20 else "end" if x > width - 30 else "middle"
        yield Tick(round(x, 1), f"{octet:,}", anchor)
