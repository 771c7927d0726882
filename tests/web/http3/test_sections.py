"""Field sections of QPACK, and what each instruction did to the table."""

from __future__ import annotations

from tests.web.http3.telling import view
from tests.web.quic.telling import story
from web.http3.sections import section_views
from web.streams.sections import SectionView


def sections(name: str) -> list[SectionView]:
    return list(view(name).sections)


def test_what_an_encoder_said_comes_first_with_the_table_before_and_after() -> None:
    first = sections("key_updates")[0]
    assert first.title.startswith("QPACK encoder stream")
    assert [row.representation for row in first.rows[:2]] == [
        "set the capacity",
        "insert, name referred to",
    ]
    change = first.rows[1].table
    assert change is not None
    assert change.before == ()
    assert [(entry.index, entry.text, entry.css) for entry in change.after] == [
        (0, ":authority: lab.test", "added")
    ]
    assert first.rows[0].value == "4,096 bytes at most"


def test_a_field_says_its_representation_table_and_huffman_code() -> None:
    request = next(each for each in sections("key_updates") if each.title == "GET /a")
    method, _, authority, *_ = request.rows
    assert (method.representation, method.index) == ("indexed", "17 static")
    assert authority.index == "0 static, its name"
    assert authority.coding == "value Huffman, 8 → 6"
    assert "&f=" in authority.href
    assert sum(row.wire for row in request.rows) == request.wire - 2  # its prefix


def test_a_reference_to_the_dynamic_table_names_the_entry() -> None:
    requests = [each for each in sections("key_updates") if each.title == "GET /a"]
    after, back = requests[1].rows[2], requests[2].rows[2]
    assert after.index == "0 after the base, dynamic, entry 0"
    assert back.index == "2 back, dynamic, entry 0"
    assert after.value == back.value == "lab.test"
    assert "before it can be read: 3" in requests[1].what


def test_what_has_no_room_is_counted() -> None:
    tale = story("simple")
    shown, more = section_views(tale.explanation.http3["1"], tale, "/t/x")
    assert more == 0
    assert len([each for each in shown if each.rows]) == len(shown)
