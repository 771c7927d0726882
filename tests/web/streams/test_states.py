"""The figure of RFC 9113 §5.1: every transition is drawn, and the way of a stream is marked."""

from __future__ import annotations

import re

import pytest

from netcore.http2.streams import TRANSITIONS, in_order, walk
from tests.netcore.http2_conversation import REQUEST, Conversation, rich
from tests.web.streams.telling import tale_of
from web.streams.states import BOX, HEIGHT, SHOWN_ERRORS, WIDTH, StatesView, states_view


def of(stream: int, talk: Conversation | None = None) -> StatesView:
    tale = tale_of(talk or rich())
    changes = walk(in_order(tale.explanation.http2["1"].frames)).changes
    own = [change for change in changes if change.stream == stream]
    return states_view(stream, own, "idle", tale, "/t/x")


def test_the_way_of_a_request_is_marked_and_each_step_leads_to_its_frame() -> None:
    view = of(1)
    steps = [(step.before, step.direction, step.trigger, step.after) for step in view.steps]
    assert steps == [
        ("idle", "sent", "HEADERS", "open"),
        ("open", "sent", "END_STREAM", "half-closed (local)"),
        ("half-closed (local)", "received", "END_STREAM", "closed"),
    ]
    taken = [arrow for arrow in view.arrows if arrow.steps]
    assert sorted(arrow.steps for arrow in taken) == ["1", "2", "3"]
    assert {arrow.href for arrow in taken} == {step.href for step in view.steps}
    assert view.last == "closed"


def test_a_promised_stream_goes_another_way() -> None:
    walked = [" ".join(box.lines) for box in of(2).boxes if "walked" in box.css]
    assert walked == ["idle", "reserved (remote)", "half-closed (local)", "closed"]


def test_a_reset_is_marked_at_the_arrow_to_closed() -> None:
    (arrow,) = (arrow for arrow in of(5).arrows if arrow.steps == "2")
    assert [label.text for label in arrow.labels if label.is_walked] == ["RST_STREAM sent"]


@pytest.mark.parametrize("stream", [1, 2, 3, 5])
def test_the_table_has_every_transition_and_marks_those_that_were_taken(stream: int) -> None:
    view = of(stream)
    cells = [cell for row in view.rows for cell in (*row.sent, *row.received)]
    assert len(cells) == len(TRANSITIONS)
    marked = {cell.href for cell in cells if cell.href}
    assert marked == {step.href for step in view.steps if not step.error}


def test_every_box_and_arrow_stands_inside_the_drawing() -> None:
    view = of(1)
    for box in view.boxes:
        assert 0 <= box.x <= WIDTH - BOX[0]
        assert 0 <= box.y <= HEIGHT - BOX[1]
    for arrow in view.arrows:
        assert all(0 <= float(number) <= WIDTH for number in re.findall(r"\d+", arrow.d))
        assert arrow.labels


def test_a_frame_that_the_state_does_not_allow_is_told_in_the_steps() -> None:
    talk = Conversation()
    talk.begin()
    talk.move("received", b"\0\0\x01\0\x01\0\0\0\x07x")
    (step,) = of(7, talk).steps
    assert step.error.startswith("PROTOCOL_ERROR: ")
    assert step.before == step.after == "idle"


def test_a_stream_without_a_change_stays_where_it_began() -> None:
    tale = tale_of(rich())
    view = states_view(1, [], "half_closed_local", tale, "/t/x")
    assert view.last == "half-closed (local)"
    assert not any(arrow.steps for arrow in view.arrows)


def test_of_thousands_of_frames_that_are_not_allowed_some_are_listed_and_all_counted() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST)
    talk.pump()
    for _ in range(100):
        talk.move("received", b"\0\0\x01\0\0\0\0\0\x07x")
    view = of(7, talk)
    assert (len(view.steps), view.more) == (SHOWN_ERRORS, 100 - SHOWN_ERRORS)
