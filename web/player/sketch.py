"""Sketch: the arrows of the steps so far, few and large, as a slide draws them.

What is drawn is the story, not the recording: one arrow a step's mark, at equal distances. What is
still to come is absent, and nothing moves when it comes.
"""

from __future__ import annotations

from dataclasses import dataclass

from netcore.timeline import Lane, Mark
from web.drawing.shapes import Glyph, Label, Line, is_arrow, party, pill_text, sign
from web.facts import clean
from web.layers.spoken import gettext as _
from web.player.steps import Step
from web.titles import title_said

WIDTH = 1_216
LEFT, RIGHT = 150.0, 1_190.0  # where marks begin and end
TOP = 34.0  # the place of the first lane
PEER = 104.0  # between the client's lane and another
FURTHER = 62.0  # between the lanes of two servers
FLIGHT = 74.0  # how far an arrow runs at most
CHARACTER = 10.9  # of a pill
PILL = 32.0  # the height of a pill
TITLE = 12.4  # the width of a character of the title


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

    height: float
    lanes: tuple[SketchLane, ...]
    marks: tuple[SketchMark, ...]
    said: str  # what is current, for those who hear it


def sketch(lanes: tuple[Lane, ...], chosen: tuple[Step, ...], number: int) -> Sketch:
    """The drawing after the step of that number; 0 has lanes alone.

    Args:
        lanes: of the timeline, the client's first.
        chosen: the steps of the trace.
        number: counted from 1.
    """
    marks = list({step.mark.number: step.mark for step in chosen}.values())
    current = chosen[number - 1].mark if number else None
    places, height = _places(lanes)
    pitch = (RIGHT - LEFT - FLIGHT) / max(1, len(marks) - 1)
    shown = [
        _mark(mark, LEFT + at * min(pitch, 150.0), places, mark is current)
        for at, mark in enumerate(marks)
        if current is not None and mark.number <= current.number
    ]
    said = clean(title_said(current.title)) if current is not None else ""
    return Sketch(
        height, tuple(_lane(lane, places[lane.key]) for lane in lanes), tuple(shown), said
    )


def _places(lanes: tuple[Lane, ...]) -> tuple[dict[str, float], float]:
    resolvers = [lane for lane in lanes if lane.kind == "resolver"]
    servers = [lane for lane in lanes if lane.kind == "server"]
    places = {lane.key: TOP + at * FURTHER for at, lane in enumerate(resolvers)}
    client = TOP + (PEER + (len(resolvers) - 1) * FURTHER if resolvers else 0)
    places["client"] = client
    places |= {lane.key: client + PEER + at * FURTHER for at, lane in enumerate(servers)}
    return places, max(places.values()) + 36


def _lane(lane: Lane, y: float) -> SketchLane:
    css = "sketch-lane" if lane.kind == "client" else "sketch-lane assumed"
    names = [Label("sketch-name", 0, y + 6, party(lane))]
    if lane.kind != "client":
        names.append(Label("sketch-note", 0, y + 28, _("estimated")))
    return SketchLane(css, Line("line", LEFT - 22, y, WIDTH, y), tuple(names))


def _mark(mark: Mark, x: float, places: dict[str, float], current: bool) -> SketchMark:
    css = f"sketch-mark L-{mark.layer}" + (" now" if current else "")
    css += " failure" if mark.error else ""
    client, lane = places["client"], places.get(mark.lane, places["client"])
    if not is_arrow(mark):
        glyph = sign(mark, x + FLIGHT / 2, client)
        title = _title(mark, x + FLIGHT / 2, client - 18) if current else None
        return SketchMark(css, (), (glyph,), None, title)
    y1, y2 = (client, lane) if mark.direction == "sent" else (lane, client)
    line = Line("arrow", x, y1, x + FLIGHT, y2, mark.layer)
    if not current:
        return SketchMark(css, (line,), ())
    pill = pill_text(mark) if not mark.octets else f"{mark.octets:,} B"
    wide = len(pill) * CHARACTER + 20
    middle = x + FLIGHT / 2, (client + lane) / 2
    box = (round(middle[0] - wide / 2, 1), round(middle[1] - PILL / 2, 1), round(wide, 1), pill)
    title = None
    if pill != title_said(mark.title):
        title = _title(mark, x + FLIGHT / 2 + wide / 2, middle[1] + 7, wide)
    return SketchMark(css, (line,), (), box, title)


def _title(mark: Mark, x: float, y: float, wide: float = 0.0) -> Label:
    """The mark's name beside it, on the side that has room."""
    text = clean(title_said(mark.title), 44)
    if x + 16 + len(text) * TITLE > WIDTH:
        return Label("sketch-title", round(x - wide - 16, 1), y, text, "end")
    return Label("sketch-title", round(x + 16, 1), y, text)
