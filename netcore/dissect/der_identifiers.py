"""Object identifiers as octets: numbers of seven bits an octet, the top bit says which go on."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

MOST_OCTETS: Final = 64  # no identifier in use is longer


@lru_cache(maxsize=512)
def dotted_oid(octets: bytes) -> str:
    """X.690 §8.19: "2.5.4.3" for 55 04 03; "" for octets that are no identifier."""
    numbers = _numbers(octets)
    if not numbers:
        return ""
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def relative_oid(octets: bytes) -> str:
    """X.690 §8.20: "44947.2.1", the end of an identifier; "" for octets that are none."""
    return ".".join(map(str, _numbers(octets)))


def _numbers(octets: bytes) -> list[int]:
    """The numbers in their order; none if these octets are not whole numbers."""
    if not octets or len(octets) > MOST_OCTETS or octets[-1] & 0x80:
        return []
    numbers: list[int] = []
    number, begins = 0, True
    for octet in octets:
        if begins and octet == 0x80:
            return []  # a number begins with a digit of 0
        number = number << 7 | octet & 0x7F
        begins = octet < 0x80
        if begins:
            numbers.append(number)
            number = 0
    return numbers
