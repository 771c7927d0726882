"""A pan keeps the scale and crosses folds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import exchange
from web.drawing.folding import Interval, Scale, fold, gaps
from web.drawing.panning import panned, widened
from web.look import within

MS = 1_000_000
END = 3_100 * MS
QUIET = gaps([(at * MS, (at + 1) * MS) for at in (*range(0, 48, 3), *range(3_050, 3_099, 3))], END)


def scale_of(window: Interval) -> Scale:
    return fold(QUIET, window, 14, 1_014)


@pytest.mark.parametrize("step", [250, -250])
def test_a_pan_crosses_a_fold_at_the_same_scale(step: int) -> None:
    window = (0, 20 * MS) if step > 0 else (END - 20 * MS, END)
    spans = [window]
    for _ in range(25):
        window = panned(scale_of(window), step, QUIET, END, scale_of)
        spans.append(window)
    assert spans == sorted(spans, reverse=step < 0)
    assert spans[-1] == spans[-2]
    assert spans[-1][1] == END if step > 0 else spans[-1][0] == 0
    scales = [scale_of(each).pixels_per_ns for each in spans]
    assert max(scales) < 1.3 * min(scales)


def test_panning_to_and_fro_does_not_magnify_little_by_little() -> None:
    flown = tale_of(exchange(body=b"x" * 40_000)).flown
    end = flown.extent_ns

    def scale(window: Interval) -> Scale:
        return fold(flown.quiet, window, 14, 1_286)

    window = (0, end // 5)
    kept = scale(window).pixels_per_ns
    ratios = []
    for step in (325,) * 14 + (-325,) * 14:
        window = within(panned(scale(window), step, flown.quiet, end, scale, kept), end)
        ratios.append(scale(window).pixels_per_ns / kept)
    assert min(ratios) > 0.99
    assert max(ratios) < 2  # a gap that is half in sight and not yet folded
    assert ratios[-1] == pytest.approx(1, rel=0.01)


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)), min_size=1, max_size=30),
    st.integers(0, 10**9),
    st.integers(1_000, 10**9),
    st.floats(-2_000, 2_000),
)
def test_a_pan_stays_in_the_trace_and_does_not_turn_round(
    points: list[Interval], start: int, length: int, pixels: float
) -> None:
    busy = [(at, at + took) for at, took in points]
    end = 2 * 10**9
    quiet = gaps(busy, end)

    def scale(window: Interval) -> Scale:
        return fold(quiet, window, 14, 1_286)

    before = (start, start + length)
    low, high = panned(scale(before), pixels, quiet, end, scale)
    assert 0 <= low < high <= end
    if pixels > 0:
        assert low >= before[0]
    else:
        assert high <= before[1]


def test_with_nothing_in_sight_a_pan_leads_to_what_is_next() -> None:
    window = (1_000 * MS, 1_001 * MS)
    low, high = panned(scale_of(window), 250, QUIET, END, scale_of)
    assert low < 3_050 * MS < high
    assert high - low == MS
    low, high = panned(scale_of(window), -250, QUIET, END, scale_of)
    assert low < 46 * MS < high


def test_a_span_that_grows_does_not_end_in_a_long_gap() -> None:
    low, high = widened((40 * MS, 60 * MS), QUIET, END)
    assert low == 40 * MS
    assert 3_050 * MS < high < 3_051 * MS
    low, high = widened((3_000 * MS, 3_090 * MS), QUIET, END)
    assert 40 * MS < low < 46 * MS
    assert widened((0, 500 * MS), [(400 * MS, 460 * MS)], END) == (0, 500 * MS)
