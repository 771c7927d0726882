"""The frames that a client sent, and what each of them waits for."""

from __future__ import annotations

from netcore.exports.replay_http2 import Frames, SentFrame, frames_of
from tests.netcore.http2_conversation import REQUEST, RESPONSE, Conversation, rich, simple

DATA, HEADERS, WINDOW_UPDATE, GOAWAY = 0, 1, 8, 7


def frames(talk: Conversation) -> Frames:
    explanation = talk.explained()
    found = frames_of(
        explanation.http2["1"], explanation.channels["tcp:1.sent"].octets, "tcp:1.sent", 0
    )
    assert found is not None
    return found


def of_type(found: Frames, kind: int) -> list[SentFrame]:
    return [each for each in found.sent if each.type == kind]


def test_every_octet_that_was_sent_is_in_a_frame_but_for_acknowledgements() -> None:
    talk = rich()
    found = frames(talk)
    octets = talk.explained().channels["tcp:1.sent"].octets
    acks = (bytes.fromhex("0000000401"), bytes.fromhex("0000080601"))
    left, at = octets, 0
    for each in found.sent:
        while left[at : at + 5] in acks:
            at += 9 + int.from_bytes(left[at : at + 3], "big")
        assert left.startswith(each.octets, at)
        at += len(each.octets)
    assert found.sent[0].octets.startswith(b"PRI * HTTP/2.0")
    assert not found.upgraded


def test_a_request_has_its_fields_beside_it() -> None:
    (head,) = of_type(frames(simple()), HEADERS)
    assert list(head.fields) == REQUEST
    assert (head.ended, head.frames) == (0, 0)


def test_a_stream_that_began_behind_the_end_of_another_waits_for_it() -> None:
    talk = simple()
    talk.client.send_headers(3, REQUEST, end_stream=True)
    talk.client.send_headers(5, REQUEST, end_stream=True)
    talk.pump()
    assert [each.ended for each in of_type(frames(talk), HEADERS)] == [0, 1, 0]


def test_a_window_opens_behind_so_much_content_and_goodbye_waits_for_the_end() -> None:
    talk = simple(b"hello")
    talk.client.increment_flow_control_window(9)
    talk.client.close_connection()
    talk.pump()
    found = frames(talk)
    assert [each.content for each in of_type(found, WINDOW_UPDATE)] == [5]
    assert [each.ended for each in of_type(found, GOAWAY)] == [1]
    assert [(each.stream, each.status) for each in found.answers] == [(1, "200")]


def test_content_waits_for_100_where_it_came() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST)
    talk.pump()
    talk.server.send_headers(1, [(":status", "100")])
    talk.pump()
    talk.client.send_data(1, b"first")
    talk.client.send_data(1, b"second", end_stream=True)
    talk.pump()
    coded = [*RESPONSE, ("content-encoding", "gzip"), ("location", "/x")]
    talk.server.send_headers(1, coded)
    talk.pump()
    assert [each.codings for each in frames(talk).answers] == [()], "nothing is there to be decoded"
    talk.server.send_data(1, b"x", end_stream=True)
    talk.pump()
    found = frames(talk)
    assert [each.told for each in of_type(found, DATA)] == [1, 0]
    assert [(each.codings, each.location) for each in found.answers] == [(("gzip",), "/x")]


def test_a_goodbye_before_the_end_waits_for_as_many_frames_as_had_come() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    talk.client.close_connection()
    talk.pump()
    (goodbye,) = of_type(frames(talk), GOAWAY)
    assert (goodbye.ended, goodbye.frames) == (0, 2)


def test_what_is_in_no_frame_is_noticed() -> None:
    explanation = simple().explained()
    connection = explanation.http2["1"]
    octets = explanation.channels["tcp:1.sent"].octets
    assert frames_of(connection, octets + b"\0", "tcp:1.sent", 0) is None
    assert frames_of(connection, octets[1:], "tcp:1.sent", 0) is None
    assert frames_of(connection, octets, "tcp:2.sent", 0) is None
