"""Twenty thousand handshake messages and certificates that somebody has spoilt, the same each time.

Each is a vector with octets changed, left out, doubled, cut off or taken from another vector, or
with a length made larger or smaller. Whatever comes out has a tree that covers it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from netcore.dissect import DISSECTORS
from netcore.field import NOT_EXPLAINED, Field
from netcore.reader import LEAVES, dissect
from tools.vectors import VECTORS, read_octets

FOLDERS = ("tls_handshake*", "x509_*")
COUNT = 20_000
SEED = 5280
MOST_SECONDS = 1  # of one message; the machine may be busy with something else meanwhile
MOST_FIELDS_AN_OCTET = 6  # three of a tag, one of a length, one of the element, one of an error

Change = Callable[[bytearray, random.Random], None]


def flip(octets: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)


def overwrite(octets: bytearray, chance: random.Random) -> None:
    octets[chance.randrange(len(octets))] = chance.choice((0, 1, 0x30, 0x7F, 0x80, 0x84, 0xFF))


def leave_out(octets: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(octets))
    del octets[at : at + chance.randint(1, 8)]


def double(octets: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(octets))
    octets[at:at] = octets[at : at + chance.randint(1, 60)]


def cut(octets: bytearray, chance: random.Random) -> None:
    del octets[chance.randrange(len(octets)) :]


def lengthen(octets: bytearray, chance: random.Random) -> None:
    """Change an octet that stands behind the tag of a SEQUENCE, where a length is."""
    at = octets.find(b"\x30", chance.randrange(len(octets)))
    if 0 <= at < len(octets) - 1:
        octets[at + 1] = (octets[at + 1] + chance.choice((-1, 1, 2, 0x80))) & 0xFF


CHANGES: tuple[Change, ...] = (flip, overwrite, leave_out, double, cut, lengthen)


def spoilt() -> Iterator[tuple[str, bytes]]:
    """Dissectors, and octets that none of them has been made for."""
    chance = random.Random(SEED)
    paths = sorted(path for folder in FOLDERS for path in VECTORS.glob(f"{folder}/*.hex"))
    vectors = [(path.parent.name, read_octets(path)) for path in paths]
    for _ in range(COUNT):
        name, original = chance.choice(vectors)
        octets = bytearray(original)
        for _ in range(chance.randint(1, 3)):
            if octets:
                chance.choice(CHANGES)(octets, chance)
        if chance.random() < 0.1:
            other = chance.choice(vectors)[1]
            at = chance.randrange(len(octets) + 1)
            octets[at:] = other[chance.randrange(len(other)) :] if other else b""
        yield name, bytes(octets)


def check(tree: Field, size: int) -> int:
    """The tree covers its octets, parts touch, and what is not explained says why."""
    assert (tree.start, tree.length) == (0, size * 8)
    count = 0
    for field in tree.walk():
        count += 1
        at = field.start
        for child in field.children:
            assert child.start == at
            at = child.end
        assert not field.children or at == field.end
        assert field.name != NOT_EXPLAINED or field.error
    return count


@pytest.mark.slow
@pytest.mark.thorough
def test_no_handshake_message_and_no_certificate_is_too_strange_to_have_a_tree() -> None:
    seen = broken = 0
    for name, octets in spoilt():
        begin = time.process_time()
        tree = dissect(DISSECTORS[name], octets, name.partition(".")[0])
        seconds = time.process_time() - begin
        count = check(tree, len(octets))
        msgspec.json.encode(tree)
        assert seconds < MOST_SECONDS, (name, octets.hex())
        assert count <= max(20, len(octets) * MOST_FIELDS_AN_OCTET), (name, octets.hex())
        assert count < LEAVES * 3
        seen += 1
        broken += any(field.error for field in tree.walk())
    assert seen == COUNT
    assert broken > COUNT / 2
