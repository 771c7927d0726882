"""The arrows of a slide: what is to come is absent, and nothing moves when it comes."""

from __future__ import annotations

from itertools import pairwise

from tests.web.player.test_steps import recorded
from web.player.sketch import NARROW, WIDE, sketch
from web.player.steps import steps


def test_what_is_to_come_is_absent_and_nothing_moves() -> None:
    tale = recorded()
    chosen, lanes = steps(tale), tale.timeline.lanes
    drawings = [sketch(lanes, chosen, number) for number in range(len(chosen) + 1)]
    assert drawings[0].marks == ()
    for before, after in pairwise(drawings):
        assert len(before.marks) <= len(after.marks)
        assert before.lanes == after.lanes
        for old, new in zip(before.marks, after.marks, strict=False):
            assert (old.lines, old.glyphs) == (new.lines, new.glyphs)
    shown = [mark for mark in drawings[-1].marks if "now" in mark.css]
    assert len(shown) == 1


def test_the_resolver_is_no_server_and_all_stays_inside() -> None:
    tale = recorded()
    drawing = sketch(tale.timeline.lanes, steps(tale), len(steps(tale)))
    heights = [lane.line.y1 for lane in drawing.lanes]
    assert len(set(heights)) == 3
    assert max(heights) < drawing.height
    for mark in drawing.marks:
        assert all(0 < x < WIDE.width for line in mark.lines for x in (line.x1, line.x2))


def test_a_narrow_screen_has_the_last_marks_as_large_and_the_name_of_the_newest() -> None:
    tale = recorded()
    chosen = steps(tale)
    for number in range(1, len(chosen) + 1):
        wide = sketch(tale.timeline.lanes, chosen, number)
        narrow = sketch(tale.timeline.lanes, chosen, number, NARROW)
        assert narrow.said == wide.said
        assert len(narrow.marks) == min(len(wide.marks), NARROW.most)
        assert [mark.css for mark in narrow.marks] == [
            mark.css for mark in wide.marks[-NARROW.most :]
        ]
        for mark in narrow.marks:
            assert all(0 < x < NARROW.width for line in mark.lines for x in (line.x1, line.x2))
            assert not mark.title or mark.title.y < NARROW.top - 20


def test_every_party_but_the_client_is_marked_as_estimated() -> None:
    drawing = sketch(recorded().timeline.lanes, (), 0)
    assert [lane.css for lane in drawing.lanes].count("sketch-lane") == 1
    notes = [name.text for lane in drawing.lanes for name in lane.names[1:]]
    assert set(notes) == {"estimated"}
