"""Field blocks decoded in order: fields and tables equal the hpack library's after every block."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hpack import Decoder as LibraryDecoder
from hpack import Encoder
from hpack.exceptions import HPACKError
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.hpack import read_field_block
from netcore.framing.hpack import BLOCKS_OCTETS, FIELDS_OCTETS, Block, Decoder
from netcore.reader import dissect
from netcore.registries.hpack import Entry
from tools.vectors import VECTORS, read_octets

STORIES = Path(__file__).parents[2] / "data" / "hpack-stories"
WRITERS = sorted(path.stem for path in STORIES.glob("*.json") if path.stem != "fields")


@cache
def story_file(name: str) -> dict[str, list[Any]]:
    read: dict[str, list[Any]] = json.loads((STORIES / f"{name}.json").read_text("utf-8"))
    return read


def decoded(decoder: Decoder, octets: bytes, max_size: int = 4_096) -> Block:
    return decoder.decode(dissect(read_field_block, octets, "hpack_field_block"), max_size)


def library() -> LibraryDecoder:
    return LibraryDecoder(max_header_list_size=FIELDS_OCTETS)


def pairs(entries: Sequence[Entry]) -> list[tuple[bytes, bytes]]:
    return [(e.name.encode("latin-1"), e.value.encode("latin-1")) for e in entries]


def check_equal(ours: Decoder, block: Block, theirs: LibraryDecoder, fields: list[Any]) -> None:
    """The same fields, the same table, and before each representation the table before it."""
    assert block.error == ""
    assert pairs(block.fields) == [(bytes(name), bytes(value)) for name, value in fields]
    assert pairs(ours.entries(ours.table)) == list(theirs.header_table.dynamic_entries)
    assert ours.table.size == theirs.header_table._current_size
    assert ours.table.max_size == theirs.header_table_size
    tables = [block.before, *(line.after for line in block.lines)]
    assert [line.before for line in block.lines] == tables[:-1]
    assert tables[-1] == block.after == ours.table


def test_the_stories_are_those_of_nine_implementations() -> None:
    assert len(WRITERS) == 9
    assert sum(len(cases) for cases in story_file("fields").values()) == 98


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
def test_fields_and_tables_equal_the_librarys_after_every_block_of_a_story(writer: str) -> None:
    for story, cases in story_file(writer).items():
        ours, theirs = Decoder(), library()
        allowed = 4_096
        for (wire, *sizes), fields in zip(cases, story_file("fields")[story], strict=True):
            allowed = sizes[0] if sizes else allowed
            theirs.max_allowed_table_size = allowed
            octets = bytes.fromhex(wire)
            block = decoded(ours, octets, allowed)
            check_equal(ours, block, theirs, list(theirs.decode(octets, raw=True)))
            assert [list(entry) for entry in block.fields] == [
                [name.encode().decode("latin-1"), value.encode().decode("latin-1")]
                for name, value in fields
            ]


@pytest.mark.parametrize(
    ("section", "sizes"),
    [("c_3", [57, 110, 164]), ("c_4", [57, 110, 164]), ("c_5", [222] * 3), ("c_6", [222] * 3)],
)
def test_the_tables_of_appendix_c_have_their_sizes(section: str, sizes: list[int]) -> None:
    ours, theirs = Decoder(), library()
    if section in ("c_5", "c_6"):  # there SETTINGS_HEADER_TABLE_SIZE is 256
        ours.table = ours.table._replace(max_size=256)
        theirs.header_table_size = 256
        sizes = [222, 222, 215]
    for number, size in enumerate(sizes, start=1):
        path = VECTORS / "hpack_field_block" / f"rfc7541_{section}_{number}.hex"
        block = decoded(ours, read_octets(path))
        check_equal(ours, block, theirs, list(theirs.decode(read_octets(path), raw=True)))
        assert block.after.size == size


def test_a_line_says_what_its_representation_stands_for_and_what_it_did() -> None:
    ours = Decoder()
    first = decoded(ours, bytes.fromhex("40 01 61 01 62 82".replace(" ", "")))
    second = decoded(ours, bytes.fromhex("be"))
    added, indexed = first.lines
    assert (added.start, added.end, added.entry) == (0, 5, Entry("a", "b"))
    assert (ours.entries(added.before), ours.entries(added.after)) == ([], [Entry("a", "b")])
    assert (indexed.entry, indexed.before) == (Entry(":method", "GET"), indexed.after)
    assert second.lines[0].entry == Entry("a", "b")


FIELDS = st.lists(
    st.tuples(
        st.text("abcx-", min_size=1, max_size=9),
        st.text(st.characters(max_codepoint=255), max_size=80),
        st.booleans(),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.tuples(FIELDS, st.booleans(), st.sampled_from([None, 0, 60, 200, 4_096]))))
def test_what_the_library_encodes_is_decoded_as_it_decodes(
    blocks: list[tuple[list[tuple[str, str, bool]], bool, int | None]],
) -> None:
    encoder, ours, theirs = Encoder(), Decoder(), library()
    for fields, is_coded, size in blocks:
        if size is not None:
            encoder.header_table_size = size
        raw = [(n.encode(), v.encode("latin-1"), never) for n, v, never in fields]
        octets = encoder.encode(raw, huffman=is_coded)
        block = decoded(ours, octets)
        check_equal(ours, block, theirs, list(theirs.decode(octets, raw=True)))


@pytest.mark.slow
def test_damaged_blocks_are_an_error_where_the_library_says_so() -> None:
    chosen = random.Random(7541)
    cases = [bytes.fromhex(wire) for wire, *_ in story_file("nghttp2")["05"]]
    refused = 0
    for _ in range(3_000):
        octets = bytearray(chosen.choice(cases))
        for _ in range(chosen.randrange(1, 4)):
            octets[chosen.randrange(len(octets))] = chosen.randrange(256)
        ours, theirs = Decoder(), library()
        block = decoded(ours, bytes(octets))
        try:
            fields = list(theirs.decode(bytes(octets), raw=True))
        except HPACKError:
            assert block.error
            refused += 1
        else:
            check_equal(ours, block, theirs, fields)
    assert 500 < refused < 2_900


def test_behind_an_error_nothing_of_the_direction_is_decoded() -> None:
    ours = Decoder()
    assert decoded(ours, b"\x82\xbe").error.startswith("hpack.index: there is no entry 62")
    later = decoded(ours, b"\x82")
    assert later.lines == ()
    assert "not known since an error before: hpack.index" in later.error


def test_a_table_larger_than_was_allowed_is_an_error() -> None:
    assert decoded(Decoder(), bytes.fromhex("3fe21f")).error.startswith("hpack.size_update: ")
    assert decoded(Decoder(), bytes.fromhex("3fe11f")).error == ""


def test_small_blocks_that_stand_for_much_are_decoded_up_to_a_bound() -> None:
    ours = Decoder()
    first = decoded(ours, Encoder().encode([("a", "x" * 4_000)], huffman=False))
    assert first.error == ""
    bomb = decoded(ours, b"\xbe" * 10_000)
    assert bomb.error.startswith("hpack.too_much: ")
    assert sum(entry.size for entry in bomb.fields) <= FIELDS_OCTETS


def test_very_long_blocks_are_decoded_up_to_a_bound() -> None:
    ours = Decoder()
    octets = Encoder().encode([("a", "x" * 10_000, True)], huffman=False)
    blocks = [decoded(ours, octets) for _ in range(BLOCKS_OCTETS // len(octets) + 2)]
    assert [block.error == "" for block in blocks] == [True] * (len(blocks) - 2) + [False] * 2
    assert blocks[-2].error.startswith("hpack.too_much: ")
