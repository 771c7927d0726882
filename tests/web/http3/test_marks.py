"""Units of HTTP/3 streams are marks in the order in which they crossed."""

from __future__ import annotations

import pytest

from tests.web.http3.telling import view
from tests.web.quic.telling import story
from web.http3.marks import place, stream_notes, unit_marks
from web.streams import marks as shared


def test_a_stream_begins_with_its_type_and_ends_with_fin() -> None:
    rows = [row for row in view("simple").rows if row.stream == 0]
    assert [row.name for row in rows] == ["HEADERS", "HEADERS", "DATA"]
    assert [row.flags for row in rows] == ["FIN", "", "FIN"]
    control = [row.name for row in view("simple").rows if row.stream == 2]
    assert control[:2] == ["Control Stream", "SETTINGS"]


def test_a_stream_is_noted_by_its_request_or_by_its_type() -> None:
    notes = {lane.stream: lane.note for lane in view("simple").lanes.lanes}
    assert notes[0] == "GET /a"
    assert notes[2] == notes[3] == "Control"
    assert notes[6] == notes[7] == "QPACK Encoder"


def test_instructions_in_a_row_are_one_mark() -> None:
    inserted = [row for row in view("key_updates").rows if row.name == "insert"]
    assert [row.count for row in inserted] == [3, 1]


def test_what_has_no_room_is_counted() -> None:
    tale = story("simple")
    connection = tale.explanation.quic["1"]
    every, none = unit_marks(connection, tale, "1", "/t/x")
    shown, left_out = unit_marks(connection, tale, "1", "/t/x", most=4)
    assert none == 0
    assert len(shown) == 4
    assert left_out == sum(mark.count for mark in every[4:])
    assert len(every) < shared.SHOWN_MARKS
    assert stream_notes(tale.explanation.http3["1"], shown).keys() == {m.stream for m in shown}


@pytest.mark.parametrize("name", ["simple", "loss", "resumed"])
def test_marks_are_in_order_of_time(name: str) -> None:
    tale = story(name)
    marks, _ = unit_marks(tale.explanation.quic["1"], tale, "1", "/t/x")
    moments = [mark.moment_ns for mark in marks]
    assert moments == sorted(moments)
    assert all(place(mark.units[0]) == (mark.stream, mark.direction) for mark in marks)
    assert {mark.carries for mark in marks} == {True, False}
