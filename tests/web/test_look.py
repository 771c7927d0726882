"""What a request may say of how a timeline is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.look import (
    LEAST_WIDTH,
    MOST_WIDTH,
    STEPS,
    TIME,
    Look,
    look_query,
    read_look,
    remembered,
    span_text,
    within,
)


def test_nothing_said_is_steps_and_not_chosen() -> None:
    assert read_look({}, "") == Look()
    assert not read_look({}, "").chosen


def test_what_the_device_remembers_holds_until_a_request_says_otherwise() -> None:
    look = read_look({}, "time.1024.0")
    assert (look.mode, look.chosen, look.width, look.folding) == (TIME, True, 1_024, False)
    assert read_look({"m": "steps", "fold": "1"}, "time.1024.0").mode == STEPS
    assert remembered(look) == "time.1024.0"


def test_a_span_is_in_milliseconds() -> None:
    look = read_look({"m": "time", "z": "12.5-40"}, "")
    assert look.window == (12_500_000, 40_000_000)
    assert span_text((12_500_000, 40_000_001)) == "12.5-40.000001"
    assert look_query(TIME, look.window, False) == "m=time&z=12.5-40&fold=0"


@pytest.mark.parametrize(
    "query",
    [
        {"m": "bytes"},
        {"z": "40-12"},
        {"z": "1e3-1e9"},
        {"z": "٣-٤"},
        {"z": "nan-inf"},
        {"x": "9,1"},
        {"x": "a,b"},
        {"p": "nan"},
        {"p": "1e9"},
        {"w": "<b>"},
        {"w": "-4"},
        {"n": "1.5"},
        {"fold": "yes"},
    ],
)
def test_what_is_not_understood_is_as_if_it_were_not_there(query: dict[str, str]) -> None:
    assert read_look(query, "steps.99999.1; x") == Look()


def test_a_width_is_bounded() -> None:
    assert read_look({"w": "1"}, "").width == LEAST_WIDTH
    assert read_look({"w": "99999"}, "").width == MOST_WIDTH


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**11))
def test_a_span_is_moved_into_the_trace(start: int, length: int, total: int) -> None:
    low, high = within((start, start + length), total)
    assert 0 <= low < high <= max(total, 1_000)
    assert high - low >= 1_000
