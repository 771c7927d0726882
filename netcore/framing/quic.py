"""Where QUIC packets, their frames and streams begin and end (RFC 9000 §12 and §13).

Theory of operation. Each datagram is one call. It is cut into packets, which stand side by side,
and zeros behind them. The packets of both directions are opened in the order in which they crossed,
because the keys of the later ones depend on the earlier. What was opened makes up a derived
channel, "quic:1.sent": packets without their protection, one behind the other, and frames are cut
from it. The data of CRYPTO frames make the streams that TLS speaks on ("quic:1/initial.sent"),
those of STREAM frames the streams of the application ("quic:1/0.sent"), each octet once, wherever
and however often it crossed. TLS messages are cut from the ones, HTTP/3 from the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from netcore.channels import Channel, Span, derive
from netcore.decrypt.keylog import Secrets
from netcore.decrypt.quic import Unprotected, is_known, is_retry_genuine
from netcore.dissect.quic_frame import PROTOCOLS
from netcore.dissect.quic_frame_walk import Frame, frames
from netcore.dissect.quic_packet import (
    FIXED,
    INITIAL,
    LONG,
    ONE_RTT,
    RETRY,
    VERSION_NEGOTIATION,
    LongHeader,
    long_header,
)
from netcore.framing.http3 import Http3
from netcore.framing.http3 import frame as frame_http3
from netcore.framing.quic_connection import Connection, Packet
from netcore.framing.quic_opening import Opening, Sealed
from netcore.framing.quic_tale import Tale
from netcore.pdu import DECRYPTED, MOST_UNITS, Pdu
from netcore.registries.quic import version_name

LEAST_DATAGRAM: Final = 1_200  # octets, of one that holds an Initial packet (RFC 9000 §14.1)
MOST_PACKETS: Final = 4 * MOST_UNITS
"""Packets that one direction is cut into: a download of 16 MiB has some 14,000."""
MOST_FRAMES: Final = 4 * MOST_UNITS  # of one direction that are units of their own
_READ_FRAMES: Final = 250_000  # of one direction; a hostile packet can have a thousand


class Framed(NamedTuple):
    """The units of one connection, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]
    connection: Connection
    http3: Http3 | None


def begins_quic(sent: Channel | None) -> bool:
    """Whether a client that speaks QUIC sent this: its first datagram is one of Initial packets.

    It has a long header, a version that is known and the 1,200 octets that none may be shorter
    than. No DNS query is like that: its fifth octet is the upper half of a count of questions.
    """
    if sent is None or not sent.pieces or not sent.name.startswith("udp:"):
        return False
    first = sent.octets[: sent.pieces[0].end]
    header = long_header(first)
    is_initial = header is not None and header.kind == INITIAL and is_known(header.version)
    return is_initial and len(first) >= LEAST_DATAGRAM


def frame(
    sent: Channel | None,
    received: Channel | None,
    number: str,
    secrets: Mapping[bytes, Secrets],
) -> Framed:
    """Cut both directions of one connection.

    In: the number of its socket, for names; all secrets, by the random of a ClientHello.
    """
    reading = _Reading(number, secrets)
    for channel, piece in _in_order(sent, received):
        octets = channel.octets[piece.start : piece.end]
        reading.datagram(channel, octets, piece.start, piece.event)
    for whole in (sent, received):
        if whole is not None and whole.missing:
            end = len(whole.octets)
            span = Span(whole.name, end, end)
            reading.pdus.append(Pdu("not_kept", b"", (span,), missing=whole.missing))
    return reading.finish()


def frame_probes(channel: Channel | None) -> list[Pdu]:
    """Datagrams that ask a server of QUIC for its versions, or that answer: a packet each."""
    if channel is None:
        return []
    spans = [Span(channel.name, piece.start, piece.end) for piece in channel.pieces]
    return [_probe(channel.octets[each.start : each.end], each) for each in spans]


def _probe(octets: bytes, span: Span) -> Pdu:
    header = long_header(octets)
    protocol = _LONG.get(header.kind, "quic_packet") if header else "quic_datagram"
    return Pdu(protocol, octets, (span,))


class _Datagram(NamedTuple):
    start: int
    end: int
    event: int


def _in_order(
    sent: Channel | None, received: Channel | None
) -> Iterator[tuple[Channel, _Datagram]]:
    """The datagrams of both directions, as the calls moved them."""
    found = [
        (channel, _Datagram(piece.start, piece.end, piece.event))
        for channel in (sent, received)
        if channel is not None
        for piece in channel.pieces
    ]
    return iter(sorted(found, key=lambda each: each[1].event))


def _is_short(octets: bytes) -> bool:
    """Whether a packet with a short header may stand here; what is padding begins with 0."""
    return bool(octets[0] & FIXED) and not octets[0] & LONG


class _Reading:
    """What is known while the datagrams are read in order."""

    def __init__(self, number: str, secrets: Mapping[bytes, Secrets]) -> None:
        self.pdus: list[Pdu] = []
        self._number = number
        self._opening = Opening(secrets)
        self._connection = Connection()
        self._tale = Tale(number, self._connection, self._opening)
        self._plain: dict[str, list[tuple[Span, bytes]]] = {"sent": [], "received": []}
        self._ends = {"sent": 0, "received": 0}
        self._counts = {"sent": 0, "received": 0}
        self._frames = {"sent": 0, "received": 0}

    def datagram(self, channel: Channel, octets: bytes, base: int, event: int) -> None:
        """Cut one datagram into packets. In: where it begins in the channel, and its call."""
        at, direction = 0, channel.direction
        while at < len(octets):
            if self._counts[direction] >= MOST_PACKETS:
                self._unit("uncut", channel, octets[at:], base + at)
                return
            self._counts[direction] += 1
            header = long_header(octets, at)
            end = header.end if header else len(octets)
            packet = octets[at:end]
            if header is None and not _is_short(packet):
                self._unit("quic_packet_padding", channel, packet, base + at)
            else:
                moved = header._replace(number_at=header.number_at - at) if header else None
                self._packet(channel, packet, base + at, event, moved)
            at = end

    def _unit(self, protocol: str, channel: Channel, octets: bytes, start: int) -> Pdu:
        pdu = Pdu(protocol, octets, (Span(channel.name, start, start + len(octets)),))
        self.pdus.append(pdu)
        return pdu

    def _packet(
        self, channel: Channel, octets: bytes, start: int, event: int, header: LongHeader | None
    ) -> None:
        direction = channel.direction
        if header is None:
            dcid = self._tale.short_dcid(direction, octets)
            protocol, kind = f"quic_packet.short_{len(dcid)}", ONE_RTT
            version = self._connection.version
        else:
            dcid, kind, version = header.dcid, header.kind, header.version
            protocol = _LONG.get(kind, "quic_packet")
        pdu = self._unit(protocol, channel, octets, start)
        packet = Packet(direction, event, kind, version, dcid, b"", pdu)
        self._tale.meet(packet)
        if header is not None:
            packet.scid, packet.token = header.scid, header.token
        if kind == VERSION_NEGOTIATION:
            self._tale.version_negotiation(packet)
        elif kind == RETRY:
            self._retry(packet)
        else:
            self._open(packet, header.number_at if header else 1 + len(dcid))

    def _retry(self, packet: Packet) -> None:
        genuine = is_retry_genuine(
            packet.pdu.octets, self._connection.original_dcid, packet.version
        )
        if not genuine:
            packet.pdu.error = "quic.retry: its integrity tag does not verify"
        self._tale.retry(packet, is_genuine=genuine)

    def _open(self, packet: Packet, number_at: int) -> None:
        octets = packet.pdu.octets
        sealed = Sealed(
            *(packet.direction, packet.kind, packet.version, packet.dcid, octets, number_at)
        )
        opened = self._opening.open(sealed)
        if isinstance(opened, str):
            packet.error = packet.pdu.error = opened
            return
        packet.opened, packet.pdu.is_opened = opened, True
        packet.plain = self._plain_unit(packet, opened)
        if opened.version != packet.version and packet.kind != ONE_RTT:
            keys = version_name(opened.version)
            packet.plain.error = f"quic.version: sealed with keys of {keys}, not of its own version"
        if self._frames[packet.direction] < _READ_FRAMES:
            packet.frames = tuple(frames(opened.payload))
        self._cut_frames(packet, opened)
        self._tale.packet(packet)

    def _plain_unit(self, packet: Packet, opened: Unprotected) -> Pdu:
        """The packet without protection, a part of the derived channel."""
        plain, direction = opened.octets, packet.direction
        protocol = packet.pdu.protocol.replace("quic_packet", "quic_packet_unprotected", 1)
        pdu = Pdu(protocol, plain, packet.pdu.origin, DECRYPTED)
        start = self._ends[direction]
        end = self._ends[direction] = start + len(plain)
        pdu.carries = Span(f"quic:{self._number}.{direction}", start, end)
        self._plain[direction].append((packet.pdu.origin[0], plain))
        self.pdus.append(pdu)
        return pdu

    def _cut_frames(self, packet: Packet, opened: Unprotected) -> None:
        assert packet.plain is not None
        assert packet.plain.carries is not None
        self._frames[packet.direction] += len(packet.frames)
        if self._frames[packet.direction] > MOST_FRAMES:
            return
        view, place = packet.plain.view, packet.plain.carries
        head = len(opened.unmasked.header)
        for one in packet.frames:
            self.pdus.append(_frame_unit(one, view, place, head))

    def finish(self) -> Framed:
        """All units, once all datagrams were read."""
        channels = [
            derive(f"quic:{self._number}.{direction}", pieces, whole=True)
            for direction, pieces in self._plain.items()
            if pieces
        ]
        tls_pdus, tls_channels = self._tale.handshake()
        self._tale.find_resets()
        streams = self._tale.streams()
        pdus, channels = self.pdus + tls_pdus, channels + tls_channels + streams
        if self._connection.alpn not in ("", "h3") or not streams:
            pdus += [_stream_data(channel) for channel in streams if channel.octets]
            return Framed(pdus, channels, self._connection, None)
        spoken = frame_http3(streams, self._number)
        return Framed(
            pdus + spoken.pdus, channels + spoken.channels, self._connection, spoken.http3
        )


_LONG: Final = {
    VERSION_NEGOTIATION: "quic_packet_version_negotiation",
    RETRY: "quic_packet_retry",
}


def _frame_unit(one: Frame, view: memoryview, place: Span, head: int) -> Pdu:
    start, end = head + one.start, head + one.end
    span = Span(place.channel, place.start + start, place.start + end)
    return Pdu(PROTOCOLS.get(one.type, "quic_frame"), view[start:end], (span,))


def _stream_data(channel: Channel) -> Pdu:
    return Pdu("quic_stream_data", channel.octets, (Span(channel.name, 0, len(channel.octets)),))
