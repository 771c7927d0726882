"""Which streams the marks of a drawing carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import Lab
from netcore.trace import Trace, decode
from tests.web.ways.recordings import lab_trace
from web.drawing.steps import draw_wide
from web.on_streams import on_streams
from web.tale import tell

EXAMPLE = Path(__file__).parents[2] / "content" / "examples" / "example-http2.jsonl"


def carried(trace: Trace) -> dict[str, str]:
    """By its name the streams of each mark that has some."""
    tale = tell(trace)
    drawing = on_streams(draw_wide(tale.timeline, fitted=True), tale)
    return {mark.label: mark.streams for mark in drawing.marks if mark.streams}


def test_marks_know_the_streams_of_their_frames_those_of_requests_first() -> None:
    found = carried(decode(EXAMPLE.read_bytes()))
    asked = [streams for label, streams in found.items() if "GET /" in label]
    assert asked == ["1/1 1/0", "1/3 1/0", "1/5 1/0"]
    answered = [streams for label, streams in found.items() if "200 OK" in label]
    assert answered == ["1/1 1/0", "1/3", "1/5"]


@pytest.mark.wire
def test_streams_of_quic_are_known_too(lab: Lab) -> None:
    found = carried(lab_trace(lab, "h3-streams"))
    asked = next(streams for label, streams in found.items() if "GET /" in label)
    assert asked.split()[0].endswith("/0")
    assert len(asked.split()) > 1  # its settings cross beside it


@pytest.mark.wire
def test_without_streams_a_drawing_stays_as_it_is(lab: Lab) -> None:
    tale = tell(lab_trace(lab, "plain"))
    drawing = draw_wide(tale.timeline, fitted=True)
    assert on_streams(drawing, tale) is drawing
