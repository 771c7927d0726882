"""The timeline alone, and what a device remembers of its look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Script
from tests.web.recordings import exchange
from web.look import COOKIE


def test_a_drawing_has_bar_lanes_and_controls(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    answer = client.get(f"{traced()}/drawing?m=time&w=1000")
    for region in ("stages", "drawing", "looks"):
        assert f'<template data-region="{region}">' in answer.text
    assert 'class="stage-bar sized" width="1000"' in answer.text
    assert 'id="wide" class="wide" width="1000"' in answer.text


def test_a_finished_drawing_of_this_program_may_be_kept_for_a_while(
    app: Flask, client: FlaskClient, traced: Callable[[], str]
) -> None:
    path, version = traced(), app.extensions["assets"].version
    kept = client.get(f"{path}/drawing?m=time&v={version}").headers["Cache-Control"]
    assert kept == "private, max-age=3600"
    other = client.get(f"{path}/drawing?m=time&v=00000000").headers["Cache-Control"]
    assert other == "private, no-cache"


def test_a_trace_that_is_not_there_has_no_drawing(client: FlaskClient) -> None:
    assert client.get("/t/nothing/drawing?m=time").status_code == 404


def test_a_mode_that_is_asked_for_is_remembered(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    assert 'data-mode="steps"' in client.get(path).text
    answer = client.get(f"{path}?m=time")
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=time.1284.1;")
    assert 'data-mode="time"' in client.get(path).text
    assert "Set-Cookie" not in client.get(path).headers


@pytest.mark.parametrize("query", ["m=%3Cb%3E", "m=time&z=%22%3E%3Cscript%3E", "m=time&x=1e9,2"])
def test_a_query_is_never_repeated(
    client: FlaskClient, traced: Callable[[], str], query: str
) -> None:
    text = client.get(f"{traced()}/drawing?{query}").text
    assert "<script" not in text
    assert "<b>" not in text


def test_what_a_server_sent_is_escaped_in_titles_too(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = exchange(
        b'HTTP/1.1 200 "><script>alert(1)</script>\r\nContent-Length: 14\r\n\r\n'
    )
    text = client.get(f"{traced()}/drawing?m=time").text
    assert "alert(1)" in text
    assert "<script" not in text
