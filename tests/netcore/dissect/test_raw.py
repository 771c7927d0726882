"""Lines, and what is no text."""

from __future__ import annotations

from netcore.dissect.raw import read_raw_octets
from netcore.field import NOT_EXPLAINED
from netcore.reader import LEAVES, dissect


def leaves(octets: bytes) -> list[tuple[str, object, str]]:
    tree = dissect(read_raw_octets, octets, "raw_octets")
    return [(leaf.name, leaf.value, leaf.label) for leaf in tree.leaves() if leaf.length]


def test_a_line_ends_in_one_of_three_ways_and_says_in_which() -> None:
    assert leaves(b"a\r\nb\nc\rd") == [
        ("text", "a", ""),
        ("line_end", "\r\n", "CR LF"),
        ("text", "b", ""),
        ("line_end", "\n", "LF alone"),
        ("text", "c", ""),
        ("line_end", "\r", "CR alone"),
        ("text", "d", ""),
    ]


def test_what_is_no_text_is_octets() -> None:
    assert leaves(b"\0\1a\x7f") == [("octets", None, ""), ("text", "a", ""), ("octets", None, "")]


def test_of_too_many_lines_the_rest_is_one_leaf() -> None:
    found = leaves(b"\n" * (LEAVES * 2))
    assert len(found) <= LEAVES
    assert found[-1][0] == "octets"
    assert NOT_EXPLAINED not in {name for name, _, _ in found}
