"""The bench of pages measures what it says; no time is judged here."""

from __future__ import annotations

import pytest

from bench import pages
from bench.generated import LEAST


def test_a_goal_that_was_missed_is_called_so() -> None:
    assert pages._row("a", [1.0, 2.0, 3.0], 2)[2:] == ("2.0 ms", "kept")
    assert pages._row("a", [5.0], 2)[2:] == ("5.0 ms", "missed")


@pytest.mark.thorough
def test_weights_have_a_row_each() -> None:
    lines = pages.weighed().splitlines()
    assert len(lines) == 8
    assert all(line.endswith(("kept", "missed")) for line in lines[2:])


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.thorough
def test_a_browser_measures_each_thing_once() -> None:
    lines = pages.timed((60,)).splitlines()
    wanted = (
        "first paint",
        "whole page parsed",
        "pan frame p50",
        "pan frame p95",
        "event selected",
        "hex scroll",
    )
    for what in (*wanted, "memory", "first paint", "live"):
        assert any(line.startswith(what) for line in lines[2:]), what
    assert len(pages.Paced().trace.events) == pages.LIVE_EVENTS + LEAST
