"""Ticks and folds of the axis."""

from __future__ import annotations

import itertools

import pytest

from web.drawing.axis import (
    CHARACTER,
    ROW,
    SECOND_ROW,
    draw_folds,
    gap_text,
    is_free,
    nice_step,
    tick_text,
    ticks,
)
from web.drawing.folding import Interval, fold

MS = 1_000_000


def waiting(gap: Interval) -> str:
    return gap_text(gap, [gap], ())


@pytest.mark.parametrize(
    ("least", "step"), [(0.2, 1), (1, 1), (1.1, 2), (3, 5), (7, 10), (120_000, 200_000)]
)
def test_a_step_is_a_nice_number(least: float, step: int) -> None:
    assert nice_step(least) == step


@pytest.mark.parametrize(
    ("time_ns", "step", "text"),
    [
        (0, 5 * MS // 10, "0 ms"),
        (30 * MS, 10 * MS, "30 ms"),
        (3_070 * MS, 10 * MS, "3,070 ms"),
        (1_500_000, 500_000, "1.5 ms"),
        (1_250_000, 50_000, "1.25 ms"),
        (112_000_200, 200, "112,000.2 µs"),
        (4 * 10**9, 2 * 10**9, "4 s"),
    ],
)
def test_a_tick_has_as_many_digits_as_the_step_needs(time_ns: int, step: int, text: str) -> None:
    assert tick_text(time_ns, step) == text


def test_labels_do_not_touch_each_other_or_a_fold() -> None:
    scale = fold([(5 * MS, 90 * MS)], (0, 100 * MS), 14, 1_286)
    taken: list[tuple[int, int]] = []
    (folded,) = draw_folds(scale, waiting, 200, taken)
    lines, labels = ticks(scale, 200, taken)
    assert folded.label is not None
    assert len(lines) >= len(labels) > 2
    rooms = sorted(taken)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(rooms))
    for label in labels:
        assert not scale.folds[0].x1 < label.x - 4 < scale.folds[0].x2


def test_no_hairline_goes_through_the_words_of_a_fold() -> None:
    scale = fold([(20 * MS, 90 * MS)], (0, 100 * MS), 14, 600)
    taken: list[tuple[int, int]] = []
    (folded,) = draw_folds(scale, waiting, 200, taken)
    assert folded.label is not None
    half = len(folded.label.text) * CHARACTER / 2
    lines, labels = ticks(scale, 200, taken, [folded])
    crossed = [line for line in lines if abs(line.x1 - folded.label.x) <= half]
    assert crossed
    assert all(line.y1 > folded.label.y for line in crossed)
    for label in labels:
        ends = label.x, label.x + len(label.text) * CHARACTER
        assert ends[1] < folded.label.x - half - 8 or ends[0] > folded.label.x + half + 8


def test_a_gap_is_called_waiting_only_where_the_client_waited() -> None:
    gap = (10 * MS, 30 * MS)
    assert gap_text(gap, [(9 * MS, 31 * MS)], ()) == "20.0 ms, waiting"
    assert gap_text(gap, [(9 * MS, 12 * MS)], ()) == "20.0 ms, nothing crossed"
    assert gap_text(gap, [], {gap}) == "the resolver took 20.0 ms"


@pytest.mark.parametrize("window", [(0, 60 * MS), (40 * MS, 95 * MS), (0, 100 * MS)])
def test_a_fold_states_the_whole_gap_inside_the_drawing(window: Interval) -> None:
    scale = fold([(5 * MS, 90 * MS)], window, 14, 1_286)
    (folded,) = draw_folds(scale, waiting, 200, [])
    assert folded.title == "85.0 ms, waiting"
    assert folded.label is not None
    half = len(folded.label.text) * CHARACTER / 2
    assert folded.label.x - half > 0
    assert folded.label.x + half <= 1_300


def test_room_is_free_until_something_reaches_into_it() -> None:
    assert is_free((10, 20), [(0, 9), (21, 30)])
    assert not is_free((10, 20), [(0, 10)])


def test_of_two_folds_side_by_side_the_second_keeps_its_time_above_the_drawing() -> None:
    quiet = [(10 * MS, 40 * MS), (42 * MS, 80 * MS)]
    scale = fold(quiet, (0, 90 * MS), 14, 400)
    labels = [each.label for each in draw_folds(scale, waiting, 200, [])]
    assert [label and label.text for label in labels] == ["30.0 ms, waiting", "38.0 ms"]
    assert {label.y for label in labels if label} <= {ROW, SECOND_ROW}
