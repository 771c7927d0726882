"""Some octets in every reading that makes sense of them: as numbers, addresses, times, text."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from web.facts import clean
from web.spoken import gettext as _

NUMBERS = (1, 2, 3, 4, 8)  # octets of numbers that protocols have
PREFIXES = (7, 6, 5, 4, 3)  # bits of the prefix that HPACK and QPACK put a number into
TEXT_OCTETS = 200
LITERAL_OCTETS = 64
EARLIEST, LATEST = 946_684_800, 4_102_444_800  # 2000 and 2100, in seconds since 1970
_LONGEST = 10  # octets that a number of HPACK may take


@dataclass(frozen=True)
class Reading:
    """One way to read the octets."""

    name: str
    value: str


def readings(octets: bytes) -> tuple[Reading, ...]:
    """All readings of some octets, numbers first."""
    found = (_numbers, _varint, _prefixed, _addresses, _time, _text)
    return tuple(reading for read in found for reading in read(octets))


def _numbers(octets: bytes) -> Iterator[Reading]:
    if len(octets) not in NUMBERS:
        return
    bits = len(octets) * 8
    big = int.from_bytes(octets)
    yield Reading(f"u{bits}" if bits == 8 else _("u%(bits)s, big-endian", bits=bits), f"{big:,}")
    if bits > 8:
        little = int.from_bytes(octets, "little")
        yield Reading(_("u%(bits)s, little-endian", bits=bits), f"{little:,}")
    if octets[0] & 0x80:
        signed = int.from_bytes(octets, signed=True)
        yield Reading(_("i%(bits)s, signed", bits=bits), f"{signed:,}")


def _varint(octets: bytes) -> Iterator[Reading]:
    length = 1 << (octets[0] >> 6)
    if len(octets) == length:
        value = int.from_bytes(octets) & ((1 << length * 8 - 2) - 1)
        yield Reading(_("QUIC variable-length integer"), f"{value:,}")


def _prefixed(octets: bytes) -> Iterator[Reading]:
    """RFC 7541 §5.1: the low bits of the first octet, and where these are all 1 what follows."""
    for bits in PREFIXES:
        value = prefix_integer(octets, bits)
        if value is not None:
            yield Reading(_("HPACK integer, %(bits)s-bit prefix", bits=bits), f"{value:,}")


def prefix_integer(octets: bytes, bits: int) -> int | None:
    """The number, None if the octets are not exactly one."""
    most = (1 << bits) - 1
    low = octets[0] & most
    rest = octets[1:]
    if low < most:
        return None if rest else low
    if not rest or len(octets) > _LONGEST or rest[-1] & 0x80:
        return None
    if any(not octet & 0x80 for octet in rest[:-1]):
        return None
    return low + sum((octet & 0x7F) << 7 * at for at, octet in enumerate(rest))


def _addresses(octets: bytes) -> Iterator[Reading]:
    if len(octets) == 4:
        yield Reading(_("IPv4 address"), str(ipaddress.IPv4Address(octets)))
    if len(octets) == 16:
        yield Reading(_("IPv6 address"), str(ipaddress.IPv6Address(octets)))


def _time(octets: bytes) -> Iterator[Reading]:
    seconds = int.from_bytes(octets) if len(octets) in (4, 8) else 0
    if EARLIEST <= seconds < LATEST:
        at = datetime.fromtimestamp(seconds, UTC)
        yield Reading(_("Seconds since 1970"), at.strftime("%Y-%m-%d %H:%M:%S UTC"))


def _text(octets: bytes) -> Iterator[Reading]:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        yield Reading("UTF-8", _("no: these bytes are not UTF-8"))
    else:
        cut = " …" if len(text) > TEXT_OCTETS else ""
        yield Reading("UTF-8", clean(text[:TEXT_OCTETS]) + cut)
    if len(octets) <= LITERAL_OCTETS:
        yield Reading(_("Hexadecimal"), octets.hex(" "))
        yield Reading("Python", repr(octets))
