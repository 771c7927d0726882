"""Flows: the packets of a capture, sorted into connections, with their octets in order.

TCP is put together by sequence numbers (RFC 9293): what was sent twice counts once, what came too
early waits, and what never came leaves a hole behind which nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, NamedTuple

from netcore.imports.capture_file import Packet
from netcore.imports.left_out import is_fragment
from netcore.packet_ends import TCP, Ends, read_ends
from netcore.trace import BadTrace

FLOWS: Final = 200
WAITING: Final = 512  # segments that came too early, in one direction
WAITING_OCTETS: Final = 32 << 20  # of all of these

FIN, SYN, RST, ACK = 1, 2, 4, 16
_HALF: Final = 1 << 31
_ALL: Final = 1 << 32

End = tuple[bytes, int]
"""An address as its 4 or 16 octets, and a port."""


class Moved(NamedTuple):
    """Octets that crossed in order. `missing`: how many more crossed that were not captured."""

    time_ns: int
    sent: bool  # by the client
    data: bytes
    missing: int = 0


class Turn(NamedTuple):
    """What else happened: "connected", "refused", "reset" or "closed"."""

    time_ns: int
    what: str
    sent: bool = True


@dataclass
class Flow:
    """A connection, or an exchange of datagrams."""

    protocol: int
    client: End
    server: End
    started_ns: int
    happened: list[Moved | Turn] = field(default_factory=list)
    opened: bool = True  # whether its beginning was captured; datagrams have none

    @property
    def first(self) -> bytes:
        """The first octets that the client sent."""
        return next((e.data for e in self.happened if isinstance(e, Moved) and e.sent), b"")


class _Direction:
    """One direction of a TCP connection."""

    def __init__(self) -> None:
        self.next: int | None = None  # the sequence number of the next octet
        self._early: dict[int, tuple[bytes, int]] = {}

    def take(self, sequence: int, data: bytes, missing: int) -> Iterator[tuple[bytes, int]]:
        """A segment. Out: what is in order now, with how much is missing behind it."""
        if self.next is None:
            self.next = sequence
        if 0 < self._ahead(sequence) < _HALF:
            self._keep(sequence, data, missing)
            return
        yield from self._advance(sequence, data, missing)
        while (ready := self._ready()) is not None:
            yield from self._advance(ready, *self._early.pop(ready))

    def _ahead(self, sequence: int) -> int:
        """How far a number is ahead of what comes next; more than half of all: behind it."""
        return (sequence - (self.next or 0)) % _ALL

    def _advance(self, sequence: int, data: bytes, missing: int) -> Iterator[tuple[bytes, int]]:
        known = -self._ahead(sequence) % _ALL  # octets that have come before
        if known > len(data):
            return
        data = data[known:]
        if data or missing:
            self.next = (sequence + known + len(data) + missing) % _ALL
            yield data, missing

    def _ready(self) -> int | None:
        late = (each for each in self._early if not 0 < self._ahead(each) < _HALF)
        return next(late, None)

    def rest(self) -> Iterator[tuple[bytes, int]]:
        """Behind a hole that nothing filled: how much is missing."""
        if self._early and self.next is not None:
            yield b"", max(self._ahead(at) + len(data) for at, (data, _) in self._early.items())

    def _keep(self, sequence: int, data: bytes, missing: int) -> None:
        room = len(self._early) < WAITING and len(data) <= WAITING_OCTETS // WAITING
        if (data or missing) and sequence not in self._early and room:
            self._early[sequence] = data, missing


class _Tcp:
    """A TCP connection as it is put together."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._ways = {True: _Direction(), False: _Direction()}
        self._syn = False
        self._ended = False

    def take(self, packet: Packet, source: End, at: int) -> None:
        header = packet.octets[at : at + 20]
        if len(header) < 20:
            return
        sequence, flags = int.from_bytes(header[4:8], "big"), header[13]
        sent = source == self.flow.client
        happened, way = self.flow.happened, self._ways[sent]
        if flags & SYN:
            way.next = (sequence + 1) % _ALL
            if not sent and not self._syn:
                self._syn = True
                happened.append(Turn(packet.time_ns, "connected"))
            return
        data, missing = _payload(packet, at, (header[12] >> 4) * 4)
        happened += [
            Moved(packet.time_ns, sent, *each) for each in way.take(sequence, data, missing)
        ]
        if flags & (RST | FIN) and not self._ended:
            self._ended = bool(flags & RST) or sent
            refused = bool(flags & RST) and not self._syn and not sent and not self.flow.first
            what = "refused" if refused else "reset" if flags & RST else "closed"
            if what != "closed" or sent:
                happened.append(Turn(packet.time_ns, what, sent))

    def finish(self, time_ns: int) -> None:
        """Nothing more comes."""
        for sent, way in self._ways.items():
            self.flow.happened += [Moved(time_ns, sent, *each) for each in way.rest()]


def flows(packets: Iterable[Packet]) -> list[Flow]:
    """The flows of a capture, in the order in which they began.

    Raises:
        BadTrace: they are more than `FLOWS`.
    """
    found: dict[tuple[int, frozenset[End]], _Tcp | Flow] = {}
    last_ns = 0
    for packet in sorted(packets, key=lambda each: each.time_ns):
        ends = read_ends(packet.octets)
        if ends is None or is_fragment(packet.octets):
            continue
        last_ns = packet.time_ns
        key = ends.protocol, frozenset((ends.source, ends.target))
        if key not in found:
            if len(found) >= FLOWS:
                raise BadTrace(f"The capture has more than {FLOWS:,} connections.")
            flow = _begun(packet, ends.protocol, ends.source, ends.target, ends.transport_at)
            found[key] = _Tcp(flow) if ends.protocol == TCP else flow
        _sorted_in(found[key], packet, ends)
    for known in found.values():
        if isinstance(known, _Tcp):
            known.finish(last_ns)
    return [known.flow if isinstance(known, _Tcp) else known for known in found.values()]


def _sorted_in(known: _Tcp | Flow, packet: Packet, ends: Ends) -> None:
    if isinstance(known, _Tcp):
        known.take(packet, ends.source, ends.transport_at)
        return
    data, missing = _payload(packet, ends.transport_at, 8)
    if data or missing:
        sent = ends.source == known.client
        known.happened.append(Moved(packet.time_ns, sent, data, missing))


def _begun(packet: Packet, protocol: int, source: End, target: End, at: int) -> Flow:
    """Who opens a connection is the client; where that is not there, who has the higher port."""
    flags = packet.octets[at + 13] if protocol == TCP and len(packet.octets) > at + 13 else 0
    opens = protocol != TCP or (flags & SYN and not flags & ACK)
    answers = flags & SYN and flags & ACK
    if answers or (not opens and source[1] < target[1]):
        source, target = target, source
    opened = protocol != TCP or bool(flags & SYN)
    return Flow(protocol, source, target, packet.time_ns, opened=opened)


def _payload(packet: Packet, at: int, header: int) -> tuple[bytes, int]:
    """The octets behind the header of TCP or UDP, and how many were not captured.

    The lengths that IP gives are what counts: Ethernet fills short frames up. A length of 0 is
    what a network card writes that cuts packets itself.
    """
    octets = packet.octets
    if octets[0] >> 4 == 4:
        total = int.from_bytes(octets[2:4], "big")
    else:
        total = 40 + int.from_bytes(octets[4:6], "big")
    if total in (0, 40):
        total = len(octets) + packet.missing
    data = octets[at + header : total]
    return data, max(0, min(total, len(octets) + packet.missing) - max(len(octets), at + header))


def shown(end: End) -> str:
    """An end as a trace writes it: "127.0.0.1:443" or "[::1]:443"."""
    address = ip_address(end[0])
    return f"[{address}]:{end[1]}" if address.version == 6 else f"{address}:{end[1]}"
