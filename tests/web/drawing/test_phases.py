"""Stages over the columns of their own marks."""

from __future__ import annotations

from netcore.marks import Mark, StageSpan
from tests.web.drawing.marks import mark
from web.drawing.phases import Columns, phases

COLUMNS = Columns(0, 60)


def spans(*names: str) -> list[StageSpan]:
    return [StageSpan(name, 1, at * 100, at * 100 + 100) for at, name in enumerate(names)]


def marks(*stages: str) -> list[Mark]:
    return [mark(at, "sent", at * 10, stage=stage) for at, stage in enumerate(stages, start=1)]


def test_a_stage_is_as_wide_as_its_own_steps() -> None:
    drawn = marks("target", "dns", "dns", "connect")
    assert phases(spans("dns", "connect"), drawn, COLUMNS) == [(60, 180), (180, 240)]


def test_a_stage_without_a_step_lies_between_what_was_done_before_and_after() -> None:
    drawn = marks("request", "response", "response")
    found = phases(spans("request", "waiting", "response"), drawn, COLUMNS)
    assert found == [(0, 40), (40, 90), (90, 180)]


def test_stages_without_a_step_share_the_room_between_their_neighbours() -> None:
    drawn = marks("dns", "dns", "response", "response")
    found = phases(spans("dns", "request", "waiting", "response"), drawn, COLUMNS)
    assert found == [(0, 90), (90, 120), (120, 150), (150, 240)]


def test_a_stage_with_no_step_after_it_stands_behind_the_last_one() -> None:
    assert phases(spans("dns", "close"), marks("dns"), COLUMNS) == [(0, 60), (60, 120)]
    assert phases(spans("dns"), [], COLUMNS) == [(0, 60)]


def test_a_first_stage_without_a_step_takes_its_room_from_the_next() -> None:
    assert phases(spans("dns", "connect"), marks("connect"), COLUMNS) == [(0, 20), (20, 60)]


def test_a_step_that_comes_late_counts_for_the_stage_that_has_begun() -> None:
    drawn = marks("dns", "connect", "dns", "connect")
    assert phases(spans("dns", "connect"), drawn, COLUMNS) == [(0, 60), (60, 240)]


def test_of_stages_of_one_name_the_later_one_has_what_came_later() -> None:
    drawn = [mark(1, "sent", 10, stage="connect"), mark(2, "sent", 150, stage="connect")]
    assert phases(spans("connect", "connect"), drawn, COLUMNS) == [(0, 60), (60, 120)]
