"""Segments: what the captured packets of TCP say that no call shows.

Theory of operation. Packets are read in order. Of each direction of a connection the sequence
numbers that have been seen are kept: a segment whose octets, SYN or FIN were all there already was
sent again. A segment ahead of what was seen leaves a gap, and one that fills it came late. What
carries new octets in order says nothing that a call does not say too. Of the latest segments it is
kept which packet they were, so that what was sent again leads to what it repeats, and a peer's word
that it has them twice (RFC 2883) to the ones that did arrive.
"""

from __future__ import annotations

from collections import deque
from ipaddress import ip_address
from typing import Final, NamedTuple

from netcore.packet_ends import TCP, read_ends
from netcore.trace import Captured

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
ACK: Final = 0x10
_MOST_GAPS: Final = 32
_MOST_PASSED: Final = 256  # segments of one direction that are kept
_SACK: Final = 5  # the kind of an option (RFC 2018 §3)
_HALF: Final = 1 << 31
_ALL: Final = 1 << 32


class Segment(NamedTuple):
    """The header of a TCP segment, as far as it is needed to follow a connection."""

    source: str  # "192.0.2.1:443", "[2001:db8::1]:443"
    target: str
    sequence: int
    acknowledgement: int
    flags: int
    octets: int  # of data, by the length that IP says
    doubled: tuple[int, int] | None = None  # what its sender had got twice (RFC 2883)


class Told(NamedTuple):
    """What a segment is, in words; `title` is "" for new octets in order, which calls tell."""

    title: str
    is_repeated: bool = False
    is_acknowledgement: bool = False  # nothing but one
    first: int = 0  # of what was sent again: the number that the packet had which carried it before
    in_vain: bool = False  # whether nobody had acknowledged that one
    arrived: tuple[
        int, ...
    ] = ()  # numbers of the other side's packets that it tells of as received


def read_segment(event: Captured) -> Segment | None:
    """The segment of a packet; None if it has none, or not its first 14 octets."""
    octets = event.data
    ends = read_ends(octets)
    if ends is None or ends.protocol != TCP or len(octets) < ends.transport_at + 14:
        return None
    at = ends.transport_at
    length = _number(octets, 2, 2) if octets[0] >> 4 == 4 else 40 + _number(octets, 4, 2)
    data_at = (octets[at + 12] >> 4) * 4
    acknowledgement = _number(octets, at + 8, 4)
    return Segment(
        _endpoint(*ends.source),
        _endpoint(*ends.target),
        _number(octets, at + 4, 4),
        acknowledgement,
        octets[at + 13],
        max(0, length - at - data_at),
        _doubled(octets[at + 20 : at + data_at], acknowledgement),
    )


def _doubled(options: bytes, acknowledgement: int) -> tuple[int, int] | None:
    """What was received twice: the first block of a SACK option, if it is acknowledged already."""
    at = 0
    while at + 1 < len(options) and options[at]:
        if options[at] == 1:  # a filler
            at += 1
            continue
        length = options[at + 1]
        if length < 2:
            return None
        if options[at] == _SACK and 10 <= length <= len(options) - at:
            start, end = _number(options, at + 2, 4), _number(options, at + 6, 4)
            behind = (acknowledgement - end) % _ALL < _HALF
            return (start, end) if behind and start != end else None
        at += length
    return None


def _number(octets: bytes, at: int, count: int) -> int:
    return int.from_bytes(octets[at : at + count], "big")


def _endpoint(address: bytes, port: int) -> str:
    host = str(ip_address(address))
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Way:
    """One direction of a connection: what has been seen of it, as numbers that do not wrap."""

    def __init__(self, first: int) -> None:
        self.next = first  # behind everything that was seen
        self.acknowledged = first  # behind everything that the other side says it has
        self.gaps: list[tuple[int, int]] = []
        self.passed: deque[tuple[int, int, int]] = deque(maxlen=_MOST_PASSED)  # with its number

    def place(self, sequence: int) -> int:
        """The number beside `next` that is meant by 32 bits."""
        return self.next + (sequence - self.next + _HALF) % _ALL - _HALF

    def carried(self, start: int, end: int) -> tuple[int, bool]:
        """The number of the latest packet that carried some of it, and whether it is open.

        Out: 0 and False if none is known; open is what nobody has acknowledged all of.
        """
        latest = ((b, n) for a, b, n in reversed(self.passed) if a < end and start < b)
        stop, number = next(latest, (self.acknowledged, 0))
        return number, stop > self.acknowledged

    def within(self, first: int, last: int) -> tuple[int, ...]:
        """The numbers of the packets with nothing outside of these sequence numbers."""
        start = self.place(first)
        end = start + (last - first) % _ALL
        return tuple(number for a, b, number in self.passed if start <= a and b <= end)

    def take(self, start: int, end: int) -> str:
        """Out: "new", "again", "late" (it fills a gap) or "ahead" (it leaves one)."""
        if end <= self.next:
            late = [gap for gap in self.gaps if start < gap[1] and end > gap[0]]
            self.gaps = [left for gap in self.gaps for left in _without(gap, start, end)]
            return "late" if late else "again"
        found = "new"
        if start > self.next:
            found = "ahead"
            self.gaps = [*self.gaps, (self.next, start)][-_MOST_GAPS:]
        self.next = end
        return found


def _without(gap: tuple[int, int], start: int, end: int) -> list[tuple[int, int]]:
    parts = [(gap[0], min(gap[1], start)), (max(gap[0], end), gap[1])]
    return [part for part in parts if part[0] < part[1]]


class Connections:
    """All connections of a trace, as far as their packets have been read."""

    def __init__(self) -> None:
        self._ways: dict[tuple[str, str], _Way] = {}

    def take(self, segment: Segment, number: int = 0) -> Told:
        """What the next packet is. In: the number by which it is known."""
        begins, ends = bool(segment.flags & SYN), bool(segment.flags & FIN)
        key = segment.source, segment.target
        way = self._ways.get(key)
        if way is None:
            way = self._ways[key] = _Way(segment.sequence)
        start = way.place(segment.sequence)
        end = start + segment.octets + begins + ends
        other = self._ways.get((segment.target, segment.source))
        if segment.flags & ACK and other is not None:
            place = other.place(segment.acknowledgement)
            other.acknowledged = max(other.acknowledged, min(place, other.next))
        if end == start:
            return _told(segment, "")._replace(arrived=self._doubled(segment))
        found = way.take(start, end)
        first, in_vain = way.carried(start, end) if found == "again" else (0, False)
        way.passed.append((start, end, number))
        return _told(segment, found)._replace(
            first=first, in_vain=in_vain, arrived=self._doubled(segment)
        )

    def _doubled(self, segment: Segment) -> tuple[int, ...]:
        other = self._ways.get((segment.target, segment.source))
        if segment.doubled is None or other is None:
            return ()
        return other.within(*segment.doubled)


def _told(segment: Segment, found: str) -> Told:
    flags = segment.flags
    data = f", {segment.octets:,} bytes" if segment.octets else ""
    if flags & RST:
        return Told("RST")
    name = "FIN" if flags & FIN else ""
    if flags & SYN:
        name = "SYN-ACK" if flags & ACK else "SYN"
    if found == "again":
        return Told(f"{name or 'segment'} sent again{data}", is_repeated=True)
    if found == "late":
        return Told(f"{name or 'segment'} that was missing{data}")
    if found == "ahead":
        return Told(f"{name or 'segment'} ahead of one that is missing{data}")
    if name:
        return Told(f"{name}{data}")
    return Told("") if segment.octets else Told("ACK", is_acknowledgement=True)
