"""The timeline over time as shapes."""

from __future__ import annotations

import pytest

from netcore.trace import AnyEvent, Called, PeerCalled, Truncated
from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import MS, exchange, refused
from web.drawing.bundles import LEAST_RUN
from web.drawing.flown import Flown
from web.drawing.shapes import MARK_BUDGET, Line
from web.drawing.timed import (
    BEYOND,
    Timed,
    cut_line,
    draw_time,
    time_scale,
)

WIDTH = 1_300


def drawn(events: list[AnyEvent], window: tuple[int, int] | None = None) -> Timed:
    timeline = tale_of(events).timeline
    flown = Flown(timeline)
    window = window or (0, flown.extent_ns)
    scale = time_scale(flown.quiet, window, WIDTH, 0, folding=True)
    return draw_time(timeline, flown, scale, WIDTH, lambda a, b: f"/t/x?z={a}-{b}")


@pytest.mark.parametrize("events", [[], exchange(), refused()], ids=["none", "whole", "refused"])
def test_every_mark_stands_within_the_drawing(events: list[AnyEvent]) -> None:
    drawing = drawn(events).drawing
    assert (len(drawing.marks) > 0) == bool(events)
    for mark in drawing.marks:
        for line in mark.lines:
            assert min(line.x1, line.x2) >= -BEYOND
            assert max(line.x1, line.x2) <= WIDTH + BEYOND
            assert 0 <= min(line.y1, line.y2) <= max(line.y1, line.y2) <= drawing.height
        for box in mark.name.boxes:
            assert box.x >= 0
            assert box.x + box.width <= WIDTH


def test_a_long_body_is_one_ribbon_that_leads_to_its_reads() -> None:
    drawing = drawn(exchange(body=b"x" * 40_000)).drawing
    (ribbon,) = [mark for mark in drawing.marks if "bundle" in mark.css and mark.zoom]
    assert ribbon.label.count("10 reads, 40,000 B") == 1
    start, end = map(int, ribbon.zoom.partition("z=")[2].split("-"))
    inside = drawn(exchange(body=b"x" * 40_000), (start, end)).drawing
    assert len([mark for mark in inside.marks if "receive" in mark.css]) > 1


def test_each_assumed_end_has_its_sentence() -> None:
    titles = [mark.title for mark in drawn(exchange()).drawing.marks]
    arrows = [title for title in titles if "We only saw our own end." in title]
    assert len(arrows) >= 5
    assert any("Half of the" in title for title in arrows)


def test_a_query_has_two_short_dashed_halves_and_its_middle_folds() -> None:
    timed = drawn(exchange(), (0, 7 * MS))
    asked, answered = (mark for mark in timed.drawing.marks if "L-dns" in mark.css)
    for drawn_mark in (asked, answered):
        arrow = [line for line in drawn_mark.lines if line.css.startswith("arrow")]
        assert sorted(line.css for line in arrow) == ["arrow far assumed", "arrow observed"]
        ends = [x for line in arrow for x in (line.x1, line.x2)]
        assert max(ends) - min(ends) <= LEAST_RUN + 0.2
    assert "the resolver took 2.04 ms" in [fold.title for fold in timed.drawing.folds]


def test_lanes_are_broken_where_time_is_folded() -> None:
    timed = drawn(exchange())
    assert len(timed.scale.folds) >= 1
    for lane in timed.drawing.lanes:
        for line in lane.lines:
            assert not any(line.x1 < fold.x1 < line.x2 for fold in timed.scale.folds)


def test_what_failed_has_a_cross_and_its_word() -> None:
    marks = drawn(refused()).drawing.marks
    crossed = [mark for mark in marks if any(glyph.css == "cross" for glyph in mark.glyphs)]
    assert {label.text for mark in crossed for label in mark.name.labels} >= {"tcp.refused"}


def test_where_recording_stopped_the_edge_is_torn() -> None:
    events = exchange()
    events.insert(-2, Truncated(19 * MS, "tcp:1.received", 2_097_152))
    marks = drawn(events).drawing.marks
    torn = [mark for mark in marks if any(glyph.css == "torn" for glyph in mark.glyphs)]
    assert len(torn) == 1
    assert "stopped after 2 MiB" in torn[0].label
    assert [label.text for label in torn[0].name.labels] == ["stopped after 2 MiB"]


def test_the_drawing_keeps_to_its_budget() -> None:
    drawing = drawn(exchange(body=b"x" * 4_000_000)).drawing
    assert len(drawing.marks) <= MARK_BUDGET
    assert drawing.more == 0
    (reads,) = drawing.sums
    assert reads.label == "HTTP, received: 1,000 reads, 4.00 MB in all"


def test_a_line_is_cut_at_the_edges_and_loses_its_head_there() -> None:
    line = Line("arrow", 0, 0, 100, 100, "tls")
    assert cut_line(line, 20, 80) == Line("arrow", 20, 20, 80, 80, "")
    assert cut_line(line, -5, 200) == line
    assert cut_line(line, 200, 300) is None


def test_a_write_that_two_reads_took_is_a_band_with_a_line_to_each() -> None:
    events = exchange()
    at, call = next(
        (at, event)
        for at, event in enumerate(events)
        if isinstance(event, Called) and event.channel == "tcp:1.sent" and event.length > 4
    )
    parts = [(0, 1, 1), (1, 1, 2), (2, call.length - 2, 3)]
    there = [
        PeerCalled(call.time_ns + ms * MS // 4, call.channel, "recv", offset, length)
        for offset, length, ms in parts
    ]
    window = call.time_ns - MS, call.time_ns + 2 * MS
    timed = drawn([*events[:-1], *there, events[-1]], window)
    (mark,) = [each for each in timed.drawing.marks if each.number == at + 1]
    lines = [line for line in mark.lines if line.css.startswith("arrow")]
    assert [line.css for line in lines] == ["arrow observed"] * 3
    assert len({line.x1 for line in lines}) == 1
    assert len({line.x2 for line in lines}) == 3
    assert [glyph.css for glyph in mark.glyphs] == ["ribbon"]
    assert "one write, 3 reads at the other end" in mark.title
