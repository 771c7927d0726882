"""Field sections: every field with its bits, and the table as hpack's own decoder has it."""

from __future__ import annotations

import re

from hpack import Encoder

from netcore.field import Field
from tests.netcore.http2_conversation import Conversation, rich
from tests.web.streams.telling import tale_of
from web.fieldtree import paths
from web.streams.sections import SHOWN_ENTRIES, SectionView, section_views
from web.tale import Tale


def sections(talk: Conversation) -> tuple[Tale, tuple[SectionView, ...]]:
    tale = tale_of(talk)
    connection = tale.explanation.http2["1"]
    views, more = section_views(connection.blocks, connection.decoders, tale, "/t/x")
    assert more == 0
    return tale, views


def opened(tale: Tale, href: str) -> Field:
    """The field that a link selects."""
    found = re.fullmatch(r"/t/x/e/(\d+)\?u=(\d+)&f=([\d~-]+)", href)
    assert found, href
    unit = tale.explanation.of_event(int(found[1]))[int(found[2]) - 1]
    return paths(tale.explanation.tree(unit))[found[3]][-1]


def test_the_fields_are_those_that_the_library_gave_out() -> None:
    talk = rich()
    _, views = sections(talk)
    ours = [
        (view.direction, view.stream, [(row.name, row.value) for row in view.rows if row.name])
        for view in views
    ]
    theirs = [
        (way, stream, [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields])
        for way, stream, fields in talk.heads
    ]
    for way, stream, fields in theirs:
        shown = [(name, value) for name, value in fields if len(value) < 100 and value.isascii()]
        assert any((way, stream) == each[:2] and set(shown) <= set(each[2]) for each in ours), (
            fields
        )


def test_each_field_leads_to_its_own_bits() -> None:
    tale, views = sections(rich())
    for view in views:
        for row in view.rows:
            field = opened(tale, row.href)
            assert field.length == row.wire * 8
            pattern = field.children[0]
            assert (pattern.name, pattern.label) == ("pattern", row.pattern)


def test_octets_on_the_wire_add_up_to_the_block() -> None:
    for view in sections(rich())[1]:
        assert sum(row.wire for row in view.rows) == view.wire
        assert sum(row.plain for row in view.rows) == view.plain


def test_index_prefix_and_strings_are_told() -> None:
    _, views = sections(rich())
    rows = {row.name: row for row in views[0].rows}
    assert (rows[":method"].index, rows[":method"].prefix) == ("2 static", "7 bits")
    authority = rows[":authority"]
    assert (authority.index, authority.prefix) == ("1 static, its name", "6 bits")
    assert authority.coding == "value Huffman, 8 → 6"
    long = next(row for view in views for row in view.rows if row.name == "x-large")
    assert long.coding.startswith("name Huffman, 7 → ")


def test_the_table_before_and_after_shows_what_was_added_and_evicted() -> None:
    talk = Conversation()
    talk.begin()
    encoder = Encoder()
    for count in range(60):
        block = encoder.encode([(f"x-{count}", "v" * 60)])
        head = len(block).to_bytes(3, "big") + b"\x01\x05" + (2 * count + 1).to_bytes(4, "big")
        talk.move("sent", head + block)
    tale = tale_of(talk)
    connection = tale.explanation.http2["1"]
    views, more = section_views(connection.blocks, connection.decoders, tale, "/t/x")
    assert more == 20
    change = views[39].rows[0].table
    assert change is not None
    assert "1 added" in change.said
    assert len(change.after) == SHOWN_ENTRIES
    assert (change.after[0].index, change.after[0].css) == (62, "added")
    first = views[0].rows[0].table
    assert first is not None
    assert (first.before, [entry.css for entry in first.after]) == ((), ["added"])


def test_a_block_that_cannot_be_unpacked_says_why() -> None:
    talk = Conversation()
    talk.begin()
    talk.move("sent", b"\0\0\x01\x01\x05\0\0\0\x01\xff")
    _, (view,) = sections(talk)
    assert view.error
    assert view.rows == ()
    assert "No field could be read" in view.what


def test_a_second_request_is_said_to_use_what_was_said_before() -> None:
    _, views = sections(rich())
    assert "Nothing came from this connection's own table" in views[0].what
    assert "use what this connection had said before" in views[1].what
