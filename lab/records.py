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
HANDSHAKE: Final = 22
ALERT: Final = 21
SERVER_HELLO: Final = 2
CERTIFICATE: Final = 11
INTERNAL_ERROR: Final = b"\x02\x50"
"""An alert: fatal (2), internal_error (80)."""
INSUFFICIENT_SECURITY: Final = b"\x02\x47"
"""An alert: fatal (2), insufficient_security (71)."""
REFUSAL: Final = b"\x01\x64"
"""An alert: warning (1), no_renegotiation (100)."""
RC4: Final = b"\x00\x05"
"""TLS_RSA_WITH_RC4_128_SHA, which RFC 7465 forbade in 2015."""
_SESSION_ID: Final = 38  # where its length stands in a ServerHello
_FIRST_SERIAL: Final = 23  # where the serial number's tag stands in a Certificate
_UTF8_STRING: Final = 12


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


def with_broken_certificate(flight: bytes) -> list[bytes]:
    """The first certificate's serial number is said to be a text (RFC 5280, 4.1 wants a number)."""

    def spoil(message: bytearray) -> None:
        # Behind the header and two lengths: SEQUENCE, SEQUENCE, and the version in its brackets.
        message[_FIRST_SERIAL] = _UTF8_STRING

    return _spoilt(flight, CERTIFICATE, spoil)


def with_another_cipher(flight: bytes) -> list[bytes]:
    """The ServerHello chooses a cipher suite that nobody offers any more."""

    def spoil(message: bytearray) -> None:
        at = _SESSION_ID + 1 + message[_SESSION_ID]
        message[at : at + 2] = RC4

    return _spoilt(flight, SERVER_HELLO, spoil)


def weak_and_over(flight: bytes) -> list[bytes]:
    """An alert in place of the flight: what was offered is not secure enough."""
    return [_record(ALERT, flight[1:3], INSUFFICIENT_SECURITY)]


def refusal_to_begin_again(flight: bytes) -> list[bytes]:
    """The ServerHello, then the refusal of a renegotiation that nobody has asked for."""
    version, fragments = _opened(flight)
    kind, hello = fragments[0]
    return [_record(kind, version, hello), _record(ALERT, version, REFUSAL)]


def _spoilt(flight: bytes, kind: int, spoil: Callable[[bytearray], None]) -> list[bytes]:
    """The same records, after something was done to the messages of one kind in them."""
    version, fragments = _opened(flight)
    records = []
    for content_type, octets in fragments:
        message = bytearray(octets)
        if content_type == HANDSHAKE and message[0] == kind:  # an alert may begin alike
            spoil(message)
        records.append(_record(content_type, version, bytes(message)))
    return [b"".join(records)]


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
