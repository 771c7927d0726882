"""Pairing: an event of one trace finds its counterpart in another."""

from __future__ import annotations

from itertools import pairwise

import pytest

from netcore.titles import title_of
from tests.web.compare.conftest import Sides, recorded
from tests.web.recordings import exchange
from web.compare.pairing import alike, counterparts, keyed, steps, unit_of


def test_each_event_of_a_fetch_is_its_own_counterpart() -> None:
    both = [recorded("a", exchange()), recorded("b", exchange())]
    for step in steps(both):
        assert step.marks[0] == step.marks[1] is not None
    for mark in both[0].tale.timeline.marks:
        assert counterparts(both, both[0], mark.members[-1]) == [mark, mark]


@pytest.mark.wire
def test_requests_answers_and_hellos_meet_across_versions(fetched: Sides) -> None:
    sides = [
        fetched(letter, "three-versions", http=version)
        for letter, version in zip("abc", ("1.1", "2", "3"), strict=True)
    ]
    for title in ("ClientHello", "GET /", "200 OK"):
        own = next(m for m in sides[0].tale.timeline.marks if m.title.startswith(title))
        found = counterparts(sides, sides[0], own.number)
        assert all(mark and mark.title.startswith(title) for mark in found), title


@pytest.mark.wire
def test_a_row_has_every_mark_once_and_each_stage_in_a_row(fetched: Sides) -> None:
    sides = [fetched("a", "tls12"), fetched("b", "three-versions", http="3")]
    rows = steps(sides)
    for at, side in enumerate(sides):
        numbers = [step.marks[at].number for step in rows if step.marks[at]]  # type: ignore[union-attr]
        assert sorted(numbers) == sorted(mark.number for mark in keyed(side).values())
        assert len(numbers) == len(side.tale.timeline.marks)
    order = [(step.hop, step.stage) for step in rows]
    runs = [one for one, other in pairwise([*order, None]) if one != other]
    assert len(runs) == len(set(runs))


@pytest.mark.wire
def test_hellos_are_taken_out_of_their_records_where_quic_has_none(fetched: Sides) -> None:
    sides = [fetched("a", "tls13"), fetched("b", "three-versions", http="3")]
    own = next(m for m in sides[0].tale.timeline.marks if m.title == "ClientHello")
    marks = counterparts(sides, sides[0], own.number)
    units = [unit_of(mark, side.tale) for mark, side in zip(marks, sides, strict=True) if mark]
    assert [unit.pdu.name for unit in units if unit] == ["tls_record", "tls_handshake"]
    same = [unit.pdu for unit in alike(units) if unit]
    assert [(pdu.name, title_of(pdu)) for pdu in same] == [("tls_handshake", "ClientHello")] * 2


def test_an_event_that_is_not_drawn_has_no_counterpart() -> None:
    both = [recorded("a", exchange()), recorded("b", exchange())]
    assert counterparts(both, both[0], 1) == [None, None]
