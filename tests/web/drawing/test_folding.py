"""Time to width and back, with long gaps folded."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.drawing.folding import FOLD, LEAST_SPAN_NS, NEXT, Interval, Scale, fold, gaps, within_gap

MS = 1_000_000


def moments(*ms: float) -> list[tuple[int, int]]:
    return [(round(each * MS), round(each * MS)) for each in ms]


def folded(busy: list[Interval], window: Interval, width: int = 1_000, **how: bool) -> Scale:
    """The scale of a span of a trace that ends with the span, or with the last that happens."""
    end = max([window[1], *(to_ns for _, to_ns in busy)])
    return fold(gaps(busy, end), window, 0, width, **how)


def test_without_a_long_gap_time_is_linear() -> None:
    scale = folded(moments(*range(0, 101, 10)), (0, 100 * MS))
    assert scale.folds == ()
    assert [scale.x(at * MS) for at in (0, 25, 50, 100)] == [0, 250, 500, 1_000]


def test_a_gap_of_over_15_percent_is_folded_to_48_pixels() -> None:
    scale = folded(moments(0, 10, 20, 90, 100), (0, 100 * MS))
    (gap,) = scale.folds
    assert gap.x2 - gap.x1 == FOLD == 48
    assert gap.gap == (20 * MS, 90 * MS)
    assert gap.x1 - scale.x(20 * MS) == pytest.approx(NEXT, abs=0.01)
    assert scale.x(90 * MS) - gap.x2 == pytest.approx(NEXT, abs=0.01)


def test_a_gap_of_15_percent_is_not_folded() -> None:
    times = [0, 10, 20, 35, 45, 55, 65, 75, 85, 100]
    assert folded(moments(*times), (0, 100 * MS)).folds == ()


def test_what_takes_most_of_what_is_left_is_folded_too() -> None:
    scale = folded(moments(0, 4, 8, 78, 82, 3_082, 3_086), (0, 3_086 * MS))
    assert [gap.gap for gap in scale.folds] == [(8 * MS, 78 * MS), (82 * MS, 3_082 * MS)]
    assert folded(moments(0, 10, 20, 90, 100), (0, 100 * MS)).folds[1:] == ()


def test_a_gap_that_is_narrow_is_not_folded_however_large_its_share() -> None:
    assert folded(moments(0, 10, 35, 40, 45, 50), (0, 50 * MS), 140).folds == ()


def test_folding_can_be_switched_off() -> None:
    assert folded(moments(0, 100), (0, 100 * MS), folding=False).folds == ()


def test_what_is_on_its_way_is_no_gap() -> None:
    busy = [(0, 40 * MS), (40 * MS, 100 * MS)]
    assert folded(busy, (0, 100 * MS)).folds == ()


def test_before_the_first_and_after_the_last_event_time_is_folded_too() -> None:
    scale = folded(moments(40, 45, 50, 55), (0, 100 * MS))
    assert [gap.gap for gap in scale.folds] == [(0, 40 * MS), (55 * MS, 100 * MS)]
    assert scale.folds[0].x1 == pytest.approx(NEXT, abs=0.01)  # 0 ms is still to be seen


def test_where_nothing_happens_nothing_is_folded() -> None:
    assert gaps([], 100) == []
    assert gaps([(-5, 3), (7, 200)], 100) == [(3, 7)]


def test_where_nothing_is_in_sight_time_is_linear() -> None:
    assert folded(moments(0, 100), (20 * MS, 60 * MS)).folds == ()
    assert within_gap([(0, 5), (9, 20)], (10, 20)) == (9, 20)
    assert within_gap([(0, 5), (9, 20)], (4, 6)) is None


def test_of_a_gap_that_is_cut_off_the_whole_is_known() -> None:
    scale = folded(moments(0, 8, 16, 24, 90, 100), (0, 60 * MS))
    (gap,) = scale.folds
    assert gap.gap == (24 * MS, 90 * MS)
    assert gap.to_ns <= 60 * MS


def test_a_microsecond_at_least_is_drawn_at_its_length() -> None:
    busy = [(0, 3), (90 * MS, 90 * MS + 3)]
    for length in (LEAST_SPAN_NS, 1_200, 5_000, MS, 90 * MS + 3):
        assert folded(busy, (0, length)).folds == ()
    (gap,) = folded([(0, 2_000), *busy[1:]], (0, 90 * MS + 3)).folds
    assert gap.gap == (2_000, 90 * MS)


def test_of_moments_alone_one_gap_stays() -> None:
    assert folded(moments(100), (0, 100 * MS)).folds == ()
    assert [each.gap for each in folded(moments(0, 10, 90), (0, 90 * MS)).folds] == [
        (10 * MS, 90 * MS)
    ]


def test_the_least_span_is_a_microsecond() -> None:
    scale = fold([], (5, 5), 0, 1_000)
    assert scale.to_ns - scale.from_ns == LEAST_SPAN_NS


busy_times = st.lists(
    st.tuples(st.integers(0, 10**10), st.integers(0, 10**8)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=40,
)


@given(busy_times, st.integers(0, 10**10), st.integers(0, 10**10), st.integers(320, 4_000))
def test_a_scale_rises_covers_its_width_and_has_an_inverse(
    busy: list[tuple[int, int]], start: int, length: int, width: int
) -> None:
    end = max([start + length, *(to_ns for _, to_ns in busy)])
    scale = fold(gaps(busy, end), (start, start + length), 14, width - 14)
    pieces = scale.pieces
    assert (pieces[0].x1, pieces[-1].x2) == (14, pytest.approx(width - 14))
    assert all(piece.x1 < piece.x2 and piece.from_ns < piece.to_ns for piece in pieces)
    for one, other in itertools.pairwise(pieces):
        assert (one.x2, one.to_ns) == (other.x1, other.from_ns)
    for share in range(11):
        time_ns = scale.from_ns + (scale.to_ns - scale.from_ns) * share // 10
        assert 14 - 1e-6 <= scale.x(time_ns) <= width - 14 + 1e-6
        assert abs(scale.time_ns(scale.x(time_ns)) - time_ns) <= 2 + (scale.to_ns >> 40)


@given(busy_times)
def test_what_happens_is_never_folded(busy: list[tuple[int, int]]) -> None:
    end = max((b for _, b in busy), default=0)
    for gap in folded(busy, (0, end), 1_300).folds:
        assert not any(a < gap.to_ns and b > gap.from_ns for a, b in busy)
