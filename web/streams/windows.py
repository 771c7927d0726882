"""Flow-control windows as graphs: what a side could still send, frame by frame or over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netcore.dissect.http2 import DATA
from netcore.figures import duration, size
from netcore.http2.windows import INITIAL, Point
from web import words
from web.addresses import unit_href
from web.facts import Raw, clean
from web.spoken import figure, ngettext, number
from web.spoken import gettext as _
from web.streams.marks import moment_ns
from web.tale import Tale
from web.titles import unit_title

WIDTH, HEIGHT = 520, 168
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 26, 24  # pixels around the graph itself
DRAWN_POINTS = 400  # of one graph; more are thinned out, their lowest kept
MARKED_POINTS = 60  # of one graph, up to which each frame has its dot
SHOWN_ROWS = 200
_DWARFED = 10  # times as much as most of the others


@dataclass(frozen=True)
class Dot:
    """A frame that moved a window."""

    d: str
    css: str  # "spent", "granted" or "wrong"
    href: str
    label: str


@dataclass(frozen=True)
class Graph:
    """One window: a stream's or the connection's, in one direction."""

    title: str
    line: str
    area: str
    zero: float  # where 0 is, in pixels from the top
    top: str  # the most, as a label
    low: str  # the least
    low_x: float
    low_y: float
    dots: tuple[Dot, ...]
    ends: tuple[str, str]  # labels of the axis
    what: words.Text
    rows: tuple[Row, ...]
    more: int  # rows that are not listed


@dataclass(frozen=True)
class Row:
    """The same frame in a table."""

    time: str
    frame: str
    href: str
    change: str
    window: str
    error: str


def graph(
    title: str,
    points: Sequence[Point],
    tale: Tale,
    base: str,
    *,
    span: tuple[int, int] | None,
    whose: str,
) -> Graph:
    """The graph of one window.

    In: `points`, the frames that moved it; `base`, the path of the trace; `span`, the first and
    the last moment that the width shows, None where it shows frames; `whose`, "client" or
    "server": who spends it.
    """
    moments = [moment_ns(point.frame, tale) for point in points]
    start = points[0].window - points[0].change if points else INITIAL
    values = [start, *(point.window for point in points)]
    xs = _places(moments, span)
    most = _most_drawn(values)
    scale = _Scale(min(0, *values), most)
    line = _line(start, [(x, point.window) for x, point in zip(xs, points, strict=True)], scale)
    zero = scale.y(0)
    marked = list(zip(xs, points, strict=True)) if len(points) <= MARKED_POINTS else []
    least = min(values)
    return Graph(
        title=title,
        line=line,
        area=f"{line}V{zero}H{LEFT}Z",
        zero=zero,
        top=_top(max(values), most),
        low=figure(f"{least:,}") if least != max(values) else "",
        low_x=min([LEFT, *xs][values.index(least)], WIDTH - 90),
        low_y=scale.y(least),
        dots=tuple(_dot(x, point, scale, tale, base) for x, point in marked),
        ends=_ends(moments, span),
        what=words.streams("window", _facts(points, start, whose)).what,
        rows=tuple(_row(point, tale, base) for point in points[:SHOWN_ROWS]),
        more=max(0, len(points) - SHOWN_ROWS),
    )


def _top(highest: int, drawn: int) -> str:
    shown = figure(f"{highest:,}")
    if highest <= drawn:
        return shown
    return _("%(octets)s, drawn up to %(most)s", octets=shown, most=f"{drawn:,}")


def _most_drawn(values: Sequence[int]) -> int:
    """The largest window that is drawn to scale.

    A window that the first SETTINGS cut from 65,535 to 500 would be a line at the bottom after
    that: where one value dwarfs most of the others, those are what is drawn.
    """
    usual = sorted(values)[len(values) * 3 // 4]
    return usual * 5 // 4 if 0 < usual * _DWARFED < max(values) else max(1, *values)


class _Scale:
    """From octets to pixels from the top. What is above the most stands at the upper edge."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._pixels = (HEIGHT - TOP - BOTTOM) / (most - least)

    def y(self, window: int) -> float:
        drawn = min(window, self._most) - self._least
        return round(HEIGHT - BOTTOM - drawn * self._pixels, 1)


def _places(moments: Sequence[int], span: tuple[int, int] | None) -> list[float]:
    """Where each frame stands, in pixels from the left."""
    room = WIDTH - LEFT - RIGHT
    if span is None:
        step = room / (len(moments) + 1)
        return [round(LEFT + step * (at + 1), 1) for at in range(len(moments))]
    first, length = span[0], max(1, span[1] - span[0])
    # A little room on both sides, where the window is as it was.
    return [round(LEFT + 24 + (at - first) / length * (room - 48), 1) for at in moments]


def _line(start: int, points: Sequence[tuple[float, int]], scale: _Scale) -> str:
    """Steps: a window stays as it is until a frame moves it."""
    d = f"M{LEFT} {scale.y(start)}"
    every = -(-len(points) // DRAWN_POINTS) or 1
    for at in range(0, len(points), every):
        x, window = min(points[at : at + every], key=lambda point: point[1])
        d += f"H{x}V{scale.y(window)}"
    if points:
        d += f"V{scale.y(points[-1][1])}"
    return f"{d}H{WIDTH - RIGHT}"


def _dot(x: float, point: Point, scale: _Scale, tale: Tale, base: str) -> Dot:
    y = scale.y(point.window)
    if point.error:
        css, d = "wrong", f"M{x - 5} {y - 5}l10 10m0 -10l-10 10"
    elif point.change < 0 and point.frame.header.type != DATA:
        css, d = "granted", f"M{x - 6} {y - 5}L{x} {y + 6}L{x + 6} {y - 5}z"
    elif point.change < 0:
        css, d = "spent", f"M{x - 5} {y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z"
    else:
        css, d = "granted", f"M{x - 6} {y + 5}L{x} {y - 6}L{x + 6} {y + 5}z"
    label = _(
        "%(frame)s: %(change)s, %(window)s left",
        frame=clean(unit_title(point.frame.pdu)),
        change=_signed(point.change),
        window=f"{point.window:,}",
    )
    return Dot(d, css, unit_href(point.frame.pdu, tale, base), label)


def _signed(change: int) -> str:
    return number(f"{change:+,}").replace("-", "−")


def _ends(moments: Sequence[int], span: tuple[int, int] | None) -> tuple[str, str]:
    """What is written at both ends of the axis."""
    if span is not None:
        return duration(span[0]), duration(span[1])
    if not moments:
        return "", ""
    count = f"{len(moments):,}"
    return "", ngettext("%(count)s frame", "%(count)s frames", len(moments), count=count)


def _row(point: Point, tale: Tale, base: str) -> Row:
    return Row(
        time=duration(moment_ns(point.frame, tale)),
        frame=clean(unit_title(point.frame.pdu)),
        href=unit_href(point.frame.pdu, tale, base),
        change=_signed(point.change) if point.change else _("begins"),
        window=number(f"{point.window:,}").replace("-", "−"),
        error=point.error,
    )


def _facts(points: Sequence[Point], start: int, whose: str) -> Mapping[str, Raw]:
    data = [point for point in points if point.frame.header.type == DATA and point.change]
    spent = -sum(point.change for point in data)
    left = min((point.window for point in data), default=start)
    return {
        "whose": whose,
        "start_size": size(start),
        "spent": spent,
        "spent_size": size(spent),
        "granted_size": size(sum(max(0, point.change) for point in points)),
        "least": left,  # behind DATA
        "least_size": size(max(0, left)),
        "frames": len(data),
        "errors": sum(bool(point.error) for point in points),
    }
