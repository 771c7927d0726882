"""Frames as marks: in order, those that are alike together, each a link to its unit."""

from __future__ import annotations

import re

from netcore.kernel_clock import ARRIVED
from netcore.trace import KernelTimestamp
from tests.netcore.http2_conversation import REQUEST, Conversation, rich, simple
from tests.web.streams.telling import tale_of
from web.streams.marks import frame_marks, moment_ns


def test_every_frame_of_a_rich_conversation_has_a_mark_that_leads_to_it() -> None:
    tale = tale_of(rich())
    frames = tale.explanation.http2["1"].frames
    marks, left_out = frame_marks(frames, tale, "/t/x")
    assert left_out == 0
    assert sum(len(mark.frames) for mark in marks) == len(frames)
    for mark in marks:
        found = re.fullmatch(r"/t/x/e/(\d+)\?u=(\d+)", mark.href)
        assert found, mark.href
        unit = tale.explanation.of_event(int(found[1]))[int(found[2]) - 1]
        assert unit is mark.frames[0].pdu


def test_flags_and_directions_are_those_of_the_frames() -> None:
    tale = tale_of(simple())
    marks, _ = frame_marks(tale.explanation.http2["1"].frames, tale, "/t/x")
    told = [(mark.direction, mark.stream, mark.name, mark.flags) for mark in marks]
    assert ("sent", 1, "HEADERS", "END_HEADERS, END_STREAM") in told
    assert ("received", 1, "DATA", "END_STREAM") in told
    assert ("received", 0, "SETTINGS", "ACK") in told


def test_frames_in_a_row_that_are_alike_are_one_mark() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST)
    talk.pump()
    for _ in range(5):
        talk.client.send_data(1, b"x" * 10)
    talk.pump()
    tale = tale_of(talk)
    marks, _ = frame_marks(tale.explanation.http2["1"].frames, tale, "/t/x")
    assert [len(mark.frames) for mark in marks if mark.name == "DATA"] == [5]
    assert [mark.octets for mark in marks if mark.name == "DATA"] == [50]


def test_what_is_beyond_the_bound_is_counted() -> None:
    tale = tale_of(rich())
    frames = tale.explanation.http2["1"].frames
    marks, left_out = frame_marks(frames, tale, "/t/x", most=4)
    assert len(marks) == 4
    assert left_out == len(frames) - sum(len(mark.frames) for mark in marks)


def test_a_frame_that_is_cut_off_says_so() -> None:
    talk = Conversation()
    talk.begin()
    talk.move("received", b"\0\0\x08\x06\0\0\0\0\0abc")
    tale = tale_of(talk)
    marks, _ = frame_marks(tale.explanation.http2["1"].frames, tale, "/t/x")
    assert marks[-1].title == "PING, cut off"


def test_a_frame_is_there_when_the_call_returned_that_brought_its_end() -> None:
    talk = simple()
    tale = tale_of(talk)
    for frame in tale.explanation.http2["1"].frames:
        events = frame.pdu.events
        number = events[0] if frame.direction == "sent" else events[-1]
        assert moment_ns(frame, tale) == tale.trace.events[number - 1].time_ns


def test_frames_stand_in_the_timelines_order_where_the_kernel_knows_it() -> None:
    talk = simple()
    settings = next(
        at for at, event in enumerate(talk.events) if getattr(event, "call", "") == "recv"
    )
    read = talk.events[settings]
    socket = f"{getattr(read, 'socket', '')}.received"
    talk.events.insert(
        settings + 1, KernelTimestamp(0, socket, getattr(read, "length", 0), ARRIVED)
    )
    tale = tale_of(talk)
    marks, _ = frame_marks(tale.explanation.http2["1"].frames, tale, "/t/x")
    assert marks[0].direction == "received"
    assert [mark.moment_ns for mark in marks] == sorted(mark.moment_ns for mark in marks)
