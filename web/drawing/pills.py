"""Pills: the names of marks, placed from left to right where they cover no other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from web.drawing.bundles import Strand
from web.drawing.shapes import (
    CHARACTER,
    PILL_HEIGHT,
    PILL_TEXT,
    Box,
    Label,
    Line,
    Pill,
    pill_text,
    sealed,
)
from web.facts import clean
from web.spoken import figure
from web.titles import title_said

ALONG = (0.5, 0.2, 0.8)  # where on an arrow a name may stand
ALONG_LOST = (0.2,)  # on one that ends on its way
BUNDLE_TEXT = 26  # characters
CROSS = 6.0  # pixels from its middle to its ends
GAP = 3.0  # pixels between two pills
_NAMED = frozenset({"failure", "truncated"})  # of what goes nowhere, only this has a name

Ends = tuple[float, float, float, float]
Room = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Pills:
    """The rooms that are taken, between two x and above a y."""

    left: float
    right: float
    bottom: float
    taken: list[Room] = field(default_factory=list)

    def along(self, strand: Strand, ends: Ends) -> Pill:
        """The name of an arrow or a ribbon, on it; without a room there is none."""
        near_x, near_y, far_x, far_y = ends
        for text in texts(strand):
            for share in ALONG_LOST if strand.mark.lost else ALONG:
                x = near_x + share * (far_x - near_x)
                y = near_y + share * (far_y - near_y)
                if self._take(text, x, y):
                    return _pill(text, x, y, dotted=sealed(strand.mark))
        return Pill()

    def leave(self, x: float, y: float) -> None:
        """Leave a cross free that stands there."""
        self.taken.append((x - CROSS, y - CROSS, x + CROSS, y + CROSS))

    def at(self, text: str, x: float, y: float) -> Pill:
        """A name at a place, moved inside of the drawing; without a room there is none."""
        half = len(text) * CHARACTER / 2 + 6
        x = min(max(x, self.left + half), self.right - half)
        return _pill(text, x, y) if self._take(text, x, y) else Pill()

    def below(self, strand: Strand, client: float) -> Pill:
        """The name of what stands on the client's lane, under it."""
        if strand.mark.kind not in _NAMED:
            return Pill()
        mark = strand.mark
        text = clean(
            title_said(mark.detail if mark.kind == "truncated" else mark.title), BUNDLE_TEXT
        )
        half = len(text) * CHARACTER / 2 + 6
        x = min(max(strand.near[0], self.left + half), self.right - half)
        for y in (client + 26, client + 50, client + 74):
            if self._take(text, x, y):
                leader = Line("leader", strand.near[0], client, x, y - PILL_HEIGHT / 2)
                pill = _pill(text, x, y, dotted=sealed(mark))
                return replace(pill, lines=(leader,))
        return Pill()

    def _take(self, text: str, x: float, y: float) -> bool:
        half = len(text) * CHARACTER / 2 + 6
        room = x - half, y - PILL_HEIGHT / 2, x + half, y + PILL_HEIGHT / 2
        if room[0] < self.left or room[2] > self.right or room[3] > self.bottom:
            return False
        if any(_meet(room, other) for other in self.taken):
            return False
        self.taken.append(room)
        return True


def texts(strand: Strand) -> tuple[str, ...]:
    """What a pill may say, the fullest first."""
    mark = strand.mark
    short = (figure(f"{mark.octets:,} B"),) if mark.octets else ()
    if mark.title.startswith("alert "):
        ends = mark.title == "alert close_notify"  # no alarm: the end, by its name
        short = ("close_notify",) if ends else ("alert",)
    if not strand.is_bundle:
        name = clean(pill_text(mark), BUNDLE_TEXT)
        return (name, *short) if len(name) > PILL_TEXT else (name,)
    return clean(title_said(mark.title), BUNDLE_TEXT), *short


def _meet(one: Room, other: Room) -> bool:
    return (
        one[0] < other[2] + GAP
        and one[2] > other[0] - GAP
        and one[1] < other[3] + GAP
        and one[3] > other[1] - GAP
    )


def _pill(text: str, x: float, y: float, *, dotted: bool = False) -> Pill:
    wide = round(len(text) * CHARACTER + 12, 1)
    left, top = round(x - wide / 2, 1), round(y - PILL_HEIGHT / 2, 1)
    box = Box("pill-box", left, top, wide, PILL_HEIGHT, 5)
    boxes = (box, replace(box, css="pill-dots", fill="dots")) if dotted else (box,)
    label = Label("pill-text", round(x, 1), round(y + 4, 1), text, "middle")
    return Pill(boxes, (label,))
