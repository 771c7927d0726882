"""Steps: the timeline by steps as shapes, lying; `ladder` has it standing.

Theory of operation. Every mark has the same room and its place depends on nothing but its index,
so marks of a running trace are appended and do not move; once it has ended it is fitted to the
width, if it is short. Time is written beside a mark and not drawn. Colours are the stylesheet's:
shapes carry classes, and templates write them as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
    pill_text,
    sealed,
    sign,
    tick,
    wide_names,
)
from web.facts import clean
from web.phrases import mark_label, why_lost

TOP = 40  # wide: the place of the first lane, under the times
STEP = 76  # wide: the least room of a mark
WIDEST_STEP = 124
FULL_WIDTH = 1_284  # wide: what a finished drawing is fitted to, if it is narrower
LEFT = 7  # wide: before the first mark
RIGHT = 40  # wide: after the last mark, for its name
FLIGHT = 58  # wide: how far an arrow runs
LEAST_WIDTH = 860


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
