"""The standing timeline: rows as high as their texts, lanes that begin under their names."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from netcore.marks import Lane
from netcore.trace import AnyEvent, Chose, SecretLogged
from tests.web.drawing.marks import mark
from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import MS, exchange, refused
from web.drawing.ladder import CLIENT_X, LADDER_WIDTH, TEXT, draw_ladder
from web.drawing.shapes import DrawnMark

LONG = "It is the first of two addresses, and of those one came from the cache of this machine."
TITLE = "a-name-that-is-quite-long.somewhere.in.the.lab.test:65535 at 192.0.2.53:53"


def baselines(mark: DrawnMark) -> list[float]:
    return sorted(mark.y + label.y for label in mark.labels if label.css != "when")


def test_no_sign_touches_its_time() -> None:
    signs = 0
    for events in (exchange(), refused(), [*exchange()[:-1], SecretLogged(20 * MS, "A b c")]):
        for drawn in draw_ladder(tale_of(events).timeline).marks:
            (when,) = [label for label in drawn.labels if label.css == "when"]
            for glyph in drawn.glyphs:
                if glyph.css in ("key", "diamond"):
                    signs += 1
                    assert when.x <= CLIENT_X - 10 - 5
            assert when.x - len(when.text) * 6.7 >= 0
    assert signs >= 3


def test_a_long_reason_goes_on_in_a_second_line() -> None:
    why = "It is the first of two addresses, and of those one came from the cache."
    drawn = draw_ladder(tale_of([Chose(MS, "address", "192.0.2.1", why)]).timeline).marks[0]
    lines = [label for label in drawn.labels if label.css == "detail"]
    assert " ".join(line.text for line in lines) == why
    assert [line.y for line in lines] == sorted({line.y for line in lines})


def test_texts_of_neighbouring_rows_do_not_touch() -> None:
    events: list[AnyEvent] = []
    for at, event in enumerate(exchange()):
        events += [event, Chose(event.time_ns, "address", TITLE, LONG)] if at % 3 == 1 else [event]
    marks = draw_ladder(tale_of(events).timeline).marks
    assert len(marks) > 6
    for above, below in pairwise(marks):
        assert baselines(above)[-1] <= baselines(below)[0] - 14


def test_a_long_title_goes_on_in_a_second_line_and_is_not_cut() -> None:
    drawn = draw_ladder(tale_of([Chose(MS, "resolver", TITLE, "")]).timeline).marks[0]
    titles = [label.text for label in drawn.labels if label.css == "title"]
    assert len(titles) > 1
    assert "".join(titles).replace(" ", "") == f"resolver:{TITLE}".replace(" ", "")
    assert all(len(title) <= TEXT for title in titles)


def test_the_name_of_a_lane_stands_where_its_line_begins() -> None:
    drawing = draw_ladder(tale_of(exchange()).timeline)
    for lane in drawing.lanes[1:]:
        (line,), (name,) = lane.lines, lane.labels
        assert 0 < line.y1 - name.y < 12
        half = len(name.text) * 7.2 / 2
        assert name.x - half <= line.x1 <= name.x + half <= LADDER_WIDTH
        rows = [mark.y for mark in drawing.marks if mark.lines[1:] and mark.y >= line.y1]
        assert min(rows) == line.y1


def test_several_resolvers_are_told_apart_by_their_addresses() -> None:
    told = tale_of(exchange()).timeline
    resolvers = [Lane(key, "resolver", "Resolver", f"192.0.2.{key}:53") for key in "12"]
    marks = tuple(mark(int(lane.key), "sent", 0, lane=lane.key) for lane in resolvers)
    drawing = draw_ladder(replace(told, lanes=(told.lanes[0], *resolvers), marks=marks))
    named = [lane.labels[0].text for lane in drawing.lanes]
    assert named == ["Client", *(f"Resolver (est.) 192.0.2.{key}:53" for key in "12")]
    assert len({lane.lines[0].x1 for lane in drawing.lanes}) == 3
    one = draw_ladder(told).lanes
    assert [lane.labels[0].text for lane in one] == ["Client", "Resolver (est.)", "Server (est.)"]


def test_a_row_stays_where_it_is_when_more_come() -> None:
    events = exchange()
    whole = draw_ladder(tale_of(events).timeline).marks
    for known in (9, 16):
        part = draw_ladder(tale_of(events[:known]).timeline).marks
        for before, after in zip(part[:-1], whole, strict=False):
            assert (before.y, before.lines[0]) == (after.y, after.lines[0])
