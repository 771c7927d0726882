"""Beside: hex panes of a chosen event and its counterparts."""

from __future__ import annotations

import pytest

from tests.web.compare.conftest import Sides, recorded
from tests.web.recordings import exchange, refused
from web.compare.beside import beside
from web.compare.pairing import counterparts


def test_a_unit_beside_itself_has_nothing_underlined() -> None:
    both = [recorded("a", exchange()), recorded("b", exchange())]
    number = next(m.number for m in both[0].tale.timeline.marks if m.title == "GET /")
    views, note = beside(both, counterparts(both, both[0], number))
    assert [view.title for view in views] == ["GET /", "GET /"]
    assert note.endswith("What differs is underlined.")
    runs = [run for view in views for row in view.rows for half in row.hex for run in half]
    assert runs
    assert not any(piece.differs for run in runs for piece in run.pieces)


def test_what_has_no_counterpart_says_so() -> None:
    both = [recorded("a", exchange()), recorded("b", refused())]
    number = next(m.number for m in both[0].tale.timeline.marks if m.title == "GET /")
    views, note = beside(both, counterparts(both, both[0], number))
    assert (views[1].title, views[1].rows) == ("no counterpart", ())
    assert note == "There is nothing to hold it against."


@pytest.mark.wire
def test_units_of_two_kinds_are_shown_and_not_compared(fetched: Sides) -> None:
    sides = [fetched("a", "three-versions", http=v) for v in ("1.1", "2")]
    number = next(m.number for m in sides[0].tale.timeline.marks if m.title == "GET /")
    views, note = beside(sides, counterparts(sides, sides[0], number))
    assert views[0].title == "GET /"
    assert views[1].title.startswith("HEADERS")
    assert note.startswith("These are two kinds of unit")
