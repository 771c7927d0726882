"""Flow-control windows: what the h2 library says that may be sent, after every exchange."""

from __future__ import annotations

from netcore.dissect.http2 import FrameHeader
from netcore.framing.http2 import Frame
from netcore.http2.streams import in_order
from netcore.http2.windows import INITIAL, Point, Windows, windows
from netcore.pdu import Pdu
from tests.netcore.http2_conversation import REQUEST, RESPONSE, Conversation


def now(talk: Conversation, stream: int) -> Windows:
    return windows(in_order(talk.explained().http2["1"].frames), stream)


def last(points: list[Point]) -> int:
    return points[-1].window if points else INITIAL


def check(talk: Conversation, *streams: int) -> None:
    """The windows are those of both ends of the library."""
    talk.pump()
    client, server = talk.client, talk.server
    connection = now(talk, 0)
    assert last(connection.sent) == client.outbound_flow_control_window
    assert last(connection.received) == server.outbound_flow_control_window
    assert last(connection.received) == client.inbound_flow_control_window
    for number in streams:
        ours = now(talk, number)
        sent = client.streams[number].outbound_flow_control_window
        received = server.streams[number].outbound_flow_control_window
        assert (last(ours.sent), last(ours.received)) == (sent, received)
        assert [p.error for p in ours.sent + ours.received if p.error] == []


def test_windows_are_the_librarys_through_data_updates_padding_and_settings() -> None:
    talk = Conversation()
    talk.begin()
    client, server = talk.client, talk.server
    client.send_headers(1, REQUEST)
    client.send_headers(3, REQUEST)
    check(talk, 1, 3)
    client.send_data(1, b"x" * 5_000)
    client.send_data(3, b"x" * 700, pad_length=99)
    check(talk, 1, 3)
    server.send_headers(1, RESPONSE)
    server.send_data(1, b"y" * 16_000, pad_length=0)
    check(talk, 1, 3)
    client.increment_flow_control_window(10_000)
    client.increment_flow_control_window(2_000, stream_id=1)
    server.increment_flow_control_window(33, stream_id=3)
    check(talk, 1, 3)
    server.update_settings({4: 1_000})
    check(talk, 1, 3)
    client.update_settings({4: 1 << 20})
    check(talk, 1, 3)
    client.send_headers(5, REQUEST)
    check(talk, 1, 3, 5)
    assert now(talk, 5).sent[0].window == 1_000


def test_a_window_that_is_used_up_waits_for_an_update() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    talk.server.send_headers(1, RESPONSE)
    while size := min(talk.server.local_flow_control_window(1), 16_384):
        talk.server.send_data(1, b"z" * size)
    check(talk, 1)
    assert last(now(talk, 1).received) == last(now(talk, 0).received) == 0
    talk.client.increment_flow_control_window(5, stream_id=1)
    talk.client.increment_flow_control_window(5)
    talk.pump()
    talk.server.send_data(1, b"zz")
    check(talk, 1)
    changes = [point.change for point in now(talk, 1).received]
    assert changes == [0, -16_384, -16_384, -16_384, -16_383, 5, -2]


def a_frame(direction: str, kind: int, stream: int, payload: bytes, flags: int = 0) -> Frame:
    octets = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    header = FrameHeader(len(payload), kind, flags, stream)
    return Frame(direction, header, Pdu("http2_frame", octets + payload, ()))


def test_a_setting_may_make_a_window_negative_and_data_beyond_it_is_an_error() -> None:
    none = b"\0\4\0\0\0\0"
    frames = [
        a_frame("sent", 1, 1, b""),
        a_frame("received", 0, 1, bytes(100)),
        a_frame("sent", 4, 0, none),
        a_frame("received", 0, 1, bytes(10)),  # not acknowledged yet
        a_frame("received", 4, 0, b"", flags=1),
        a_frame("received", 0, 1, bytes(1)),
    ]
    points = windows(frames, 1).received
    assert [point.window for point in points] == [65_535, 65_435, 65_425, -110, -111]
    assert [bool(point.error) for point in points] == [False, False, False, False, True]
    assert points[-1].error.startswith("FLOW_CONTROL_ERROR: ")


def test_a_window_that_grows_too_large_is_an_error() -> None:
    update = a_frame("received", 8, 0, b"\x7f\xff\xff\xff")
    assert windows([update], 0).sent[0].error.startswith("FLOW_CONTROL_ERROR: ")


def test_an_acknowledgement_of_nothing_changes_nothing() -> None:
    assert windows([a_frame("received", 4, 0, b"", flags=1)], 0) == ([], [])
