"""What is taken away whole is there once the fetch has ended."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Script
from web.tracing import Tracing


@pytest.mark.parametrize("what", [".html", "/timeline.svg"])
def test_a_fetch_that_runs_is_not_taken_away_yet(
    client: FlaskClient, app: Flask, script: Script, what: str
) -> None:
    script.pause_after = 4
    path = client.post("/trace", data={"url": "http://plain.example/"}).location
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    assert feed.wait(3, 10)
    assert client.get(f"{path}{what}").status_code == 409
    assert client.get(f"{path}/share").status_code == 200
    assert client.post(f"{path}/delete", data={"sure": "yes"}).status_code == 409
