"""Timed: the timeline in Time mode as shapes: width is time, and a slope is a way through the net.

Theory of operation. Flights have two ends, one of them assumed (`flights`). One scale (`folding`)
makes pixels of time for all there is. What stands closer than 14 pixels is a bundle (`bundles`).
Names are placed last and greedily: what would cover another is left out, and its mark can still be
pointed at, focused and heard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from netcore.figures import duration
from netcore.timeline import Lane, Timeline
from web.both_ends import measured
from web.drawing.axis import draw_folds, gap_text, ticks
from web.drawing.bundles import Strand
from web.drawing.density import divide, draw_sums
from web.drawing.flights import Flight
from web.drawing.flown import Flown
from web.drawing.folding import Interval, Scale, fold
from web.drawing.links import NO_PAIRS, End, Pairs, draw_links
from web.drawing.pills import Pills, texts
from web.drawing.shapes import (
    MARK_BUDGET,
    NAMES,
    Drawing,
    DrawnFold,
    DrawnLane,
    DrawnMark,
    DrawnSum,
    Glyph,
    Label,
    Line,
    Pill,
    assumption,
    cross,
    css_of,
    is_arrow,
    lane_css,
    lane_places,
    lane_title,
    on_way,
    sign,
    tick,
    wide_names,
)
from web.drawing.stacks import Ends, Stacked, stacks
from web.facts import clean
from web.phrases import mark_label, why_lost
from web.spoken import gettext as _
from web.titles import title_said

TOP = 46.0  # the place of the first lane, under the axis
PAD = 14.0  # pixels before the first moment and after the last one
BESIDE_TICK = 7.0  # pixels that a key stands before its moment, often that of a message too
BEYOND = 30.0  # pixels that a line goes beyond the edge it is cut at

Zoom = Callable[[int, int], str]
"""The address of the drawing of a span in nanoseconds."""


@dataclass(frozen=True)
class Timed:
    """A drawing in Time mode, and what has to be said of it."""

    drawing: Drawing
    scale: Scale
    stretched: bool  # whether a slope is not to scale
    moved: bool  # whether an end was moved because order demands it
    unanswered: bool  # whether nothing came back after something that was sent


def time_scale(
    quiet: Sequence[Interval], window: Interval, width: int, reserve: float, *, folding: bool
) -> Scale:
    """The scale of a visible span.

    Args:
        quiet: the gaps of the trace.
        window: nanoseconds.
        width: of the drawing, in pixels.
        reserve: pixels at its end that stand for no time.
        folding: whether gaps are folded.
    """
    return fold(quiet, window, PAD, width - PAD - reserve, folding=folding)


def draw_time(
    timeline: Timeline,
    flown: Flown,
    scale: Scale,
    width: int,
    zoom: Zoom,
    chosen: int = 0,
    pairs: Pairs = NO_PAIRS,
) -> Timed:
    """The timeline over a scale.

    Args:
        timeline: with its lanes and stages.
        flown: its flights.
        scale: of the visible span.
        width: of the drawing, in pixels.
        zoom: makes the address of the drawing of another span.
        chosen: the number of the open event, which is always a mark of its own; 0 for none.
        pairs: of events that belong together.
    """
    places, height = lane_places(timeline.lanes, TOP)
    drawn, summed = divide(flown, scale, chosen)
    shown = drawn[:MARK_BUDGET]
    pen = _Pen(timeline, places, scale, (width, height), zoom)
    sums = pen.sums(draw_sums(summed, scale, places["client"]))
    folds, grid, labels = _axis(timeline, flown, scale, height - 34)
    drawing = Drawing(
        width,
        height,
        tuple(_lane(lane, places[lane.key], scale) for lane in timeline.lanes),
        pen.marks(shown),
        NAMES,
        grid,
        labels,
        folds,
        len(drawn) - len(shown),
        sums,
        draw_links(pairs, pen.ends(shown), lying=True),
    )
    return _told(drawing, scale, shown)


def _told(drawing: Drawing, scale: Scale, shown: Sequence[Strand]) -> Timed:
    """A drawing with what has to be said of what it shows."""
    seen = [each for strand in shown for each in strand.flights if not each.mark.lost]
    return Timed(
        drawing,
        scale,
        stretched=any(strand.is_stretched for strand in shown),
        moved=any(flight.moved for flight in seen),
        unanswered=any(not flight.answered for flight in seen),
    )


def _axis(
    timeline: Timeline, flown: Flown, scale: Scale, bottom: float
) -> tuple[tuple[DrawnFold, ...], tuple[Line, ...], tuple[Label, ...]]:
    """Folds, hairlines and times. In: how far down they go."""
    taken: list[Interval] = []

    def why(gap: Interval) -> str:
        return gap_text(gap, timeline.waits, flown.answers)

    folds = draw_folds(scale, why, bottom, taken)
    grid, labels = ticks(scale, bottom, taken, folds)
    return folds, tuple(grid), tuple(labels)


def _lane(lane: Lane, y: float, scale: Scale) -> DrawnLane:
    """A lane, broken where the axis is."""
    lines = tuple(
        Line("lane-line", 0 if at == 0 else round(piece.x1, 1), y, _right(scale, at), y)
        for at, piece in enumerate(scale.pieces)
        if not piece.folded
    )
    return DrawnLane(lane_css(lane), lane_title(lane), lines, wide_names(lane, y))


def _right(scale: Scale, at: int) -> float:
    last = at == len(scale.pieces) - 1
    return round(scale.pieces[at].x2 + (PAD if last else 0), 1)


class _Pen:
    """Draws marks, and knows which room is taken."""

    def __init__(
        self,
        timeline: Timeline,
        places: dict[str, float],
        scale: Scale,
        size: tuple[int, int],
        zoom: Zoom,
    ) -> None:
        self.lanes = {lane.key: lane for lane in timeline.lanes}
        self.places, self.scale, self.zoom = places, scale, zoom
        self.width, height = size
        self.client = places["client"]
        self.pills = Pills(0, scale.pieces[-1].x2 + PAD, height, scale.folds)

    def marks(self, shown: list[Strand]) -> tuple[DrawnMark, ...]:
        """All marks in order of time; what failed is the first to get a name."""
        urgent = sorted(shown, key=lambda strand: strand.mark.kind not in ("failure", "truncated"))
        for strand in shown:
            if strand.mark.lost:
                near, y, far, there = self._ends(strand)
                self.pills.leave(*on_way(near, y, far, there))
        around = self._stacks(shown)
        names = {strand.mark.number: self._name(strand, around) for strand in urgent}
        return tuple(self._mark(strand, names[strand.mark.number]) for strand in shown)

    def sums(self, drawn: tuple[DrawnSum, ...]) -> tuple[DrawnSum, ...]:
        """Outlines with their names, where there is room for them."""
        return tuple(
            replace(each, name=self.pills.at(each.text, each.x, each.y)) if each.text else each
            for each in drawn
        )

    def ends(self, shown: list[Strand]) -> list[End]:
        """Where the links of marks begin: at the client's ends of those that are no bundle."""
        return [
            End(each.mark, each.members, round(each.near[0], 1), self.client)
            for each in shown
            if not each.is_bundle
        ]

    def _stacks(self, shown: list[Strand]) -> dict[int, Stacked]:
        """What is around the names of arrows, by the numbers of their marks."""
        arrows = [strand for strand in shown if is_arrow(strand.mark)]
        named = [(each, self._ends(each), texts(each)[0]) for each in arrows]
        return {each.mark.number: found for each, found in zip(arrows, stacks(named), strict=True)}

    def _name(self, strand: Strand, around: dict[int, Stacked]) -> Pill:
        if is_arrow(strand.mark):
            return self.pills.along(strand, self._ends(strand), around[strand.mark.number])
        return self.pills.below(strand, self.client)

    def _ends(self, strand: Strand) -> Ends:
        """The middle of what goes between two lanes: near x and y, far x and y."""
        near, far = sum(strand.near) / 2, sum(strand.far) / 2
        return near, self.client, far, self.places[strand.mark.lane]

    def _mark(self, strand: Strand, pill: Pill) -> DrawnMark:
        mark = strand.mark
        if is_arrow(mark):
            lines, glyphs = self._arrow(strand)
        else:
            x = round(strand.near[0], 1)
            lines = (Line("hit", x - 12, self.client, x + 12, self.client),)
            beside = BESIDE_TICK if mark.kind == "key" else 0
            glyphs = (sign(mark, x - beside, self.client),)
        width = round(max(6.0, strand.near[1] - strand.near[0]), 1)
        return DrawnMark(
            number=mark.number,
            members=strand.members,
            css=css_of(mark) + (" bundle" if strand.is_bundle else ""),
            label=mark_label(mark),
            lane=mark.lane,
            lines=(*lines, *pill.lines),
            boxes=tick(mark, strand.near[0], self.client, width),
            glyphs=glyphs,
            name=pill,
            title=self._title(strand),
            zoom=self._zoom(strand),
        )

    def _arrow(self, strand: Strand) -> tuple[tuple[Line, ...], tuple[Glyph, ...]]:
        mark, y = strand.mark, self.places[strand.mark.lane]
        edges = [(strand.flights[0], strand.near[0], strand.far[0])]
        if max(strand.near[1] - strand.near[0], strand.far[1] - strand.far[0]) >= 1:
            edges += self._branches(strand)
            edges.append((strand.flights[-1], strand.near[1], strand.far[1]))
        lines: list[Line] = []
        for flight, near, far in edges:
            lines += self._cut(_flight_lines(flight, near, self.client, far, y))
        glyphs: list[Glyph] = []
        if len(edges) > 1:
            (n1, n2), (f1, f2) = strand.near, strand.far
            path = f"M{n1:.1f} {self.client}L{n2:.1f} {self.client}L{f2:.1f} {y}L{f1:.1f} {y}z"
            glyphs.append(Glyph("ribbon", path))
        ends = (self.client, round(strand.far[-1], 1), y)
        if mark.direction == "sent":
            glyphs += cross(mark, strand.near[-1], *ends)
        else:
            glyphs += cross(mark, strand.far[-1], y, round(strand.near[-1], 1), self.client)
        hit = [replace(line, css="hit", head="") for line in lines]
        return (*hit, *lines), tuple(glyphs)

    def _branches(self, strand: Strand) -> list[tuple[Flight, float, float]]:
        """Of one call that several at the other end share, those between the first and the last."""
        only = strand.flights[0]
        if strand.is_bundle or not only.is_measured:
            return []
        low, high = strand.far
        between = only.mark.far[1:-1]
        return [
            (only, strand.near[0], min(high, max(low, self.scale.x(far.time_ns))))
            for far in between
        ]

    def _cut(self, lines: list[Line]) -> list[Line]:
        low, high = -BEYOND, self.width + BEYOND
        return [cut for line in lines if (cut := cut_line(line, low, high)) is not None]

    def _title(self, strand: Strand) -> str:
        mark = strand.mark
        said = _(
            "%(what)s, at %(time)s.",
            what=clean(title_said(mark.title)),
            time=duration(mark.time_ns),
        )
        if not is_arrow(mark):
            return said
        return f"{said} {why_there(strand.flights[0], self.lanes[mark.lane])}"

    def _zoom(self, strand: Strand) -> str:
        """Where the members of a bundle stand apart."""
        if not strand.is_bundle:
            return ""
        first, last = strand.flights[0].near_ns, strand.mark.last_ns
        room = max(1_000, (last - first) // 5)
        return self.zoom(max(0, first - room), last + room)


def why_there(flight: Flight, lane: Lane) -> str:
    """One sentence on the end that was not seen."""
    if flight.mark.lost:
        return why_lost(flight.mark)
    if flight.is_measured:
        return measured(flight.mark.far, flight.near_ns)
    if flight.moved and not flight.guessed:
        return _(
            "We only saw our own end. The other was moved from half of the round trip to where "
            "no answer leaves before its message has arrived."
        )
    if not flight.answered:
        return _(
            "We only saw our own end. Nothing came back later, so nobody knows that it arrived."
        )
    return assumption(lane)


def _flight_lines(flight: Flight, near: float, client: float, far: float, y: float) -> list[Line]:
    """An arrow; the half at its far end is dashed where more than the way is assumed.

    What was lost never got there.
    """
    mark = flight.mark
    css = f"arrow {mark.certainty}"
    sent = mark.direction == "sent"
    x1, y1, x2, y2 = (near, client, far, y) if sent else (far, y, near, client)
    if mark.lost:
        return [Line(css, x1, y1, *on_way(x1, y1, x2, y2))]
    if flight.answered and not flight.moved and not flight.guessed:
        return [Line(css, x1, y1, x2, y2, mark.layer)]
    x, middle = (x1 + x2) / 2, (y1 + y2) / 2
    first = Line(css if sent else "arrow far assumed", x1, y1, x, middle)
    return [first, Line("arrow far assumed" if sent else css, x, middle, x2, y2, mark.layer)]


def cut_line(line: Line, low: float, high: float) -> Line | None:
    """The part of a line between two x; None if there is none. A cut end has no head."""
    if max(line.x1, line.x2) < low or min(line.x1, line.x2) > high:
        return None
    if line.x1 == line.x2:
        return line

    def at(x: float) -> float:
        return line.y1 + (x - line.x1) / (line.x2 - line.x1) * (line.y2 - line.y1)

    x1, x2 = (min(max(x, low), high) for x in (line.x1, line.x2))
    return replace(
        line,
        x1=round(x1, 1),
        y1=round(at(x1), 1),
        x2=round(x2, 1),
        y2=round(at(x2), 1),
        head=line.head if x2 == line.x2 else "",
    )
