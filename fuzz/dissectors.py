"""Every dissector: whatever the octets, a tree that covers them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from fuzz.target import Target, hold
from netcore.dissect import DISSECTORS
from netcore.field import NOT_EXPLAINED, Field
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets


def dissector_targets() -> dict[str, Target]:
    """A target for each of `DISSECTORS`, by its name. A new one is there by itself."""
    return {name: _target(name) for name in DISSECTORS}


def _target(name: str) -> Target:
    def seeds() -> Sequence[bytes]:
        return [read_octets(path) for path in sorted((VECTORS / name).glob("*.hex"))]

    def read(octets: bytes, _: Random) -> int:
        tree = dissect(DISSECTORS[name], octets, name.partition(".")[0])
        return covered(tree, len(octets))

    return Target(seeds, read)


def covered(tree: Field, size: int) -> int:
    """How many fields a tree has. Raises: Finding if they do not cover so many octets once."""
    hold((tree.start, tree.length) == (0, size * 8), f"the tree covers {tree.length} bits")
    count = 0
    for field in tree.walk():
        count += 1
        at = field.start
        for child in field.children:
            hold(child.start == at, f"{child.name} does not begin where what is before it ends")
            at = child.end
        hold(not field.children or at == field.end, f"its parts do not cover {field.name}")
        hold(field.name != NOT_EXPLAINED or bool(field.error), "a leaf does not say why")
    return count
