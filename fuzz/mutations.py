"""Ways to spoil octets. The same random numbers spoil them in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

MOST_OCTETS: Final = 65_536
_TELLING: Final = (0, 1, 9, 10, 13, 32, 48, 58, 64, 0x7F, 0x80, 0xBF, 0xC0, 0xFE, 0xFF)
_WIDTHS: Final = (1, 2, 3, 4)

Change = Callable[[bytearray, Random], None]


def spoilt(seed: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """The seed, changed in one to four places, and one time in eight with an end of another one."""
    octets = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        if octets:
            chance.choice(_CHANGES)(octets, chance)
    if others and chance.random() < 0.125:
        other = chance.choice(others)
        octets[chance.randrange(len(octets) + 1) :] = other[chance.randrange(len(other) + 1) :]
    return bytes(octets[:MOST_OCTETS])


def pieces(octets: bytes, chance: Random) -> list[bytes]:
    """The octets cut at up to six places, as they may arrive."""
    cuts = sorted(chance.randrange(len(octets) + 1) for _ in range(chance.randint(0, 6)))
    ends = [*cuts, len(octets)]
    return [octets[start:end] for start, end in zip([0, *cuts], ends, strict=True) if end > start]


def _flip(octets: bytearray, chance: Random) -> None:
    octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)


def _overwrite(octets: bytearray, chance: Random) -> None:
    octets[chance.randrange(len(octets))] = chance.choice(_TELLING)


def _leave_out(octets: bytearray, chance: Random) -> None:
    at = chance.randrange(len(octets))
    del octets[at : at + chance.randint(1, 8)]


def _put_in(octets: bytearray, chance: Random) -> None:
    at = chance.randrange(len(octets) + 1)
    octets[at:at] = bytes(chance.choice(_TELLING) for _ in range(chance.randint(1, 8)))


def _double(octets: bytearray, chance: Random) -> None:
    at = chance.randrange(len(octets))
    part = octets[at : at + chance.randint(1, 60)]
    octets[at:at] = part * chance.choice((1, 1, 2, 40))


def _cut(octets: bytearray, chance: Random) -> None:
    del octets[chance.randrange(len(octets)) :]


def _count_on(octets: bytearray, chance: Random) -> None:
    """Change a number of one to four octets by a little, or to the most that it can be."""
    width = chance.choice(_WIDTHS)
    at = chance.randrange(len(octets))
    field = octets[at : at + width]
    most = (1 << 8 * len(field)) - 1
    number = int.from_bytes(field, "big") + chance.choice((-2, -1, 1, 2, 0x80))
    number = chance.choice((number & most, number & most, most, 0))
    octets[at : at + width] = number.to_bytes(len(field), "big")


_CHANGES: Final[tuple[Change, ...]] = (
    _flip,
    _overwrite,
    _leave_out,
    _put_in,
    _double,
    _cut,
    _count_on,
)
