"""Domain names: labels, pointers, escapes, and what is wrong with those that are wrong."""

from __future__ import annotations

import time

from netcore.dissect.dns import read_dns_message
from netcore.field import Field, find, find_all
from netcore.reader import dissect

HEADER = "1234 8180 0000 {:04x} 0000 0000"
A_RECORD = "0001 0001 0000003c 0004 7f000001"


def answer(hexadecimal: str, count: int = 1) -> Field:
    """The tree of an answer whose records follow the header."""
    octets = bytes.fromhex(HEADER.format(count) + hexadecimal)
    return dissect(read_dns_message, octets, "dns_message")


def value(tree: Field, name: str) -> object:
    field = find(tree, name)
    return None if field is None else field.value


def test_a_pointer_gives_the_name_that_stands_where_it_points() -> None:
    tree = answer(f"03 777777 0161 00 {A_RECORD} c00c {A_RECORD} c010 {A_RECORD}", 3)
    assert [name.value for name in find_all(tree, "name")] == ["www.a.", "www.a.", "a."]
    assert tree.error == ""


def test_a_pointer_to_a_pointer_is_followed_as_often_as_it_takes() -> None:
    tree = answer(f"0161 00 {A_RECORD} c00c {A_RECORD} c01d {A_RECORD} c02d {A_RECORD}", 4)
    assert {name.value for name in find_all(tree, "name")} == {"a."}


def test_a_pointer_to_itself_or_forwards_is_an_error_at_the_pointer() -> None:
    for target in ("c00c", "c040"):
        tree = answer(f"{target} {A_RECORD}")
        pointer = find(tree, "pointer_offset")
        assert pointer is not None
        assert "a pointer must go back" in pointer.error
        assert value(tree, "address") == "127.0.0.1"


def test_a_pointer_into_the_middle_of_a_label_is_an_error() -> None:
    tree = answer(f"03 777777 00 {A_RECORD} c00d {A_RECORD}", 2)
    errors = [field.error for field in find_all(tree, "pointer_offset")]
    assert errors == ["dns.malformed: no name of this message begins at octet 13"]


def test_a_name_is_at_most_255_octets_long() -> None:
    tree = answer(("3f" + "61" * 63) * 4 + f"00 {A_RECORD}")
    assert "longer than 255 octets" in tree.error


def test_a_label_with_reserved_bits_is_an_error() -> None:
    assert "a label cannot begin with the bits 01" in answer(f"41 61 00 {A_RECORD}").error
    assert "a label cannot begin with the bits 10" in answer(f"81 61 00 {A_RECORD}").error


def test_a_dot_or_an_unprintable_octet_in_a_label_is_escaped_in_the_name() -> None:
    tree = answer(f"03 612e62 01 00 01 e9 00 {A_RECORD}")
    assert value(tree, "name") == "a\\.b.\\000.\\233."
    assert [label.value for label in find_all(tree, "label")] == ["a.b", "\0", "é"]


def test_pointers_to_pointers_without_end_take_a_bounded_time() -> None:
    """16,000 records whose names each lengthen the one before: 64 KiB, as much as TCP carries."""
    record = "01 61 {:04x} 0001 0001 00000000 0000"
    hexadecimal, at = "", 12
    for number in range(4_000):
        target = 0xC000 | (at - 14 if number else 12)
        hexadecimal += record.format(target) if number else f"01 61 00 {A_RECORD[:24]} 0000"
        at = 12 + len(bytes.fromhex(hexadecimal)) if number < 2 else at + 14
    start = time.process_time()
    tree = answer(hexadecimal, 4_000)
    assert time.process_time() - start < 2
    longest = max(len(str(name.value)) for name in find_all(tree, "name"))
    assert longest <= 4 * 255 + 2
