"""Frames of a connection in the order in which they crossed, those that are alike put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from netcore.dissect.http2 import CONTINUATION, DATA, GOAWAY, HEADERS, PUSH_PROMISE, RST_STREAM
from netcore.field import find
from netcore.framing.http2 import Frame
from netcore.http2.streams import in_order
from netcore.pdu import Pdu
from netcore.registries.http2 import FRAME_TYPES
from netcore.trace import Called
from web.addresses import unit_href
from web.facts import clean
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

SHOWN_MARKS = 200  # of a connection; a page of a few requests has fewer than fifty
ALIKE = 3  # frames in a row that are alike, from which on they are one mark
_CARRYING = frozenset({DATA, HEADERS, PUSH_PROMISE, CONTINUATION})


@dataclass(frozen=True)
class FrameMark:
    """A frame, or some in a row that differ in nothing but their content."""

    frames: tuple[Frame, ...]
    name: str  # "HEADERS"
    flags: str  # "END_STREAM, END_HEADERS"
    title: str
    href: str
    moment_ns: int
    is_error: bool

    @property
    def stream(self) -> int:
        """The stream that it is on, 0 for the connection."""
        return self.frames[0].header.stream

    @property
    def direction(self) -> str:
        """Who sent it: "sent" is the client."""
        return self.frames[0].direction

    @property
    def octets(self) -> int:
        """Of all payloads."""
        return sum(frame.header.length for frame in self.frames)

    @property
    def count(self) -> int:
        """How many frames it stands for."""
        return len(self.frames)

    @property
    def is_data(self) -> bool:
        """Whether its size says more than its flags."""
        return self.frames[0].header.type == DATA

    @property
    def carries(self) -> bool:
        """Whether it carries fields or content."""
        return self.frames[0].header.type in _CARRYING


def frame_marks(
    frames: Sequence[Frame], tale: Tale, base: str, most: int = SHOWN_MARKS
) -> tuple[list[FrameMark], int]:
    """The marks of a connection, and how many frames have none because there are too many.

    In: `frames` of both directions; `base`, the path of the trace. A frame that is cut off
    stands behind all that are whole.
    """
    ordered = [
        *in_order_of_time(frames, tale),
        *(frame for frame in frames if not frame.is_whole),
    ]
    groups: list[tuple[Frame, ...]] = []
    runs = groupby(ordered, lambda each: (each.direction, each.is_whole, each.header[1:]))
    for group in (tuple(alike) for _key, alike in runs):
        groups.extend([group] if len(group) >= ALIKE else [(each,) for each in group])
    shown = groups[:most]
    left_out = sum(len(group) for group in groups[most:])
    return [_mark(group, tale, base) for group in shown], left_out


def _mark(frames: tuple[Frame, ...], tale: Tale, base: str) -> FrameMark:
    first = frames[0]
    kind = first.header.type
    flags = find(first.pdu.fields(), "flags")
    code = find(first.pdu.fields(), "error_code") if kind in (GOAWAY, RST_STREAM) else None
    title = clean(unit_title(first.pdu))
    return FrameMark(
        frames=frames,
        name=FRAME_TYPES.get(kind, _("type %(number)s", number=kind)),
        flags=flags.label if flags else "",
        title=title if first.is_whole else _("%(title)s, cut off", title=title),
        href=unit_href(first.pdu, tale, base),
        moment_ns=moment_ns(first, tale),
        is_error=kind == RST_STREAM or bool(code and code.value),
    )


def in_order_of_time(frames: Sequence[Frame], tale: Tale) -> list[Frame]:
    """Whole frames of both directions as they crossed, which is the timeline's order too.

    A frame may have been in the kernel before the call that read it, and before a call that sent.
    """
    return sorted(in_order(frames), key=lambda frame: moment_ns(frame, tale))


def moment_ns(frame: Frame, tale: Tale) -> int:
    """When a frame left, or when all of it was there."""
    return crossed_ns(frame.pdu, frame.direction, tale)


def crossed_ns(pdu: Pdu, direction: str, tale: Tale) -> int:
    """When a unit left, or when all of it was there, by the kernel's clock where it says so."""
    if not pdu.events:
        return 0
    event = tale.trace.events[pdu.events[0 if direction == "sent" else -1] - 1]
    seen_ns = tale.kernel.crossed_ns(event) if isinstance(event, Called) else None
    if seen_ns is not None:
        return seen_ns
    if direction == "sent":
        return event.time_ns
    return event.end_ns if isinstance(event, Called) else event.time_ns
