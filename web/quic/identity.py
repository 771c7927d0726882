"""What names a connection and what protects it: connection ids and key phases."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from netcore.dissect.quic_packet import ONE_RTT
from netcore.figures import duration
from netcore.framing.quic_connection import Connection, Packet
from netcore.quic.recovery import time_ns
from web.phrases import way_said
from web.quic.datagrams import packet_href, packet_title
from web.spoken import figure
from web.spoken import gettext as _
from web.tale import Tale

SHOWN_IDS = 40
SHOWN_PHASES = 40
SHOWN_CLOSED = 40


@dataclass(frozen=True)
class IdRow:
    """A connection id."""

    issued_by: str
    sequence_number: str
    connection_id: str
    told_in: str
    href: str
    packets: int  # that carried it as their destination
    retired: str


@dataclass(frozen=True)
class PhaseRow:
    """The first packet under new keys."""

    time: str
    who: str
    update: int  # how many updates the direction has had, 0 for its first keys
    bit: int  # the Key Phase bit
    packet: str
    href: str
    packets: int  # under these keys


@dataclass(frozen=True)
class ClosedRow:
    """A packet that could not be opened."""

    time: str
    direction: str
    kind: str
    octets: str
    href: str
    why: str


def id_rows(connection: Connection, tale: Tale, base: str) -> tuple[tuple[IdRow, ...], int]:
    """The ids of both sides in the order in which they were told, and how many are not shown."""
    used = Counter((packet.direction, packet.dcid) for packet in connection.packets)
    retired = {(_OTHER[who], number) for who, number in connection.retired}
    rows: list[IdRow] = []
    original = connection.original_dcid
    if original and connection.packets:
        first = next(each for each in connection.packets if each.dcid == original)
        rows.append(_original(original, first, used["sent", original], tale, base))
    for each in connection.connection_ids[:SHOWN_IDS]:
        rows.append(
            IdRow(
                issued_by=figure(_WHO[each.issued_by]),
                sequence_number=f"{each.sequence_number:,}",
                connection_id=each.connection_id.hex() or _("empty"),
                told_in=packet_title(each.packet),
                href=packet_href(each.packet, tale, base),
                packets=used[_OTHER[each.issued_by], each.connection_id],
                retired=_("yes") if (each.issued_by, each.sequence_number) in retired else "",
            )
        )
    return tuple(rows), max(0, len(connection.connection_ids) - SHOWN_IDS)


_WHO = {"sent": "client", "received": "server"}
_OTHER = {"sent": "received", "received": "sent"}


def _original(octets: bytes, packet: Packet, packets: int, tale: Tale, base: str) -> IdRow:
    """RFC 9000 §7.2: the client makes up a name for a server that it has not heard yet."""
    title, href = packet_title(packet), packet_href(packet, tale, base)
    return IdRow(_("client, for the server"), "", octets.hex(), title, href, packets, "")


def phase_rows(connection: Connection, tale: Tale, base: str) -> tuple[PhaseRow, ...]:
    """The keys of 1-RTT, each with the first packet that was opened with them."""
    firsts: dict[tuple[str, int], Packet] = {}
    counts: Counter[tuple[str, int]] = Counter()
    for packet in connection.packets:
        if packet.opened and packet.kind == ONE_RTT:
            key = packet.direction, packet.opened.generation
            firsts.setdefault(key, packet)
            counts[key] += 1
    return tuple(
        PhaseRow(
            time=duration(time_ns(packet, tale.trace.events)),
            who=figure(_WHO[direction]),
            update=generation,
            bit=generation & 1,
            packet=packet_title(packet),
            href=packet_href(packet, tale, base),
            packets=counts[direction, generation],
        )
        for (direction, generation), packet in list(firsts.items())[:SHOWN_PHASES]
    )


def closed_rows(connection: Connection, tale: Tale, base: str) -> tuple[tuple[ClosedRow, ...], int]:
    """Packets that stayed closed with the reason, and how many more there are."""
    closed = [packet for packet in connection.packets if packet.error]
    rows = tuple(
        ClosedRow(
            time=duration(time_ns(packet, tale.trace.events)),
            direction=way_said(packet.direction),
            kind=packet.name,
            octets=f"{packet.pdu.size:,}",
            href=packet_href(packet, tale, base),
            why=packet.error.removeprefix("not decrypted: "),
        )
        for packet in closed[:SHOWN_CLOSED]
    )
    return rows, max(0, len(closed) - SHOWN_CLOSED)
