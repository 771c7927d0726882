"""Elements of DER: tags, lengths, and contents of the types that ASN.1 itself defines."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netcore.dissect import der
from netcore.dissect.elliptic import is_pair
from netcore.field import Field
from netcore.reader import Reader
from tests.netcore.dissect.elements import errors, field, integer, read, sequence, tlv


def read_integer(r: Reader) -> None:
    der.read_integer(r, "number")


def anything(octets: bytes) -> Field:
    return read(der.read_any, octets)


def bits_of(tree: Field) -> list[tuple[str, int, object]]:
    return [(leaf.name, leaf.length, leaf.value) for leaf in tree.leaves()]


def test_a_tag_is_two_bits_of_class_one_of_form_and_five_of_number() -> None:
    assert bits_of(anything(b"\xa1\x00")) == [
        ("tag_class", 2, 2),
        ("constructed", 1, True),
        ("tag_number", 5, 1),
        ("length", 8, 0),
    ]


def test_a_long_length_says_how_many_octets_hold_it() -> None:
    tree = anything(tlv(4, bytes(300)))
    assert bits_of(tree)[3:6] == [
        ("long_form", 1, True),
        ("length_octets", 7, 2),
        ("length", 16, 300),
    ]
    assert errors(tree) == []


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("30 80 00 00", "told later"),
        ("30 81 03 02 01 01", "could be written shorter"),
        ("30 82 00 85" + "00" * 0x85, "could be written shorter"),
        ("30 85 00 00 00 00 00", "a length of 5 octets"),
        ("30 ff", "a length of 127 octets"),
        ("1f 81 00 00", "above 30"),
        ("30 05 02 01 01", "should be 7 octets long, 5 are there"),
        ("30", "length needs 8 bits"),
        ("02 00", "a number without an octet"),
        ("02 02 00 01", "could be written shorter"),
        ("02 02 ff 81", "could be written shorter"),
        ("06 00", "no object identifier"),
        ("06 02 2a 80", "no object identifier"),
        ("06 02 80 01", "no object identifier"),
        ("06 41" + "01" * 65, "no object identifier"),
        ("01 01 01", "00 for FALSE and ff for TRUE"),
        ("05 01 00", "nothing explains these octets"),
        ("03 02 08 00", "leaves 0 to 7 bits unused"),
        ("03 01 01", "leaves 0 to 7 bits unused"),
        ("03 00", "unused_bits needs 8 bits"),
        ("0c 01 ff", "no utf8_string"),
        ("1e 01 00", "no bmp_string"),
        ("17 01 5a", "no time"),
    ],
)
def test_what_breaks_a_rule_is_an_error_in_the_tree(octets: str, error: str) -> None:
    found = errors(anything(bytes.fromhex(octets)))
    assert any(error in each for each in found), found


def test_what_stands_behind_an_unreadable_element_is_read_all_the_same() -> None:
    tree = anything(sequence(b"\x02\x00", integer(7)))
    assert [part.value for part in tree.children[0].children[-2:]] == [None, 7]


def test_another_tag_than_the_one_that_must_stand_here_is_named() -> None:
    tree = read(read_integer, tlv(12, b"7"))
    assert field(tree, "number").error == "INTEGER should stand here, not UTF8String"


def test_an_element_that_is_not_there_is_missed_by_its_name() -> None:
    assert read(read_integer, b"").error == "number is missing"


@given(st.integers(0, 1 << 80))
@example(0x80)
@example((1 << 63) - 1)
@example(1 << 63)
def test_a_number_is_as_it_was_written(number: int) -> None:
    octets = integer(number)
    tree = read(read_integer, octets)
    assert errors(tree) == []
    leaf = field(tree, "integer")
    assert int.from_bytes(octets[leaf.start // 8 : leaf.end // 8], "big") == number
    assert leaf.value == (number if leaf.length <= 64 else None)
    assert field(tree, "number").value == leaf.value


def test_a_zero_that_keeps_a_number_positive_is_a_field_of_its_own() -> None:
    tree = read(read_integer, integer(0x80))
    assert [(leaf.name, leaf.value) for leaf in tree.leaves()][-2:] == [
        ("leading_zero", 0),
        ("integer", 0x80),
    ]


def test_a_negative_number_has_no_value() -> None:
    leaf = field(read(read_integer, b"\x02\x01\xff"), "integer")
    assert (leaf.value, leaf.label) == (None, "negative")


def test_elements_in_elements_are_followed_eight_deep() -> None:
    octets = integer(1)
    for _ in range(30):
        octets = sequence(octets)
    tree = anything(octets)
    deep = field(tree, "contents")
    assert "too deeply" in deep.label
    assert errors(tree) == []


def test_a_bit_string_with_more_bits_than_names_has_them_in_a_field() -> None:
    tree = read(lambda r: _drop(der.read_flags(r, "flags", ("a", "b"))), b"\x03\x02\x04\xf0")
    assert bits_of(tree)[4:] == [
        ("unused_bits", 8, 4),
        ("a", 1, True),
        ("b", 1, True),
        ("further_bits", 2, 3),
        ("padding", 4, 0),
    ]
    assert field(tree, "flags").label == "a, b"


def test_a_bit_string_without_end_is_read_in_pieces_of_64_bits() -> None:
    tree = read(lambda r: _drop(der.read_flags(r, "flags", ("a",))), tlv(3, b"\0", bytes(2_000)))
    values = [leaf.length for leaf in tree.leaves() if leaf.name == "further_bits"]
    assert (max(values), sum(values)) == (64, 15_999)
    assert msgspec.json.encode(tree)


def test_a_bit_string_may_have_fewer_bits_than_names() -> None:
    tree = read(lambda r: _drop(der.read_flags(r, "flags", ("a", "b", "c"))), b"\x03\x02\x07\x80")
    assert [name for name, *_ in bits_of(tree)][5:] == ["a", "padding"]


def test_the_length_inside_an_explicit_tag_must_fit_the_one_outside() -> None:
    def explicit(r: Reader) -> None:
        der.read_integer(r, "number", explicit=0)

    assert errors(read(explicit, tlv(0xA0, integer(5)))) == []
    found = errors(read(explicit, tlv(0xA0, integer(5), b"\0")))
    assert found[0] == "the length is 1, and what is there has 2"


@pytest.mark.parametrize(
    ("octets", "whole"),
    [("02 01 05", True), ("02 01 05 00", False), ("02 80", False), ("02", False), ("", False)],
)
def test_an_element_is_told_by_its_length(octets: str, whole: bool) -> None:
    assert der.is_element(bytes.fromhex(octets)) is whole


@given(st.binary(max_size=80))
def test_any_octets_can_be_asked_what_they_are(octets: bytes) -> None:
    assert der.is_element(octets) in (True, False)
    assert is_pair(octets) in (True, False)


def _drop(_: object) -> None:
    """A reader returns nothing."""
