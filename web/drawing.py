"""Drawing: the timeline in Steps mode as shapes, once lying (wide) and once standing (ladder).

Theory of operation. Every mark has the same room and its place depends on nothing but its index,
so marks of a running trace are appended and do not move; once it has ended it is fitted to the
width, if it is short. Time is written beside a mark and not drawn. Colours are the stylesheet's:
shapes carry classes, and templates write them as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2

from netcore.figures import duration
from netcore.timeline import Lane, Mark, Timeline
from web.facts import clean
from web.phrases import mark_label

MARK_BUDGET = 300  # marks drawn; the list has all of them

STEP = 76  # wide: the least room of a mark
WIDEST_STEP = 124
FULL_WIDTH = 1_300  # wide: what a finished drawing is fitted to, if it is narrower
NAMES = 100  # wide: the width of the lanes' names, which stand beside the drawing
LEFT = 16  # wide: before the first mark
RIGHT = 48  # wide: after the last mark, for its name
FLIGHT = 58  # wide: how far an arrow runs
LEAST_WIDTH = 860
CHARACTER = 7.3  # the width of a character of a pill
PILL_HEIGHT = 20
PILL_TEXT = 14  # characters

LADDER_WIDTH = 358
ROW = 52
CLIENT_X = 66
LADDER_TOP = 44
NAME_HEIGHT = 16  # ladder: of a lane's name above the rows
LADDER_TEXT = 34  # characters

_ARROWS = frozenset({"send", "receive", "connect", "connected", "close"})


@dataclass(frozen=True)
class Line:
    """A line; `head` names the arrow head that it ends in."""

    css: str
    x1: float
    y1: float
    x2: float
    y2: float
    head: str = ""


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    css: str
    x: float
    y: float
    width: float
    height: float
    rx: int = 2
    fill: str = ""  # the name of a pattern


@dataclass(frozen=True)
class Glyph:
    """A path."""

    css: str
    d: str


@dataclass(frozen=True)
class Label:
    """A text."""

    css: str
    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class DrawnMark:
    """A mark with its shapes, the farthest back first."""

    number: int
    members: str
    css: str
    label: str  # what a screen reader says
    lines: tuple[Line, ...] = ()
    boxes: tuple[Box, ...] = ()
    glyphs: tuple[Glyph, ...] = ()
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class DrawnLane:
    """A lane with its line and its names."""

    css: str
    title: str  # in full, with the address
    line: Line
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class Drawing:
    """A whole timeline."""

    width: int
    height: int
    lanes: tuple[DrawnLane, ...]
    marks: tuple[DrawnMark, ...]
    names: int = 0  # the width of the names beside it; 0 if they stand in it


def draw_wide(timeline: Timeline, *, fitted: bool) -> Drawing:
    """Time runs to the right, by steps: the resolver above the client, servers below.

    Args:
        timeline: what to draw.
        fitted: whether no more marks will come, so that those there are may fill the width.
    """
    marks = timeline.marks[:MARK_BUDGET]
    places, height = _wide_lanes(timeline.lanes)
    step = _step(len(marks)) if fitted else STEP
    width = max(FULL_WIDTH if fitted else LEAST_WIDTH, LEFT + len(marks) * step + RIGHT)
    lanes = tuple(_wide_lane(lane, places[lane.key], width) for lane in timeline.lanes)
    answered = _last_answers(marks)
    drawn = tuple(
        _wide_mark(index, mark, places, step, index < answered.get(mark.lane, -1))
        for index, mark in enumerate(marks)
    )
    return Drawing(width, height, lanes, drawn, NAMES)


def _step(count: int) -> int:
    room = (FULL_WIDTH - LEFT - RIGHT) // max(1, count)
    return min(WIDEST_STEP, max(STEP, room))


def draw_ladder(timeline: Timeline) -> Drawing:
    """Time runs down, one row a mark: the client on the left, its peers on the right."""
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
    drawn = tuple(_ladder_mark(top + index * ROW, mark, places) for index, mark in enumerate(marks))
    return Drawing(LADDER_WIDTH, height, tuple(lanes), drawn)


def _last_answers(marks: Sequence[Mark]) -> dict[str, int]:
    """For each lane the index of the last mark that came from it."""
    return {mark.lane: index for index, mark in enumerate(marks) if mark.direction == "received"}


def _wide_lanes(lanes: Sequence[Lane]) -> tuple[dict[str, float], int]:
    """Where each lane runs, and the height of it all."""
    resolvers = [lane for lane in lanes if lane.kind == "resolver"]
    servers = [lane for lane in lanes if lane.kind == "server"]
    client = 124 + 48 * (len(resolvers) - 1) if resolvers else 52
    first_server = client + (84 if resolvers else 118)
    places: dict[str, float] = {"client": client}
    for at, lane in enumerate(resolvers):
        places[lane.key] = 40 + 48 * at
    for at, lane in enumerate(servers):
        places[lane.key] = first_server + 48 * at
    return places, first_server + 48 * max(0, len(servers) - 1) + 38


def _wide_lane(lane: Lane, y: float, width: int) -> DrawnLane:
    css = f"lane {lane.kind}" if lane.kind == "client" else f"lane {lane.kind} assumed"
    labels = [Label("lane-name", 0, y + 4, lane.title)]
    if lane.kind != "client":
        labels.append(Label("lane-note", 0, y + 18, clean(lane.note, 16)))
        labels.append(Label("lane-note", 0, y + 31, "estimated"))
    line = Line("lane-line", 0, y, width, y)
    return DrawnLane(css, _lane_title(lane), line, tuple(labels))


def _lane_title(lane: Lane) -> str:
    if lane.kind == "client":
        return "Client: this machine"
    return f"{lane.title} {lane.note}. We saw only our own end; its end is estimated."


def _wide_mark(
    index: int, mark: Mark, places: dict[str, float], step: int, answered: bool
) -> DrawnMark:
    x = LEFT + index * step
    client, lane = places["client"], places.get(mark.lane, places["client"])
    when = Label("when", x, 14, duration(mark.time_ns))
    raised = 13 if index % 2 else -13
    if mark.kind in _ARROWS and lane != client:
        middle = (client + lane) / 2 + raised
        ends = (client, lane) if mark.direction == "sent" else (lane, client)
        lines = _arrow(mark, x, ends[0], x + FLIGHT, ends[1], answered)
        near = x if mark.direction == "sent" else x + FLIGHT
        boxes, glyphs = _tick(mark, near, client), _cross(mark, x + FLIGHT, ends[1])
        hit = Line("hit", x, ends[0], x + FLIGHT, ends[1])
    else:
        below = min((y for y in places.values() if y > client), default=client + 84)
        middle = (client + below) / 2 + raised
        lines = (Line("leader", x + FLIGHT / 2, client, x + FLIGHT / 2, middle),)
        boxes, glyphs = (), (_sign(mark, x + FLIGHT / 2, client),)
        hit = Line("hit", x + FLIGHT / 2 - 12, client, x + FLIGHT / 2 + 12, client)
    pill = clean(pill_text(mark), PILL_TEXT + 4)
    wide = len(pill) * CHARACTER + 12
    centre = x + FLIGHT / 2
    box = Box("pill-box", centre - wide / 2, middle - PILL_HEIGHT / 2, wide, PILL_HEIGHT, 5)
    text = Label("pill-text", centre, middle + 4, pill, "middle")
    pills = (box, replace(box, css="pill-dots", fill="dots")) if sealed(mark) else (box,)
    return DrawnMark(
        number=mark.number,
        members=members(mark),
        css=css_of(mark),
        label=mark_label(mark),
        lines=(hit, *lines),
        boxes=(*boxes, *pills),
        glyphs=glyphs,
        labels=(text, when),
    )


def _arrow(
    mark: Mark, x1: float, y1: float, x2: float, y2: float, answered: bool
) -> tuple[Line, ...]:
    """An arrow; the far half of what nothing has answered yet is only assumed."""
    css = f"arrow {mark.certainty}"
    if answered or mark.direction != "sent":
        return (Line(css, x1, y1, x2, y2, mark.layer),)
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    return Line(css, x1, y1, x, y), Line("arrow far assumed", x, y, x2, y2, mark.layer)


def _tick(mark: Mark, x: float, y: float) -> tuple[Box, ...]:
    """A bar on the client's lane, as high as the logarithm of the octets."""
    if not mark.octets:
        return ()
    height = min(26.0, max(4.0, 2 * log2(mark.octets)))
    return (Box("tick", x - 3, round(y - height - 2, 1), 6, round(height, 1)),)


def _cross(mark: Mark, x: float, y: float) -> tuple[Glyph, ...]:
    return (Glyph("cross", _cross_path(x, y)),) if mark.error else ()


def _sign(mark: Mark, x: float, y: float) -> Glyph:
    """The sign of a mark that is no arrow, on the client's lane."""
    if mark.kind == "key":
        return Glyph("key", f"M{x - 2} {y}a4 4 0 1 0 -8 0a4 4 0 1 0 8 0h11v5m-4 -5v4")
    if mark.kind == "truncated":
        return Glyph("torn", f"M{x} {y - 12}l4 4l-8 5l8 5l-8 5l4 5")
    if mark.kind == "decision":
        return Glyph("diamond", f"M{x} {y - 7}l7 7l-7 7l-7 -7z")
    return Glyph("cross", _cross_path(x, y))


def _cross_path(x: float, y: float) -> str:
    return f"M{x - 6} {y - 6}l12 12m0 -12l-12 12"


def pill_text(mark: Mark) -> str:
    """What a pill says: a short name if there is one, else how many octets."""
    if mark.kind == "key" and len(mark.members) == 1:
        return "secret"
    short = re.split(":|,| and ", mark.title, maxsplit=1)[0]
    if len(short) <= PILL_TEXT or not mark.octets:
        return short
    return f"{mark.octets:,} B"


def css_of(mark: Mark) -> str:
    """The classes of a mark in the drawing."""
    parts = ["mark", mark.kind, f"L-{mark.layer}", mark.direction, mark.certainty]
    if mark.error and mark.kind != "failure":
        parts.append("failure")
    if sealed(mark):
        parts.append("sealed")
    return " ".join(part for part in parts if part)


def sealed(mark: Mark) -> bool:
    """Whether a mark carries nothing but octets that are encrypted and not decrypted."""
    return mark.opaque and mark.layer == "tls" and bool(mark.octets)


def members(mark: Mark) -> str:
    """The numbers of the first and the last of a mark's events; those between are quiet ones."""
    return f"{mark.members[0]}-{mark.members[-1]}"


def _rows_of(lane: Lane, marks: Sequence[Mark]) -> tuple[int, int]:
    """The first row of a peer's lane and the one after its last."""
    rows = [index for index, mark in enumerate(marks) if mark.lane == lane.key]
    return (rows[0], rows[-1] + 1) if rows else (0, 0)


def _ladder_lane(lane: Lane, x: float, name_y: float, top: float, bottom: float) -> DrawnLane:
    """A lane with its name above all rows: beside a row it would stand in the row's text."""
    if lane.kind == "client":
        css, name = "lane client", Label("lane-name", x, name_y, lane.title, "middle")
    else:
        css = f"lane {lane.kind} assumed"
        name = Label("lane-name", x + 8, name_y, f"{lane.title} (est.)", "end")
    return DrawnLane(css, _lane_title(lane), Line("lane-line", x, top, x, bottom), (name,))


def _ladder_mark(y: float, mark: Mark, places: dict[str, float]) -> DrawnMark:
    lane = places.get(mark.lane, CLIENT_X)
    lines: tuple[Line, ...] = ()
    glyphs: tuple[Glyph, ...] = ()
    if mark.kind in _ARROWS and lane != CLIENT_X:
        ends = (CLIENT_X, lane) if mark.direction == "sent" else (lane, CLIENT_X)
        # The other drawing is not displayed, and heads in there would not be seen.
        arrow = _arrow(mark, ends[0], y + 20, ends[1], y + 32, True)
        lines = tuple(replace(line, head=f"{line.head}-l") for line in arrow)
        glyphs = _cross(mark, ends[1], y + 32)
        centre, anchor, baseline = (CLIENT_X + lane) / 2, "middle", y + 15
        at = y + 24 if mark.direction == "sent" else y + 36
    else:
        glyphs = (_sign(mark, CLIENT_X, y + 24),)
        centre, anchor, baseline, at = CLIENT_X + 18, "start", y + 22, y + 28
    detail = f"{mark.octets:,} B" if mark.octets else clean(mark.detail, LADDER_TEXT)
    labels = [
        Label("title", centre, baseline, clean(mark.title, LADDER_TEXT), anchor),
        Label("detail", centre, baseline + (32 if anchor == "middle" else 16), detail, anchor),
        Label("when", CLIENT_X - 10, at, duration(mark.time_ns), "end"),
    ]
    return DrawnMark(
        number=mark.number,
        members=members(mark),
        css=css_of(mark),
        label=mark_label(mark),
        lines=(Line("hit", 0, y + 26, LADDER_WIDTH, y + 26), *lines),
        glyphs=glyphs,
        labels=tuple(label for label in labels if label.text),
    )
