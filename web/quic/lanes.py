"""A lane for each kind of packet; a datagram is a column, and holds all packets that were in it.

Above its line stands what the client sent, below what the server sent. The width is the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.figures import duration, size
from web.phrases import spoken, way_said
from web.quic.datagrams import LANES, NO_NUMBER, Datagram, PacketMark
from web.spoken import N_, figure
from web.spoken import gettext as _

_BOX = 38  # pixels, the height of a packet
_LANE = 2 * _BOX + 30
_TOP = 26  # for the moments
_GAP = 10
_INNER = 4  # between packets of one lane in one datagram
_NAME_CHARACTER, _NOTE_CHARACTER = 7.3, 6.7
_LEAST = 64
_NOTES = {
    "Initial": N_("keys from the id"),
    "0-RTT": N_("numbers as 1-RTT"),
    "Handshake": N_("keys of handshake"),
    "1-RTT": N_("keys of traffic"),
    NO_NUMBER: N_("not encrypted"),
}


@dataclass(frozen=True)
class DrawnPacket:
    """A packet as a box with two lines of text."""

    x: int
    y: int
    width: int
    css: str
    href: str
    label: str  # for those who hear it
    name: str
    note: str


@dataclass(frozen=True)
class DrawnDatagram:
    """The frame around packets that crossed in one datagram."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class DrawnLane:
    """A kind of packets."""

    y: int  # of its line
    name: str
    note: str


@dataclass(frozen=True)
class DrawnMoment:
    """Where datagrams begin that crossed at another moment than those before."""

    x: int
    text: str


@dataclass(frozen=True)
class PacketsView:
    """The drawing."""

    width: int
    height: int
    lanes: tuple[DrawnLane, ...]
    datagrams: tuple[DrawnDatagram, ...]  # that held more than one packet
    packets: tuple[DrawnPacket, ...]
    moments: tuple[DrawnMoment, ...]


@dataclass(frozen=True)
class PacketRow:
    """The same packet in a table."""

    time: str
    direction: str
    kind: str
    number: str
    title: str
    href: str
    count: int
    octets: str
    beside: str  # what else was in its datagram
    fate: str


def packets_view(shown: Sequence[Datagram]) -> PacketsView:
    """The drawing of datagrams in order."""
    used = {mark.lane for datagram in shown for mark in datagram.packets}
    names = [name for name in LANES if name in used]
    lines = {name: _TOP + _LANE * at + _LANE // 2 for at, name in enumerate(names)}
    packets: list[DrawnPacket] = []
    frames: list[DrawnDatagram] = []
    moments: list[DrawnMoment] = []
    x, moment = _GAP, ""
    for datagram in shown:
        at = duration(datagram.time_ns)
        if at != moment:
            x += _GAP if moments else 0
            moments.append(DrawnMoment(x - _GAP, at))
            moment = at
        drawn = _column(datagram, x, lines)
        packets += drawn
        end = max((each.x + each.width for each in drawn), default=x)
        if len(drawn) > 1:
            top, low = min(each.y for each in drawn), max(each.y for each in drawn) + _BOX
            frames.append(DrawnDatagram(x - 4, top - 4, end - x + 8, low - top + 8))
        x = end + _GAP
    return PacketsView(
        width=max(x, 200),
        height=_TOP + _LANE * len(names),
        lanes=tuple(DrawnLane(lines[name], _(name), _(_NOTES[name])) for name in names),
        datagrams=tuple(frames),
        packets=tuple(packets),
        moments=tuple(moments),
    )


def packet_rows(shown: Sequence[Datagram]) -> tuple[PacketRow, ...]:
    """The same as rows of a table."""
    return tuple(
        PacketRow(
            time=duration(mark.time_ns),
            direction=way_said(datagram.direction),
            kind=mark.packet.name,
            number=mark.number,
            title=mark.title,
            href=mark.href,
            count=mark.count,
            octets=f"{mark.octets:,}",
            beside=", ".join(other.packet.name for other in datagram.packets if other is not mark),
            fate=_fate(mark),
        )
        for datagram in shown
        for mark in datagram.packets
    )


_FATES = {
    "lost": N_("told lost"),
    "again": N_("carries bytes once more"),
    "closed": N_("stayed closed"),
}


def _fate(mark: PacketMark) -> str:
    return _(_FATES[mark.fate]) if mark.fate else ""


def _column(datagram: Datagram, x: int, lines: dict[str, int]) -> list[DrawnPacket]:
    ends = dict.fromkeys(lines, x)
    drawn: list[DrawnPacket] = []
    for mark in datagram.packets:
        box = _packet(mark, datagram, ends[mark.lane], lines[mark.lane])
        ends[mark.lane] += box.width + _INNER
        drawn.append(box)
    return drawn


def _packet(mark: PacketMark, datagram: Datagram, x: int, line: int) -> DrawnPacket:
    name = " ".join(part for part in (mark.number, mark.frames) if part)
    name = name or (mark.packet.name if mark.lane == NO_NUMBER else _("protected"))
    note = f"{figure(size(mark.octets))}{f' ×{mark.count}' if mark.count > 1 else ''}"
    note += f", {_(_SIGNS[mark.fate])}" if mark.fate else ""
    width = max(_LEAST, round(max(len(name) * _NAME_CHARACTER, len(note) * _NOTE_CHARACTER)) + 18)
    carries = any(frame.data for frame in mark.packet.frames)
    css = ["frame", datagram.direction, *(["carries"] if carries else []), mark.fate]
    said = [
        way_said(datagram.direction),
        _("%(count)s packets, the first: %(title)s", count=mark.count, title=mark.title)
        if mark.count > 1
        else mark.title,
        figure(size(mark.octets)),
        _fate(mark),
        _("%(count)s packets in this datagram", count=len(datagram.packets))
        if len(datagram.packets) > 1
        else "",
        _("at %(time)s", time=spoken(mark.time_ns)),
    ]
    y = line - _BOX - 7 if datagram.direction == "sent" else line + 7
    label = ", ".join(part for part in said if part)
    return DrawnPacket(x, y, width, " ".join(filter(None, css)), mark.href, label, name, note)


_SIGNS = {"lost": N_("lost"), "again": N_("again"), "closed": N_("closed")}
