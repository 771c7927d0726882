"""A lane for each stream with its frames in order: above what the client sent, below what came.

The width is steps, not time: a connection says most of what it has to say in a few calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from netcore.figures import duration, size
from web.phrases import spoken, way_said
from web.spoken import figure
from web.spoken import gettext as _

NAMES = 116  # pixels, for the names of the lanes
SHOWN_LANES = 20
_BOX = 38  # pixels, the height of a frame
_LANE = 2 * _BOX + 26
_TOP = 26  # for the moments
_GAP = 8
_NAME_CHARACTER, _NOTE_CHARACTER = 7.3, 6.7
_LEAST = 64


class Drawn(Protocol):
    """A frame, or some that are alike: of HTTP/2 or of HTTP/3."""

    @property
    def name(self) -> str: ...
    @property
    def flags(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def href(self) -> str: ...
    @property
    def moment_ns(self) -> int: ...
    @property
    def is_error(self) -> bool: ...
    @property
    def stream(self) -> int: ...
    @property
    def direction(self) -> str: ...
    @property
    def octets(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def is_data(self) -> bool: ...
    @property
    def carries(self) -> bool: ...


@dataclass(frozen=True)
class DrawnFrame:
    """A frame as a box with two lines of text."""

    x: int
    y: int
    width: int
    css: str
    href: str
    label: str  # for those who hear it
    name: str
    note: str


@dataclass(frozen=True)
class DrawnLane:
    """A stream."""

    stream: int
    y: int  # of its line
    name: str
    note: str


@dataclass(frozen=True)
class DrawnMoment:
    """Where frames begin that crossed at another moment than those before."""

    x: int
    text: str


@dataclass(frozen=True)
class LanesView:
    """The drawing."""

    width: int
    height: int
    lanes: tuple[DrawnLane, ...]
    frames: tuple[DrawnFrame, ...]
    moments: tuple[DrawnMoment, ...]


@dataclass(frozen=True)
class FrameRow:
    """The same frame in a table."""

    time: str
    direction: str
    stream: int
    name: str
    count: int
    flags: str
    octets: str
    title: str
    href: str


def lanes_view(marks: Sequence[Drawn], asked: Mapping[int, str]) -> LanesView:
    """The lanes of a connection. In: `asked`, what each stream asks for, in a few words."""
    streams = sorted({mark.stream for mark in marks})[:SHOWN_LANES]
    lines = {stream: _TOP + _LANE * at + _LANE // 2 for at, stream in enumerate(streams)}
    frames: list[DrawnFrame] = []
    moments: list[DrawnMoment] = []
    x, moment = _GAP, ""
    for mark in marks:
        if mark.stream not in lines:
            continue
        at = duration(mark.moment_ns)
        if at != moment:
            x += 2 * _GAP if moments else 0
            moments.append(DrawnMoment(x - _GAP, at))
            moment = at
        drawn = _frame(mark, x, lines[mark.stream])
        frames.append(drawn)
        x += drawn.width + _GAP
    lanes = tuple(
        DrawnLane(stream, line, _("Stream %(number)s", number=stream), _note(stream, asked))
        for stream, line in lines.items()
    )
    return LanesView(x, _TOP + _LANE * len(streams), lanes, tuple(frames), tuple(moments))


def frame_rows(marks: Sequence[Drawn]) -> tuple[FrameRow, ...]:
    """The same as rows of a table."""
    return tuple(
        FrameRow(
            time=duration(mark.moment_ns),
            direction=way_said(mark.direction),
            stream=mark.stream,
            name=mark.name,
            count=mark.count,
            flags=mark.flags,
            octets=f"{mark.octets:,}",
            title=mark.title,
            href=mark.href,
        )
        for mark in marks
    )


def _note(stream: int, asked: Mapping[int, str]) -> str:
    note = asked.get(stream, "" if stream else _("the connection"))
    return note if len(note) <= 15 else f"{note[:14]}…"


def _frame(mark: Drawn, x: int, line: int) -> DrawnFrame:
    many = f" ×{mark.count}" if mark.count > 1 else ""
    name = mark.name + many
    note = mark.flags.replace(", ", " ")
    if not note or mark.is_data:
        note = f"{figure(size(mark.octets))} {note}".strip()
    width = max(_LEAST, round(max(len(name) * _NAME_CHARACTER, len(note) * _NOTE_CHARACTER)) + 18)
    css = ["frame", mark.direction]
    css += ["carries"] if mark.carries else []
    css += ["wrong"] if mark.is_error else []
    said = [
        _("Stream %(number)s", number=mark.stream),
        way_said(mark.direction),
        _("%(count)s frames, the first: %(title)s", count=mark.count, title=mark.title)
        if many
        else mark.title,
        _("flags %(flags)s", flags=mark.flags) if mark.flags else "",
        _("at %(time)s", time=spoken(mark.moment_ns)),
    ]
    y = line - _BOX - 5 if mark.direction == "sent" else line + 5
    label = ", ".join(part for part in said if part)
    return DrawnFrame(x, y, width, " ".join(css), mark.href, label, name, note)
