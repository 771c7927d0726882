"""What a link shows is computed from the trace, whatever kind of trace that is."""

from __future__ import annotations

import pytest
from flask import Flask

from netcore.options import Options
from netcore.trace import AnyEvent, Trace
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
