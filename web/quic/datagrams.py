"""Datagrams with the packets that were in them, those that are alike put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from netcore.dissect.quic_frame_walk import STREAM, STREAM_END
from netcore.dissect.quic_packet import RETRY, VERSION_NEGOTIATION
from netcore.framing.quic_connection import Packet
from netcore.quic.recovery import Recovery, time_ns
from netcore.registries.quic import frame_name
from web.addresses import unit_href
from web.facts import clean
from web.spoken import N_
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

SHOWN_DATAGRAMS = 160  # of a connection, those that are alike counted once
SHOWN_PACKETS = 300  # of these datagrams; a hostile one can hold fifty
ALIKE = 3  # datagrams in a row that are alike, from which on they are one
NO_NUMBER = N_("no number")
LANES = ("Initial", "0-RTT", "Handshake", "1-RTT", NO_NUMBER)
_SHOWN_FRAMES = 2


@dataclass(frozen=True)
class PacketMark:
    """A packet, or the first of some in a row that carry the same sorts of frames."""

    packet: Packet
    count: int
    octets: int  # of all of them, as they crossed
    lane: str  # one of LANES
    number: str  # "3", "3–9", "" where it is not known
    frames: str  # "CRYPTO, ACK"
    title: str
    href: str
    time_ns: int
    fate: str  # "lost", "closed", "again" or ""


@dataclass(frozen=True)
class Datagram:
    """What one call moved."""

    direction: str
    time_ns: int
    count: int  # datagrams
    octets: int
    packets: tuple[PacketMark, ...]


def datagrams(
    packets: Sequence[Packet], found: Recovery, tale: Tale, base: str
) -> tuple[list[Datagram], int]:
    """The datagrams of a connection, and how many are not shown.

    In: `packets` in the order in which they crossed; what became of them; `base`, the path of the
    trace.
    """
    single = [tuple(group) for _event, group in groupby(packets, lambda packet: packet.event)]
    runs: list[list[tuple[Packet, ...]]] = []
    for _like, alike in groupby(single, _likeness):
        group = list(alike)
        runs.extend([group] if len(group) >= ALIKE else [[each] for each in group])
    fates = _fates(found)
    shown: list[Datagram] = []
    room = SHOWN_PACKETS
    for run in runs[:SHOWN_DATAGRAMS]:
        if not room:
            break
        shown.append(_datagram(run, fates, tale, base, room))
        room -= len(shown[-1].packets)
    return shown, sum(len(run) for run in runs[len(shown) :])


def lane_of(packet: Packet) -> str:
    """The lane that a packet is drawn on: its kind, which says whose keys and numbers it has."""
    return NO_NUMBER if packet.kind in (RETRY, VERSION_NEGOTIATION) else packet.name


def packet_title(packet: Packet) -> str:
    """What a packet is called, with its number where it is known."""
    title = clean(unit_title(packet.plain or packet.pdu))
    if packet.number is None:
        return title
    return _("%(title)s (packet %(number)s)", title=title, number=f"{packet.number:,}")


def packet_href(packet: Packet, tale: Tale, base: str) -> str:
    """Where a packet is opened: without protection if it could be."""
    return unit_href(packet.plain or packet.pdu, tale, base)


def frame_names(packet: Packet) -> list[str]:
    """The names of the frames in a packet, each once, padding last."""
    names = dict.fromkeys(
        _name(frame.type, frame.values) for frame in packet.frames if frame.type >= 0
    )
    return [name for name in names if name != "PADDING"] or list(names)


def _name(kind: int, values: tuple[int, ...]) -> str:
    return f"STREAM {values[0]}" if STREAM <= kind < STREAM_END else frame_name(kind)


def _likeness(datagram: tuple[Packet, ...]) -> tuple[object, ...]:
    """What has to be the same of datagrams that are put together: nothing of a handshake is."""
    first = datagram[0]
    alone = len(datagram) == 1 and first.opened is not None and lane_of(first) == "1-RTT"
    own = () if alone else (first.event,)
    return (first.direction, tuple(frame_names(first)), *own)


def _fates(found: Recovery) -> dict[int, str]:
    """What is worth a mark of its own, by the id of the packet."""
    fates = {id(each.packet): "again" for each in found.again}
    return fates | {id(each.packet): "lost" for each in found.lost}


def _datagram(
    run: list[tuple[Packet, ...]], fates: dict[int, str], tale: Tale, base: str, room: int
) -> Datagram:
    first = run[0]
    if len(run) > 1:
        marks: tuple[PacketMark, ...] = (_mark([each[0] for each in run], fates, tale, base),)
    else:
        marks = tuple(_mark([packet], fates, tale, base) for packet in first[:room])
    return Datagram(
        direction=first[0].direction,
        time_ns=time_ns(first[0], tale.trace.events),
        count=len(run),
        octets=sum(packet.pdu.size for datagram in run for packet in datagram),
        packets=marks,
    )


def _mark(packets: list[Packet], fates: dict[int, str], tale: Tale, base: str) -> PacketMark:
    first = packets[0]
    numbers = [packet.number for packet in packets if packet.number is not None]
    names = frame_names(first)
    more = f" +{len(names) - _SHOWN_FRAMES}" if len(names) > _SHOWN_FRAMES else ""
    return PacketMark(
        packet=first,
        count=len(packets),
        octets=sum(packet.pdu.size for packet in packets),
        lane=lane_of(first),
        number=_numbers(numbers),
        frames=", ".join(names[:_SHOWN_FRAMES]) + more,
        title=packet_title(first),
        href=packet_href(first, tale, base),
        time_ns=time_ns(first, tale.trace.events),
        fate=next(_fate(packets, fates), ""),
    )


def _numbers(numbers: list[int]) -> str:
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _fate(packets: list[Packet], fates: dict[int, str]) -> Iterator[str]:
    found = {fates.get(id(packet), "closed" if packet.error else "") for packet in packets}
    return (fate for fate in ("lost", "closed", "again") if fate in found)
