"""ACK frames: which packets each of them covered, drawn as ranges of numbers.

There is a drawing for each packet number space and direction, for numbers mean nothing across
them. A row is an ACK, a bar a range that it covers; what no ACK before it had covered is darker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netcore.dissect.quic_frame_walk import ACK, ACK_ECN, Frame, acknowledged
from netcore.figures import duration
from netcore.framing.quic_connection import Connection, Packet
from netcore.quic.recovery import Recovery, time_ns
from web.facts import clean
from web.quic.datagrams import packet_href, packet_title
from web.spoken import gettext as _
from web.spoken import ngettext
from web.tale import Tale

SHOWN_ACKS = 40  # of a space and direction
SHOWN_RANGES = 40  # of one ACK
SHOWN_NUMBERS = 400  # of a space that have a tick of their own
LEFT, WIDTH = 96, 620  # pixels
_ROW = 22
_TOP = 44
_SPACES = ("Initial", "Handshake", "0-RTT and 1-RTT")


@dataclass(frozen=True)
class Bar:
    """A range of numbers."""

    x: float
    width: float
    css: str  # "new" where an ACK before had not covered all of it


@dataclass(frozen=True)
class AckRow:
    """An ACK frame, drawn and in words."""

    y: int
    time: str
    title: str
    href: str
    label: str
    covers: str  # "0 to 3, 5"
    new: str  # how many numbers no ACK had covered before
    delay: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tick:
    """A packet that waits for an ACK."""

    x: float
    css: str  # "lost" or ""


@dataclass(frozen=True)
class AcksView:
    """The ACKs of one side in one space."""

    title: str
    height: int
    ends: tuple[str, str]  # the lowest and the highest number
    ticks: tuple[Tick, ...]
    rows: tuple[AckRow, ...]
    more: int  # ACKs that are not shown


def acknowledgement_views(
    connection: Connection, found: Recovery, tale: Tale, base: str
) -> tuple[AcksView, ...]:
    """All drawings that have a row. In: `base`, the path of the trace."""
    views = (
        _view(connection, found, direction, space, tale, base)
        for space in range(len(_SPACES))
        for direction in ("sent", "received")
    )
    return tuple(view for view in views if view.rows)


def _view(
    connection: Connection, found: Recovery, direction: str, space: int, tale: Tale, base: str
) -> AcksView:
    """In: the direction of the packets that are acknowledged."""
    opened = [each for each in connection.packets if each.opened and each.space == space]
    numbers = {each.number or 0: each for each in opened if each.direction == direction}
    acks = [pair for pair in _acks(opened) if pair[0].direction != direction]
    low = min(numbers, default=0)
    high = max(
        [*numbers, low, *(each[1].values[0] for each in acks if each[1].values[0] < 1 << 32)]
    )
    scale = _Scale(low, high)
    rows = tuple(_rows(acks[:SHOWN_ACKS], scale, connection, tale, base))
    lost = {id(each.packet) for each in found.lost}
    return AcksView(
        title=_title(_SPACES[space], direction),
        height=_TOP + _ROW * len(rows) + 8,
        ends=(f"{low:,}", f"{high:,}" if high > low else ""),
        ticks=tuple(
            Tick(scale.x(number), "lost" if id(numbers[number]) in lost else "")
            for number in sorted(numbers)[:SHOWN_NUMBERS]
        ),
        rows=rows,
        more=max(0, len(acks) - SHOWN_ACKS),
    )


class _Scale:
    """From packet numbers to pixels. What lies outside stands at an edge."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high
        self._step = (WIDTH - LEFT - 12) / (high - low + 1)

    def x(self, number: int) -> float:
        """The middle of a number."""
        return round(self._edge(number) + self._step / 2, 1)

    def bar(self, numbers: range, css: str) -> Bar:
        start, end = self._edge(numbers.start), self._edge(numbers.stop)
        return Bar(round(start, 1), round(max(2.5, end - start - min(2, self._step / 4)), 1), css)

    def _edge(self, number: int) -> float:
        inside = min(max(number, self._low), self._high + 1)
        return LEFT + (inside - self._low) * self._step


def _acks(packets: Sequence[Packet]) -> list[tuple[Packet, Frame]]:
    return [
        (packet, frame)
        for packet in packets
        for frame in packet.frames
        if frame.type in (ACK, ACK_ECN)
    ]


def _rows(
    acks: Sequence[tuple[Packet, Frame]],
    scale: _Scale,
    connection: Connection,
    tale: Tale,
    base: str,
) -> Iterator[AckRow]:
    covered: list[range] = []  # by the ACKs before, apart and rising
    for at, (packet, frame) in enumerate(acks):
        ranges = acknowledged(frame)
        new = sum(len(each) - _overlap(each, covered) for each in ranges[:SHOWN_RANGES])
        bars = tuple(
            scale.bar(each, "new" if _overlap(each, covered) < len(each) else "")
            for each in ranges[:SHOWN_RANGES]
        )
        covered = _joined([*covered, *ranges[:SHOWN_RANGES]])
        covers, title = _listed(ranges), clean(packet_title(packet))
        time = duration(time_ns(packet, tale.trace.events))
        yield AckRow(
            y=_TOP + _ROW * at,
            time=time,
            title=title,
            href=packet_href(packet, tale, base),
            label=_label(title, time, covers, new),
            covers=covers,
            new=f"{new:,}",
            delay=_delay(packet, frame, connection),
            bars=bars,
        )


def _overlap(wanted: range, covered: Sequence[range]) -> int:
    pieces = (range(max(wanted.start, each.start), min(wanted.stop, each.stop)) for each in covered)
    return sum(len(piece) for piece in pieces)


def _joined(ranges: Sequence[range]) -> list[range]:
    joined: list[range] = []
    for each in sorted(ranges, key=lambda numbers: numbers.start):
        if joined and each.start <= joined[-1].stop:
            joined[-1] = range(joined[-1].start, max(joined[-1].stop, each.stop))
        else:
            joined.append(each)
    return joined


def _listed(ranges: Sequence[range]) -> str:
    """ "0 to 3, 5": the lowest first."""
    shown = [_numbers(each.start, each[-1]) for each in reversed(ranges[:_LISTED])]
    listed, more = ", ".join(shown), len(ranges) - _LISTED
    if more <= 0:
        return listed
    return ngettext(
        "%(listed)s and %(count)s more range",
        "%(listed)s and %(count)s more ranges",
        more,
        listed=listed,
        count=f"{more:,}",
    )


def _numbers(low: int, high: int) -> str:
    first = f"{low:,}"
    return first if low == high else _("%(first)s to %(last)s", first=first, last=f"{high:,}")


def _title(space: str, direction: str) -> str:
    if direction == "sent":
        return _("%(space)s: what the server acknowledged of the client's packets", space=space)
    return _("%(space)s: what the client acknowledged of the server's packets", space=space)


def _label(title: str, time: str, covers: str, new: int) -> str:
    return _(
        "ACK in %(packet)s, at %(time)s: covers %(covers)s, %(new)s of them for the first time",
        packet=title,
        time=time,
        covers=covers,
        new=f"{new:,}",
    )


_LISTED = 8
_USUAL_EXPONENT, _MOST_EXPONENT = 3, 20  # RFC 9000 §18.2


def _delay(packet: Packet, frame: Frame, connection: Connection) -> str:
    """What the sender says that it waited; of no meaning before 1-RTT (RFC 9000 §13.2.5)."""
    if packet.space != 2:
        return ""
    told = connection.transport_parameters.get(packet.direction, {})
    exponent = told.get("ack_delay_exponent", _USUAL_EXPONENT)
    shift = min(exponent, _MOST_EXPONENT) if isinstance(exponent, int) else _USUAL_EXPONENT
    return duration(min(frame.values[1] << shift, 1 << 40) * 1_000)
