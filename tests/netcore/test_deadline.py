"""Deadlines on a clock that the test turns."""

from __future__ import annotations

import pytest

from netcore.deadline import Deadlines
from netcore.errors import FetchError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_nearest_deadline_counts_and_names_the_failure() -> None:
    clock = Clock()
    deadlines = Deadlines(clock)
    assert deadlines.remaining_s() is None
    deadlines.set("total", 30, "limit.total", "{limit} were over.")
    deadlines.set("stage", 2.5, "tls.timeout", "Not done within {limit}.")
    clock.now = 2.0
    assert deadlines.remaining_s() == 0.5
    clock.now = 2.5
    with pytest.raises(FetchError, match=r"Not done within 2\.5 s\.") as caught:
        deadlines.remaining_s()
    assert caught.value.code == "tls.timeout"


def test_a_deadline_can_be_lifted_or_given_again() -> None:
    clock = Clock()
    deadlines = Deadlines(clock)
    deadlines.set("stall", 10, "http.stall", ".")
    deadlines.set("body", 100, "limit.slow_body", ".")
    clock.now = 9
    deadlines.restart("stall")
    assert deadlines.remaining_s() == 10
    deadlines.set("stall", None, "http.stall", ".")
    assert deadlines.remaining_s() == 91
    deadlines.clear("body", "stall")
    deadlines.restart("stall")
    assert deadlines.remaining_s() is None


def test_what_is_left_of_one_deadline_raises_nothing() -> None:
    clock = Clock()
    deadlines = Deadlines(clock)
    assert deadlines.left_s("total") is None
    deadlines.set("total", 30, "limit.total", ".")
    deadlines.set("stage", 1, "tls.timeout", ".")
    clock.now = 12
    assert deadlines.left_s("total") == 18
    assert deadlines.left_s("stage") == 0
