"""Shapes: what a drawing is made of, and the signs that are the same whatever the width shows.

Colours are the stylesheet's: shapes carry classes, and templates write them as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from netcore.figures import duration
from netcore.round_trips import BY_QUERY
from netcore.timeline import Lane, Mark
from web.facts import clean
from web.phrases import was_stopped
from web.spoken import figure
from web.spoken import gettext as _
from web.titles import title_said

GAP = 78.0  # pixels between two lanes: three rows of names
NO_SERVER = 70.0  # pixels under the client's lane where there is no server: two rows of names
NAMES = 116  # the width of the lanes' names, which stand beside a lying drawing
MARK_BUDGET = 300  # marks drawn; the list has all of them

CHARACTER = 7.3  # the width of a character of a pill
PILL_HEIGHT = 20
PILL_TEXT = 14  # characters
LONGEST_NAME = 18  # characters: "alert close_notify"
_NO_NEWS = "ChangeCipherSpec"  # no name for what was written together with something else

LOST_AT = 0.6  # of its way: where an arrow ends that never arrived

ARROWS = frozenset({"send", "receive", "connect", "connected", "close", "segment"})


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
    lang: str = ""  # as `web.overlay.spoken_in` has it


@dataclass(frozen=True)
class Pill:
    """The name of a mark where it stands above all marks, and what leads to it."""

    boxes: tuple[Box, ...] = ()
    labels: tuple[Label, ...] = ()
    lines: tuple[Line, ...] = ()


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
    name: Pill = Pill()
    title: str = ""  # what a pointer that rests on it says, "" for nothing
    zoom: str = ""  # the address of the drawing in which its members stand apart, or ""
    lane: str = ""
    y: float = 0  # its shapes begin so far down the drawing
    streams: str = ""  # those of HTTP/2 and HTTP/3 that it carries, of requests first: "tcp:1/1"


@dataclass(frozen=True)
class DrawnLane:
    """A lane with its line and its names."""

    css: str
    title: str  # in full, with the address
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class DrawnFold:
    """A gap that is not drawn at its length."""

    x: float
    width: float
    title: str
    band: Box
    edges: Glyph
    label: Label | None


@dataclass(frozen=True)
class DrawnSum:
    """Many marks of one layer and direction as one outline."""

    css: str
    d: str
    label: str  # what a screen reader says
    text: str  # of its pill, "" for none
    x: float  # where the pill may stand, its middle
    y: float
    name: Pill = Pill()


@dataclass(frozen=True)
class DrawnLink:
    """A line between two marks that belong together, shown while either of them is selected."""

    css: str
    d: str
    members: str  # runs of the numbers of both marks' events
    numbers: tuple[int, int]  # of both marks


@dataclass(frozen=True)
class Drawing:
    """A whole timeline."""

    width: int
    height: int
    lanes: tuple[DrawnLane, ...]
    marks: tuple[DrawnMark, ...]
    names: int = 0  # the width of the names beside it; 0 if they stand in it
    grid: tuple[Line, ...] = ()
    ticks: tuple[Label, ...] = ()
    folds: tuple[DrawnFold, ...] = ()
    more: int = 0  # marks that are not drawn
    sums: tuple[DrawnSum, ...] = ()  # what stands for marks that are not drawn one by one
    links: tuple[DrawnLink, ...] = ()


def is_arrow(mark: Mark) -> bool:
    """Whether a mark goes from one lane to another."""
    return mark.kind in ARROWS and bool(mark.direction) and mark.lane != "client"


def lane_places(lanes: Sequence[Lane], top: float) -> tuple[dict[str, float], int]:
    """Where each lane of a lying drawing runs, and the height of it all.

    Args:
        lanes: the client's first.
        top: where the first one runs if it is a resolver's.

    Returns:
        Pixels from the top for each lane's key; without a server there is no room for one.
    """
    resolvers = [lane for lane in lanes if lane.kind == "resolver"]
    servers = [lane for lane in lanes if lane.kind == "server"]
    client = top + GAP + 48 * (len(resolvers) - 1) if resolvers else top + 12
    first_server = client + (GAP if resolvers else 110)
    places: dict[str, float] = {"client": client}
    for at, lane in enumerate(resolvers):
        places[lane.key] = top + 48 * at
    for at, lane in enumerate(servers):
        places[lane.key] = first_server + 48 * at
    if not servers:
        return places, round(client + NO_SERVER)
    return places, round(first_server + 48 * (len(servers) - 1) + 36)


def wide_names(lane: Lane, y: float) -> tuple[Label, ...]:
    """The names of a lane that stand at the left of it."""
    name = Label("lane-name", 0, y + 4, party(lane))
    if lane.kind == "client":
        return (name,)
    note = Label("lane-note", 0, y + 18, clean(lane.note, 16))
    how = _("measured") if lane.measured else _("estimated")
    return name, note, Label("lane-note", 0, y + 31, how)


def lane_css(lane: Lane) -> str:
    """The classes of a lane; one whose far ends were not all measured is only assumed."""
    solid = lane.kind == "client" or lane.measured
    return f"lane {lane.kind}" if solid else f"lane {lane.kind} assumed"


def lane_title(lane: Lane) -> str:
    """A lane in full; of a peer's it says what is only assumed, and why."""
    if lane.kind == "client":
        return _("Client: this machine")
    if lane.measured:
        return _(
            "%(party)s %(address)s. Both ends measured: it noted its own calls by the same clock.",
            party=party(lane),
            address=clean(lane.note),
        )
    return f"{party(lane)} {clean(lane.note)}. {assumption(lane)}"


def party(lane: Lane) -> str:
    """Whose lane it is, by its kind."""
    names = {"client": _("Client"), "resolver": _("Resolver"), "server": _("Server")}
    return names[lane.kind]


def assumption(lane: Lane) -> str:
    """Why the far end of an arrow stands where it does that nobody measured."""
    if lane.measured:
        return _(
            "No call at the other end shows when this crossed: the kernel there does it alone. So "
            "its other end is a guess."
        )
    if not lane.round_trip_ns:
        return _("We only saw our own end. Nothing came back, so the other end is unknown.")
    took = duration(lane.round_trip_ns)
    if lane.measured_by == BY_QUERY:
        return _(
            "We only saw our own end. A DNS query took %(time)s, and how much of that was the way "
            "is not known, so the other end is a guess.",
            time=took,
        )
    return _(
        "We only saw our own end. Half of the %(time)s round trip (%(measured_by)s) puts the other "
        "about here.",
        time=took,
        measured_by=lane.measured_by,
    )


def arrow(
    mark: Mark, x1: float, y1: float, x2: float, y2: float, answered: bool
) -> tuple[Line, ...]:
    """An arrow; the far half of what nothing has answered yet is only assumed."""
    css = f"arrow {mark.certainty}"
    if mark.lost:
        return (Line(css, x1, y1, *on_way(x1, y1, x2, y2)),)
    if answered or mark.direction != "sent":
        return (Line(css, x1, y1, x2, y2, mark.layer),)
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    return Line(css, x1, y1, x, y), Line("arrow far assumed", x, y, x2, y2, mark.layer)


def tick(mark: Mark, x: float, y: float, width: float = 6) -> tuple[Box, ...]:
    """A bar on the client's lane, as high as the logarithm of the octets."""
    if not mark.octets or mark.never_sent:
        return ()
    height = min(26.0, max(4.0, 2 * log2(mark.octets)))
    return (Box("tick", round(x - 3, 1), round(y - height - 2, 1), width, round(height, 1)),)


def on_way(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float]:
    """How far an arrow goes that never arrived."""
    return round(x1 + LOST_AT * (x2 - x1), 1), round(y1 + LOST_AT * (y2 - y1), 1)


def cross(mark: Mark, x1: float, y1: float, x2: float, y2: float) -> tuple[Glyph, ...]:
    """The cross of an arrow: on its way if that is where it ended, else where it was to arrive."""
    if mark.lost:
        return (Glyph("cross lost", cross_path(*on_way(x1, y1, x2, y2))),)
    return (Glyph("cross", cross_path(x2, y2)),) if mark.error else ()


def sign(mark: Mark, x: float, y: float, *, standing: bool = False) -> Glyph:
    """The sign of a mark that is no arrow, on the client's lane; a key stands upright above it.

    Args:
        mark: of which it is.
        x, y: a place on the lane.
        standing: whether the lane runs down; then the key lies beside it, with its ring on it.
    """
    if mark.kind == "key":
        if standing:
            return Glyph("key", f"M{x + 4} {y}a4 4 0 1 0 -8 0a4 4 0 1 0 8 0h10v5m-4 -5v4")
        return Glyph("key", f"M{x} {y - 14}a4 4 0 1 0 0 -8a4 4 0 1 0 0 8v11h-5m5 -4h-4")
    if mark.kind == "truncated":
        return Glyph("torn", f"M{x} {y - 12}l4 4l-8 5l8 5l-8 5l4 5")
    if mark.kind == "decision":
        return Glyph("diamond", f"M{x} {y - 7}l7 7l-7 7l-7 -7z")
    if was_stopped(mark):
        return Glyph("stop", f"M{x - 3} {y - 7}h6l4 4v6l-4 4h-6l-4 -4v-6z")
    if mark.kind == "failure" or mark.error or mark.lost:
        return Glyph("cross lost" if mark.lost else "cross", cross_path(x, y))
    return Glyph("diamond", f"M{x - 5} {y - 5}h10v10h-10z")


def cross_path(x: float, y: float) -> str:
    return f"M{x - 6} {y - 6}l12 12m0 -12l-12 12"


def pill_text(mark: Mark) -> str:
    """What a pill says: a short name if there is one, else how many octets."""
    if mark.kind == "key" and len(mark.members) == 1:
        return _("secret")
    short, *others = re.split(":|, | and ", mark.title)
    if short == _NO_NEWS and others and not others[0].endswith(" more"):
        short = others[0]
    if len(short) <= LONGEST_NAME or short.startswith("alert ") or not mark.octets:
        return title_said(short)
    return figure(f"{mark.octets:,} B")


def css_of(mark: Mark) -> str:
    """The classes of a mark in the drawing."""
    kind = "stopped" if was_stopped(mark) else mark.kind
    parts = ["mark", kind, f"L-{mark.layer}", mark.direction, mark.certainty]
    if mark.error and mark.kind != "failure":
        parts.append("failure")
    if sealed(mark):
        parts.append("sealed")
    if mark.lost:
        parts.append("lost")
    return " ".join(part for part in parts if part)


def sealed(mark: Mark) -> bool:
    """Whether a mark carries nothing but octets that are encrypted and not decrypted."""
    return mark.opaque and mark.layer == "tls" and bool(mark.octets)


def members(mark: Mark) -> str:
    """The numbers of the first and the last of a mark's events; those between are quiet ones."""
    return f"{mark.members[0]}-{mark.members[-1]}"
