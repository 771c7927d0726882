"""The units in view as rows of text."""

from __future__ import annotations

from flask import Flask

from tests.web.layers.strips import chunked
from web.layers.asked import Asked
from web.layers.table import MOST_ROWS, table_rows


def test_each_unit_in_view_is_a_row(app: Flask) -> None:
    _, strip, names = chunked([40, 40])
    with app.test_request_context("/"):
        rows, left = table_rows(strip, (0, strip.octets), Asked(), names, 2)
    assert [row.row for row in rows] == ["Content", *["Heads, chunks"] * 5, "Reads"]
    assert (rows[2].start, rows[2].octets, rows[2].payload) == ("47", "46", "40")
    assert left == ""


def test_of_many_it_is_said_how_many_are_left_out(app: Flask) -> None:
    _, strip, names = chunked([10] * 2_000)
    with app.test_request_context("/"):
        rows, left = table_rows(strip, (0, strip.octets), Asked(), names, 2)
        near, none_left = table_rows(strip, (1_000, 1_300), Asked(), names, 2)
    assert len(rows) <= MOST_ROWS
    assert left == f"{2_005 - len(rows):,} more units are in view and not listed; zoom in."
    assert 15 < len(near) < 30
    assert none_left == ""


def test_the_selected_unit_is_marked(app: Flask) -> None:
    _, strip, names = chunked([40, 40])
    event = strip.rows[0].units[0].event
    with app.test_request_context("/"):
        rows, _ = table_rows(strip, (0, strip.octets), Asked(event=event), names, 2)
    assert [row.name for row in rows if row.current] == ["read 1"]
