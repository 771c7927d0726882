"""Packet ends: from whom to whom an IP packet of TCP or UDP goes, by its first octets."""

from __future__ import annotations

from typing import NamedTuple

TCP = 6
UDP = 17
_FRAGMENT_OFFSET = 0x1FFF


class Ends(NamedTuple):
    """Addresses are their 4 or 16 octets."""

    protocol: int
    source: tuple[bytes, int]
    target: tuple[bytes, int]
    transport_at: int  # where the header of TCP or UDP begins


def read_ends(octets: bytes) -> Ends | None:
    """The ends of a packet; None if it is none of TCP or UDP, or too little of it is here.

    Ports behind extension headers of IPv6, and those of a fragment behind the first, are not read.
    """
    version = octets[0] >> 4 if octets else 0
    if version == 4 and len(octets) >= 20:
        at, protocol, addresses = (octets[0] & 15) * 4, octets[9], octets[12:20]
        if int.from_bytes(octets[6:8], "big") & _FRAGMENT_OFFSET:
            return None
    elif version == 6 and len(octets) >= 40:
        at, protocol, addresses = 40, octets[6], octets[8:40]
    else:
        return None
    if protocol not in (TCP, UDP) or len(octets) < at + 4:
        return None
    half = len(addresses) // 2
    ports = (
        int.from_bytes(octets[at : at + 2], "big"),
        int.from_bytes(octets[at + 2 : at + 4], "big"),
    )
    return Ends(protocol, (addresses[:half], ports[0]), (addresses[half:], ports[1]), at)
