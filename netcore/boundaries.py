"""Boundaries: where the units of one connection begin and end, layer by layer, on one axis.

Theory of operation. The axis of a direction is its socket's channel: the octets in the order in
which the calls moved them. Every unit is followed down to it through the channels that it was made
from, octet for octet. What was encrypted stands where its ciphertext stands: all ciphers that are
opened here keep the length and the order of what they encrypt, behind the record's header and what
the cipher puts before it. The tag, the padding and the rest of a record are no unit's but its own.
In each row no octet is of two units.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from netcore.boundary_payloads import Payloads
from netcore.boundary_segments import segments
from netcore.channels import Channel, Span
from netcore.decrypt.opened import HEADER
from netcore.pdu import DE_CHUNKED, DE_FRAMED, DECRYPTED, INFLATED, UNMASKED, Pdu
from netcore.pdus import Explanation
from netcore.trace import AnyEvent

CALLS = "calls"  # one for each write or read
SEGMENTS = "segments"  # of TCP, where packets were captured
RECORDS = "records"  # of TLS
PACKETS = "packets"  # of QUIC
QUIC_FRAMES = "quic_frames"
FRAMES = "frames"  # of HTTP/2, HTTP/3 and WebSocket; heads, chunks and bodies; messages of TLS
MESSAGES = "messages"  # fields and bodies of HTTP, messages of a WebSocket
DNS = "dns"
ROWS = (CALLS, SEGMENTS, RECORDS, PACKETS, QUIC_FRAMES, FRAMES, MESSAGES, DNS)
"""From the octets upwards."""

DIRECTIONS = ("received", "sent")
_OTHER_FORMS = (DECRYPTED, UNMASKED, INFLATED)  # of octets that another unit of the row stands for
_PACKED = frozenset({"hpack_field_block", "qpack_field_section", "not_kept"})
_MESSAGES = frozenset({"http2_field_section", "http3_field_section", "websocket_message"})
_GCM_NONCE = 8  # octets of a nonce that are sent along (RFC 5288 §3, RFC 6655 §3)
_AES_BLOCK, _DES_BLOCK = 16, 8


class Part(NamedTuple):
    """Octets `start` to `end` (exclusive) of the axis; header and trailer are no payload."""

    start: int
    end: int
    is_payload: bool = True


class Unit(NamedTuple):
    """One unit of a row."""

    number: int  # in its row, from 1
    parts: tuple[Part, ...]  # in the order of the axis
    event: int  # of a call or a captured packet, else of the first call that moved octets of it
    pdu: Pdu | None = None  # None for a call and a segment

    @property
    def start(self) -> int:
        """Where it begins on the axis."""
        return self.parts[0].start

    @property
    def octets(self) -> int:
        """How much of the axis it covers."""
        return sum(part.end - part.start for part in self.parts)

    @property
    def payload(self) -> int:
        """How much of that is payload."""
        return sum(part.end - part.start for part in self.parts if part.is_payload)


class Row:
    """The units of one layer, by where they begin."""

    def __init__(self, name: str, units: Iterable[Unit]) -> None:
        self.name = name
        ordered = sorted(units, key=lambda unit: unit.parts[0].start)
        self.units = [Unit(at, *unit[1:]) for at, unit in enumerate(ordered, start=1)]

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The names of its units, where they have any."""
        return frozenset(unit.pdu.name for unit in self.units if unit.pdu)

    @cached_property
    def pieces(self) -> list[tuple[Part, Unit]]:
        """All parts of all units, in the order of the axis."""
        found = [(part, unit) for unit in self.units for part in unit.parts]
        return sorted(found, key=lambda each: each[0].start)

    @cached_property
    def _edges(self) -> tuple[list[int], list[int]]:
        return [part.start for part, _ in self.pieces], [part.end for part, _ in self.pieces]

    def cover(self, start: int, end: int) -> list[tuple[Part, Unit]]:
        """The parts that octets `start` to `end` are of, in order."""
        starts, ends = self._edges
        return self.pieces[bisect_right(ends, start) : bisect_left(starts, end)]

    def within(self, parts: Iterable[Part]) -> list[tuple[Unit, int]]:
        """The units that have octets of these parts, and how many each."""
        shared: dict[int, int] = {}
        for part in parts:
            for piece, unit in self.cover(part.start, part.end):
                both = min(piece.end, part.end) - max(piece.start, part.start)
                shared[unit.number] = shared.get(unit.number, 0) + both
        return [(self.units[number - 1], shared[number]) for number in sorted(shared)]


@dataclass(frozen=True, eq=False)
class Strip:
    """One direction of a connection."""

    direction: str  # "sent" or "received"
    octets: int  # of the axis: those that were kept
    missing: int  # that crossed behind them and were not kept
    rows: tuple[Row, ...]  # those that have units, from the octets upwards
    repeated: int  # segments that brought nothing new

    def row(self, name: str) -> Row | None:
        """The row of that name, None where it has no units."""
        return next((row for row in self.rows if row.name == name), None)


def sockets(explanation: Explanation) -> list[str]:
    """The sockets that have an axis: all of TCP, and those of UDP that are no resolver's."""
    found = [
        channel.socket
        for channel in explanation.channels.values()
        if channel.direction in DIRECTIONS and channel.octets
        if channel.socket.startswith("tcp:")
        or (channel.socket.startswith("udp:") and channel.stage not in ("dns", "path"))
    ]
    return list(dict.fromkeys(found))


def boundaries(
    explanation: Explanation, events: Sequence[AnyEvent], socket: str
) -> tuple[Strip, ...]:
    """Both directions of a connection, what came first. In: its socket, as in "tcp:1"."""
    found: dict[str, dict[str, list[Unit]]] = {way: {} for way in DIRECTIONS}
    placing = _Placing(explanation, socket)
    for pdu in explanation.pdus:
        row = placing.row_of(pdu)
        parts = placing.parts(pdu) if row else ()
        if parts and pdu.events:
            way = placing.ground_of(pdu).rpartition(".")[2]
            found[way].setdefault(row, []).append(Unit(0, parts, pdu.events[0], pdu))
    strips = []
    for way, by_row in found.items():
        channel = explanation.channels.get(f"{socket}.{way}")
        if channel is not None and channel.octets:
            strips.append(_strip(channel, by_row, events))
    return tuple(strips)


def _strip(channel: Channel, by_row: dict[str, list[Unit]], events: Sequence[AnyEvent]) -> Strip:
    by_row[CALLS] = [
        Unit(0, (Part(piece.start, piece.end),), piece.event) for piece in channel.pieces
    ]
    captured, repeated = segments(events, channel)
    by_row[SEGMENTS] = [
        Unit(0, tuple(Part(*span) for span in spans), number) for number, spans in captured
    ]
    rows = tuple(Row(name, by_row[name]) for name in ROWS if by_row.get(name))
    return Strip(channel.direction, len(channel.octets), channel.missing, rows, repeated)


class _Placing:
    """Places the units of one connection on the axis of their direction."""

    def __init__(self, explanation: Explanation, socket: str) -> None:
        self._channels = explanation.channels
        self._socket = socket
        self._grounds: dict[str, str] = {}
        number = socket.rpartition(":")[2]
        secured = explanation.tls.get(number) if socket.startswith("tcp:") else None
        suite = secured.hellos.cipher_suite if secured else ""
        self._envelopes = RECORDS if secured else FRAMES
        if socket.startswith("udp:") and number in explanation.quic:
            self._envelopes = PACKETS
        opened = [pdu for pdu in explanation.pdus if pdu.step == DECRYPTED]
        self._insets = {pdu.origin[0]: _inset(pdu, suite) for pdu in opened}
        self._payloads = Payloads(explanation, self._insets)

    def ground_of(self, pdu: Pdu) -> str:
        """The name of the socket's channel that a unit's octets crossed in."""
        name = pdu.origin[0].channel
        if name not in self._grounds:
            below = name
            while (channel := self._channels.get(below)) and channel.pieces:
                if channel.pieces[0].below is None:
                    break
                below = channel.pieces[0].below.channel
            self._grounds[name] = below
        return self._grounds[name]

    def row_of(self, pdu: Pdu) -> str:
        """The row that a unit stands in, "" for none: it is of another connection, or no edge."""
        socket, _, way = self.ground_of(pdu).rpartition(".")
        if socket != self._socket or way not in DIRECTIONS or pdu.name in _PACKED:
            return ""
        if pdu.name in _MESSAGES:
            return MESSAGES
        if pdu.step in _OTHER_FORMS:
            return ""
        if pdu.name == "message_body":
            return MESSAGES if pdu.step in (DE_CHUNKED, DE_FRAMED) else FRAMES
        return self._row_by_name(pdu)

    def _row_by_name(self, pdu: Pdu) -> str:
        if pdu.name == "dns_message":
            return DNS
        if pdu.name.startswith("quic_frame"):
            return QUIC_FRAMES
        is_envelope = pdu.name in ("tls_record", "tls_ciphertext", "uncut", "quic_datagram")
        if is_envelope or pdu.name.startswith("quic_packet"):
            in_ground = pdu.origin[0].channel.startswith(f"{self._socket}.")
            return self._envelopes if in_ground else FRAMES
        return FRAMES

    def parts(self, pdu: Pdu) -> tuple[Part, ...]:
        """The parts of a unit, those that touch made one."""
        found: list[Part] = []
        for span, is_payload in self._split(pdu):
            for low, high in self._down(span):
                found.append(Part(low, high, is_payload))
        found.sort()
        return tuple(_joined(found))

    def _split(self, pdu: Pdu) -> Iterator[tuple[Span, bool]]:
        """The ranges that a unit was made from, cut where its payload begins and ends."""
        payload = self._payloads.of(pdu)
        at = 0
        for span in pdu.origin:
            edges = [at, at + span.end - span.start]
            cuts = sorted({*edges, *(cut for cut in payload if edges[0] < cut < edges[1])})
            for low, high in pairwise(cuts):
                inside = payload[0] <= low and high <= payload[1]
                start = span.start + low - at
                yield Span(span.channel, start, start + high - low), inside
            at = edges[1]

    def _down(self, span: Span) -> Iterator[tuple[int, int]]:
        """The ranges of the axis that octets of any channel crossed in."""
        channel = self._channels.get(span.channel)
        if channel is None or not channel.pieces or channel.pieces[0].below is None:
            if span.start < span.end:
                yield span.start, span.end
            return
        for piece in channel.cover(span.start, span.end):
            under = piece.under(span.start, span.end)
            assert under is not None
            if piece.whole:
                begin = under.start + self._insets.get(under, 0)
                low, high = max(span.start, piece.start), min(span.end, piece.end)
                under = Span(
                    under.channel,
                    begin + low - piece.start,
                    min(begin + high - piece.start, under.end),
                )
            yield from self._down(under)


def _inset(plain: Pdu, suite: str) -> int:
    """How many octets of a record stand before those that were encrypted; of a packet none.

    In: what was inside, and the cipher suite of the connection. A packet of QUIC keeps its header
    in what is left without protection.
    """
    if plain.name.startswith("quic"):
        return 0
    if plain.protocol == "tls_aead_ciphered":
        return HEADER + (0 if "CHACHA20" in suite else _GCM_NONCE)
    if plain.protocol == "tls_block_ciphered":
        left = plain.origin[0].end - plain.origin[0].start - HEADER - plain.size
        return HEADER + min(left, _DES_BLOCK if "3DES" in suite else _AES_BLOCK)
    return HEADER


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    whole: Part | None = None
    for part in parts:
        if whole and whole.end == part.start and whole.is_payload == part.is_payload:
            whole = whole._replace(end=part.end)
            continue
        if whole:
            yield whole
        whole = part
    if whole:
        yield whole
