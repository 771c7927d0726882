"""The timeline as shapes: every mark drawn in both directions, none out of place."""

from __future__ import annotations

import pytest

from netcore.options import Options
from netcore.trace import AnyEvent, Called, Trace
from tests.web.recordings import MS, connection, exchange, moved, refused
from web.drawing.ladder import draw_ladder
from web.drawing.shapes import MARK_BUDGET
from web.drawing.steps import draw_wide
from web.tale import Tale, tell


def tale_of(events: list[AnyEvent]) -> Tale:
    return tell(Trace("http://plain.example/", "2026-01-02T03:04:05.000006Z", Options(), events))


@pytest.mark.parametrize("events", [[], exchange(), refused()], ids=["none", "whole", "refused"])
def test_every_mark_is_drawn_within_the_drawing(events: list[AnyEvent]) -> None:
    timeline = tale_of(events).timeline
    for drawing in (draw_wide(timeline, fitted=True), draw_ladder(timeline)):
        assert [mark.number for mark in drawing.marks] == [m.number for m in timeline.marks]
        for mark in drawing.marks:
            for line in mark.lines:
                assert min(line.x1, line.x2) >= 0
                assert max(line.x1, line.x2) <= drawing.width
                assert min(line.y1, line.y2) >= 0
                assert max(line.y1, line.y2) <= drawing.height
            for box in mark.boxes:
                assert box.x >= 0
                assert box.x + box.width <= drawing.width


def test_marks_of_a_running_trace_do_not_move_when_more_come() -> None:
    events = exchange()
    whole = draw_wide(tale_of(events).timeline, fitted=False)
    for known in (9, 16):  # without a server, and with one
        part = draw_wide(tale_of(events[:known]).timeline, fitted=False)
        for before, after in zip(part.marks[:-1], whole.marks, strict=False):
            assert [(line.x1, line.y1) for line in before.lines] == [
                (line.x1, line.y1) for line in after.lines
            ]
            assert before.boxes == after.boxes


def test_a_resolver_is_never_drawn_on_the_servers_lane() -> None:
    lanes = draw_wide(tale_of(exchange()).timeline, fitted=True).lanes
    assert [lane.labels[0].text for lane in lanes] == ["Client", "Resolver", "Server"]
    client, resolver, server = (lane.lines[0].y1 for lane in lanes)
    assert resolver < client < server


def test_the_far_half_of_what_nothing_has_answered_is_assumed() -> None:
    events = exchange()
    sent = events[:4]
    waiting = draw_wide(tale_of(sent).timeline, fitted=False).marks[-1]
    answered = draw_wide(tale_of(events[:6]).timeline, fitted=False).marks[0]
    assert [line.css for line in waiting.lines] == ["hit", "arrow observed", "arrow far assumed"]
    assert [line.css for line in answered.lines] == ["hit", "arrow observed"]


def test_what_failed_carries_a_cross() -> None:
    marks = draw_wide(tale_of(refused()).timeline, fitted=True).marks
    crossed = [mark.number for mark in marks if any(g.css == "cross" for g in mark.glyphs)]
    assert crossed == [12, 14]


def test_a_drawing_stops_at_its_budget() -> None:
    events: list[AnyEvent] = connection()
    events += [
        moved(MS * 6 + at, "tcp:1", "send", b"GET /%d HTTP/1.1\r\n\r\n" % at, at * 22)
        for at in range(1_000, 1_000 + MARK_BUDGET + 50)
    ]
    offset = 0
    for at, event in enumerate(events):
        if isinstance(event, Called) and event.channel:
            events[at] = moved(event.time_ns, "tcp:1", "send", event.data, offset)
            offset += event.length
    drawing = draw_wide(tale_of(events).timeline, fitted=True)
    assert len(drawing.marks) == MARK_BUDGET
    assert len(draw_ladder(tale_of(events).timeline).marks) == MARK_BUDGET
