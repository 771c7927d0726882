"""The engine that every dissector is built on."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.field import NOT_EXPLAINED, Field
from netcore.reader import LEAVES, Reader, dissect


def names(field: Field) -> list[str]:
    return [child.name for child in field.children]


def test_numbers_are_read_most_significant_bit_first() -> None:
    def read(r: Reader) -> None:
        assert (r.uint("a", 3), r.flag("b"), r.uint("c", 12)) == (0b101, True, 0x234)

    tree = dissect(read, b"\xb2\x34", "unit")
    assert [(leaf.start, leaf.length, leaf.value) for leaf in tree.leaves()] == [
        (0, 3, 5),
        (3, 1, True),
        (4, 12, 0x234),
    ]


def test_a_registry_names_a_value_or_says_that_nobody_has() -> None:
    def read(r: Reader) -> None:
        r.uint("known", 8, {1: "one"})
        r.uint("unknown", 8, {1: "one"})

    assert [leaf.label for leaf in dissect(read, b"\1\2", "unit").leaves()] == ["one", "unassigned"]


def test_octets_that_no_verb_read_are_a_leaf_that_says_so() -> None:
    tree = dissect(lambda r: r.uint("a", 8), b"\1\2\3", "unit")  # type: ignore[arg-type,return-value]
    assert names(tree) == ["a", NOT_EXPLAINED]
    assert tree.children[1].error == "nothing explains these octets of unit"
    assert tree.error == ""


def test_what_goes_wrong_in_a_block_stays_in_it() -> None:
    def read(r: Reader) -> None:
        with r.block("inner", 2):
            r.uint("too_big", 32)
        r.uint("after", 8)

    tree = dissect(read, b"\1\2\3", "unit")
    assert names(tree) == ["inner", "after"]
    assert tree.children[0].error == "too_big needs 32 bits, 16 are left"
    assert names(tree.children[0]) == [NOT_EXPLAINED]
    assert tree.error == ""


def test_a_block_that_is_longer_than_what_is_there_keeps_what_is_there() -> None:
    def read(r: Reader) -> None:
        with r.vector("list", 8):
            while r.remaining:
                r.uint("element", 8)

    tree = dissect(read, b"\5ab", "unit")
    assert names(tree.children[1]) == ["element", "element"]
    assert tree.children[1].error == "list should be 5 octets long, 2 are there"


def test_a_group_that_breaks_carries_the_error_once() -> None:
    def read(r: Reader) -> None:
        with r.group("outer"), r.group("inner"):
            r.uint("a", 8)
            r.malformed("this makes no sense")

    tree = dissect(read, b"\1", "unit")
    assert [field.error for field in tree.walk()] == [
        "this makes no sense",
        "",
        "this makes no sense",
        "",
    ]


def test_a_group_in_which_nothing_was_read_is_no_field() -> None:
    def read(r: Reader) -> None:
        with r.group("empty"):
            pass

    assert dissect(read, b"", "unit").children == ()


def test_a_group_may_get_its_value_and_label_while_it_is_read() -> None:
    def read(r: Reader) -> None:
        with r.group("name") as group:
            group.value = r.text("text", 2)
            group.label = "two letters"

    group = dissect(read, b"hi", "unit").children[0]
    assert (group.value, group.label) == ("hi", "two letters")


def test_leaves_share_the_section_of_the_innermost_group_that_has_one() -> None:
    def read(r: Reader) -> None:
        with r.group("outer", "RFC 1 §1"):
            with r.group("inner"):
                r.uint("a", 8)
            with r.block("other", 1, "RFC 2 §2"):
                r.uint("b", 8)
            r.uint("c", 8, spec="RFC 3 §3")
        r.uint("d", 8)

    tree = dissect(read, b"abcd", "unit")
    assert [leaf.spec for leaf in tree.leaves()] == ["RFC 1 §1", "RFC 2 §2", "RFC 3 §3", ""]


def test_an_error_can_hang_on_a_leaf_without_ending_the_reading() -> None:
    def read(r: Reader) -> None:
        r.uint("a", 8)
        r.blame("a should not be 1")
        r.uint("b", 8)

    assert [leaf.error for leaf in dissect(read, b"\1\2", "unit").leaves()] == [
        "a should not be 1",
        "",
    ]


def test_an_opaque_vector_is_a_length_and_a_leaf() -> None:
    tree = dissect(lambda r: r.opaque("cookie", 8), b"\2ab", "unit")  # type: ignore[arg-type,return-value]
    assert names(tree) == ["cookie_length", "cookie"]
    assert tree.children[1].value is None


def test_looking_ahead_ends_at_the_end_of_the_block() -> None:
    def read(r: Reader) -> None:
        with r.block("inner", 3):
            assert (r.peek(9), r.until(b"c"), r.until(b"d"), r.remaining) == (b"abc", 2, -1, 3)
            assert (r.match(re.compile(b"[a-z]+")), r.match(re.compile(b"[0-9]"))) == (3, 0)
            r.rest("all")
        assert r.offset == 3
        r.rest("tail")

    assert names(dissect(read, b"abcdef", "unit")) == ["inner", "tail"]


def test_a_tree_has_a_bounded_number_of_leaves() -> None:
    def read(r: Reader) -> None:
        while r.remaining:
            with r.vector("item", 8):
                r.rest("content")

    tree = dissect(read, b"\1a" * LEAVES, "unit")
    assert sum(leaf.name != NOT_EXPLAINED for leaf in tree.leaves()) == LEAVES
    assert tree.error == "20,000 fields are named already, the rest is left as it is"
    assert sum(leaf.length for leaf in tree.leaves()) == tree.length


def test_where_a_tree_is_full_no_block_begins_again() -> None:
    def read(r: Reader) -> None:
        with r.block("all", r.remaining):
            while r.remaining:
                with r.block("one", 2):
                    r.uint("a", 8)
                    r.uint("b", 8)

    tree = dissect(read, bytes(LEAVES * 4), "unit")
    assert tree.children[0].children[-1].name == NOT_EXPLAINED
    assert sum(1 for _ in tree.walk()) < LEAVES * 2
    assert sum(leaf.length for leaf in tree.leaves()) == tree.length


def test_an_error_of_ours_is_not_taken_for_one_of_the_octets() -> None:
    def read(r: Reader) -> None:
        with r.group("outer"), r.block("inner", 1):
            raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        dissect(read, b"a", "unit")


STEPS = st.recursive(
    st.tuples(st.sampled_from(["uint", "flag", "octets", "rest", "malformed"]), st.integers(0, 40)),
    lambda steps: st.tuples(
        st.sampled_from(["group", "block", "vector"]), st.lists(steps, max_size=4)
    ),
    max_leaves=12,
)


def perform(r: Reader, step: tuple[str, object]) -> None:
    verb, argument = step
    match verb, argument:
        case "uint", int(bits):
            r.uint("uint", bits + 1)
        case "flag", _:
            r.flag("flag")
        case "octets", int(count) if r._at % 8 == 0:
            r.octets("octets", count)
        case "rest", _ if r._at % 8 == 0:
            r.rest("rest")
        case "malformed", _:
            r.malformed("malformed")
        case "group", list(steps):
            with r.group("group"):
                for each in steps:
                    perform(r, each)
        case (("block" | "vector"), list(steps)):
            with r.block("block", len(steps) * 3) if verb == "block" else r.vector("vector", 8):
                for each in steps:
                    perform(r, each)


@settings(deadline=None, max_examples=300)
@given(st.lists(STEPS, max_size=6), st.binary(max_size=60))
def test_every_bit_is_in_one_leaf_whatever_is_read(
    steps: list[tuple[str, object]], octets: bytes
) -> None:
    def read(r: Reader) -> None:
        for step in steps:
            perform(r, step)

    tree = dissect(read, octets, "unit")
    at = 0
    for leaf in tree.leaves():
        assert leaf.start == at
        at = leaf.end
    assert at == len(octets) * 8 == tree.length
    for field in tree.walk():
        assert set(field.name) <= set(string.ascii_lowercase + "_")
        if field.children:
            assert (field.start, field.end) == (field.children[0].start, field.children[-1].end)
