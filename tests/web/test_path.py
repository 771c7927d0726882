"""The path on the page: offered only where the operator lets it, and shown with what it means."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from netcore.options import Options
from netcore.trace import Trace
from tests.netcore.test_path import PASSED, WHOLE, connected, probe, reported, trace
from web.path import path_view
from web.tale import tell
from web.tracing import Tracing

WAIT_S = 20
URL = {"url": "http://a.example/", "path": "on"}


def test_each_hop_leads_to_the_call_that_shows_it() -> None:
    view = path_view(tell(WHOLE), "/t/abc")
    assert view is not None
    assert [(hop.number, hop.addresses, hop.waits[0]) for hop in view.hops] == [
        (1, ("10.0.0.1", "10.0.0.3"), "400 µs"),
        (2, (), "*"),
        (3, ("198.51.100.9",), "700 µs"),
    ]
    for hop in view.hops:
        assert hop.href == f"/t/abc/e/{hop.event}"
        assert 0 < hop.event <= len(WHOLE.events)
    said = [hop.said for hop in view.hops]
    assert said[0].startswith("A router")
    assert said[1].startswith("No answer")
    assert said[2].startswith("The server itself")
    assert [hop.answers for hop in view.hops] == ["2 of 2", "0 of 1", "1 of 1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EHOSTUNREACH ICMP 3 1 10.0.0.1", "The way ends here: it says"),
        ("EACCES ICMP 12 0 10.0.0.1", "The way ends here, with an error"),
    ],
)
def test_a_way_that_ends_says_so(text: str, said: str) -> None:
    view = path_view(tell(trace(probe(2, 1, reported(2, text)))), "/t/abc")
    assert view is not None
    assert view.hops[0].said.startswith(said)


def test_a_trace_without_a_path_has_no_section() -> None:
    assert path_view(tell(trace()), "/t/abc") is None


class Fetched:
    """Stands in for the client: remembers what it was asked for."""

    def __init__(self) -> None:
        self.options: list[Options] = []

    def __call__(
        self, url: str, options: Options, on_event: Callable[[int, object], None], **_: object
    ) -> Trace:
        self.options.append(options)
        told = trace(probe(2, 1, reported(2, PASSED)), probe(3, 2, connected(3)))
        for number, event in enumerate(told.events, start=1):
            on_event(number, event)
        return Trace(url, told.started, options, told.events)


def traced(app: Flask) -> str:
    client = app.test_client()
    answer = client.post("/trace", data=URL)
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(answer.location.removeprefix("/t/"))
    assert feed is not None
    assert feed.wait(1 << 62, WAIT_S)
    return client.get(answer.location).text


def test_by_default_nobody_can_have_a_path_probed(make_app: Callable[..., Flask]) -> None:
    fetched = Fetched()
    app = make_app(FETCH=fetched)
    assert 'name="path"' not in app.test_client().get("/").text
    traced(app)
    assert [(each.path, each.capture) for each in fetched.options] == [(False, False)]


def test_where_the_operator_lets_it_the_form_offers_it(make_app: Callable[..., Flask]) -> None:
    fetched = Fetched()
    app = make_app(FETCH=fetched, PATH=True, CAPTURE=True)
    assert 'name="path"' in app.test_client().get("/").text
    page = traced(app)
    assert [(each.path, each.capture) for each in fetched.options] == [(True, True)]
    assert "The path to 198.51.100.9:443, asked by TCP" in page
    assert "10.0.0.1" in page
    assert "It may forward" not in page
