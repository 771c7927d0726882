"""Records: what the helper writes to its standard output, and how it is read again.

Each is its kind (one octet), its length (four) and its body. A packet's body is its facts in a
fixed form, the name of the interface and the octets that are kept; a reply's is text.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_HEAD: Final = struct.Struct("!cI")
_FACTS: Final = struct.Struct("!qIBB")
_PACKET: Final = b"P"
_REPLY: Final = b"R"
_SENT: Final = 1
_CHECKSUM: Final = 2
_SEGMENTATION: Final = 4
MOST_OCTETS: Final = 1 << 18
"""Of one record; a longer one is not from our helper."""


class Seen(NamedTuple):
    """A packet as it passed an interface of this machine."""

    monotonic_ns: int
    interface: str
    sent: bool
    length: int  # from the IP header on
    data: bytes  # the first octets of that
    checksum_offloaded: bool = False
    segmentation_offloaded: bool = False


class BadRecord(ValueError):
    """The octets are no record."""


def build_packet(seen: Seen) -> bytes:
    """The record of a packet."""
    bits = _SENT * seen.sent | _CHECKSUM * seen.checksum_offloaded
    bits |= _SEGMENTATION * seen.segmentation_offloaded
    name = seen.interface.encode("utf-8", "backslashreplace")[:255]
    body = _FACTS.pack(seen.monotonic_ns, seen.length, bits, len(name)) + name + seen.data
    return _HEAD.pack(_PACKET, len(body)) + body


def build_reply(text: str) -> bytes:
    """The record of a reply."""
    body = text.encode()
    return _HEAD.pack(_REPLY, len(body)) + body


class Records:
    """Takes octets as they come, gives records once they are whole."""

    def __init__(self) -> None:
        self._left = b""

    def receive(self, octets: bytes) -> Iterator[Seen | str]:
        """Packets and replies. Raises: BadRecord."""
        octets = self._left + octets
        at = 0
        try:
            while len(octets) - at >= _HEAD.size:
                kind, length = _HEAD.unpack_from(octets, at)
                if kind not in (_PACKET, _REPLY) or length > MOST_OCTETS:
                    raise BadRecord("this is no record")
                end = at + _HEAD.size + length
                if end > len(octets):
                    break
                body = octets[at + _HEAD.size : end]
                at = end
                yield _read_packet(body) if kind == _PACKET else body.decode("utf-8", "replace")
        finally:
            self._left = octets[at:]


def _read_packet(body: bytes) -> Seen:
    if len(body) < _FACTS.size:
        raise BadRecord("the record of a packet is too short")
    time_ns, length, bits, named = _FACTS.unpack_from(body)
    start = _FACTS.size + named
    return Seen(
        time_ns,
        body[_FACTS.size : start].decode("utf-8", "replace"),
        bool(bits & _SENT),
        length,
        body[start:],
        bool(bits & _CHECKSUM),
        bool(bits & _SEGMENTATION),
    )
