"""Round trips over time as a graph, and what was lost and sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.figures import duration
from netcore.quic.recovery import Again, Lost, Recovery, RoundTrip, time_ns
from web.phrases import spoken
from web.quic.datagrams import packet_href, packet_title
from web.spoken import gettext as _
from web.tale import Tale

WIDTH, HEIGHT = 520, 168
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 26, 24  # pixels around the graph itself
SHOWN_SAMPLES = 200
MARKED = 60  # samples, up to which each has its dot
SHOWN_LOSSES = 60


@dataclass(frozen=True)
class Dot:
    """A sample."""

    x: float
    y: float
    href: str
    label: str


@dataclass(frozen=True)
class SampleRow:
    """The same sample in a table."""

    time: str
    packet: str
    packet_href: str
    by: str
    by_href: str
    latest: str
    delay: str
    least: str
    smoothed: str
    variation: str


@dataclass(frozen=True)
class RoundTripsView:
    """The graph and its table."""

    smoothed: str  # a path
    least: str
    dots: tuple[Dot, ...]
    top: str  # the longest, as a label
    ends: tuple[str, str]
    rows: tuple[SampleRow, ...]
    more: int


@dataclass(frozen=True)
class LossRow:
    """A packet that was told lost, or octets that crossed a second time."""

    time: str
    what: str
    href: str
    why: str
    because: str  # the packet that tells it, or that carried the octets first
    because_href: str


def round_trips_view(found: Recovery, tale: Tale, base: str) -> RoundTripsView | None:
    """The samples of a connection; None if there are none. In: the path of the trace."""
    samples = found.round_trips
    if not samples:
        return None
    drawn = samples[:: -(-len(samples) // SHOWN_SAMPLES)]
    span = (samples[0].time_ns, samples[-1].time_ns)
    most = max(max(each.latest_ns, each.smoothed_ns) for each in drawn)
    points = [(_x(each.time_ns, span), each) for each in drawn]
    marked = points if len(points) <= MARKED else []
    return RoundTripsView(
        smoothed=_line([(x, _y(each.smoothed_ns, most)) for x, each in points]),
        least=_line([(x, _y(each.min_ns, most)) for x, each in points]),
        dots=tuple(_dot(x, _y(each.latest_ns, most), each, tale, base) for x, each in marked),
        top=duration(most),
        ends=(duration(span[0]), duration(span[1])),
        rows=tuple(_row(each, tale, base) for each in samples[:SHOWN_SAMPLES]),
        more=max(0, len(samples) - SHOWN_SAMPLES),
    )


def loss_rows(found: Recovery, tale: Tale, base: str) -> tuple[tuple[LossRow, ...], int]:
    """Losses and what was sent again, in order of time, and how many more there were."""
    both: list[tuple[int, Lost | Again]] = [(each.time_ns, each) for each in found.lost]
    both += [(time_ns(each.packet, tale.trace.events), each) for each in found.again]
    both.sort(key=lambda pair: pair[0])
    rows = tuple(_loss(moment, each, tale, base) for moment, each in both[:SHOWN_LOSSES])
    return rows, max(0, len(both) - SHOWN_LOSSES)


def _x(moment: int, span: tuple[int, int]) -> float:
    room, length = WIDTH - LEFT - RIGHT - 48, span[1] - span[0]
    return round(LEFT + 24 + ((moment - span[0]) / length * room if length > 0 else 0), 1)


def _y(ns: int, most: int) -> float:
    room = HEIGHT - TOP - BOTTOM
    return round(HEIGHT - BOTTOM - max(0, ns) / max(1, most) * room, 1)


def _line(points: Sequence[tuple[float, float]]) -> str:
    first = points[0]
    return f"M{LEFT} {first[1]}" + "".join(f"L{x} {y}" for x, y in points) + f"H{WIDTH - RIGHT}"


def _dot(x: float, y: float, each: RoundTrip, tale: Tale, base: str) -> Dot:
    label = _(
        "Round trip of %(length)s at %(time)s: from %(packet)s to its ACK",
        length=spoken(each.latest_ns),
        time=spoken(each.time_ns),
        packet=packet_title(each.packet),
    )
    return Dot(x, y, packet_href(each.acknowledged_by, tale, base), label)


def _row(each: RoundTrip, tale: Tale, base: str) -> SampleRow:
    return SampleRow(
        time=duration(each.time_ns),
        packet=packet_title(each.packet),
        packet_href=packet_href(each.packet, tale, base),
        by=packet_title(each.acknowledged_by),
        by_href=packet_href(each.acknowledged_by, tale, base),
        latest=duration(each.latest_ns),
        delay=duration(min(each.ack_delay_ns, 1 << 60)) if each.ack_delay_ns else "",
        least=duration(each.min_ns),
        smoothed=duration(each.smoothed_ns),
        variation=duration(each.variation_ns),
    )


def _loss(moment: int, each: Lost | Again, tale: Tale, base: str) -> LossRow:
    packet = each.packet
    because = each.told_by if isinstance(each, Lost) else each.first
    if isinstance(each, Lost) and each.rule == "packets":
        why = _("told lost: a packet three numbers or more behind it was acknowledged by")
    elif isinstance(each, Lost):
        why = _(
            "told lost: nine eighths of a round trip were over when a later one was acknowledged by"
        )
    else:
        stream = " ".join(each.stream.split()[:2])
        why = _again(
            packet.direction,
            first=f"{each.octets.start:,}",
            last=f"{each.octets.stop - 1:,}",
            stream=stream,
        )
    return LossRow(
        time=duration(moment),
        what=packet_title(packet),
        href=packet_href(packet, tale, base),
        why=why,
        because=packet_title(because),
        because_href=packet_href(because, tale, base),
    )


def _again(direction: str, **what: str) -> str:
    if direction == "sent":
        return _(
            "sent offsets %(first)s to %(last)s of %(stream)s again, that were first in", **what
        )
    return _(
        "received offsets %(first)s to %(last)s of %(stream)s again, that were first in", **what
    )
