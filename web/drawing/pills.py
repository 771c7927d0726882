"""Pills: the names of marks, placed from left to right where they cover no other.

Names that stand one above the other are in order of time, from the client's lane outwards; and
none stands over a fold that could stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from web.drawing.bundles import Strand
from web.drawing.folding import Piece
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
from web.drawing.stacks import MOST_BEHIND, Ends, Stacked
from web.facts import clean
from web.spoken import figure
from web.titles import title_said

ALONG = (0.5, 0.2, 0.8)  # where on an arrow a name may stand
ALONG_FIRST = (0.2, 0.5, 0.8)  # the first of three
ALONG_LOST = (0.2,)  # on one that ends on its way
BUNDLE_TEXT = 26  # characters
CROSS = 6.0  # pixels from its middle to its ends
GAP = 3.0  # pixels between two pills
ALONE = Stacked()
_NAMED = frozenset({"failure", "truncated"})  # of what goes nowhere, only this has a name

Room = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Pills:
    """The rooms that are taken, between two x and above a y."""

    left: float
    right: float
    bottom: float
    folds: tuple[Piece, ...] = ()
    taken: list[Room] = field(default_factory=list)
    named: list[Room] = field(default_factory=list)  # by arrows, in order of time

    def along(self, strand: Strand, ends: Ends, stacked: Stacked = ALONE) -> Pill:
        """The name of an arrow or a ribbon, on it; without a room there is none.

        Args:
            strand: later than those that were given before.
            ends: of the arrow.
            stacked: what is around it.
        """
        near_x, near_y, far_x, far_y = ends
        for text in texts(strand, stacked.way):
            places = [
                (near_x + share * (far_x - near_x), near_y + share * (far_y - near_y))
                for share in _shares(strand, stacked)
            ]
            for x, y in sorted(places, key=lambda place: self._is_over_fold(text, *place)):
                if self._is_in_order(_room(text, x, y), near_y) and self._take(text, x, y):
                    self.named.append(_room(text, x, y))
                    return _pill(text, x, y, dotted=sealed(strand.mark))
        return Pill()

    def _is_over_fold(self, text: str, x: float, y: float) -> bool:
        left, _, right, _ = _room(text, x, y)
        return any(left < fold.x2 and fold.x1 < right for fold in self.folds)

    def _is_in_order(self, room: Room, client: float) -> bool:
        """Whether it is farther from the client's lane than all earlier names in its stack."""
        out = abs(_middle(room) - client)
        return all(
            abs(_middle(other) - client) < out
            for other in self.named
            if _stacked(room, other) and (_middle(other) < client) == (_middle(room) < client)
        )

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
        room = _room(text, x, y)
        if room[0] < self.left or room[2] > self.right or room[3] > self.bottom:
            return False
        if any(_meet(room, other) for other in self.taken):
            return False
        self.taken.append(room)
        return True


def texts(strand: Strand, way: str = "") -> tuple[str, ...]:
    """What a pill may say, the fullest first, each after where its arrow points."""
    return tuple(f"{way} {text}".lstrip() for text in _texts(strand))


def _texts(strand: Strand) -> tuple[str, ...]:
    mark = strand.mark
    short = (figure(f"{mark.octets:,} B"),) if mark.octets else ()
    if mark.title.startswith("alert "):
        short = ("alert",)
    if not strand.is_bundle:
        name = clean(pill_text(mark), BUNDLE_TEXT)
        return (name, *short) if len(name) > PILL_TEXT else (name,)
    return clean(title_said(mark.title), BUNDLE_TEXT), *short


def _shares(strand: Strand, stacked: Stacked) -> tuple[float, ...]:
    """Where on its arrow a name may stand, the best first."""
    if strand.mark.lost:
        return ALONG_LOST
    return ALONG_FIRST if stacked.behind == MOST_BEHIND else ALONG


def _room(text: str, x: float, y: float) -> Room:
    half = len(text) * CHARACTER / 2 + 6
    return x - half, y - PILL_HEIGHT / 2, x + half, y + PILL_HEIGHT / 2


def _middle(room: Room) -> float:
    return (room[1] + room[3]) / 2


def _stacked(one: Room, other: Room) -> bool:
    """Whether one stands above the other for the eye: its middle is within the narrower half."""
    apart = abs(one[0] + one[2] - other[0] - other[2]) / 2
    return apart < min(one[2] - one[0], other[2] - other[0]) / 2


def _beside(one: Room, other: Room) -> bool:
    """Whether two rooms would meet if they stood in one row."""
    return one[0] < other[2] + GAP and one[2] > other[0] - GAP


def _meet(one: Room, other: Room) -> bool:
    return _beside(one, other) and one[1] < other[3] + GAP and one[3] > other[1] - GAP


def _pill(text: str, x: float, y: float, *, dotted: bool = False) -> Pill:
    wide = round(len(text) * CHARACTER + 12, 1)
    left, top = round(x - wide / 2, 1), round(y - PILL_HEIGHT / 2, 1)
    box = Box("pill-box", left, top, wide, PILL_HEIGHT, 5)
    boxes = (box, replace(box, css="pill-dots", fill="dots")) if dotted else (box,)
    label = Label("pill-text", round(x, 1), round(y + 4, 1), text, "middle")
    return Pill(boxes, (label,))
