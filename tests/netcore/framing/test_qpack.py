"""Field sections and tables, against pylsqpack, on what six other implementations wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pylsqpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.qpack import (
    instruction_end,
    read_encoder_instruction,
    read_field_section,
)
from netcore.framing.hpack import FIELDS_OCTETS
from netcore.framing.qpack import Decoder, Instruction, Section
from netcore.reader import dissect
from netcore.registries.hpack import Entry
from tools.vectors import VECTORS, read_octets

STORIES = Path(__file__).parents[2] / "data" / "qpack-stories"
WRITERS = sorted(path.stem for path in STORIES.glob("*.json") if path.stem != "fields")
Fields = list[tuple[bytes, bytes]]


@cache
def story_file(name: str) -> dict[str, list[Any]]:
    read: dict[str, list[Any]] = json.loads((STORIES / f"{name}.json").read_text("utf-8"))
    return read


def instructed(decoder: Decoder, octets: bytes) -> list[Instruction]:
    """All instructions that stand in these octets."""
    found: list[Instruction] = []
    at = 0
    while at < len(octets):
        end = instruction_end(octets, at, is_encoder=True)
        end = end if end > 0 else len(octets)
        tree = dissect(read_encoder_instruction, octets[at:end], "qpack_encoder_instruction")
        found.append(decoder.instruct(tree))
        at = end
    return found


def decoded(decoder: Decoder, octets: bytes, inserted: int | None = None) -> Section:
    tree = dissect(read_field_section, octets, "qpack_field_section")
    return decoder.decode(tree, len(decoder.added) if inserted is None else inserted)


def pairs(entries: list[Entry]) -> Fields:
    return [(entry.name.encode("latin-1"), entry.value.encode("latin-1")) for entry in entries]


def vector(kind: str, name: str) -> bytes:
    return read_octets(VECTORS / f"qpack_{kind}" / f"{name}.hex")


class Library:
    """pylsqpack, told the same."""

    def __init__(self, capacity: int, blocked: int) -> None:
        self.decoder = pylsqpack.Decoder(capacity, blocked)
        self.found: dict[int, Fields] = {}

    def instruct(self, octets: bytes) -> None:
        for stream in self.decoder.feed_encoder(octets):
            self.found[stream] = self.decoder.resume_header(stream)[1]

    def section(self, stream: int, octets: bytes) -> None:
        with suppress(pylsqpack.StreamBlocked):
            self.found[stream] = self.decoder.feed_header(stream, octets)[1]


def told(way: str) -> tuple[str, int, int]:
    """The story, the table's capacity and how many streams may be blocked."""
    story, capacity, blocked, _ = way.rsplit(".", 3)
    return story, int(capacity), int(blocked)


def beginning(capacity: int) -> Decoder:
    """The stories begin with a table of full capacity, which RFC 9204 §3.2.3 would set first."""
    ours = Decoder(capacity)
    ours.table = ours.table._replace(max_size=capacity)
    ours.tables[0] = ours.table
    return ours


def test_the_stories_are_those_of_six_implementations() -> None:
    assert len(WRITERS) == 6
    assert sum(len(story_file(writer)) for writer in WRITERS) >= 34


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
def test_fields_equal_the_librarys_for_every_section_of_every_story(writer: str) -> None:
    for way, blocks in story_file(writer).items():
        story, capacity, blocked = told(way)
        ours, theirs = beginning(capacity), Library(capacity, blocked)
        came: list[tuple[int, bytes, int]] = []
        for stream, wire in blocks:
            octets = bytes.fromhex(wire)
            if stream:
                theirs.section(stream, octets)
                came.append((stream, octets, len(ours.added)))
            else:
                theirs.instruct(octets)
                assert [each.error for each in instructed(ours, octets) if each.error] == []
        for stream, octets, inserted in came:
            section = decoded(ours, octets, inserted)
            assert section.error == "", way
            assert pairs(section.fields) == theirs.found[stream]
            assert [list(entry) for entry in section.fields] == story_file("fields")[story][
                stream - 1
            ], way


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
def test_a_table_is_never_larger_than_its_capacity_and_follows_from_the_one_before(
    writer: str,
) -> None:
    for way, blocks in story_file(writer).items():
        ours = beginning(told(way)[1])
        for octets in (bytes.fromhex(wire) for stream, wire in blocks if not stream):
            for one in instructed(ours, octets):
                assert one.after.size <= one.after.max_size <= ours.max_capacity
                entries = ours.entries(one.after)
                assert sum(entry.size for entry in entries) == one.after.size
                if one.entry is not None:
                    assert (entries[0], one.after.end) == (one.entry, one.before.end + 1)


def test_the_tables_of_appendix_b_are_ours() -> None:
    ours = Decoder(220)
    first = decoded(ours, vector("field_section", "rfc9204_b_1"))
    assert first.fields == [Entry(":path", "/index.html")]
    for name in ("rfc9204_b_2_capacity", "rfc9204_b_2_authority", "rfc9204_b_2_path"):
        instructed(ours, vector("encoder_instruction", name))
    assert ours.table.size == 106
    second = decoded(ours, vector("field_section", "rfc9204_b_2"))
    expected = [Entry(":authority", "www.example.com"), Entry(":path", "/sample/path")]
    assert second.fields == expected
    assert (second.required_insert_count, second.base) == (2, 0)
    assert [line.absolute_index for line in second.lines] == [0, 1]
    instructed(ours, vector("encoder_instruction", "rfc9204_b_3"))
    assert (ours.table.size, ours.added[2]) == (160, Entry("custom-key", "custom-value"))
    instructed(ours, vector("encoder_instruction", "rfc9204_b_4"))
    assert ours.table.size == 217
    fourth = decoded(ours, vector("field_section", "rfc9204_b_4"))
    assert fourth.fields == [expected[0], Entry(":path", "/"), Entry("custom-key", "custom-value")]
    assert [line.absolute_index for line in fourth.lines] == [3, None, 2]
    instructed(ours, vector("encoder_instruction", "rfc9204_b_5"))
    assert (ours.table.size, ours.table.first) == (215, 1)
    assert ours.entries(ours.table)[0] == Entry("custom-key", "custom-value2")


def test_a_section_that_came_before_its_entries_is_read_once_they_are_there() -> None:
    ours = Decoder(220)
    octets = vector("field_section", "rfc9204_b_2")
    assert decoded(ours, octets, 0).error.startswith("qpack.blocked: the section needs 2 entries")
    for name in ("rfc9204_b_2_capacity", "rfc9204_b_2_authority", "rfc9204_b_2_path"):
        instructed(ours, vector("encoder_instruction", name))
    assert decoded(ours, octets, 0).error == ""


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("", "needs 8 bits"),
        ("0000 80", "qpack.index"),
        ("ff01 80", "qpack.required_insert_count"),
        ("0080 c1", "qpack.base"),
        ("0000 10", "qpack.index"),
        ("0000 5105 2f", "hpack.string"),
    ],
)
def test_a_section_that_breaks_a_rule_says_which(octets: str, error: str) -> None:
    assert error in decoded(Decoder(220), bytes.fromhex(octets)).error


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("3fbe01", "qpack.capacity: 221 octets, of 220 that are allowed"),
        ("c00161", "qpack.capacity"),
        ("3fbd01 00", "qpack.index"),
        ("3fbd01 80 0161", "qpack.index"),
        ("3fbd01 ff24 0161", "qpack.index: the static table has no entry 99"),
    ],
)
def test_an_instruction_that_breaks_a_rule_ends_what_is_known_of_the_table(
    octets: str, error: str
) -> None:
    ours = Decoder(220)
    assert instructed(ours, bytes.fromhex(octets))[-1].error.startswith(error)
    assert "not known since an error before" in instructed(ours, b"\x20")[0].error


def test_small_sections_that_stand_for_much_are_decoded_up_to_a_bound() -> None:
    ours = Decoder(1 << 16)
    instructed(ours, bytes.fromhex("3fe1ff03") + b"\x41a\x7f\xe1\x1f" + b"x" * 4_192)
    assert len(ours.added) == 1
    bomb = decoded(ours, b"\x02\x00" + b"\x80" * 10_000)
    assert bomb.error.startswith("qpack.too_much: ")
    assert sum(entry.size for entry in bomb.fields) <= FIELDS_OCTETS


NAMES = st.text("abcx-", min_size=1, max_size=9)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)
LISTS = st.lists(st.lists(st.tuples(NAMES, VALUES), max_size=8), max_size=8)


def encoded(
    lists: list[list[tuple[str, str]]], capacity: int
) -> Iterator[tuple[int, bytes, bytes, Fields]]:
    encoder = pylsqpack.Encoder()
    first = encoder.apply_settings(max_table_capacity=capacity, blocked_streams=16)
    for number, fields in enumerate(lists):
        raw = [(name.encode(), value.encode()) for name, value in fields]
        instructions, section = encoder.encode(4 * number, raw)
        yield 4 * number, first + instructions, section, raw
        first = b""


@pytest.mark.slow
@settings(deadline=None)
@given(LISTS, st.sampled_from([0, 64, 300, 4_096]))
def test_what_the_library_encodes_is_decoded_to_the_same_fields(
    lists: list[list[tuple[str, str]]], capacity: int
) -> None:
    ours = Decoder(capacity)
    for _, instructions, section, raw in encoded(lists, capacity):
        assert [each.error for each in instructed(ours, instructions) if each.error] == []
        found = decoded(ours, section)
        assert (found.error, pairs(found.fields)) == ("", raw)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_octets_are_instructions_and_a_section(instructions: bytes, section: bytes) -> None:
    ours = Decoder(4_096)
    instructed(ours, instructions)
    decoded(ours, section)
