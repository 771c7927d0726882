"""UDP datagrams (RFC 768)."""

from __future__ import annotations

from typing import Final

from netcore.dissect.checksums import Pseudo, read_checksum, verdict
from netcore.reader import Reader

_SPEC: Final = "RFC 768"
_HEADER: Final = 8


def read_udp_datagram(r: Reader, pseudo: Pseudo | None = None) -> None:
    """RFC 768 §Fields. In: `pseudo`, without which the checksum cannot be verified."""
    octets = r.peek(r.remaining)
    found = verdict(octets, 6, pseudo) if pseudo else ""
    if octets[6:8] == b"\0\0" and pseudo is not None and len(pseudo.source) == 4:
        found = "none: the sender computed no checksum"
    r.uint("source_port", 16, spec=_SPEC)
    r.uint("destination_port", 16, spec=_SPEC)
    length = r.uint("length", 16, spec=_SPEC)
    if length < _HEADER:
        r.blame("a datagram counts its header of eight octets too")
    read_checksum(r, found, _SPEC)
    there = min(r.remaining, max(0, length - _HEADER))
    if there:
        r.octets("data", there, spec=_SPEC)
    r.rest("padding")
