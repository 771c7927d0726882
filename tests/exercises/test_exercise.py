"""The texts of the exercises are whole, and keep to the rules of all texts."""

from __future__ import annotations

import ast
import re

import pytest

from exercises.exercise import TRACKS, Exercise, find, of_track, read
from tests.content.rules import ALLOWED_WORDS, BANNED
from web import words

ALL = [exercise for track in TRACKS for exercise in of_track(track)]


def texts(exercise: Exercise) -> list[str]:
    """Every text of ours that a reader sees, facts put in."""
    own = [exercise.title, exercise.task, exercise.predict, exercise.why, exercise.what_if]
    told = [text for check in exercise.checks for text in (check.want, check.seen)]
    told += [remark.say for remark in exercise.remarks]
    own += exercise.hints if exercise.starter else [*exercise.hints, exercise.show]
    shown = [clean for text in exercise.paragraphs for clean in [str(words.text(text))]]
    return [*own, *shown, *(re.sub(r"\{[a-z._]+\}", "7", text) for text in told)]


def test_the_exercises_of_a_track_are_numbered_without_a_gap() -> None:
    for track in TRACKS:
        numbers = [exercise.number for exercise in of_track(track)]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= 4


def test_an_exercise_is_found_by_its_number_and_others_are_not() -> None:
    assert find("sockets", 1) is of_track("sockets")[1]
    assert find("sockets", 99) is None
    assert find("../sockets", 1) is None


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.key)
def test_a_text_keeps_to_the_rules(exercise: Exercise) -> None:
    for text in texts(exercise):
        assert [rule for rule in BANNED if re.search(rule, text)] == [], text
        assert len(text.split()) <= ALLOWED_WORDS, text


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.key)
def test_an_exercise_has_three_hints_and_something_that_is_made_or_predicted(
    exercise: Exercise,
) -> None:
    assert len(exercise.hints) == 3
    assert exercise.checks
    assert exercise.number == 0 or exercise.predict or exercise.starter


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.key)
def test_a_script_is_python_that_imports_little(exercise: Exercise) -> None:
    scripts = [exercise.starter, *(remark.sample for remark in exercise.remarks)]
    for script in [*scripts, exercise.show if exercise.starter else ""]:
        imported = {
            name.name
            for node in ast.walk(ast.parse(script))
            if isinstance(node, ast.Import)
            for name in node.names
        }
        assert imported <= {"socket", "sys"}


def test_the_script_of_the_first_exercise_has_the_fifteen_lines_that_it_speaks_of() -> None:
    exercise = find("sockets", 1)
    assert exercise
    assert "fifteen lines" in exercise.task
    assert len(exercise.starter.splitlines()) == 15


def test_the_facts_of_an_exercise_are_those_that_its_texts_name() -> None:
    exercise = find("sockets", 1)
    assert exercise
    assert exercise.facts == ["lab.sent", "script.asked", "script.connected", "script.received"]


def test_a_text_without_a_head_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with"):
        read("sockets", 1, "Hello.\n+++\ntitle = 'x'\n+++\n")
