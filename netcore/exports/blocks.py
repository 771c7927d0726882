"""Blocks of a pcapng file, each built from what it says (draft-ietf-opsawg-pcapng).

Written in little-endian order. A text is cut where it is longer than a reader would want.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

_SECTION_HEADER: Final = 0x0A0D0D0A
_INTERFACE_DESCRIPTION: Final = 1
_ENHANCED_PACKET: Final = 6
_DECRYPTION_SECRETS: Final = 10

_BYTE_ORDER: Final = 0x1A2B3C4D
_UNKNOWN_LENGTH: Final = 0xFFFF_FFFF_FFFF_FFFF
ETHERNET: Final = 1  # LINKTYPE_ETHERNET
RAW: Final = 101  # LINKTYPE_RAW: from the IP header on
_TLS_KEY_LOG: Final = 0x544C534B  # "TLSK"

_END: Final = struct.pack("<HH", 0, 0)
_COMMENT: Final = 1  # in any block
_SHB_USERAPPL: Final = 4
_IF_NAME: Final = 2
_IF_DESCRIPTION: Final = 3
_IF_TSRESOL: Final = 9
_EPB_FLAGS: Final = 2
_NANOSECONDS: Final = b"\x09"
_INBOUND: Final = struct.pack("<I", 1)
_OUTBOUND: Final = struct.pack("<I", 2)

_CHARACTERS: Final = 1_000


def section_header(software: str, comment: str) -> bytes:
    """The block that begins a file: who wrote it, and what about."""
    body = struct.pack("<IHHQ", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH)
    options = _text(_COMMENT, comment) + _text(_SHB_USERAPPL, software) + _END
    return _block(_SECTION_HEADER, body + options)


def interface(name: str, description: str, link: int = ETHERNET) -> bytes:
    """An interface that has no snapshot length and counts nanoseconds."""
    body = struct.pack("<HHI", link, 0, 0)
    options = _text(_IF_NAME, name) + _text(_IF_DESCRIPTION, description)
    return _block(
        _INTERFACE_DESCRIPTION, body + options + _option(_IF_TSRESOL, _NANOSECONDS) + _END
    )


def secrets(lines: Iterable[str]) -> bytes:
    """Lines of an NSS key log; they have to be ASCII."""
    log = "".join(f"{line}\n" for line in lines).encode("ascii")
    return _block(_DECRYPTION_SECRETS, struct.pack("<II", _TLS_KEY_LOG, len(log)) + _padded(log))


def packet(
    time_ns: int, octets: bytes, length: int, *, inbound: bool, comment: str, interface: int = 0
) -> bytes:
    """One frame of an interface, by its number from 0.

    In: `time_ns` since 1970, 64 bits; `octets`, the first ones of a frame that has `length`.
    """
    high, low = time_ns >> 32, time_ns & 0xFFFF_FFFF
    body = struct.pack("<IIIII", interface, high, low, len(octets), length) + _padded(octets)
    flags = _option(_EPB_FLAGS, _INBOUND if inbound else _OUTBOUND)
    return _block(_ENHANCED_PACKET, body + _text(_COMMENT, comment) + flags + _END)


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _text(code: int, text: str) -> bytes:
    octets = text[:_CHARACTERS].encode("utf-8", "replace")
    return _option(code, octets) if octets else b""


def _option(code: int, octets: bytes) -> bytes:
    return struct.pack("<HH", code, len(octets)) + _padded(octets)


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)
