"""What is said of a trace that was not recorded here."""

from __future__ import annotations

import pytest
from flask import Flask

from netcore.options import Options
from netcore.trace import CAPTURE, HAR, Trace
from web.sharing.origin import origin
from web.tale import tell


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("", "Recorded elsewhere on 2 January 2026, 03:04 UTC by wiretale"),
        (CAPTURE, "Nobody saw calls"),
        (HAR, "No byte and no connection was seen"),
    ],
)
def test_each_origin_says_what_was_seen(app: Flask, of: str, said: str) -> None:
    trace = Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), [], origin=of)
    with app.test_request_context():
        assert said in origin(tell(trace))
        assert "2 January 2026, 03:04 UTC" in origin(tell(trace))
