"""The lanes: every frame on the line of its stream, on the side of its sender."""

from __future__ import annotations

import itertools

from tests.netcore.http2_conversation import rich
from tests.web.streams.telling import tale_of
from web.streams.lanes import LanesView, frame_rows, lanes_view
from web.streams.marks import FrameMark, frame_marks


def drawn() -> tuple[list[FrameMark], LanesView]:
    tale = tale_of(rich())
    marks, _ = frame_marks(tale.explanation.http2["1"].frames, tale, "/t/x")
    return marks, lanes_view(marks, {1: "GET /", 3: "GET /a-path-that-is-long"})


def test_there_is_a_lane_for_each_stream_and_one_for_the_connection() -> None:
    marks, view = drawn()
    assert [lane.stream for lane in view.lanes] == sorted({mark.stream for mark in marks})
    notes = {lane.stream: lane.note for lane in view.lanes}
    assert notes[0] == "the connection"
    assert notes[1] == "GET /"
    assert notes[3] == "GET /a-path-th…"


def test_a_frame_stands_above_its_line_if_the_client_sent_it() -> None:
    marks, view = drawn()
    lines = {lane.stream: lane.y for lane in view.lanes}
    for mark, frame in zip(marks, view.frames, strict=True):
        assert (frame.y < lines[mark.stream]) == (mark.direction == "sent")
        assert abs(frame.y - lines[mark.stream]) < 60


def test_a_frame_shows_all_flags_that_are_set() -> None:
    marks, view = drawn()
    both = [at for at, mark in enumerate(marks) if mark.flags == "END_HEADERS, END_STREAM"]
    assert both
    assert {view.frames[at].note for at in both} == {"END_HEADERS END_STREAM"}


def test_frames_stand_in_order_and_none_reaches_into_the_next() -> None:
    _, view = drawn()
    for one, after in itertools.pairwise(view.frames):
        assert one.x + one.width < after.x
    assert all(0 <= frame.y < view.height - 20 for frame in view.frames)
    assert view.frames[-1].x + view.frames[-1].width < view.width + 1


def test_a_reset_looks_wrong_and_says_its_stream() -> None:
    _, view = drawn()
    reset = next(frame for frame in view.frames if frame.name == "RST_STREAM")
    assert "wrong" in reset.css
    assert reset.label.startswith("Stream 5, sent, RST_STREAM, stream 5: CANCEL")


def test_the_table_has_a_row_for_each_frame() -> None:
    marks, view = drawn()
    rows = frame_rows(marks)
    assert [row.href for row in rows] == [frame.href for frame in view.frames]
    assert {row.direction for row in rows} == {"sent", "received"}
