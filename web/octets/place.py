"""Places in a unit, as addresses name them: a byte, one of its bits, or a range of bytes.

"7" is byte 7, counted from 0. "7.0" is its last and least bit, "7.7" its first and highest: bits
are numbered by what they are worth, as processors do it. "3-6" is bytes 3 to 6, both included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_DIGITS = 12  # of a number in an address
_PLACE = re.compile(rf"(\d{{1,{MOST_DIGITS}}})(?:\.([0-7])|-(\d{{1,{MOST_DIGITS}}}))?", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Octets `first` to before `end`; of a single one perhaps a `bit`, 7 for the highest."""

    first: int
    end: int
    bit: int = -1
    is_range: bool = False  # chosen as a range, even if it is one octet long

    def __str__(self) -> str:
        """As an address says it."""
        if self.is_range:
            return f"{self.first}-{self.end - 1}"
        return str(self.first) if self.bit < 0 else f"{self.first}.{self.bit}"

    @property
    def start_bit(self) -> int:
        """Its first bit, counted from the start of the unit."""
        return self.first * 8 + (7 - self.bit if self.bit >= 0 else 0)


def read_place(untrusted: str, size: int) -> Place | None:
    """The place that an address names in a unit of `size` octets, None if it has no such place."""
    found = _PLACE.fullmatch(untrusted)
    if found is None:
        return None
    first, bit, last = found.groups()
    place = Place(
        first=int(first),
        end=int(last or first) + 1,
        bit=int(bit) if bit else -1,
        is_range=last is not None,
    )
    return place if place.first < place.end <= size else None
