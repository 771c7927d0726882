"""Capture file: the packets of a pcapng or pcap file, and the TLS secrets that stand in it.

draft-ietf-opsawg-pcapng and draft-ietf-opsawg-pcap. All of it comes from outside: what is too long
for its place, or of an unknown kind, is refused or skipped, and everything is bounded.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from netcore.trace import BadTrace

PACKETS: Final = 50_000
SECRETS_OCTETS: Final = 1 << 20
LATEST_NS: Final = 1 << 62  # in the year 2116

_SECTION_HEADER: Final = 0x0A0D0D0A
_BYTE_ORDER: Final = 0x1A2B3C4D
_INTERFACE, _SIMPLE_PACKET, _PACKET, _SECRETS = 1, 3, 6, 10
_TLS_KEY_LOG: Final = 0x544C534B
_TSRESOL: Final = 9
_PCAP: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""Of the older format: the order of octets, and nanoseconds of a unit of its times."""

_ETHERNET, _NULL, _RAW, _LOOP, _LINUX_SLL, _IPV4, _IPV6, _SLL2 = 1, 0, 101, 108, 113, 228, 229, 276
_BSD_RAW: Final = 12
_IP_AT: Final = {
    _NULL: 4,
    _BSD_RAW: 0,
    _RAW: 0,
    _LOOP: 4,
    _LINUX_SLL: 16,
    _IPV4: 0,
    _IPV6: 0,
    _SLL2: 20,
}
LINKS: Final = tuple(sorted((_ETHERNET, *_IP_AT)))
"""The link types that are read, by their numbers at tcpdump.org/linktypes.html."""
_ETHERNET_HEADER: Final = 14
_VLAN: Final = (b"\x81\x00", b"\x88\xa8")


class Packet(NamedTuple):
    """A packet from its IP header on."""

    time_ns: int  # since 1970
    octets: bytes  # those that were kept
    missing: int  # how many more it had


@dataclass
class CaptureFile:
    """What was read."""

    packets: list[Packet] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)  # lines of an NSS key log
    unread: Counter[int] = field(default_factory=Counter)  # packets of other link types
    without_ip: int = 0  # packets


def is_capture(untrusted: bytes) -> bool:
    """Whether it begins like a capture."""
    return untrusted[:4] == b"\x0a\x0d\x0d\x0a" or untrusted[:4] in _PCAP


def read_capture(untrusted: bytes) -> CaptureFile:
    """The packets of a file, in its order.

    Raises:
        BadTrace: it is no such file, or has too much; the message says where.
    """
    if untrusted[:4] in _PCAP:
        return _read_pcap(untrusted)
    if not is_capture(untrusted):
        raise BadTrace("This is no capture of packets.")
    return _Blocks(untrusted).read()


def _read_pcap(untrusted: bytes) -> CaptureFile:
    order, unit_ns = _PCAP[untrusted[:4]]
    if len(untrusted) < 24:
        raise BadTrace("The capture ends within its first 24 bytes.")
    link = struct.unpack_from(f"{order}I", untrusted, 20)[0] & 0xFFFF  # above: the FCS's length
    found = CaptureFile()
    at = 24
    while at + 16 <= len(untrusted):
        seconds, parts, kept, length = struct.unpack_from(f"{order}IIII", untrusted, at)
        at += 16
        if at + kept > len(untrusted):
            raise BadTrace(f"The packet at byte {at:,} is longer than the rest of the file.")
        time_ns = seconds * 10**9 + parts * unit_ns
        _take(found, time_ns, link & 0xFFFF, untrusted[at : at + kept], length)
        at += kept
    return found


class _Interface(NamedTuple):
    link: int
    per_second: int  # units of its times


class _Blocks:
    """The blocks of a pcapng file, section by section."""

    def __init__(self, untrusted: bytes) -> None:
        self._octets = untrusted
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._found = CaptureFile()

    def read(self) -> CaptureFile:
        for kind, body in self._blocks():
            if kind == _SECTION_HEADER:
                self._interfaces = []
            elif kind == _INTERFACE and len(body) >= 8:
                self._interfaces.append(self._interface(body))
            elif kind == _PACKET and len(body) >= 20:
                self._packet(body)
            elif kind == _SIMPLE_PACKET and len(body) >= 4:
                self._simple(body)
            elif kind == _SECRETS and len(body) >= 8:
                self._secrets(body)
        return self._found

    def _blocks(self) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 12 <= len(self._octets):
            if self._octets[at : at + 4] == b"\x0a\x0d\x0d\x0a":
                magic = self._octets[at + 8 : at + 12]
                self._order = "<" if magic == struct.pack("<I", _BYTE_ORDER) else ">"
            kind, length = struct.unpack_from(f"{self._order}II", self._octets, at)
            left = len(self._octets) - at
            if length > left:
                raise BadTrace(
                    f"The capture ends within the block at byte {at:,}: it says that it has "
                    f"{length:,} bytes, and {left:,} are there."
                )
            if length < 12 or length % 4:
                raise BadTrace(f"The block at byte {at:,} of the capture has an impossible length.")
            yield kind, self._octets[at + 8 : at + length - 4]
            at += length
        if at < len(self._octets):
            raise BadTrace(f"The capture ends within the block at byte {at:,}.")

    def _interface(self, body: bytes) -> _Interface:
        (link,) = struct.unpack_from(f"{self._order}H", body)
        per_second = 10**6
        for code, value in self._options(body[8:]):
            if code == _TSRESOL and value:
                power = min(value[0] & 0x7F, 63)
                per_second = 1 << power if value[0] & 0x80 else 10 ** min(power, 18)
        return _Interface(link, per_second)

    def _options(self, octets: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 4 <= len(octets):
            code, length = struct.unpack_from(f"{self._order}HH", octets, at)
            if not code:
                return
            yield code, octets[at + 4 : at + 4 + length]
            at += 4 + length + -length % 4

    def _packet(self, body: bytes) -> None:
        number, high, low, kept, length = struct.unpack_from(f"{self._order}IIIII", body)
        if number >= len(self._interfaces) or kept > len(body) - 20:
            raise BadTrace("A packet of the capture is of no interface, or longer than its block.")
        interface = self._interfaces[number]
        time_ns = (high << 32 | low) * 10**9 // interface.per_second
        _take(self._found, time_ns, interface.link, body[20 : 20 + kept], length)

    def _simple(self, body: bytes) -> None:
        """A packet without a time: it stands at that of the packet before it."""
        (length,) = struct.unpack_from(f"{self._order}I", body)
        before = self._found.packets[-1].time_ns if self._found.packets else 0
        if self._interfaces:
            data = body[4 : 4 + length]
            _take(self._found, before, self._interfaces[0].link, data, length)

    def _secrets(self, body: bytes) -> None:
        kind, length = struct.unpack_from(f"{self._order}II", body)
        if kind == _TLS_KEY_LOG:
            self._found.secrets += key_log_lines(body[8 : 8 + length])


def key_log_lines(untrusted: bytes) -> list[str]:
    """The lines of an NSS key log; what is none is left out, and so are repetitions."""
    text = untrusted[:SECRETS_OCTETS].decode("ascii", "replace")
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if _is_secret(line)))


def _is_secret(line: str) -> bool:
    label, *rest = line.split(" ")
    return (
        len(rest) == 2
        and len(line) <= 1_024
        and label.replace("_", "").isalnum()
        and label.isupper()
        and all(part and set(part) <= set("0123456789abcdefABCDEF") for part in rest)
    )


def _take(found: CaptureFile, time_ns: int, link: int, octets: bytes, length: int) -> None:
    """Add a packet, without what the link put before it; nothing but IP is of use."""
    if len(found.packets) >= PACKETS:
        raise BadTrace(f"The capture has more than {PACKETS:,} packets.")
    if time_ns >= LATEST_NS:
        raise BadTrace("A packet of the capture has a time that is none of this age.")
    if link not in LINKS:
        found.unread[link] += 1
        return
    at = _ip_at(link, octets)
    if at is None or len(octets) <= at:
        found.without_ip += 1
    else:
        found.packets.append(Packet(time_ns, octets[at:], max(0, length - len(octets))))


def _ip_at(link: int, octets: bytes) -> int | None:
    """Where the IP header begins; None where there is none."""
    if link != _ETHERNET:
        return _IP_AT[link]
    at = _ETHERNET_HEADER
    while octets[at - 2 : at] in _VLAN and at < 30:
        at += 4
    return at if octets[at - 2 : at] in (b"\x08\x00", b"\x86\xdd") else None
