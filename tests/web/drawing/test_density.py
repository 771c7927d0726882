"""Above the budget sums stand for marks, and what is open stays one."""

from __future__ import annotations

import re

import pytest

from bench.generated import generated
from web.drawing.density import COLUMN, LONG_ROW, MOST_HEIGHT, divide, draw_sums
from web.drawing.folding import Scale, fold
from web.drawing.shapes import MARK_BUDGET
from web.tale import Tale, tell

CLIENT = 100.0


@pytest.fixture(scope="module", params=[700, 10_000])
def tale(request: pytest.FixtureRequest) -> Tale:
    return tell(generated(request.param))


def whole(tale: Tale) -> Scale:
    return fold([], (0, tale.flown.extent_ns), 0, 1_000)


def test_up_to_the_budget_all_are_marks() -> None:
    few = tell(generated(200))
    made, series = divide(few.flown, whole(few))
    assert series == ()
    assert sum(len(strand.flights) for strand in made) == len(few.flown.flights)


def test_above_it_each_flight_is_a_mark_or_in_a_sum(tale: Tale) -> None:
    made, series = divide(tale.flown, whole(tale))
    assert series
    assert len(made) <= MARK_BUDGET
    singles = sum(len(strand.flights) for strand in made)
    assert singles + sum(each.calls[-1] for each in series) == len(tale.flown.flights)


def test_the_open_event_and_its_neighbours_are_marks_of_their_own(tale: Tale) -> None:
    number = len(tale.trace.events) // 2
    made, _ = divide(tale.flown, whole(tale), number)
    alone = {strand.mark.number for strand in made if not strand.is_bundle}
    assert {number - 1, number, number + 1} <= alone


def test_a_nearer_span_has_its_marks_again(tale: Tale) -> None:
    scale = fold([], (100_000_000, 130_000_000), 0, 1_000)
    made, series = divide(tale.flown, scale)
    assert series == ()
    assert made


def test_outlines_have_the_height_of_the_logarithm_at_their_sides(tale: Tale) -> None:
    _, series = divide(tale.flown, whole(tale))
    drawn = draw_sums(series, whole(tale), CLIENT)
    assert {each.css.split()[-1] for each in drawn} == {"sent", "received"}
    for each in drawn:
        heights = [float(y) for y in re.findall(r"V([\d.]+)", each.d)]
        assert max(abs(y - CLIENT) for y in heights) <= MOST_HEIGHT
        above = each.css.endswith("sent")
        assert all(y <= CLIENT if above else y >= CLIENT for y in heights)
        places = [float(x) for x in re.findall(r"H([\d.]+)", each.d)]
        assert places == sorted(places)
        assert all(x % COLUMN == 0 for x in places)


def test_an_outline_says_what_is_in_sight_and_only_that() -> None:
    tale = tell(generated(10_000))
    first = fold([], (0, tale.flown.extent_ns // 2), 0, 1_000)
    labels = [each.label for each in draw_sums(tale.flown.series, first, CLIENT)]
    (writes,) = [label for label in labels if label.startswith("WebSocket, sent: ")]
    count = int(writes.split()[2].replace(",", ""))
    assert LONG_ROW < count < 4_000
    assert writes.endswith(" in all")
