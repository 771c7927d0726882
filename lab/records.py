"""A flight of TLS records in the clear, cut anew: the messages stay, their framing is another.

RFC 8446, 5.1 and RFC 5246, 6.2.1: a record may hold several handshake messages, and a message may
be spread over several records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

Reframe = Callable[[bytes], list[bytes]]
"""Takes a flight, returns the segments that are sent for it."""

HEADER_OCTETS: Final = 5
ALERT: Final = 21
CERTIFICATE: Final = 11
INTERNAL_ERROR: Final = b"\x02\x50"
"""An alert: fatal (2), internal_error (80)."""


def fibonacci() -> Iterator[int]:
    """1, 2, 3, 5, 8 and so on, each the sum of the two before."""
    before, number = 1, 1
    while True:
        yield number
        before, number = number, before + number


def in_one_record(flight: bytes) -> list[bytes]:
    """All handshake messages in one record."""
    version, fragments = _opened(flight)
    return [_record(fragments[0][0], version, b"".join(octets for _, octets in fragments))]


def in_odd_pieces(flight: bytes) -> list[bytes]:
    """Records of 1, 2, 3, 5, 8 octets and so on, in segments that end inside their headers."""
    version, fragments = _opened(flight)
    messages = b"".join(octets for _, octets in fragments)
    records = [_record(fragments[0][0], version, piece) for piece in in_growing_pieces(messages)]
    octets = b"".join(records)
    ends = [3, *(at + 3 for at in range(7, len(octets) - 3, 97)), len(octets)]
    return [octets[:3], *(octets[start:end] for start, end in pairwise(ends))]


def in_growing_pieces(octets: bytes) -> list[bytes]:
    """The same octets in pieces of 1, 2, 3, 5, 8 and so on."""
    pieces, at = [], 0
    for length in fibonacci():
        if at >= len(octets):
            break
        pieces.append(octets[at : at + length])
        at += length
    return pieces


def alert_behind_certificate(flight: bytes) -> list[bytes]:
    """The flight up to the Certificate, then an alert in place of the rest."""
    version, fragments = _opened(flight)
    segments = []
    for kind, octets in fragments:
        segments.append(_record(kind, version, octets))
        if octets[0] == CERTIFICATE:
            break
    return [b"".join(segments), _record(ALERT, version, INTERNAL_ERROR)]


def _opened(flight: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The version of the first record's header, and of each record its type and its fragment."""
    fragments, at = [], 0
    while at < len(flight):
        end = at + HEADER_OCTETS + int.from_bytes(flight[at + 3 : at + HEADER_OCTETS], "big")
        fragments.append((flight[at], flight[at + HEADER_OCTETS : end]))
        at = end
    return flight[1:3], fragments


def _record(kind: int, version: bytes, fragment: bytes) -> bytes:
    return bytes((kind,)) + version + len(fragment).to_bytes(2, "big") + fragment
