"""A lifetime as a bar: the places fit the dates, and words say the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.handshake.lifetime import lifetime, span, written

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.integers(-700_000, 2_000_000).map(lambda days: BEGIN + days * DAY)


def test_in_the_middle_half_of_it_is_used() -> None:
    life = lifetime(BEGIN, BEGIN + 100 * DAY, BEGIN + 50 * DAY)
    assert (life.state, life.short) == ("now", "50 days left")
    assert (life.start, life.width, life.used, life.now) == ("4.0", "92.0", "46.0", "50.0")
    assert "50 days of 100 days" in str(life.text)


def test_after_its_end_the_moment_stands_behind_it() -> None:
    life = lifetime(BEGIN, BEGIN + 90 * DAY, BEGIN + 100 * DAY)
    assert (life.state, life.short) == ("over", "over for 10 days")
    assert float(life.start) + float(life.width) < float(life.now) == 96.0
    assert life.used == life.width
    assert str(life.text).startswith("It ended 10 days before")


def test_before_its_beginning_nothing_is_used() -> None:
    life = lifetime(BEGIN, BEGIN + 90 * DAY, BEGIN - 10 * DAY)
    assert (life.state, life.short, life.used) == ("early", "begins in 10 days", "0.0")
    assert str(life.text).startswith("It begins 10 days after")


def test_without_dates_there_is_no_bar() -> None:
    assert lifetime(None, None, BEGIN).state == ""


def test_the_bar_has_dates_at_its_ends_and_at_the_moment() -> None:
    life = lifetime(BEGIN, BEGIN + 90 * DAY, BEGIN + 100 * DAY)
    assert life.dates == ("1 January 2026", "1 April 2026", "11 April 2026")
    assert life.is_late
    assert float(life.end) == pytest.approx(float(life.start) + float(life.width), abs=0.2)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_every_place_is_on_the_bar_even_where_it_ends_before_it_begins(
    begins: datetime, ends: datetime, at: datetime
) -> None:
    life = lifetime(begins, ends, at)
    for place in (life.start, life.width, life.used, life.now):
        assert 0 <= float(place) <= 100


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (29 * DAY + timedelta(hours=23), "29 days"),
        (DAY, "1 day"),
        (1_000 * DAY, "1,000 days"),
        (timedelta(hours=5, minutes=59), "5 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=59), "less than an hour"),
        (timedelta(0), "less than an hour"),
    ],
)
def test_a_span_is_whole_days_or_hours(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_a_moment_is_written_to_the_second() -> None:
    assert written(BEGIN.replace(hour=4)) == "1 January 2026, 04:00:00 UTC"
