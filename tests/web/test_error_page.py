"""What a visitor sees where a request led to nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("language", "title"), [("en", "There is nothing here."), ("de", "Hier ist nichts.")]
)
def test_it_says_what_is_not_there_in_the_visitors_language(
    client: FlaskClient, language: str, title: str
) -> None:
    answer = client.get(f"/nowhere?lang={language}")
    assert answer.status_code == 404
    assert title in answer.text


def test_a_bug_of_ours_shows_nothing_from_inside(app: Flask) -> None:
    def fail() -> str:
        raise ZeroDivisionError("an inner secret")

    app.add_url_rule("/fails", view_func=fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/fails")
    assert answer.status_code == 500
    assert "We lost the thread." in answer.text
    assert "secret" not in answer.text


def test_the_wrong_method_is_told_which_are_right(client: FlaskClient) -> None:
    answer = client.post("/about")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Open it from the start page." in answer.text


def test_a_trace_that_is_there_leads_back_to_itself(
    client: FlaskClient, traced: Callable[..., str]
) -> None:
    page = traced()
    answer = client.get(f"{page}/e/9999")
    assert answer.status_code == 404
    assert f'href="{page}"' in answer.text
