"""What a timeline draws of captured packets."""

from __future__ import annotations

from netcore.options import Options
from netcore.pdus import explain
from netcore.segments import FIN, SYN
from netcore.terminal import draw
from netcore.timeline import Timeline, timeline
from netcore.trace import AnyEvent, Called, Chose, Completed, StageEnded, StageStarted, Trace
from tests.netcore.made_packets import OURS, THEIRS, datagram, received, sent
from tests.netcore.made_packets import captured as packet

ON = Chose(1, "capture", "on", "It is allowed.")


def connection(*behind: AnyEvent, begins: AnyEvent = ON) -> Trace:
    events: list[AnyEvent] = [
        begins,
        StageStarted(5, "connect"),
        Called(10, "tcp:1", "connect", (THEIRS,), errno="EINPROGRESS"),
        Called(12, "tcp:1", "getsockname", (), OURS),
        Called(90, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0, duration_ns=5),
        StageEnded(100, "connect"),
        StageStarted(101, "request"),
        *behind,
        Completed(900, 200),
    ]
    return Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), events)


def drawn(trace: Trace) -> Timeline:
    return timeline(trace, explain(trace.events))


HANDSHAKE = (
    sent(11, 99, SYN),
    received(80, 499, SYN, acknowledged=100),
    sent(81, 100, 0, acknowledged=500),
)


def test_a_handshake_that_was_seen_is_drawn_and_the_calls_are_no_arrows() -> None:
    trace = connection(*HANDSHAKE)
    found = [(m.kind, m.direction, m.title, m.certainty) for m in drawn(trace).marks]
    assert found[1:] == [
        ("connect", "", "connect()", "observed"),
        ("connected", "", "connected", "observed"),
        ("segment", "sent", "SYN", "observed"),
        ("segment", "received", "SYN-ACK", "observed"),
        ("segment", "sent", "ACK", "observed"),
    ]


def test_without_a_capture_the_calls_stand_for_it() -> None:
    trace = connection(begins=Chose(1, "capture", "off", "It is not allowed."))
    found = [(m.kind, m.direction) for m in drawn(trace).marks]
    assert found[1:] == [("connect", "sent"), ("connected", "received")]


def test_a_packet_is_of_the_lane_and_the_stage_that_it_passed_in() -> None:
    marks = drawn(connection(*HANDSHAKE)).marks
    segments = [mark for mark in marks if mark.kind == "segment"]
    assert {(mark.stage, mark.lane) for mark in segments} == {("connect", f"tcp:{THEIRS}")}
    assert all(len(mark.pdus) == 1 for mark in segments)


def test_octets_in_order_are_told_by_calls_and_octets_again_by_the_packet() -> None:
    data = sent(200, 100, 0, b"GET / HTTP/1.1\r\n", acknowledged=500)
    again = sent(500, 100, 0, b"GET / HTTP/1.1\r\n", acknowledged=500)
    found = [m.title for m in drawn(connection(*HANDSHAKE, data, again)).marks]
    assert found[-2:] == ["segment, 16 bytes", "segment sent again, 16 bytes"]
    assert len(found) == len(drawn(connection(*HANDSHAKE)).marks) + 2
    assert len(drawn(connection(*HANDSHAKE, data)).marks) == len(found) - 2


def test_acknowledgements_in_a_row_are_one_mark() -> None:
    rest = [received(200 + at, 500, 0, acknowledged=101 + at) for at in range(4)]
    assert drawn(connection(*HANDSHAKE, *rest)).marks[-1].title == "4 × ACK"


def test_datagrams_of_a_lookup_are_told_by_calls() -> None:
    query = packet(50, datagram(OURS, "192.0.2.53:53", b"q" * 20), sent=True)
    assert len(drawn(connection(query)).marks) == len(drawn(connection()).marks)


def test_the_terminal_has_them_in_order_of_time() -> None:
    text = draw(drawn(connection(*HANDSHAKE)), colour=False)
    last = [line.split()[-1] for line in text.splitlines() if line.strip()]
    assert last[-5:] == ["connect()", "SYN", "SYN-ACK", "ACK", "connected"]


def test_a_longer_trace_has_the_same_marks_first() -> None:
    whole = connection(*HANDSHAKE, sent(300, 100, FIN, acknowledged=500))
    marks = drawn(whole).singles
    for count in range(len(whole.events)):
        part = Trace(whole.url, whole.started, whole.options, whole.events[:count])
        assert drawn(part).singles == marks[: len(drawn(part).singles)]
