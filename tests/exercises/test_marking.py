"""Which checks hold, and what is said of those that do not."""

from __future__ import annotations

from exercises.exercise import Exercise, find
from exercises.marking import mark, mark_best


def two() -> Exercise:
    exercise = find("sockets", 2)
    assert exercise
    return exercise


def test_what_was_seen_stands_beside_what_is_wanted() -> None:
    marking = mark(two(), {"script.writes": 1, "lab.reads": 1, "lab.read_sizes": "13"})
    assert [(result.met, result.seen) for result in marking.results] == [
        (False, "Writes: 1."),
        (True, "Reads: 1. Their bytes: 13."),
    ]
    assert not marking.passed
    assert marking.remark == "You wrote once. Keep three."


def test_who_reaches_the_goal_gets_no_remark() -> None:
    marking = mark(two(), {"script.writes": 3, "lab.reads": 1, "lab.read_sizes": "13"})
    assert marking.passed
    assert marking.remark == ""


def test_a_connection_that_does_not_count_does_no_harm() -> None:
    good = {"script.writes": 3, "lab.reads": 1}
    facts, marking = mark_best(two(), [{"script.writes": 9, "lab.reads": 2}, good, {}])
    assert facts is good
    assert marking.passed


def test_of_equal_attempts_the_latest_is_marked() -> None:
    facts, _ = mark_best(two(), [{"script.writes": 1}, {"script.writes": 2}])
    assert facts == {"script.writes": 2}
