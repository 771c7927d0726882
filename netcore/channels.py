"""Channels: the octets of a trace, put back in order, each with where it came from.

A channel is one socket in one direction ("tcp:1.sent"), made of the calls that moved its
octets, or a stream derived from other channels ("http1:1/1.received"), made of ranges of them.
Either way its pieces touch and cover it, so any octet can be followed down to its calls. Of what
was decrypted ("tls:1.received") every octet comes from a record as a whole.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from netcore.trace import AnyEvent, Called, Captured, StageStarted

CAPTURED = "captured"
"""How the channels begin that hold captured packets: "captured:eth0.sent"."""


class Span(NamedTuple):
    """Octets `start` to `end` (exclusive) of a channel."""

    channel: str
    start: int
    end: int


class Piece(NamedTuple):
    """Octets `start` to `end` of a channel: moved by one call, or taken from another channel."""

    start: int
    end: int
    event: int = 0  # the number of the call; 0 for a derived channel
    below: Span | None = None  # where the octets of a derived channel come from
    whole: bool = False  # each of them from all of `below`, as when it was decrypted

    def under(self, start: int, end: int) -> Span | None:
        """Where octets `start` to `end` of the channel come from, as far as they are of this piece.

        None if nothing is below: the octets are those that the call moved.
        """
        if self.below is None or self.whole:
            return self.below
        shift = self.below.start - self.start
        low, high = max(start, self.start), min(end, self.end)
        return Span(self.below.channel, low + shift, high + shift)


class Channel:
    """One ordered run of octets."""

    def __init__(self, name: str, stage: str = "") -> None:
        self.name = name
        self.stage = stage  # in which its first octets crossed
        self.octets = b""
        self.pieces: list[Piece] = []
        self.length = 0  # octets that crossed; more than were kept once the cap was reached

    @property
    def socket(self) -> str:
        """ "tcp:1" for "tcp:1.sent"."""
        return self.name.rpartition(".")[0]

    @property
    def number(self) -> str:
        """ "1" for "tcp:1.sent"."""
        return self.socket.rpartition(":")[2]

    @property
    def direction(self) -> str:
        """ "sent" for "tcp:1.sent"."""
        return self.name.rpartition(".")[2]

    @property
    def missing(self) -> int:
        """Octets that crossed and were not kept."""
        return self.length - len(self.octets)

    @cached_property
    def _edges(self) -> tuple[list[int], list[int]]:
        """Where pieces begin and end. Read once they are all there; it is read for every unit."""
        return [piece.start for piece in self.pieces], [piece.end for piece in self.pieces]

    def cover(self, start: int, end: int) -> list[Piece]:
        """The pieces that octets `start` to `end` are of, in order."""
        starts, ends = self._edges
        return self.pieces[bisect_right(ends, start) : bisect_left(starts, end)]

    def events(self, start: int, end: int) -> tuple[int, ...]:
        """The calls that moved octets `start` to `end`, in order."""
        return tuple(piece.event for piece in self.cover(start, end))


def collect(events: Iterable[AnyEvent]) -> dict[str, Channel]:
    """All channels that calls moved octets through, in order of first use."""
    channels: dict[str, Channel] = {}
    parts: dict[str, list[bytes]] = {}
    stage = ""
    for number, event in enumerate(events, start=1):
        if isinstance(event, StageStarted):
            stage = event.stage
        elif isinstance(event, Captured):
            _add_packet(channels, parts, number, event)
        if not isinstance(event, Called) or not event.channel or not event.length:
            continue
        channel = channels.get(event.channel)
        if channel is None:
            channel = channels[event.channel] = Channel(event.channel, stage)
        channel.length = event.offset + event.length
        if event.data:
            end = event.offset + len(event.data)
            channel.pieces.append(Piece(event.offset, end, number))
            parts.setdefault(event.channel, []).append(event.data)
    for name, data in parts.items():
        channels[name].octets = b"".join(data)
    return channels


def _add_packet(
    channels: dict[str, Channel], parts: dict[str, list[bytes]], number: int, event: Captured
) -> None:
    """A captured packet: the kept octets of those of one interface and direction are a channel."""
    if not event.data:
        return
    name = f"{CAPTURED}:{event.interface}.{event.direction}"
    channel = channels.setdefault(name, Channel(name))
    end = channel.length + len(event.data)
    channel.pieces.append(Piece(channel.length, end, number))
    channel.length = end
    parts.setdefault(name, []).append(event.data)


def derive(
    name: str, pieces: Iterable[tuple[Span, bytes | memoryview]], *, whole: bool = False
) -> Channel:
    """A channel made of ranges of another one; each range gives the octets beside it.

    With `whole` the octets were computed from the range; else they are the range's octets.
    """
    channel = Channel(name)
    parts: list[bytes | memoryview] = []
    at = 0
    for below, octets in pieces:
        channel.pieces.append(Piece(at, at + len(octets), below=below, whole=whole))
        at += len(octets)
        parts.append(octets)
    channel.octets = b"".join(parts)
    channel.length = at
    return channel
