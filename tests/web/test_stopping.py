"""A fetch is stopped from its page: who may, what is kept, and who gets the worker."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab import Lab
from netcore import fetch
from netcore.errors import INTERRUPTED
from netcore.trace import Failed
from tests.web.conftest import WAIT_S, Script
from web.exports import EXPORTS
from web.feed import CANCELLED, DONE, QUEUED, RUNNING, Feed
from web.jobs import Jobs
from web.tracing import Tracing

URL = "http://plain.example/"


def feed_of(app: Flask, path: str) -> Feed:
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    return feed


def wait_for(feed: Feed, stage: str) -> None:
    """Until the fetch is in that stage."""
    seen = 0
    while not any(getattr(e, "stage", "") == stage for e in feed.snapshot().events):
        assert feed.wait(seen, WAIT_S)
        seen = feed.count


@pytest.mark.wire
@pytest.mark.parametrize(
    ("target", "stage"),
    [
        ("silence", "waiting"),
        ("slow", "response"),
        ("h3-silence", "quic"),
        ("ws-echo", "messages"),
    ],
)
def test_a_running_fetch_is_stopped_and_what_it_recorded_is_kept(
    make_app: Callable[..., Flask], lab: Lab, target: str, stage: str
) -> None:
    lab.servers["slow"].release.clear()  # others may have let it go on
    app = make_app(LAB=lab, FETCH=fetch, JOBS=Jobs(workers=1))
    client = app.test_client()
    path = client.post("/trace", data={"lab": target}).location
    feed = feed_of(app, path)
    wait_for(feed, stage)
    assert f'action="{path}/stop"' in client.get(path).text
    answer = client.post(f"{path}/stop")
    assert (answer.status_code, answer.location) == (303, path)
    assert feed.wait_finished(WAIT_S)
    assert client.post(f"{path}/stop?part=1").status_code == 204  # twice is as good as once
    outcome = feed.snapshot().outcome
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.stage) == (INTERRUPTED, stage)
    page = client.get(path).text
    assert f'data-state="{CANCELLED}"' in page
    assert "The fetch was stopped" in page
    assert '/stop"' not in page
    assert "Der Abruf wurde angehalten" in client.get(f"{path}?lang=de").text
    after = client.post("/trace", data={"lab": "plain"}).location  # the only worker is free
    assert feed_of(app, after).wait_finished(WAIT_S)
    assert feed_of(app, after).state == DONE


def assert_exports(client: FlaskClient, path: str) -> None:
    for each in EXPORTS:
        answer = client.get(f"{path}.{each.suffix}")
        assert answer.status_code == 200, (each.suffix, answer.text)
        assert answer.data
    for page in ("/list?all=1", "/again", "/sockets", "/player", "/share"):
        assert client.get(path + page).status_code in (200, 302, 303), page


def test_one_that_waits_gives_its_place_up(make_app: Callable[..., Flask], script: Script) -> None:
    script.pause_after = 3
    app = make_app(JOBS=Jobs(workers=1, places=2))
    client = app.test_client()
    first, second, third = (client.post("/trace", data={"url": URL}).location for _ in range(3))
    assert feed_of(app, first).wait_begun(WAIT_S)
    assert "1 ahead of you" in client.get(third).text
    assert client.post(f"{second}/stop").status_code == 303
    stopped = feed_of(app, second)
    assert stopped.state == CANCELLED
    assert "1 ahead of you" not in client.get(third).text
    page = client.get(second).text
    assert "nothing was sent" in page
    assert "TCP: not reached" in page
    assert page.count(">not reached</text>") > 2
    assert_exports(client, second)
    fourth = client.post("/trace", data={"url": URL})
    assert fourth.status_code == 303, "its place is free"
    assert feed_of(app, first).state == RUNNING
    assert feed_of(app, third).state == QUEUED
    script.go_on.set()
    for each in (first, third, fourth.location):
        assert feed_of(app, each).wait_finished(WAIT_S)
    assert len(script.asked) == 3, "it was never fetched"


@pytest.mark.wire
def test_every_export_of_a_stopped_fetch_works(make_app: Callable[..., Flask], lab: Lab) -> None:
    app = make_app(LAB=lab, FETCH=fetch)
    client = app.test_client()
    path = client.post("/trace", data={"lab": "slow"}).location
    wait_for(feed_of(app, path), "response")
    client.post(f"{path}/stop")
    assert feed_of(app, path).wait_finished(WAIT_S)
    assert_exports(client, path)
    later = make_app().test_client().get(path).text  # another process: from the store
    assert f'data-state="{CANCELLED}"' in later


def test_what_is_done_stays_done(
    app: Flask, client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    before = client.get(path).text
    assert client.post(f"{path}/stop").status_code == 303
    assert feed_of(app, path).state == DONE
    assert client.get(path).text == before


def test_only_who_started_a_trace_may_stop_it_and_only_from_here(
    app: Flask, client: FlaskClient, script: Script
) -> None:
    script.pause_after = 3
    path = client.post("/trace", data={"url": URL}).location
    stranger = app.test_client()
    assert f'{path}/stop"' in client.get(path).text
    assert f'{path}/stop"' not in stranger.get(path).text
    assert stranger.post(f"{path}/stop").status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{path}/stop", headers=elsewhere).status_code == 403
    assert client.get(f"{path}/stop").status_code == 405
    assert client.post("/t/none/stop").status_code == 403
    assert feed_of(app, path).state == RUNNING


@pytest.mark.wire
def test_who_closes_the_application_ends_what_runs_and_what_waits(
    make_app: Callable[..., Flask], lab: Lab
) -> None:
    app = make_app(LAB=lab, FETCH=fetch, JOBS=Jobs(workers=1))
    client = app.test_client()
    paths = [client.post("/trace", data={"lab": "silence"}).location for _ in range(2)]
    runs, waits = (feed_of(app, path) for path in paths)
    wait_for(runs, "waiting")
    app.extensions["tracing"].close()
    assert (runs.state, waits.state) == (CANCELLED, CANCELLED)
