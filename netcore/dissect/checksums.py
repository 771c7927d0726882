"""The Internet checksum (RFC 1071), and what it covers beside the octets themselves.

A sender may leave it to the network card. In a capture of what that sender sends, the field then
holds the sum over the pseudo-header alone (Linux), or nothing yet.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from netcore.reader import Reader


class Pseudo(NamedTuple):
    """What checksums above IP cover of its header (RFC 9293 §3.1, RFC 8200 §8.1)."""

    source: bytes
    destination: bytes
    protocol: int
    length: int  # octets that IP carries, of which fewer may have been kept

    @property
    def octets(self) -> bytes:
        """The pseudo-header; the sum over IPv4's shorter form is the same."""
        return self.source + self.destination + struct.pack("!II", self.length, self.protocol)


def sum_of(octets: bytes) -> int:
    """The ones' complement sum of 16-bit words, the last one filled up with a zero octet."""
    value = int.from_bytes(octets, "big") << (len(octets) % 2 * 8)
    return value % 65_535 or (65_535 if value else 0)


def verdict(octets: bytes, at: int, pseudo: Pseudo | None) -> str:
    """What a checksum is found to be: "right", "wrong", "left to the network card" or "".

    In: `octets` that it covers, its own two at `at` among them; `pseudo`, where it covers more.
    """
    if len(octets) < at + 2 or (pseudo is not None and pseudo.length > len(octets)):
        return ""
    covered = (pseudo.octets if pseudo else b"") + octets
    if sum_of(covered) == 65_535:
        return "right"
    field = int.from_bytes(octets[at : at + 2], "big")
    if pseudo is not None and field == sum_of(pseudo.octets):
        return "left to the network card"
    return "wrong"


def read_checksum(r: Reader, found: str, spec: str) -> None:
    """RFC 1071 §1. In: what the checksum was found to be; a wrong one is an error."""
    r.uint("checksum", 16, spec=spec, label=found or "not verified")
    if found == "wrong":
        r.blame("the checksum does not fit the octets: a receiver throws them away")
