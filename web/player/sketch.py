"""Sketch: the arrows of the steps so far, few and large, as a slide draws them.

What is drawn is the story, not the recording: one arrow a step's mark, at equal distances. What is
still to come is absent, and nothing moves when it comes. For a screen as narrow as a phone there is
a sketch of the last marks alone, whose letters are as large there as they are on a desk; its marks
do move.
"""

from __future__ import annotations

from dataclasses import dataclass

from netcore.timeline import Lane, Mark
from web.drawing.shapes import (
    Glyph,
    Label,
    Line,
    cross_path,
    is_arrow,
    on_way,
    party,
    pill_text,
    sign,
)
from web.facts import clean
from web.player.steps import Step
from web.spoken import figure
from web.spoken import gettext as _
from web.titles import title_said

LEFT = 150.0  # where marks begin
PEER = 104.0  # between the client's lane and another
FURTHER = 62.0  # between the lanes of two servers
FLIGHT = 74.0  # how far an arrow runs at most
BEFORE_CROSS = 0.25  # of its way: where the name of an arrow stands that ends on it
CHARACTER = 10.9  # of a pill
PILL = 32.0  # the height of a pill
TITLE = 12.4  # the width of a character of the title


@dataclass(frozen=True)
class Room:
    """How much there is to draw on."""

    width: float
    right: float  # where marks end
    top: float  # the place of the first lane
    most: int  # marks


WIDE = Room(width=1_216, right=1_190, top=34, most=1_000)
NARROW = Room(width=520, right=500, top=76, most=3)


@dataclass(frozen=True)
class SketchLane:
    """A line of a party."""

    css: str
    line: Line
    names: tuple[Label, ...]


@dataclass(frozen=True)
class SketchMark:
    """An arrow or a sign. The current one has its name."""

    css: str
    lines: tuple[Line, ...]
    glyphs: tuple[Glyph, ...]
    pill: tuple[float, float, float, str] | None = None  # x, y, width and text
    title: Label | None = None


@dataclass(frozen=True)
class Sketch:
    """The drawing of a slide."""

    width: float
    height: float
    lanes: tuple[SketchLane, ...]
    marks: tuple[SketchMark, ...]
    said: str  # what is current, for those who hear it


def sketch(
    lanes: tuple[Lane, ...], chosen: tuple[Step, ...], number: int, room: Room = WIDE
) -> Sketch:
    """The drawing after the step of that number; 0 has lanes alone.

    Args:
        lanes: of the timeline, the client's first.
        chosen: the steps of the trace.
        number: counted from 1.
        room: to draw on.
    """
    marks = list({step.mark.number: step.mark for step in chosen}.values())
    current = chosen[number - 1].mark if number else None
    places, height = _places(lanes, room.top)
    pitch = (room.right - LEFT - FLIGHT) / max(1, min(len(marks), room.most) - 1)
    so_far = marks.index(current) + 1 if current is not None else 0
    shown = [
        _mark(mark, LEFT + at * min(pitch, 150.0), places, mark is current, room)
        for at, mark in enumerate(marks[max(0, so_far - room.most) : so_far])
    ]
    said = _said(current, 120) if current is not None else ""
    drawn = tuple(_lane(lane, places[lane.key], room.width) for lane in lanes)
    return Sketch(room.width, height, drawn, tuple(shown), said)


def _places(lanes: tuple[Lane, ...], top: float) -> tuple[dict[str, float], float]:
    resolvers = [lane for lane in lanes if lane.kind == "resolver"]
    servers = [lane for lane in lanes if lane.kind == "server"]
    places = {lane.key: top + at * FURTHER for at, lane in enumerate(resolvers)}
    client = top + (PEER + (len(resolvers) - 1) * FURTHER if resolvers else 0)
    places["client"] = client
    places |= {lane.key: client + PEER + at * FURTHER for at, lane in enumerate(servers)}
    return places, max(places.values()) + 36


def _lane(lane: Lane, y: float, width: float) -> SketchLane:
    solid = lane.kind == "client" or lane.measured
    css = "sketch-lane" if solid else "sketch-lane assumed"
    names = [Label("sketch-name", 0, y + 6, _name(lane))]
    if lane.kind != "client":
        how = _("measured") if lane.measured else _("estimated")
        names.append(Label("sketch-note", 0, y + 28, how))
    return SketchLane(css, Line("line", LEFT - 22, y, width, y), tuple(names))


def _name(lane: Lane) -> str:
    """Whose lane it is, in large letters: of a name server, its zone."""
    if not lane.zone:
        return party(lane)
    return _("Root") if lane.zone == "." else clean(lane.zone, 10)


def _mark(mark: Mark, x: float, places: dict[str, float], current: bool, room: Room) -> SketchMark:
    css = f"sketch-mark L-{mark.layer}" + (" now" if current else "")
    css += " failure" if mark.error else ""
    client, lane = places["client"], places.get(mark.lane, places["client"])
    if not is_arrow(mark):
        glyph = sign(mark, x + FLIGHT / 2, client)
        title = _title(mark, room, x + FLIGHT / 2, client - 18) if current else None
        return SketchMark(css, (), (glyph,), None, title)
    y1, y2 = (client, lane) if mark.direction == "sent" else (lane, client)
    line = Line("arrow", x, y1, x + FLIGHT, y2, mark.layer)
    glyphs: tuple[Glyph, ...] = ()
    if mark.lost:
        end = on_way(x, y1, x + FLIGHT, y2)
        line = Line("arrow", x, y1, *end)
        glyphs = (Glyph("cross", cross_path(*end)),)
    if not current:
        return SketchMark(css, (line,), glyphs)
    pill = pill_text(mark) if not mark.octets else figure(f"{mark.octets:,} B")
    wide = len(pill) * CHARACTER + 20
    share = BEFORE_CROSS if mark.lost else 0.5
    middle = x + FLIGHT * share, y1 + (y2 - y1) * share
    box = (round(middle[0] - wide / 2, 1), round(middle[1] - PILL / 2, 1), round(wide, 1), pill)
    title = None
    if pill != title_said(mark.title):
        title = _title(mark, room, middle[0] + wide / 2, middle[1] + 7, wide)
    return SketchMark(css, (line,), glyphs, box, title)


def _said(mark: Mark, most: int = 44) -> str:
    """What a mark is called, and that it never arrived."""
    if not mark.lost:
        return clean(title_said(mark.title), most)
    return f"{clean(title_said(mark.title), most // 2)}: {_('packet lost (derived)')}"


def _title(mark: Mark, room: Room, x: float, y: float, wide: float = 0.0) -> Label:
    """The mark's name beside it, on the side that has room; above all where there is little."""
    if room is NARROW:
        return Label("sketch-title", 0, 24, _said(mark, 40))
    text = _said(mark)
    if x + 16 + len(text) * TITLE > room.width:
        return Label("sketch-title", round(x - wide - 16, 1), y, text, "end")
    return Label("sketch-title", round(x + 16, 1), y, text)
