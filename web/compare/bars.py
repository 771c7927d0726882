"""Bars: the stages of several traces over each other, aligned by stage or over one time.

Aligned by stage, each stage begins at the same place in every row, and the shorter ones are filled
up with a line. Over time, every row begins at zero. On one scale a length means the same
time in all rows; else every row is as long as the others, and a length is a share of its own.
Places are percentages, as the page is as wide as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.figures import duration
from netcore.timeline import StageSpan
from netcore.trace import STAGES
from web import words
from web.compare.sides import Side
from web.phrases import STAGE_SHORT, stage_layer
from web.spoken import figure
from web.spoken import gettext as _

LEAST = 3.0  # percent, for a stage however short, and for a column in which nothing took time
CHARACTER = 0.68  # percent of the bar that a letter takes, on a screen of 1,024 pixels
WIDE_CHARACTER = 0.53  # on one of 1,440
SHOWN_STAGES = 60

Column = tuple[int, str]
"""Request and stage."""


@dataclass(frozen=True)
class Bar:
    """A stage in a row, or the line that fills it up."""

    css: str
    x: float  # percent
    width: float
    label: str
    title: str
    time: str = ""  # behind the label, where a wide screen has room for both
    stage: str = ""


@dataclass(frozen=True)
class Cell:
    """What the table says of a stage of one side."""

    time: str  # "" where it is not there
    why: str  # then the reason
    minus: str = ""  # how much longer than the first side, with its sign
    is_failed: bool = False


@dataclass(frozen=True)
class StageRow:
    """A stage in the table."""

    title: str
    layer: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Aligned:
    """The bars of all sides, in order, and the same as a table."""

    bars: tuple[tuple[Bar, ...], ...]
    rows: tuple[StageRow, ...]
    more: int  # stages that are not shown


def aligned(sides: Sequence[Side], *, by_time: bool, same_scale: bool) -> Aligned:
    """The stages of the sides."""
    spans = [{(s.hop, s.name): s for s in side.account.stages if _shown(s)} for side in sides]
    columns = _columns(spans)
    shown = columns[:SHOWN_STAGES]
    units = [_unit(sides, side, same_scale=same_scale) for side in sides]
    make = _over_time if by_time else _by_stage
    bars = make(sides, spans, shown, units)
    many = len({hop for hop, _name in columns}) > 1
    rows = tuple(_row(sides, spans, column, many=many) for column in shown)
    return Aligned(tuple(bars), rows, len(columns) - len(shown))


def _shown(span: StageSpan) -> bool:
    return span.name != "target" or bool(span.error)


def _columns(spans: Sequence[dict[Column, StageSpan]]) -> list[Column]:
    found = {column for each in spans for column in each}
    return sorted(found, key=lambda column: (column[0], STAGES.index(column[1])))


def _unit(sides: Sequence[Side], side: Side, *, same_scale: bool) -> int:
    """How many nanoseconds a row is long."""
    totals = [max(1, each.total_ns) for each in sides]
    return max(totals) if same_scale else max(1, side.total_ns)


def _length(side: Side, span: StageSpan) -> int:
    end = side.total_ns if span.end_ns is None else span.end_ns
    return max(0, end - span.start_ns)


def _by_stage(
    sides: Sequence[Side],
    spans: Sequence[dict[Column, StageSpan]],
    columns: Sequence[Column],
    units: Sequence[int],
) -> list[tuple[Bar, ...]]:
    shares = [
        [
            _length(side, own[column]) / unit * 100 if column in own else 0.0
            for side, own, unit in zip(sides, spans, units, strict=True)
        ]
        for column in columns
    ]
    widths = [max(LEAST, *each) for each in shares]
    scale = 100 / (sum(widths) or 1)
    found: list[tuple[Bar, ...]] = []
    for at, side in enumerate(sides):
        x, row = 0.0, []
        for column, each, width in zip(columns, shares, widths, strict=True):
            span = spans[at].get(column)
            row += _filled(side, column, span, x, min(width, max(LEAST, each[at])), width, scale)
            x += width * scale
        found.append(tuple(row))
    return found


def _filled(
    side: Side,
    column: Column,
    span: StageSpan | None,
    x: float,
    own: float,
    width: float,
    scale: float,
) -> list[Bar]:
    """A stage and what fills its column up, or the empty box of one that is not there."""
    if span is None:
        title = f"{words.stage(column[1]).title}: {why_absent(side, column)}"
        return [Bar("none", round(x, 2), round(width * scale, 2), "", title)]
    bar = _bar(side, span, x, own * scale)
    rest = (width - own) * scale
    pad = Bar("pad", round(x + own * scale, 2), round(rest, 2), "", "")
    return [bar, pad] if rest > 0.3 else [bar]


def _over_time(
    sides: Sequence[Side],
    spans: Sequence[dict[Column, StageSpan]],
    columns: Sequence[Column],
    units: Sequence[int],
) -> list[tuple[Bar, ...]]:
    return [
        tuple(
            _bar(
                side,
                own[column],
                own[column].start_ns / unit * 100,
                max(0.3, _length(side, own[column]) / unit * 100),
            )
            for column in columns
            if column in own
        )
        for side, own, unit in zip(sides, spans, units, strict=True)
    ]


def _bar(side: Side, span: StageSpan, x: float, width: float) -> Bar:
    title = words.stage(span.name).title
    time = duration(_length(side, span))
    css = f"bar L-{stage_layer(span.name, side.account.stages)}"
    css += " wait" if span.name == "waiting" else ""
    css += " failed" if span.error else ""
    css += " running" if span.end_ns is None else ""
    names = (title, STAGE_SHORT.get(span.name, title))
    label = next((name for name in names if len(name) * CHARACTER + 1.6 <= width), "")
    both = len(f"{label} {time}") * WIDE_CHARACTER + 1.6 <= width
    width = min(width, 100 - min(x, 99.7))
    return Bar(
        css=css,
        x=round(x, 2),
        width=round(width, 2),
        label=label,
        title=f"{title}, {time}",
        time=figure(time) if label and both else "",
        stage=span.name,
    )


def _row(
    sides: Sequence[Side],
    spans: Sequence[dict[Column, StageSpan]],
    column: Column,
    *,
    many: bool,
) -> StageRow:
    title = words.stage(column[1]).title
    if many:
        title = _("%(stage)s, request %(number)s", stage=title, number=column[0])
    first = spans[0].get(column)
    base = _length(sides[0], first) if first else None
    cells = []
    for at, side in enumerate(sides):
        span = spans[at].get(column)
        if span is None:
            cells.append(Cell("", why_absent(side, column)))
            continue
        length = _length(side, span)
        minus = signed(length - base) if at and base is not None else ""
        cells.append(Cell(duration(length), "", minus, bool(span.error)))
    return StageRow(title, stage_layer(column[1], spans[0].values()), tuple(cells))


def signed(difference_ns: int) -> str:
    """A difference of times with its sign."""
    if not difference_ns:
        return "±0 ms"
    return f"{'+' if difference_ns > 0 else '−'}{duration(abs(difference_ns))}"


def why_absent(side: Side, column: Column) -> str:
    """Why a stage is not there, in words."""
    hop, stage = column
    if side.standing.live:
        return str(_("not yet reached"))
    if side.account.failure:
        return str(_("not reached"))
    if hop > max(side.account.requests, 1):
        return str(_("not needed: there was no request %(number)s", number=hop))
    reasons = {
        "looked up before": _("not needed: the address was known from the fetch before"),
        "given": _("not needed: the address was given to us"),
        "address": _("not needed: the address stood in the URL, or was known"),
        "quic": _("not needed: QUIC connects and carries TLS in one handshake"),
        "kept": _("not needed: a connection was there already"),
        "plain": _("not needed: plain HTTP has no TLS"),
        "tcp": _("not needed: this fetch went over TCP"),
    }
    return str(reasons.get(side.account.why_absent.get(stage, ""), _("not part of this fetch")))
