"""Several requests on one connection, as the page asks for them and tells of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.options import Options
from netcore.trace import AnyEvent, Chose, Completed, StageEnded, StageStarted
from tests.web.conftest import WAIT_S, Script
from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import MS, REQUEST, exchange, moved
from web.feed import DONE, Standing
from web.stagebar import stage_bar
from web.views import summary_view

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def twice() -> list[AnyEvent]:
    """A fetch, and the same request once more on its connection."""
    first = exchange()
    end = sum(len(e.data) for e in first if getattr(e, "channel", "") == "tcp:1.received")

    def stage(name: str, at: int, *inside: AnyEvent) -> list[AnyEvent]:
        return [StageStarted(at * MS, name, 2), *inside, StageEnded((at + 1) * MS, name, 2)]

    reused = Chose(21 * MS, "connection", "reused", "Both sides let the connection go on.")
    return [
        *first[:-1],
        *stage("target", 20, reused),
        *stage("request", 22, moved(22 * MS, "tcp:1", "send", REQUEST, len(REQUEST))),
        *stage("waiting", 23, moved(23 * MS, "tcp:1", "recv", OK, end)),
        *stage("response", 24),
        Completed(25 * MS, 204, "No Content", hop=2),
    ]


@pytest.mark.parametrize(("typed", "count"), [("3", 2), ("1", 0), ("9", 0), ("x", 0), ("0", 0)])
def test_the_form_asks_as_often_as_it_offers(
    app: Flask, client: FlaskClient, script: Script, typed: str, count: int
) -> None:
    url = "http://a.example/"
    path = client.post("/trace", data={"url": url, "times": typed}).location
    feed = app.extensions["tracing"].feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    assert feed.wait(1 << 62, WAIT_S)
    assert script.asked == [(url, Options(further_urls=(url,) * count))]


def test_what_the_second_request_saved_is_said_in_the_summary() -> None:
    view = summary_view(tale_of(twice()), Standing(DONE), "/t/x")
    assert view.remark.startswith(
        "Request 2 reused the connection of request 1: nothing to look up"
    )
    assert "or connect; saved about 4.00 ms" in view.remark


def test_the_bar_has_no_stage_of_it_for_what_was_not_needed() -> None:
    bar = stage_bar(tale_of(twice()), Standing(DONE), "/t/x")
    second = [view for view in bar.views if view.hop == 2]
    assert [view.name for view in second] == ["request", "waiting", "response"]
    assert all("on a connection that was there already" in view.spoken for view in second)
    assert not any("already" in view.spoken for view in bar.views if view.hop == 1)


def test_the_page_of_such_a_trace_says_so(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = twice()
    page = client.get(traced()).text
    assert "nothing to look up or connect" in page
    assert "connection: reused" in page


def test_events_so_far_are_a_page_too() -> None:
    events = twice()
    for count in range(len(events) - 12, len(events)):
        summary_view(tale_of(events[:count]), Standing(DONE), "/t/x")
