"""Acknowledgement, loss and round trips, derived from a recording (RFC 9002 §5 and §6).

Theory of operation. Of the packets that the client sent, a recording has when each was handed over
and when an ACK frame that covers it arrived; the difference is a round trip with the delay that the
server admits to. A packet in flight that stays behind is told lost by one of the RFC's two rules,
when an ACK comes: a later one, by three numbers or more, was acknowledged, or one that is later at
all, and nine eighths of a round trip have passed. If an ACK covers it after that, it was late and
not lost. Of the packets of the server only the holes in their numbers are seen: whether the network
or the order of arrival made them, a number that never came says nothing, so they are counted and
not called lost. What was sent in a lost packet is sent again in another one with another number:
frames that carry octets of a stream a second time.

Everything here is derived: the client's library may have decided otherwise, at another time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal

import msgspec

from netcore.dissect.quic_frame_walk import (
    ACK,
    ACK_ECN,
    CONNECTION_CLOSE,
    CONNECTION_CLOSE_APPLICATION,
    CRYPTO,
    PADDING,
    STREAM,
    STREAM_END,
    acknowledged,
)
from netcore.framing.quic_connection import Connection, Packet
from netcore.trace import AnyEvent, Called

THRESHOLD: Final = 3  # packets (RFC 9002 §6.1.1)
_GRANULARITY_NS: Final = 1_000_000  # the least that a packet is waited for (RFC 9002 §6.1.2)
_NOT_ELICITING: Final = frozenset(
    {PADDING, ACK, ACK_ECN, CONNECTION_CLOSE, CONNECTION_CLOSE_APPLICATION}
)
_MOST_WORK: Final = 5_000_000
"""Packets that ACK frames are compared with. A client has few in flight; a hostile server never
acknowledges any, thousands of times."""
_USUAL_EXPONENT: Final = 3  # of ack_delay (RFC 9000 §18.2)


class RoundTrip(msgspec.Struct, frozen=True, eq=False):
    """A sample of the round trip: a packet of the client's, and the ACK that covers it first."""

    packet: Packet
    acknowledged_by: Packet
    time_ns: int  # when the ACK arrived
    latest_ns: int
    ack_delay_ns: int  # as the server tells it, 0 in the handshake
    min_ns: int  # of all samples so far
    smoothed_ns: int  # RFC 9002 §5.3
    variation_ns: int


class Lost(msgspec.Struct, frozen=True, eq=False):
    """A packet of the client's that was told lost."""

    packet: Packet
    time_ns: int  # when the ACK came that tells it
    told_by: Packet
    rule: Literal["packets", "time"]  # of the two thresholds


class Again(msgspec.Struct, frozen=True, eq=False):
    """Octets of a stream that were sent, or came, a second time."""

    packet: Packet
    first: Packet  # that carried some of them before
    stream: str  # "CRYPTO" or "STREAM 0"
    octets: range


class Recovery(msgspec.Struct, eq=False):
    """All of it, in order."""

    acknowledged: dict[int, Packet] = {}  # id() of a client's packet -> the packet with the ACK
    round_trips: list[RoundTrip] = []
    lost: list[Lost] = []
    again: list[Again] = []
    holes: dict[int, list[range]] = {}  # space -> numbers of the server's that never came

    def acknowledged_by(self, packet: Packet) -> Packet | None:
        """The packet whose ACK covered this one first."""
        return self.acknowledged.get(id(packet))


def recovery(connection: Connection, events: Sequence[AnyEvent]) -> Recovery:
    """What became of the packets of a connection. In: the events that it was explained from."""
    walk = _Walk(connection, events)
    for packet in connection.packets:
        if packet.opened is not None:
            walk.take(packet)
    walk.finish()
    return walk.found


def elicits_ack(packet: Packet) -> bool:
    """Whether a packet has a frame that asks for an acknowledgement (RFC 9002 §2)."""
    return any(frame.type not in _NOT_ELICITING for frame in packet.frames)


def in_flight(packet: Packet) -> bool:
    """Whether a packet counts until it is acknowledged or lost (RFC 9002 §2)."""
    return elicits_ack(packet) or any(frame.type == PADDING for frame in packet.frames)


def time_ns(packet: Packet, events: Sequence[AnyEvent]) -> int:
    """When a packet was handed over, or had arrived, in nanoseconds from the start."""
    event = events[packet.event - 1]
    if isinstance(event, Called) and packet.direction == "received":
        return event.end_ns
    return event.time_ns


class _Walk:
    def __init__(self, connection: Connection, events: Sequence[AnyEvent]) -> None:
        self.found = Recovery()
        self._connection = connection
        self._events = events
        self._open: dict[int, dict[int, Packet]] = {0: {}, 1: {}, 2: {}}  # not acknowledged
        self._lost: dict[int, dict[int, Lost]] = {0: {}, 1: {}, 2: {}}
        self._came: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
        self._looked_at = 0  # packets that ACK frames were compared with
        self._carried: dict[tuple[str, str], list[tuple[range, Packet]]] = {}
        told = connection.transport_parameters.get("received", {})
        exponent = told.get("ack_delay_exponent", _USUAL_EXPONENT)
        self._exponent = min(exponent, 20) if isinstance(exponent, int) else _USUAL_EXPONENT

    def take(self, packet: Packet) -> None:
        number = packet.number
        assert number is not None
        if packet.direction == "sent":
            self._open[packet.space][number] = packet
        else:
            self._came[packet.space].add(number)
        for frame in packet.frames:
            if frame.type in (ACK, ACK_ECN) and packet.direction == "received":
                self._acknowledge(packet, acknowledged(frame), frame.values[1])
        self._note_octets(packet)

    def _acknowledge(self, packet: Packet, ranges: list[range], delay: int) -> None:
        waiting, lost = self._open[packet.space], self._lost[packet.space]
        self._looked_at += len(waiting) + len(lost)
        if self._looked_at > _MOST_WORK:
            return
        rising = ranges[::-1]
        for number in [number for number in lost if _covers(rising, number)]:
            late = lost.pop(number)
            self.found.acknowledged[id(late.packet)] = packet
        newly = [number for number in sorted(waiting) if _covers(rising, number)]
        if not newly:
            return
        largest = waiting[newly[-1]]
        for number in newly:
            self.found.acknowledged[id(waiting.pop(number))] = packet
        if newly[-1] == ranges[0][-1] and elicits_ack(largest):
            self._sample(largest, packet, delay)
        self._lose(packet, newly[-1])

    def _lose(self, packet: Packet, largest: int) -> None:
        """What is lost by an ACK, of which this is the largest number that it tells first."""
        waiting, now = self._open[packet.space], time_ns(packet, self._events)
        patience = self._patience_ns()
        for number in sorted(waiting):
            behind = waiting[number]
            if number >= largest or not in_flight(behind):
                continue
            waited = now - time_ns(behind, self._events)
            if number + THRESHOLD > largest and not (patience and waited >= patience):
                continue
            rule: Literal["packets", "time"] = (
                "packets" if number + THRESHOLD <= largest else "time"
            )
            self._lost[packet.space][number] = Lost(waiting.pop(number), now, packet, rule)

    def _patience_ns(self) -> int:
        """How long a packet is waited for once a later one is there; 0 while nothing is known."""
        if not self.found.round_trips:
            return 0
        last = self.found.round_trips[-1]
        return max(_GRANULARITY_NS, 9 * max(last.latest_ns, last.smoothed_ns) // 8)

    def _sample(self, packet: Packet, by: Packet, delay: int) -> None:
        """RFC 9002 §5.1 to §5.3."""
        now = time_ns(by, self._events)
        latest = now - time_ns(packet, self._events)
        before = self.found.round_trips[-1] if self.found.round_trips else None
        delay_ns = (delay << self._exponent) * 1_000 if by.space == 2 else 0
        if before is None:
            sample = RoundTrip(packet, by, now, latest, delay_ns, latest, latest, latest // 2)
        else:
            least = min(before.min_ns, latest)
            adjusted = latest - delay_ns if latest >= least + delay_ns else latest
            variation = (3 * before.variation_ns + abs(before.smoothed_ns - adjusted)) // 4
            smoothed = (7 * before.smoothed_ns + adjusted) // 8
            sample = RoundTrip(packet, by, now, latest, delay_ns, least, smoothed, variation)
        self.found.round_trips.append(sample)

    def _note_octets(self, packet: Packet) -> None:
        for stream, octets in _octets(packet):
            before = self._carried.setdefault((packet.direction, stream), [])
            for old, first in reversed(before[-_LOOK_BACK:]):
                if old.start < octets.stop and octets.start < old.stop:
                    self.found.again.append(Again(packet, first, stream, octets))
                    break
            before.append((octets, packet))

    def finish(self) -> None:
        lost = (each for space in self._lost.values() for each in space.values())
        self.found.lost = sorted(lost, key=lambda each: each.time_ns)
        for space, came in self._came.items():
            numbers = sorted(came)
            self.found.holes[space] = [
                range(before + 1, after)
                for before, after in pairwise(numbers)
                if after > before + 1
            ]


_LOOK_BACK: Final = 200  # frames of a stream before this one that it may repeat octets of


def _octets(packet: Packet) -> Iterator[tuple[str, range]]:
    """The stream octets that each frame of a packet carries."""
    for frame in packet.frames:
        if not frame.data:
            continue
        if frame.type == CRYPTO:
            stream, offset = f"CRYPTO {packet.name} {packet.scid.hex()}", frame.values[0]
        elif STREAM <= frame.type < STREAM_END:
            stream, offset = f"STREAM {frame.values[0]}", frame.values[1]
        else:
            continue
        yield stream, range(offset, offset + len(frame.data))


def _covers(ranges: list[range], number: int) -> bool:
    """Whether one of the ranges, from the lowest to the highest, has the number."""
    at = bisect_right(ranges, number, key=_start)
    return at > 0 and number in ranges[at - 1]


def _start(numbers: range) -> int:
    return numbers.start
