"""Speaking on an open WebSocket from the page: who may, what is sent, and when it is too late."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab import Lab
from netcore import fetch
from netcore.outbox import MESSAGE_OCTETS, PLACES, Outbox
from netcore.trace import Completed
from tests.web.conftest import WAIT_S
from web.feed import Feed
from web.tracing import Tracing


def feed_of(app: Flask, path: str) -> Feed:
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    return feed


@pytest.fixture
def held(client: FlaskClient, app: Flask) -> Iterator[tuple[str, Outbox]]:
    """The path of a trace whose WebSocket is open, and what is put in to be sent."""
    path = client.post("/trace", data={"url": "ws://a.test/"}).location
    feed = feed_of(app, path)
    assert feed.wait(1 << 62, WAIT_S)
    feed.outbox = Outbox()
    feed.outbox.open()
    yield path, feed.outbox
    feed.outbox.release()


def test_a_message_is_put_in_and_the_trace_shown_again(
    client: FlaskClient, held: tuple[str, Outbox]
) -> None:
    path, outbox = held
    answer = client.post(f"{path}/messages", data={"message": "é <b>", "do": "send"})
    assert (answer.status_code, answer.location) == (303, f"{path}#talk")
    assert client.post(f"{path}/messages?part=1", data={"message": ""}).status_code == 204
    assert client.post(f"{path}/messages?part=1", data={"do": "close"}).status_code == 204
    assert outbox.take() == (["é <b>", ""], True)


def test_too_much_or_too_late_is_said(client: FlaskClient, held: tuple[str, Outbox]) -> None:
    path, outbox = held
    long = {"message": "x" * (MESSAGE_OCTETS + 1)}
    assert client.post(f"{path}/messages", data=long).status_code == 413
    for number in range(PLACES):
        assert (
            client.post(f"{path}/messages?part=1", data={"message": str(number)}).status_code == 204
        )
    assert client.post(f"{path}/messages?part=1", data={"message": "more"}).status_code == 409
    outbox.shut()
    assert client.post(f"{path}/messages", data={"message": "late"}).status_code == 409


def test_only_who_started_the_trace_may_speak_and_only_from_here(
    app: Flask, client: FlaskClient, held: tuple[str, Outbox]
) -> None:
    path, outbox = held
    stranger = app.test_client()
    assert stranger.post(f"{path}/messages", data={"message": "x"}).status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    crossed = client.post(f"{path}/messages", data={"message": "x"}, headers=elsewhere)
    assert crossed.status_code == 403
    assert client.get(f"{path}/messages").status_code == 405
    assert outbox.take() == ([], False)


def test_a_trace_of_a_page_takes_nothing(client: FlaskClient, traced: Callable[[], str]) -> None:
    path = traced()
    assert client.post(f"{path}/messages", data={"message": "x"}).status_code == 409
    assert client.post(f"{path}/messages?part=1", data={"do": "close"}).status_code == 204


@pytest.mark.wire
def test_with_a_server_of_the_lab(make_app: Callable[..., Flask], lab: Lab) -> None:
    app = make_app(LAB=lab, FETCH=fetch)
    client = app.test_client()
    path = client.post("/trace", data={"lab": "ws-echo"}).location
    feed = feed_of(app, path)
    assert feed.outbox is not None
    seen = 0
    while not feed.outbox.is_open:
        assert feed.wait(seen, WAIT_S)
        seen = feed.count
    assert 'id="say"' in client.get(path).text
    assert "http-equiv" not in client.get(path).text
    sent = client.post(f"{path}/messages?part=1", data={"message": "typed here"})
    assert sent.status_code == 204
    assert client.post(f"{path}/messages?part=1", data={"do": "close"}).status_code == 204
    while not feed.finished:
        assert feed.wait(seen, WAIT_S)
        seen = feed.count
    assert isinstance(feed.snapshot().outcome, Completed)
    page = client.get(path).text
    assert page.count("typed here") >= 2
    assert 'id="say"' not in page
