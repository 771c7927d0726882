"""Field blocks to the bit: integers as the library writes them, strings, bounds."""

from __future__ import annotations

import pytest
from hpack import Encoder
from hpack.hpack import encode_integer
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.hpack import STRING_OCTETS, read_field_block, read_integer
from netcore.field import Field, find, find_all
from netcore.reader import Reader, dissect


def tree_of(octets: bytes) -> Field:
    return dissect(read_field_block, octets, "hpack_field_block")


def integer(octets: bytes, prefix_bits: int) -> Field:
    """The tree of an integer behind the bits of its first octet that are not its own."""

    def read(r: Reader) -> None:
        if prefix_bits < 8:
            r.uint("pattern", 8 - prefix_bits)
        read_integer(r, "number", prefix_bits)

    return dissect(read, octets, "integer")


@given(st.integers(0, 1 << 40), st.integers(1, 8))
def test_integers_are_read_as_the_library_writes_them(number: int, prefix_bits: int) -> None:
    octets = bytes(encode_integer(number, prefix_bits))
    field = find(integer(octets, prefix_bits), "number")
    assert field is not None
    assert (field.value, field.end) == (number, len(octets) * 8)


@pytest.mark.parametrize(
    ("octets", "prefix_bits", "number", "parts"),
    [("0a", 5, 10, 0), ("1f9a0a", 5, 1337, 5), ("2a", 8, 42, 0)],  # RFC 7541 appendix C.1
)
def test_the_integers_of_appendix_c_have_their_parts(
    octets: str, prefix_bits: int, number: int, parts: int
) -> None:
    field = find(integer(bytes.fromhex(octets), prefix_bits), "number")
    assert field is not None
    assert (field.value, len(field.children)) == (number, parts)


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-:", min_size=1, max_size=20)
FIELDS = st.lists(st.tuples(NAMES, st.text(st.characters(max_codepoint=255), max_size=60)))


@settings(deadline=None)
@given(FIELDS, st.booleans())
def test_strings_are_read_as_the_library_writes_them(
    fields: list[tuple[str, str]], is_coded: bool
) -> None:
    sent = [(name, value, True) for name, value in fields]  # sensitive: never indexed
    raw = [(name.encode(), value.encode("latin-1"), True) for name, value, _ in sent]
    tree = tree_of(Encoder().encode(raw, huffman=is_coded))
    assert [field.error for field in tree.walk() if field.error] == []
    values = [(find(line, "value_string"), line.name) for line in tree.children]
    assert [found.value if found else "" for found, _ in values] == [v for _, v in fields]
    assert {name for _, name in values} <= {"literal_header_field_never_indexed"}


def test_the_label_of_an_index_is_its_entry_of_the_static_table() -> None:
    tree = tree_of(bytes.fromhex("82 be 0f 2f 01 61".replace(" ", "")))
    labels = [field.label for field in find_all(tree, "index")]
    assert labels == [":method: GET", "dynamic table, entry 1", "dynamic table, entry 1"]


def test_a_string_that_is_too_long_ends_the_block() -> None:
    octets = b"\0\1a\x7f" + bytes(encode_integer(STRING_OCTETS + 1, 7)[1:]) + bytes(70_000)
    assert tree_of(octets).error.startswith("hpack.string: ")


def test_a_string_that_is_long_is_one_leaf_and_has_its_text() -> None:
    octets = Encoder().encode([("a", "x" * 9_000)], huffman=True)
    value = find(tree_of(octets), "value_string")
    assert value is not None
    assert value.value == "x" * 9_000
    assert [child.name for child in value.children] == ["huffman_code"]
