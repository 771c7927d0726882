"""The two packets of QUIC that nobody encrypts, told by their first octets (RFC 8999, RFC 9000).

What is here looks at a datagram's first packet only: neither of the two is ever coalesced.
"""

from __future__ import annotations

from typing import Final, Literal

_LONG: Final = 0x80
_RETRY: Final = {1: 3, 0x6B3343CF: 0}  # the type of Retry by version: RFC 9000 §17.2, RFC 9369 §3.2
_FIXED: Final = 5  # the first octet and the version

Kind = Literal["", "retry", "version_negotiation"]


def kind_of(datagram: bytes) -> Kind:
    """Which of the two it is, "" for neither."""
    if len(datagram) < _FIXED or not datagram[0] & _LONG:
        return ""
    version = int.from_bytes(datagram[1:5], "big")
    if not version:
        return "version_negotiation"
    return "retry" if _RETRY.get(version) == datagram[0] >> 4 & 3 else ""


def listed_versions(datagram: bytes) -> list[int]:
    """The versions that a Version Negotiation packet lists, as far as it goes (RFC 8999 §6)."""
    at = _FIXED
    for _ in range(2):  # the connection IDs of both sides
        if at >= len(datagram):
            return []
        at += 1 + datagram[at]
    octets = datagram[at:]
    return [int.from_bytes(octets[i : i + 4], "big") for i in range(0, len(octets) - 3, 4)]
