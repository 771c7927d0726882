"""Steps: the timeline as shapes, once lying (wide) and once standing (ladder).

Theory of operation. Every mark has the same room and its place depends on nothing but its index,
so marks of a running trace are appended and do not move; once it has ended it is fitted to the
width, if it is short. Time is written beside a mark and not drawn. Colours are the stylesheet's:
shapes carry classes, and templates write them as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import wrap
from typing import NamedTuple

from netcore.figures import duration
from netcore.timeline import Lane, Mark, Timeline
from web.drawing.links import NO_PAIRS, End, Pairs, draw_links
from web.drawing.phases import Columns
from web.drawing.shapes import (
    CHARACTER,
    MARK_BUDGET,
    NAMES,
    PILL_HEIGHT,
    PILL_TEXT,
    Box,
    Drawing,
    DrawnLane,
    DrawnMark,
    Glyph,
    Label,
    Line,
    arrow,
    cross,
    css_of,
    is_arrow,
    lane_css,
    lane_places,
    lane_title,
    members,
    party,
    pill_text,
    sealed,
    sign,
    tick,
    wide_names,
)
from web.facts import clean, in_bytes
from web.overlay import by_engine, spoken_in
from web.phrases import mark_label, why_lost
from web.spoken import figure
from web.spoken import gettext as _
from web.titles import title_said

TOP = 40  # wide: the place of the first lane, under the times
STEP = 76  # wide: the least room of a mark
WIDEST_STEP = 124
FULL_WIDTH = 1_284  # wide: what a finished drawing is fitted to, if it is narrower
LEFT = 7  # wide: before the first mark
RIGHT = 40  # wide: after the last mark, for its name
FLIGHT = 58  # wide: how far an arrow runs
LEAST_WIDTH = 860

LADDER_WIDTH = 358
ROW = 52
CLIENT_X = 70
TIME_GAP = 16  # ladder: between a time and the middle of a sign
LADDER_TOP = 44
NAME_HEIGHT = 16  # ladder: of a lane's name above the rows
DETAIL = 13  # ladder: between two lines of a detail
LADDER_TEXT = 37  # characters of a line: what has room beside the client's lane


def draw_wide(
    timeline: Timeline, *, fitted: bool, pairs: Pairs = NO_PAIRS, kept: float = 0
) -> Drawing:
    """Time runs to the right, by steps: the resolver above the client, servers below.

    Args:
        timeline: what to draw.
        fitted: whether no more marks will come, so that those there are may fill the width.
        pairs: of events that belong together.
        kept: pixels at its end that are no step's.
    """
    marks = timeline.marks[:MARK_BUDGET]
    places, height = lane_places(timeline.lanes, TOP)
    columns = columns_of(len(marks), fitted=fitted, kept=kept)
    width = max(FULL_WIDTH if fitted else LEAST_WIDTH, round(columns.edge(len(marks)) + RIGHT))
    lanes = tuple(_wide_lane(lane, places[lane.key], width) for lane in timeline.lanes)
    answered = _last_answers(marks)
    drawn = tuple(
        _wide_mark(index, mark, places, columns, index < answered.get(mark.lane, -1))
        for index, mark in enumerate(marks)
    )
    near = {True: -FLIGHT / 2, False: FLIGHT / 2}
    ends = [
        End(mark, members(mark), middle + near[mark.direction == "sent"], places["client"])
        for mark, middle in zip(marks, map(columns.middle, range(len(marks))), strict=True)
    ]
    links = draw_links(pairs, ends, lying=True)
    return Drawing(width, height, lanes, drawn, NAMES, links=links)


def columns_of(count: int, *, fitted: bool, kept: float = 0) -> Columns:
    """The columns of a lying drawing.

    Args:
        count: how many marks are drawn.
        fitted: whether no more will come, so that those there are may fill the width.
        kept: pixels at its end that are no step's.
    """
    room = (FULL_WIDTH - LEFT - RIGHT - kept) // max(1, count) if fitted else STEP
    return Columns(LEFT, min(WIDEST_STEP, max(STEP, room)))


def draw_ladder(timeline: Timeline, pairs: Pairs = NO_PAIRS) -> Drawing:
    """Time runs down, one row a mark: the client on the left, its peers on the right.

    In: what to draw, and pairs of events that belong together.
    """
    marks = timeline.marks[:MARK_BUDGET]
    peers = [lane for lane in timeline.lanes if lane.kind != "client"]
    top = LADDER_TOP + NAME_HEIGHT * max(0, len(peers) - 1)
    height = top + len(marks) * ROW + 12
    places: dict[str, float] = {
        lane.key: LADDER_WIDTH - 12 - 14 * at for at, lane in enumerate(reversed(peers))
    }
    places["client"] = CLIENT_X
    lanes = [_ladder_lane(timeline.lanes[0], CLIENT_X, 24, top - 12, height - 12)]
    for at, lane in enumerate(peers):
        first, last = _rows_of(lane, marks)
        name_y = 24 + NAME_HEIGHT * at
        lanes.append(
            _ladder_lane(lane, places[lane.key], name_y, top + first * ROW, top + last * ROW)
        )
    drawn = tuple(
        replace(_ladder_mark(mark, places), y=top + index * ROW) for index, mark in enumerate(marks)
    )
    ends = [
        End(
            mark, members(mark), CLIENT_X, top + at * ROW + (20 if mark.direction == "sent" else 32)
        )
        for at, mark in enumerate(marks)
    ]
    links = draw_links(pairs, ends, lying=False)
    return Drawing(LADDER_WIDTH, height, tuple(lanes), drawn, links=links)


def _last_answers(marks: Sequence[Mark]) -> dict[str, int]:
    """For each lane the index of the last mark that came from it."""
    return {mark.lane: index for index, mark in enumerate(marks) if mark.direction == "received"}


def _wide_lane(lane: Lane, y: float, width: int) -> DrawnLane:
    line = Line("lane-line", 0, y, width, y)
    return DrawnLane(lane_css(lane), lane_title(lane), (line,), wide_names(lane, y))


def _wide_mark(
    index: int, mark: Mark, places: dict[str, float], columns: Columns, answered: bool
) -> DrawnMark:
    centre = columns.middle(index)
    x = centre - FLIGHT / 2
    client, lane = places["client"], places.get(mark.lane, places["client"])
    when = Label("when", centre, 14, duration(mark.time_ns), "middle")
    raised = _raised(index, mark, down=lane > client)
    if is_arrow(mark):
        middle = (client + lane) / 2 + raised
        ends = (client, lane) if mark.direction == "sent" else (lane, client)
        lines = arrow(mark, x, ends[0], x + FLIGHT, ends[1], answered)
        near = x if mark.direction == "sent" else x + FLIGHT
        boxes = tick(mark, near, client)
        glyphs = cross(mark, x, ends[0], x + FLIGHT, ends[1])
        hit = Line("hit", x, ends[0], x + FLIGHT, ends[1])
    else:
        below = min((y for y in places.values() if y > client), default=client + 84)
        middle = (client + below) / 2 + raised
        lines = (Line("leader", centre, client, centre, middle),)
        boxes, glyphs = (), (sign(mark, centre, client),)
        hit = Line("hit", centre - 12, client, centre + 12, client)
    pill = clean(pill_text(mark), PILL_TEXT + 4)
    wide = len(pill) * CHARACTER + 12
    box = Box("pill-box", centre - wide / 2, middle - PILL_HEIGHT / 2, wide, PILL_HEIGHT, 5)
    text = Label("pill-text", centre, middle + 4, pill, "middle")
    pills = (box, replace(box, css="pill-dots", fill="dots")) if sealed(mark) else (box,)
    return DrawnMark(
        number=mark.number,
        members=members(mark),
        css=css_of(mark),
        label=mark_label(mark),
        lane=mark.lane,
        lines=(hit, *lines),
        boxes=(*boxes, *pills),
        glyphs=glyphs,
        labels=(text, when),
        title=why_lost(mark),
    )


def _raised(index: int, mark: Mark, *, down: bool) -> int:
    """How far from the middle of its arrow a name stands; it leaves a cross on the way free."""
    if not mark.lost:
        return 13 if index % 2 else -13
    return (26 if down else 22) if index % 2 else (-22 if down else -26)


def _rows_of(lane: Lane, marks: Sequence[Mark]) -> tuple[int, int]:
    """The first row of a peer's lane and the one after its last."""
    rows = [index for index, mark in enumerate(marks) if mark.lane == lane.key]
    return (rows[0], rows[-1] + 1) if rows else (0, 0)


def _ladder_lane(lane: Lane, x: float, name_y: float, top: float, bottom: float) -> DrawnLane:
    """A lane with its name above all rows: beside a row it would stand in the row's text."""
    name = Label("lane-name", x, name_y, party(lane), "middle")
    if lane.kind != "client":
        said = party(lane) if lane.measured else _("%(party)s (est.)", party=party(lane))
        name = Label("lane-name", x + 8, name_y, said, "end")
    line = Line("lane-line", x, top, x, bottom)
    return DrawnLane(lane_css(lane), lane_title(lane), (line,), (name,))


def _ladder_mark(mark: Mark, places: dict[str, float]) -> DrawnMark:
    """A mark in a row of its own: in all rows the same places, which packs well."""
    lane = places.get(mark.lane, CLIENT_X)
    lines: tuple[Line, ...] = ()
    glyphs: tuple[Glyph, ...] = ()
    if is_arrow(mark):
        ends = (CLIENT_X, lane) if mark.direction == "sent" else (lane, CLIENT_X)
        # The other drawing is not displayed, and heads in there would not be seen.
        flight = arrow(mark, ends[0], 20, ends[1], 32, True)
        lines = tuple(replace(line, head=line.head and f"{line.head}-l") for line in flight)
        glyphs = cross(mark, ends[0], 20, ends[1], 32)
        centre, anchor, baseline = (CLIENT_X + lane) / 2, "middle", 15
        at = 24 if mark.direction == "sent" else 36
    else:
        glyphs = (sign(mark, CLIENT_X, 24, standing=True),)
        centre, anchor, baseline, at = CLIENT_X + 18, "start", 22, 28
    where = _Place(centre, anchor, baseline, at)
    return DrawnMark(
        number=mark.number,
        members=members(mark),
        css=css_of(mark),
        label=mark_label(mark),
        lane=mark.lane,
        lines=(Line("hit", 0, 26, LADDER_WIDTH, 26), *lines),
        glyphs=glyphs,
        labels=_ladder_labels(mark, where),
        title=why_lost(mark),
    )


class _Place(NamedTuple):
    """Where the texts of a row stand."""

    x: float
    anchor: str
    baseline: int  # of the title
    time: int  # the baseline of the time


def _ladder_labels(mark: Mark, where: _Place) -> tuple[Label, ...]:
    """What a row says: a title, what is below it, the time. An arrow leaves room for one line."""
    alone = where.anchor == "start"
    said = figure(f"{mark.octets:,} B") if mark.octets else clean(in_bytes(mark.detail))
    lines = wrap(said, LADDER_TEXT, max_lines=2 if alone else 1, placeholder=" …")
    lang = "" if mark.octets or mark.kind == "connect" else spoken_in(by_engine(mark.detail))
    below = where.baseline + (16 if alone else 32)
    title = clean(title_said(mark.title), LADDER_TEXT)
    return (
        Label("title", where.x, where.baseline, title, where.anchor),
        *(
            Label("detail", where.x, below + DETAIL * row, line, where.anchor, lang)
            for row, line in enumerate(lines)
        ),
        Label("when", CLIENT_X - TIME_GAP, where.time, duration(mark.time_ns), "end"),
    )
