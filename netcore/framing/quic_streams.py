"""Streams put back together from frames that came in any order, and more than once."""

from __future__ import annotations

from typing import NamedTuple

from netcore.channels import Channel, Span, derive


class Piece(NamedTuple):
    """Octets of a stream that one frame carried."""

    offset: int  # in the stream
    place: Span  # where they stand
    octets: memoryview


class Assembly:
    """One stream in one direction. Octets that came again change nothing: the first ones count."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self.final_size: int | None = None

    def take(self, piece: Piece, *, is_last: bool = False) -> None:
        """One frame's octets; `is_last` says that the stream ends behind them."""
        if len(piece.octets):
            self._pieces.append(piece)
        if is_last and self.final_size is None:
            self.final_size = piece.offset + len(piece.octets)

    def beginning(self, count: int) -> bytes:
        """The first `count` octets, fewer if they are not there yet."""
        found = b""
        for _, octets in self.in_order():
            found += octets
            if len(found) >= count:
                break
        return found[:count]

    def in_order(self) -> list[tuple[Span, memoryview]]:
        """The octets from the beginning of the stream up to the first that is missing."""
        found: list[tuple[Span, memoryview]] = []
        at = 0
        for offset, place, octets in sorted(self._pieces, key=_offset):
            if offset > at:
                break
            done = at - offset
            if done < len(octets):
                rest = octets[done:]
                found.append((Span(place.channel, place.start + done, place.end), rest))
                at += len(rest)
        return found

    def channel(self, name: str) -> Channel:
        """The stream as a channel, made of the octets of packets."""
        return derive(name, self.in_order())

    @property
    def missing(self) -> bool:
        """Whether octets came that lie behind a hole, or fewer than the stream has."""
        there = sum(len(octets) for _, octets in self.in_order())
        end = max((piece.offset + len(piece.octets) for piece in self._pieces), default=0)
        return there < max(end, self.final_size or 0)


def _offset(piece: Piece) -> int:
    return piece.offset
