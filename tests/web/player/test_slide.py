"""A slide: one step with its stages, octets, fields and call."""

from __future__ import annotations

import pytest

from tests.web.player.conftest import Told
from tests.web.player.test_steps import recorded
from web.player.slide import MOST_FIELDS, slides
from web.player.steps import steps

pytestmark = pytest.mark.wire


def test_each_step_has_a_slide_and_one_can_be_asked_for() -> None:
    tale = recorded()
    made = slides(tale, "/t/x")
    assert [slide.line.number for slide in made] == list(range(1, len(steps(tale)) + 1))
    assert slides(tale, "/t/x", 2) == (made[1],)
    assert slides(tale, "/t/x", 999) == ()


def test_stages_that_are_to_come_are_outlined() -> None:
    made = slides(recorded(), "/t/x")
    first, last = made[0].stages, made[-1].stages
    assert [stage.title for stage in first] == [stage.title for stage in last]
    assert first[0].current
    assert all("future" in stage.css for stage in first[1:])
    assert not any("future" in stage.css for stage in last)


def test_the_fields_show_the_way_to_the_one_that_is_meant(told: Told) -> None:
    for slide in slides(told("h2"), "/t/x"):
        assert len(slide.fields) <= MOST_FIELDS + 3
        if slide.strip is not None and slide.line.href.count("f="):
            assert sum(field.current for field in slide.fields) == 1


def test_a_call_without_octets_has_no_bytes_but_its_call() -> None:
    connect = next(slide for slide in slides(recorded(), "/t/x") if slide.strip is None)
    assert connect.call is not None
    assert connect.call.text.startswith("sock.connect(")
