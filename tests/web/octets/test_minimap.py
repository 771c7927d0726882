"""The strip of a large unit."""

from __future__ import annotations

import pytest

from netcore.field import Field
from web.fieldtree import paths
from web.octets.minimap import LEAST_OCTETS, SLOTS, minimap


def of(*lengths: int) -> list[tuple[str, int, int]]:
    """The strip of leaves of so many octets each."""
    leaves, at = [], 0
    for length in lengths:
        leaves.append(Field("leaf", at * 8, length * 8))
        at += length
    strip = minimap(paths(Field("unit", 0, at * 8, children=tuple(leaves))), at)
    return [(part.css, round(part.at), round(part.length)) for part in strip]


def test_a_unit_that_is_seen_whole_has_no_strip() -> None:
    assert of(LEAST_OCTETS) == []


def test_the_strip_has_the_tints_of_the_leaves() -> None:
    assert of(2_000, 2_000, 4_000) == [("a", 0, 250), ("b", 250, 250), ("a", 500, 500)]


@pytest.mark.parametrize("lengths", [(1,) * 5_000, (1, 9_000, 1), (3_000, 0, 1)])
def test_the_strip_is_covered_once_by_no_more_parts_than_it_has_steps(
    lengths: tuple[int, ...],
) -> None:
    strip = of(*lengths)
    assert 0 < len(strip) <= SLOTS
    assert abs(sum(length for _, _, length in strip) - 1000) <= len(strip)
