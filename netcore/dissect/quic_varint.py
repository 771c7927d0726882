"""Integers of variable length, as QUIC and HTTP/3 write most of theirs (RFC 9000 §16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netcore.reader import Reader

_SPEC: Final = "RFC 9000 §16"


def read_varint(
    r: Reader,
    name: str,
    label: Callable[[int], str] | None = None,
    spec: str = "",
    *,
    shortest: bool = False,
) -> int:
    """RFC 9000 §16: two bits say how many octets there are, the others are the number.

    In: what the number is called; whether it has to be written in as few octets as it can.
    """
    with r.group(name, spec) as group:
        octets = 1 << r.uint("varint_length", 2, _LENGTHS, _SPEC)
        value = r.uint("varint_value", octets * 8 - 2, spec=_SPEC)
        group.value = value
        group.label = label(value) if label else ""
        if shortest and octets > varint_octets(value):
            r.malformed("quic.varint: this number has to be written as short as it can be")
    return value


_LENGTHS: Final = {0: "1 octet", 1: "2 octets", 2: "4 octets", 3: "8 octets"}


def varint_octets(value: int) -> int:
    """How many octets a number needs."""
    return next(1 << bits for bits in range(4) if value < 1 << ((8 << bits) - 2))


def varint(octets: bytes | memoryview, at: int) -> tuple[int, int] | None:
    """The number that begins at `at`, and where it ends; None if it is not there whole."""
    if at >= len(octets):
        return None
    first = octets[at]
    end = at + (1 << (first >> 6))
    if end > len(octets):
        return None
    value = int.from_bytes(octets[at:end], "big")
    return value & ((1 << ((end - at) * 8 - 2)) - 1), end
