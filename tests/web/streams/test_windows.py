"""The graphs of windows: the values are those of the frames, over steps and over time."""

from __future__ import annotations

import re

from netcore.http2.streams import in_order
from netcore.http2.windows import Point, windows
from tests.netcore.http2_conversation import REQUEST, RESPONSE, Conversation, rich
from tests.web.streams.telling import tale_of
from web.streams.windows import HEIGHT, SHOWN_ROWS, WIDTH, Graph, graph
from web.tale import Tale


def points_of(tale: Tale, stream: int) -> list[Point]:
    return windows(in_order(tale.explanation.http2["1"].frames), stream).received


def drawn(talk: Conversation, stream: int, span: tuple[int, int] | None = None) -> Graph:
    tale = tale_of(talk)
    return graph("A window", points_of(tale, stream), tale, "/t/x", span=span, whose="server")


def used_up() -> Conversation:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    talk.server.send_headers(1, RESPONSE)
    while size := min(talk.server.local_flow_control_window(1), 16_384):
        talk.server.send_data(1, b"z" * size)
    talk.pump()
    talk.client.increment_flow_control_window(5, stream_id=1)
    talk.pump()
    return talk


def test_each_frame_that_moved_the_window_has_its_dot_and_its_row() -> None:
    found = drawn(used_up(), 1)
    assert [row.change for row in found.rows] == [
        *("begins", "−16,384", "−16,384", "−16,384", "−16,383", "+5"),
    ]
    assert [dot.css for dot in found.dots] == ["granted", *["spent"] * 4, "granted"]
    assert [dot.href for dot in found.dots] == [row.href for row in found.rows]
    assert (found.top, found.low) == ("65,535", "0")


def test_a_window_that_was_used_up_is_said_to_have_stopped_the_server() -> None:
    assert "at 0 it had to stop" in drawn(used_up(), 1).what
    assert "3 DATA frames" in drawn(rich(), 0).what


def test_the_line_stays_inside_the_drawing() -> None:
    for span in (None, (0, 30)):
        found = drawn(rich(), 1, span)
        for axis, number in re.findall(r"([MHV])([-\d.]+)", found.line):
            assert 0 <= float(number) <= (HEIGHT if axis == "V" else WIDTH)


def test_over_time_what_crossed_together_stands_together() -> None:
    tale = tale_of(rich())
    points = points_of(tale, 1)
    span = (0, len(tale.trace.events))
    found = graph("A window", points, tale, "/t/x", span=span, whose="server")
    assert found.ends == ("0 ms", f"{span[1]} ns" if span[1] >= 100 else f"{span[1]:.1f} ns")


def test_a_long_transfer_is_thinned_out_and_its_table_bounded() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    talk.server.send_headers(1, RESPONSE)
    for _ in range(700):
        talk.server.send_data(1, b"z")
    talk.pump()
    found = drawn(talk, 1)
    assert len(found.rows) == SHOWN_ROWS
    assert found.more == 701 - SHOWN_ROWS
    assert found.dots == ()
    assert found.line.count("H") < 410


def test_an_error_is_drawn_as_a_cross() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    for _ in range(5):
        talk.move("received", b"\0\x40\0\0\0\0\0\0\x01" + bytes(16_384))
    found = drawn(talk, 1)
    assert found.dots[-1].css == "wrong"
    assert found.rows[-1].error.startswith("FLOW_CONTROL_ERROR")
    assert "FLOW_CONTROL_ERROR" in found.what


def test_a_window_that_was_cut_at_first_is_drawn_as_it_was_used() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    talk.client.update_settings({4: 500})
    talk.pump()
    talk.server.send_headers(1, RESPONSE)
    for _ in range(4):
        talk.server.send_data(1, b"z" * 500)
        talk.pump()
        talk.client.increment_flow_control_window(500, stream_id=1)
        talk.pump()
    found = drawn(talk, 1)
    assert found.top == "65,535, drawn up to 625"
    assert [dot.css for dot in found.dots[:3]] == ["granted", "granted", "spent"]
    assert found.rows[1].change == "−65,035"
    heights = {float(y) for y in re.findall(r"V([-\d.]+)", found.line)}
    assert len(heights) == 3  # as it began, full and empty: each can be told from the others


def test_what_is_left_is_told_of_the_moments_behind_data() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.client.increment_flow_control_window(1_000_000)
    talk.pump()
    talk.server.send_headers(1, RESPONSE)
    talk.server.send_data(1, b"z" * 35)
    talk.pump()
    assert "spent 35 B of it in one DATA frame. 1.07 MB were left." in drawn(talk, 0).what
