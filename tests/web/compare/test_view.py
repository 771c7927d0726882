"""View: what the page of a comparison is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.compare.conftest import Sides, recorded
from tests.web.recordings import exchange
from web.compare.view import compare_view


def test_what_the_query_says_is_checked() -> None:
    both = [recorded("a", exchange()), replace(recorded("b", exchange()), id="other")]
    view = compare_view(both, {"align": "sideways", "scale": "time", "ea": "x", "eb": "99999"})
    assert [link.current for link in (*view.aligns, *view.scales)] == [True, False, True, False]
    assert view.octets == ()
    assert view.swap == "/compare?a=other&b=id-a"
    assert view.here == "/compare?a=id-a&b=other"


def test_the_title_names_each_side_with_its_own_in_their_order() -> None:
    here, there = recorded("a", exchange()), recorded("b", exchange(), "http://a.example/")
    kind = compare_view([here, there], {}).sides[0].version
    assert compare_view([here, there], {}).title == (
        f"Compared: plain.example/, {kind}; a.example/, {kind}"
    )
    assert compare_view([here, here], {}).title == f"Compared: plain.example/, {kind}"


def test_an_event_of_either_side_selects_the_pair() -> None:
    both = [recorded("a", exchange()), recorded("b", exchange())]
    number = next(m.number for m in both[0].tale.timeline.marks if m.title == "GET /")
    first = compare_view(both, {"ea": str(number)})
    second = compare_view(both, {"eb": str(number)})
    assert first.octets == second.octets != ()
    chosen = [cell for row in first.steps for cell in row.cells if cell and cell.current]
    assert [cell.title for cell in chosen] == ["GET /", "GET /"]
    assert chosen[0].href.endswith(f"&ea={number}#octets")


@pytest.mark.wire
def test_three_sides_say_a_sentence_for_each_that_differs(fetched: Sides) -> None:
    sides = [
        fetched(letter, "three-versions", http=version)
        for letter, version in zip("abc", ("1.1", "2", "3"), strict=True)
    ]
    view = compare_view(sides, {})
    rows = {row.label: row for row in view.figures}
    assert [name for name, _ in rows["Round trips, by the rules"].sentences] == ["B", "C"]
    assert rows["Content"].sentences == (("", "The same."),)
    assert [side.version for side in view.sides] == ["HTTP/1.1", "HTTP/2", "HTTP/3"]
    assert view.swap == "/compare?a=id-c&b=id-b&c=id-a"
    for bar in view.shares:
        assert sum(width for _, _, width, _ in bar.parts) <= 100.1
