"""What a session remembers of the exercises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from exercises.exercise import Exercise, find
from lab import Lab
from web.learning import SHOWN_AFTER_S, Progress, keep, progress, tried
from web.tracing import Tracing

WAIT_S = 10.0


@pytest.fixture
def exercise() -> Exercise:
    found = find("sockets", 0)
    assert found
    return found


@pytest.fixture
def in_request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_progress_is_kept_in_the_session(in_request: None, exercise: Exercise) -> None:
    first = progress(exercise)
    assert first.sign == "not yet"
    keep(exercise, tried(first, passed=True))
    assert progress(exercise).sign == "done"


@pytest.mark.parametrize(
    ("before", "passed", "sign"),
    [
        (Progress("c", 0), True, "done"),
        (Progress("c", 0), False, "not yet"),
        (Progress("c", 0, shown=True), True, "done, after Show me"),
        (Progress("c", 0, done="done", shown=True), True, "done"),
        (Progress("c", 0, done="shown"), False, "done, after Show me"),
    ],
)
def test_what_was_done_after_a_solution_was_shown_counts_apart(
    before: Progress, passed: bool, sign: str
) -> None:
    assert tried(before, passed=passed).sign == sign


def test_a_solution_is_offered_from_the_second_minute_or_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("web.learning.time.time", lambda: 1_000.0)
    assert Progress("c", 1_000).wait_s == SHOWN_AFTER_S
    assert Progress("c", 990).wait_s == SHOWN_AFTER_S - 10
    assert Progress("c", 1_000 - SHOWN_AFTER_S).wait_s == 0
    assert Progress("c", 1_000, failed=True).wait_s == 0


@pytest.fixture
def learner(make_app: Callable[..., Flask], lab: Lab) -> FlaskClient:
    return make_app(LAB=lab).test_client()


def trace(client: FlaskClient, exercise: str = "sockets/0") -> str:
    path = client.post("/trace", data={"lab": "plain", "exercise": exercise}).location
    tracing: Tracing = client.application.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed
    assert feed.wait(1 << 62, WAIT_S)
    return path


def lesson(client: FlaskClient, address: str) -> str:
    found = re.search(r'id="lesson"[^>]*>(.*?)</p>', client.get(address).text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def link_to_a_field(client: FlaskClient, path: str) -> str:
    found = re.search(r'class="field" href="([^"]+&amp;f=[^"]+)"', client.get(path).text)
    assert found
    return found[1].replace("&amp;", "&")


def test_selecting_a_byte_of_the_trace_of_the_exercise_ticks_it(learner: FlaskClient) -> None:
    path = trace(learner)
    assert "An event. Its bytes are below" in lesson(learner, path)
    assert "done" not in learner.get("/learn/sockets/0").text.partition("<h1>")[0]
    assert re.search(
        r"Click a byte: done Selected: \w+\.", lesson(learner, link_to_a_field(learner, path))
    )
    assert "done" in learner.get("/learn/sockets/0").text.partition("<h1>")[0]
    assert "Next: One recv, one page?" in learner.get("/learn/sockets/0").text


def test_the_parts_that_the_script_fetches_bring_the_line_with_them(learner: FlaskClient) -> None:
    path = trace(learner)
    field = link_to_a_field(learner, path)
    opened = learner.get(f"{field.partition('?')[0]}?part=1").text
    assert '<template data-region="lesson">' in opened
    assert "An event. Its bytes are below" in opened
    chosen = learner.get(f"{field}&part=field").text
    assert '<template data-region="lesson">' in chosen
    assert "Selected: " in chosen


def test_a_field_that_is_none_ticks_nothing(learner: FlaskClient) -> None:
    path = trace(learner)
    address = link_to_a_field(learner, path).partition("&f=")[0]
    assert "done" not in lesson(learner, f"{address}&f=nothing")


def test_traces_of_others_and_of_no_exercise_have_no_such_line(
    learner: FlaskClient, lab: Lab
) -> None:
    path = trace(learner)
    assert lesson(learner.application.test_client(), path) == ""
    assert lesson(learner, trace(learner, "")) == ""
    assert lesson(learner, trace(learner, "sockets/99")) == ""
