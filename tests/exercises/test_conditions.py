"""Conditions and texts over facts."""

from __future__ import annotations

import pytest

from exercises.conditions import Facts, asked, fill, holds, named, shown

FACTS: Facts = {"lab.sent": 45_812, "script.received": 1_448, "script.ended": True, "b": False}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("script.received == lab.sent", False),
        ("script.received < lab.sent", True),
        ("lab.sent >= 45812", True),
        ("lab.sent > 45812", False),
        ("lab.sent <= 45812 and script.ended", True),
        ("script.ended", True),
        ("not script.ended", False),
        ("not b", True),
        ("b", False),
        ("not missing", False),
        ("missing == 1", False),
        ("lab.sent == missing", False),
    ],
)
def test_a_condition_holds_or_does_not(condition: str, expected: bool) -> None:
    assert holds(condition, FACTS) is expected


@pytest.mark.parametrize("text", ["", "a = b", "a ==", "lab.sent == 1 or b", "__import__('os')"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a condition"):
        holds(text, FACTS)


def test_a_text_is_filled_with_facts_as_a_reader_sees_them() -> None:
    assert fill("{script.received} of {lab.sent}, {b}", FACTS) == "1,448 of 45,812, False"
    assert fill("{nothing}", FACTS) == "?"
    assert shown(True) == "True"


def test_the_facts_that_a_text_is_about_are_known() -> None:
    assert asked("a.x == 3 and not b.y") == {"a.x", "b.y"}
    assert named("Got {a.x} of {c}.") == {"a.x", "c"}
    assert named("Got nothing.") == set()
