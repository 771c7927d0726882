"""The application over a scripted fetch, so that no page test touches the network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from netcore.options import Options
from netcore.outbox import Outbox
from netcore.stop import NEVER, Stop
from netcore.trace import AnyEvent, Trace
from tests.web.recordings import exchange
from web.tracing import OnEvent, Tracing

STARTED = "2026-01-02T03:04:05.000006Z"
WAIT_S = 10.0


class Script:
    """Stands in for fetch: tells its events at once, or waits before one until it is let go."""

    def __init__(self) -> None:
        self.events: Sequence[AnyEvent] = exchange()
        self.pause_after = -1  # events
        self.go_on = threading.Event()
        self.asked: list[tuple[str, Options]] = []

    def __call__(
        self,
        url: str,
        options: Options,
        on_event: OnEvent | None = None,
        *,
        outbox: Outbox | None = None,
        stop: Stop = NEVER,
        **_: object,
    ) -> Trace:
        self.asked.append((url, options))
        for number, event in enumerate(self.events, start=1):
            if number - 1 == self.pause_after:
                assert self.go_on.wait(WAIT_S)
            if on_event is not None:
                on_event(number, event)
        return Trace(url, STARTED, options, list(self.events))


@pytest.fixture
def script() -> Iterator[Script]:
    """The stand-in for fetch."""
    made = Script()
    yield made
    made.go_on.set()


@pytest.fixture
def make_app(tmp_path: Path, script: Script) -> Iterator[Callable[..., Flask]]:
    """Makes applications with their own store, and closes them."""
    made: list[Flask] = []

    def make(**config: object) -> Flask:
        app = create_app({"INSTANCE": tmp_path, "FETCH": script, **config})
        made.append(app)
        return app

    yield make
    script.go_on.set()
    for app in made:
        app.extensions["tracing"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application without a lab."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def traced(app: Flask, client: FlaskClient) -> Callable[..., str]:
    """Traces what the script tells and returns the path of the finished trace."""

    def trace(url: str = "http://plain.example/") -> str:
        answer = client.post("/trace", data={"url": url})
        assert answer.status_code == 303, answer.text
        path = answer.location
        tracing: Tracing = app.extensions["tracing"]
        feed = tracing.feeds.get(path.removeprefix("/t/"))
        assert feed is not None
        assert feed.wait(1 << 62, WAIT_S)
        return path

    return trace
