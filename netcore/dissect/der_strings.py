"""Strings and times of ASN.1: which characters their octets are (X.690 §8.23, RFC 5280 §4.1.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from netcore.field import Field
from netcore.reader import Reader

UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18

_KINDS: Final = MappingProxyType(
    {
        0x0C: ("utf8_string", "utf-8"),
        0x12: ("numeric_string", "ascii"),
        0x13: ("printable_string", "ascii"),
        0x14: ("teletex_string", "latin-1"),
        0x16: ("ia5_string", "ascii"),
        0x1A: ("visible_string", "ascii"),
        0x1B: ("general_string", "latin-1"),
        0x1C: ("universal_string", "utf-32-be"),
        0x1E: ("bmp_string", "utf-16-be"),
    }
)
STRINGS: Final = tuple(_KINDS)
"""The tags of strings that are characters."""
_TIMES: Final = MappingProxyType(
    {UTC_TIME: ("utc_time", "ascii"), GENERALIZED_TIME: ("generalized_time", "ascii")}
)
TIMES: Final = tuple(_TIMES)
_UTC_TIME = re.compile(rb"\d{12}Z")
_GENERALIZED_TIME = re.compile(rb"\d{14}Z")


def read_text(r: Reader, kind: int) -> str:
    """X.690 §8.23: the rest of the block as characters of the string with that tag."""
    name, coding = _KINDS.get(kind) or _TIMES[kind]
    octets = r.peek(r.remaining)
    try:
        text, error = octets.decode(coding), ""
    except UnicodeDecodeError:
        text, error = octets.decode("latin-1"), f"these octets are no {name}"
    r.add(Field(name, r.offset * 8, len(octets) * 8, text, error=error))
    return text


def read_moment(r: Reader, kind: int) -> tuple[str, str]:
    """RFC 5280 §4.1.2.5: the rest of the block as a time: the text, and the time for people."""
    octets = r.peek(r.remaining)
    shown = moment_of(octets, kind)
    text = read_text(r, kind)
    if not shown:
        r.blame("no time in the form that RFC 5280 asks for")
    return text, shown


def moment_of(octets: bytes, kind: int) -> str:
    """RFC 5280 §4.1.2.5: "24 November 2026, 12:00:00 UTC"; "" for octets that are no time.

    The two digits of a UTCTime mean 1950 to 2049.
    """
    form = _UTC_TIME if kind == UTC_TIME else _GENERALIZED_TIME
    if not form.fullmatch(octets):
        return ""
    text = octets.decode("ascii")
    year = int(text[:-11])
    if kind == UTC_TIME:
        year += 1900 if year >= 50 else 2000
    try:
        month, day, hour, minute, second = (int(text[n : n + 2]) for n in range(-11, -1, 2))
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return ""  # a thirteenth month
    return f"{at.day} {at:%B} {at.year}, {at:%H:%M:%S} UTC"
