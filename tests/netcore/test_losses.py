"""What is concluded to have been lost, and what was carried again."""

from __future__ import annotations

from netcore.losses import Losses, quic_losses, with_losses
from netcore.marks import Mark
from netcore.options import Options
from netcore.pdus import explain
from netcore.segments import FIN, SYN
from netcore.terminal import draw
from netcore.timeline import Timeline, timeline
from netcore.trace import AnyEvent, Called, Completed, Trace
from tests.netcore.made_packets import received, sent
from tests.netcore.quic_conversation import simple, with_loss, with_our_loss
from tests.netcore.test_captured_marks import HANDSHAKE, connection
from tests.netcore.test_segments import with_sack


def told(events: list[AnyEvent]) -> Timeline:
    trace = Trace("https://lab.test/", "2026-01-02T03:04:05+00:00", Options(), events)
    return timeline(trace, explain(events))


def fates(marks: tuple[Mark, ...]) -> list[tuple[str, int, int, str]]:
    return [(m.title, m.lost, m.first, m.certainty) for m in marks if m.lost or m.first]


def test_a_datagram_that_an_ack_leaves_out_is_lost_and_stands_alone() -> None:
    events = with_our_loss().events
    whole = told([*events, Completed(9_000_000_000, 200)])
    (lost,) = [mark for mark in whole.marks if mark.lost]
    assert lost.certainty == "derived"
    assert lost.members == (lost.number,)
    teller = events[lost.lost - 1]
    assert isinstance(teller, Called)
    assert teller.call == "recv"
    again = [mark for mark in whole.marks if mark.first == lost.number]
    assert [mark.direction for mark in again] == ["sent"] * len(again) != []
    assert again[0].time_ns > lost.time_ns


def test_while_a_trace_runs_nothing_is_lost() -> None:
    assert fates(told(with_our_loss().events).marks) == []


def test_without_a_loss_there_is_none() -> None:
    assert fates(told([*simple().events, Completed(9_000_000_000, 200)]).marks) == []
    talk = with_loss()  # of the server's, which nobody here has seen
    found = quic_losses(talk.explained().quic.values(), talk.events)
    assert found.lost == {}


def test_a_segment_that_our_kernel_sent_again_is_lost() -> None:
    data = sent(200, 100, 0, b"GET / HTTP/1.1\r\n", acknowledged=500)
    again = sent(500, 100, 0, b"GET / HTTP/1.1\r\n", acknowledged=500)
    trace = connection(*HANDSHAKE, data, again)
    at = trace.events.index(data) + 1
    marks = timeline(trace, explain(trace.events)).marks
    assert fates(marks) == [
        ("segment, 16 bytes", at + 1, 0, "derived"),
        ("segment sent again, 16 bytes", 0, at, "observed"),
    ]
    assert [mark.number for mark in marks] == sorted(mark.number for mark in marks)
    text = draw(timeline(trace, explain(trace.events)), colour=False)
    assert "client ──✗ server" in text
    assert "lost (derived): segment, 16 b" in text


def test_a_keepalive_repeats_what_arrived() -> None:
    data = sent(200, 100, 0, b"hello", acknowledged=500)
    heard = received(300, 500, 0, acknowledged=105)
    probe = sent(900, 104, 0, b"o", acknowledged=500)
    trace = connection(*HANDSHAKE, data, heard, probe)
    found = fates(timeline(trace, explain(trace.events)).marks)
    assert [(title, lost) for title, lost, _, _ in found] == [("segment sent again, 1 bytes", 0)]


def test_what_the_server_had_twice_was_not_lost() -> None:
    data = sent(200, 100, 0, b"hello", acknowledged=500)
    again = sent(500, 100, 0, b"hello", acknowledged=500)
    report = with_sack(received(600, 500, 0, acknowledged=105), 100, 105)
    trace = connection(*HANDSHAKE, data, again, report)
    marks = timeline(trace, explain(trace.events)).marks
    assert [(title, lost) for title, lost, first, _ in fates(marks) if not first] == []
    assert [mark.title for mark in marks if mark.first] == ["segment sent again, 5 bytes"]


def test_what_the_server_sent_again_was_not_lost_on_the_way_to_us() -> None:
    fin = received(300, 500, FIN, acknowledged=100)
    trace = connection(*HANDSHAKE, fin, received(400, 500, FIN, acknowledged=100))
    marks = timeline(trace, explain(trace.events)).marks
    assert [(title, lost) for title, lost, _, _ in fates(marks)] == [("FIN sent again", 0)]


def test_a_beginning_that_nobody_answers_is_sent_again() -> None:
    trace = connection(sent(11, 99, SYN), sent(60, 99, SYN))
    found = fates(timeline(trace, explain(trace.events)).marks)
    assert [(title, bool(lost), bool(first)) for title, lost, first, _ in found] == [
        ("SYN", True, False),
        ("SYN sent again", False, True),
    ]


def test_nothing_known_changes_nothing() -> None:
    marks = told([*simple().events, Completed(9_000_000_000, 200)]).singles
    assert with_losses(marks, Losses({}, {}), {}) == list(marks)
