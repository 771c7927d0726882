"""The table of RFC 9113 §5.1, and the states of streams as the h2 library has them."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest
from h2.stream import StreamState

from netcore.dissect.http2 import FrameHeader
from netcore.framing.http2 import Frame
from netcore.http2.streams import ALLOWED, TRANSITIONS, Change, State, in_order, walk
from netcore.pdu import Pdu
from tests.netcore.http2_conversation import REQUEST, Conversation, rich, simple

STATES = get_args(State)
DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, WINDOW_UPDATE = 0, 1, 2, 3, 5, 8
THEIRS = {
    StreamState.OPEN: "open",
    StreamState.HALF_CLOSED_LOCAL: "half_closed_local",
    StreamState.HALF_CLOSED_REMOTE: "half_closed_remote",
    StreamState.RESERVED_REMOTE: "reserved_remote",
    StreamState.CLOSED: "closed",
}


def a_frame(direction: str, kind: int, stream: int = 1, flags: int = 0, promised: int = 2) -> Frame:
    payload = promised.to_bytes(4, "big") if kind == PUSH_PROMISE else b""
    octets = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    header = FrameHeader(len(payload), kind, flags, stream)
    return Frame(direction, header, Pdu("http2_frame", octets + payload, ()))


def told(changes: list[Change]) -> list[tuple[int, str, str, str]]:
    return [(c.stream, c.trigger, c.before, c.after) for c in changes]


def test_the_table_has_the_arrows_of_figure_2_and_each_state_has_its_rows() -> None:
    assert len({each[:3] for each in TRANSITIONS}) == len(TRANSITIONS) == 20
    assert {each.before for each in TRANSITIONS} == set(STATES) - {"closed"}
    assert {each.after for each in TRANSITIONS} == set(STATES) - {"idle"}
    assert set(ALLOWED) == {(state, way) for state in STATES for way in ("sent", "received")}


def test_the_table_is_the_same_from_either_end() -> None:
    mirror = {"sent": "received", "received": "sent"}

    def mirrored(state: str) -> str:
        return {"local": "remote", "remote": "local"}.get(state.rpartition("_")[2], "")

    def other(state: str) -> str:
        return state.rpartition("_")[0] + "_" + mirrored(state) if mirrored(state) else state

    arrows = {tuple(each) for each in TRANSITIONS}
    assert {(other(b), mirror[d], t, other(a)) for b, d, t, a in TRANSITIONS} == arrows


def test_a_rich_conversation_goes_through_the_states_that_it_should() -> None:
    talk = rich()
    connection = talk.explained().http2["1"]
    streams = walk(in_order(connection.frames))
    assert [change.error for change in streams.changes if change.error] == []
    assert streams.states == {1: "closed", 2: "closed", 3: "closed", 5: "closed"}
    assert [step for step in told(streams.changes) if step[0] == 2] == [
        (2, "PUSH_PROMISE", "idle", "reserved_remote"),
        (2, "HEADERS", "reserved_remote", "half_closed_local"),
        (2, "END_STREAM", "half_closed_local", "closed"),
    ]


def test_at_every_moment_the_states_are_those_of_the_library() -> None:
    talk = Conversation()
    talk.begin()
    client, server = talk.client, talk.server

    def check() -> None:
        talk.pump()
        states = walk(in_order(talk.explained().http2["1"].frames)).states
        for number, stream in client.streams.items():
            assert states[number] == THEIRS[stream.state_machine.state]

    client.send_headers(1, REQUEST)
    client.send_headers(3, REQUEST, end_stream=True)
    check()
    server.push_stream(1, 2, REQUEST)
    check()
    client.end_stream(1)
    server.send_headers(2, [(":status", "200")])
    check()
    client.reset_stream(2)
    server.send_headers(1, [(":status", "200")])
    check()
    server.send_data(1, b"x", end_stream=True)
    server.reset_stream(3)
    check()
    assert Counter(walk(in_order(talk.explained().http2["1"].frames)).states.values()) == {
        "closed": 3
    }


@pytest.mark.parametrize(
    ("frames", "error"),
    [
        ([a_frame("received", DATA)], "PROTOCOL_ERROR"),
        ([a_frame("received", HEADERS, 2)], "PROTOCOL_ERROR"),
        ([a_frame("sent", HEADERS, flags=1), a_frame("sent", DATA)], "PROTOCOL_ERROR"),
        (
            [
                a_frame("sent", HEADERS, flags=1),
                a_frame("received", HEADERS, flags=1),
                a_frame("received", DATA),
            ],
            "STREAM_CLOSED",
        ),
        (
            [
                a_frame("sent", HEADERS, flags=1),
                a_frame("sent", HEADERS, 2),
                a_frame("received", PUSH_PROMISE, promised=2),
            ],
            "PROTOCOL_ERROR",
        ),
        ([a_frame("sent", WINDOW_UPDATE)], "PROTOCOL_ERROR"),
    ],
)
def test_a_frame_that_its_state_does_not_allow_is_an_error(frames: list[Frame], error: str) -> None:
    changes = walk(frames).changes
    assert changes[-1].error.startswith(f"{error}: ")


def test_what_crosses_a_reset_of_ours_is_no_error() -> None:
    frames = [
        a_frame("sent", HEADERS, flags=1),
        a_frame("sent", RST_STREAM),
        a_frame("received", DATA, flags=1),
        a_frame("received", PRIORITY),
    ]
    assert [change.error for change in walk(frames).changes] == ["", "", ""]


def test_a_frame_that_did_not_come_whole_did_nothing() -> None:
    talk = simple()
    frames = talk.explained().http2["1"].frames
    cut = Pdu("http2_data", frames[-1].pdu.octets[:-1], frames[-1].pdu.origin)
    assert len(in_order([*frames[:-1], frames[-1]._replace(pdu=cut)])) == len(frames) - 1
