"""Which events belong together."""

from __future__ import annotations

from netcore.trace import Completed
from tests.netcore.http2_conversation import rich
from tests.netcore.quic_conversation import with_our_loss
from tests.web.drawing.test_steps import tale_of
from tests.web.quic.telling import tale_of_events
from tests.web.recordings import MS, connection, exchange, moved
from tests.web.streams.telling import tale_of as tale_of_streams

ASK = b"GET / HTTP/1.1\r\nHost: plain.example\r\n\r\n"


def test_a_question_and_a_request_have_their_answers() -> None:
    tale = tale_of(exchange())
    titles = [
        (tale.mark_of(one).title, tale.mark_of(other).title, why)  # type: ignore[union-attr]
        for one, other, why in tale.pairs
    ]
    assert titles == [
        ("GET /", "200 OK", "answer"),
        ("DNS query: A plain.example", "DNS answer: 93.184.216.34", "answer"),
    ]


def test_what_comes_before_the_answer_stands_between() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    final = b"HTTP/1.1 204 No Content\r\n\r\n"
    events = [
        *connection(),
        moved(6 * MS, "tcp:1", "send", ASK),
        moved(7 * MS, "tcp:1", "recv", early),
        moved(8 * MS, "tcp:1", "recv", final, len(early)),
        moved(9 * MS, "tcp:1", "send", ASK, len(ASK)),
        moved(10 * MS, "tcp:1", "recv", final, len(early + final)),
    ]
    first = len(connection()) + 1
    pairs = [(one - first, other - first) for one, other, _ in tale_of(events).pairs]
    assert pairs == [(0, 1), (1, 2), (3, 4)]


def test_the_frames_of_a_stream_are_in_order_and_other_streams_are_not_joined() -> None:
    tale = tale_of_streams(rich())
    pairs = [pair for pair in tale.pairs if pair[2] == "stream"]
    assert pairs
    assert all(one < other for one, other, _ in pairs)
    for number in {number for pair in pairs for number in pair[:2]}:
        assert len(tale.neighbours(number)) == len([pair for pair in pairs if number in pair[:2]])


def test_what_was_sent_again_belongs_to_what_was_lost() -> None:
    tale = tale_of_events([*with_our_loss().events, Completed(9_000 * MS, 200)])
    (lost,) = [mark.number for mark in tale.timeline.marks if mark.lost]
    assert lost in [one for one, _, why in tale.pairs if why == "again"]
