"""Frames: Ethernet, IPv4 or IPv6, and TCP or UDP, around octets, with their checksums.

RFC 9293 (TCP), RFC 768 (UDP), RFC 791 and RFC 8200 (IP), RFC 1071 (the checksum).
"""

from __future__ import annotations

import struct
from ipaddress import ip_address
from typing import Final, NamedTuple

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
PSH: Final = 0x08
ACK: Final = 0x10

SEGMENT_OCTETS: Final = 65_483
"""The most that one segment carries: as much as the loopback device's, so that a call is mostly
one segment. With all headers it fits the 16 bits of an IP length."""

DATAGRAM_OCTETS: Final = 65_507
"""The most that a UDP datagram can carry over IPv4."""

_WINDOW: Final = 65_535
_SCALE: Final = 7  # the window, in units of 128 octets: 8 MiB
_SYN_OPTIONS: Final = struct.pack("!BBH BB BB B BBB", 2, 4, SEGMENT_OCTETS, 1, 1, 4, 2, 1, 3, 3, 7)
"""Maximum segment size, SACK permitted, window scale 7."""

_TCP: Final = 6
_UDP: Final = 17
_HOPS: Final = 64
_OURS: Final = b"\x02\0\0\0\0\x01"  # locally administered: nobody's device has these
_THEIRS: Final = b"\x02\0\0\0\0\x02"


class Endpoint(NamedTuple):
    """An address, as its 4 or 16 octets, and a port."""

    address: bytes
    port: int


class Frame(NamedTuple):
    """The first octets of a frame, and how long all of it is."""

    octets: bytes
    length: int


class Path(NamedTuple):
    """From whom to whom a packet goes; both have addresses of one family."""

    source: Endpoint
    destination: Endpoint
    inbound: bool


def read_endpoint(untrusted: object) -> Endpoint | None:
    """ "127.0.0.1:443" or "[::1]:443" as the trace writes it; None for anything else."""
    if not isinstance(untrusted, str) or len(untrusted) > 100:
        return None
    host, _, port = untrusted.rpartition(":")
    if not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        return None
    try:
        address = ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return Endpoint(address.packed, int(port))


def tcp(
    path: Path, sequence: int, acknowledgement: int, flags: int, payload: bytes, missing: int = 0
) -> Frame:
    """A segment whose last `missing` octets of payload are not there; then it has no checksum."""
    options = _SYN_OPTIONS if flags & SYN else b""
    header = struct.pack(
        "!HHIIBBHHH",
        path.source.port,
        path.destination.port,
        sequence & 0xFFFF_FFFF,
        acknowledgement & 0xFFFF_FFFF,
        (20 + len(options)) // 4 << 4,
        flags,
        _WINDOW,
        0,
        0,
    )
    segment = header + options + payload
    if not missing:
        segment = segment[:16] + _checksum(path, _TCP, segment) + segment[18:]
    return _frame(path, _TCP, segment, missing)


def udp(path: Path, payload: bytes, missing: int = 0) -> Frame:
    """A datagram whose last `missing` octets are not there; then it has no checksum."""
    length = 8 + len(payload) + missing
    ports = path.source.port, path.destination.port
    datagram = struct.pack("!HHHH", *ports, length, 0) + payload
    if not missing:
        checksum = _checksum(path, _UDP, datagram)
        datagram = datagram[:6] + (checksum if any(checksum) else b"\xff\xff") + datagram[8:]
    return _frame(path, _UDP, datagram, missing)


def _frame(path: Path, protocol: int, segment: bytes, missing: int) -> Frame:
    source, destination = path.source.address, path.destination.address
    length = len(segment) + missing
    if len(source) == 4:
        kind = b"\x08\x00"
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, _HOPS, protocol, 0)
        header += source + destination
        header = header[:10] + _sum(header).to_bytes(2, "big") + header[12:]
    else:
        kind = b"\x86\xdd"
        header = struct.pack("!IHBB", 6 << 28, length, protocol, _HOPS) + source + destination
    macs = _OURS + _THEIRS if path.inbound else _THEIRS + _OURS
    octets = macs + kind + header + segment
    return Frame(octets, len(octets) + missing)


def _checksum(path: Path, protocol: int, segment: bytes) -> bytes:
    """Over the segment and what IP says about it."""
    pseudo = path.source.address + path.destination.address
    pseudo += struct.pack("!II", len(segment), protocol)
    return _sum(pseudo + segment).to_bytes(2, "big")


def _sum(octets: bytes) -> int:
    """The complement of the ones' complement sum of 16-bit words.

    Such a sum is the number that the words make, modulo 65,535; and never 0 but for all zeros.
    """
    value = int.from_bytes(octets, "big") << (len(octets) % 2 * 8)
    return 65_535 - (value % 65_535 or 65_535)
