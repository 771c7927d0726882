"""What a link shows is computed from the trace, whatever kind of trace that is."""

from __future__ import annotations

import pytest
from flask import Flask

from netcore.options import Options
from netcore.trace import AnyEvent, SecretLogged, Trace
from tests.web.recordings import exchange, refused
from web.sharing.shows import what_it_shows


@pytest.mark.parametrize("events", [exchange(), refused(), []])
def test_something_is_said_of_every_trace(app: Flask, events: list[AnyEvent]) -> None:
    options = Options(body=b"password=1", messages=("hello",))
    trace = Trace("http://a.example/", "2026-01-02T03:04:05+00:00", options, events)
    with app.test_request_context():
        shown = what_it_shows(trace)
    assert [each.private for each in shown] == sorted((e.private for e in shown), reverse=True)
    texts = " ".join(each.text for each in shown)
    assert "The body of the request, 10 B." in texts
    assert "Messages that were sent on a WebSocket: 1." in texts
    assert "The address, which has no query." in texts


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["CLIENT_RANDOM aa 00"], "The secret of its encrypted connection: it also"),
        (["A aa 00", "B aa 01"], "2 secrets of its encrypted connection: they also"),
        (["A aa 00", "B aa 01", "A bb 02"], "3 secrets of its 2 encrypted connections: they"),
    ],
)
def test_secrets_are_counted_and_so_are_their_connections(
    app: Flask, lines: list[str], said: str
) -> None:
    events: list[AnyEvent] = [SecretLogged(at, line) for at, line in enumerate(lines)]
    with app.test_request_context():
        trace = Trace("https://a.example/", "2026-01-02T03:04:05+00:00", Options(), events)
        shown = what_it_shows(trace)
    assert shown[0].private
    assert shown[0].text.startswith(said)
