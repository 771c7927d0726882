"""Home offers a way in to somebody without an address; a trace says first what to do."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab.whole import Lab
from web.first_run import COOKIE, FIRST

Traced = Callable[..., str]


def test_home_without_a_lab_still_has_stories_and_finished_traces(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'name="lab"' not in page
    for href in ("/stories/where-does-a-name-go", "/t/example-tls13"):
        assert f'href="{href}"' in page
        assert client.get(href).status_code == 200


@pytest.mark.wire
def test_home_offers_twelve_servers_first_and_the_others_by_shelf(
    make_app: Callable[..., Flask], lab: Lab
) -> None:
    page = make_app(LAB=lab).test_client().get("/").text
    assert tuple(re.findall(r'name="lab" value="([^"]+)"', page)) == FIRST
    assert len(re.findall(r'href="/lab#shelf-\d+"', page)) == len(lab.shelves)


def test_without_a_lab_its_page_says_so(client: FlaskClient) -> None:
    assert "The lab does not run here." in client.get("/lab").text


def test_a_first_trace_says_what_to_do_until_something_was_selected(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    assert "Choose any arrow to see its bytes." in client.get(path).text
    assert "Choose any arrow" not in client.get(f"{path}/e/1").text
    client.set_cookie(COOKIE, "1")
    assert "Choose any arrow" not in client.get(path).text


def test_one_trace_or_all_are_taken_off_the_list_and_stay_where_they_are(
    client: FlaskClient, traced: Traced
) -> None:
    first, second, third = traced(), traced(), traced()
    client.post("/traces/forget", data={"trace": first.removeprefix("/t/")})
    home = client.get("/").text
    assert (first in home, second in home, third in home) == (False, True, True)
    client.post("/traces/forget", data={"trace": "all"})
    assert "None yet." in client.get("/").text
    assert all(client.get(path).status_code == 200 for path in (first, second, third))


def test_an_unknown_trace_to_forget_changes_nothing(client: FlaskClient, traced: Traced) -> None:
    path = traced()
    client.post("/traces/forget", data={"trace": "nothing"})
    assert path in client.get("/").text


@pytest.mark.parametrize("lacking", ["Oops", "simply"])
def test_home_keeps_its_voice(client: FlaskClient, lacking: str) -> None:
    assert lacking not in html.unescape(client.get("/").text)
