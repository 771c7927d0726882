"""From events to marks."""

from __future__ import annotations

import msgspec

from netcore.pdus import explain
from netcore.timeline import Timeline, timeline
from netcore.trace import (
    AnyEvent,
    Called,
    Chose,
    Failed,
    SecretLogged,
    StageEnded,
    StageStarted,
    Truncated,
)
from tests.netcore.recordings import PEER, http_exchange, moved, tls_exchange, trace_of

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"


def drawn(events: list[AnyEvent]) -> Timeline:
    return timeline(trace_of(events), explain(events))


def test_an_exchange_has_its_marks_in_order() -> None:
    line = drawn(http_exchange([REQUEST], [HEAD, b"123", b"456", b"789"]))
    assert [(mark.kind, mark.direction, mark.title) for mark in line.marks] == [
        ("connect", "sent", "connect()"),
        ("connected", "received", "connected"),
        ("send", "sent", "GET /"),
        ("receive", "received", "200 OK"),
        ("receive", "received", "3 reads, 9 B"),
    ]
    assert [mark.layer for mark in line.marks] == ["tcp", "tcp", "http", "http", "http"]


def test_a_marks_number_is_that_of_its_first_event() -> None:
    line = drawn(http_exchange([REQUEST], [HEAD, b"123", b"456"]))
    assert [mark.number for mark in line.marks] == [2, 3, 6, 9, 10]
    assert line.marks[-1].members == (10, 11)


def test_lanes_are_the_client_and_each_peer_in_order_of_first_use() -> None:
    events = [
        StageStarted(0, "dns"),
        Called(1, "udp:1", "connect", ("192.0.2.53:53",), 0),
        *moved("udp:1", "send", [b"\0" * 12]),
        StageEnded(9, "dns"),
        *http_exchange([REQUEST], [HEAD]),
    ]
    line = drawn(events)
    assert [(lane.kind, lane.note) for lane in line.lanes] == [
        ("client", ""),
        ("resolver", "192.0.2.53:53"),
        ("server", PEER),
    ]
    assert line.marks[0].lane == "udp:192.0.2.53:53"
    assert line.marks[0].layer == "dns"


def test_connecting_a_datagram_socket_is_no_mark_because_nothing_crosses() -> None:
    line = drawn([StageStarted(0, "dns"), Called(1, "udp:1", "connect", ("192.0.2.53:53",), 0)])
    assert line.marks == ()


def test_a_refused_connection_says_so_on_the_mark() -> None:
    events: list[AnyEvent] = [
        StageStarted(0, "connect"),
        Called(1, "tcp:1", "connect", (PEER,), errno="EINPROGRESS"),
        Called(2, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 111, "ECONNREFUSED"),
        StageEnded(3, "connect", error="tcp.refused"),
        Failed(4, "connect", "tcp.refused", "The connection was refused."),
    ]
    line = drawn(events)
    assert [mark.error for mark in line.marks] == ["", "ECONNREFUSED", "tcp.refused"]
    assert line.stages[0].error == "tcp.refused"
    assert line.summary.failure == events[-1]
    assert line.summary.failure_event == 5
    assert not line.summary.running


def test_a_mark_is_called_after_all_that_begins_in_it() -> None:
    line = drawn(http_exchange([REQUEST], [HEAD + b"123", b"456789"]))
    assert [mark.title for mark in line.marks[-2:]] == ["200 OK, body, 3 bytes", "body, 6 bytes"]


def test_a_read_is_called_after_what_it_holds_and_not_after_the_whole() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = drawn(http_exchange([REQUEST], [HEAD[:20], HEAD[20:], b"12345678", b"9"]))
    assert [mark.title for mark in line.marks[3:]] == [
        "200 OK",
        "more of 200 OK",
        "2 reads, 9 B",
    ]
    line = drawn(http_exchange([REQUEST], [chunked + b"9\r\n1234", b"56789\r\n0\r\n\r\n"]))
    assert [mark.title for mark in line.singles[3:]] == [
        "200 OK and 2 more",
        "last chunk, trailer section",
    ]


def test_of_a_read_at_the_limit_both_parts_are_told() -> None:
    events = http_exchange([REQUEST], [HEAD, b"123456"])
    cut = msgspec.structs.replace(events[9], length=9)
    title = drawn([*events[:9], cut, *events[10:]]).marks[-1].title
    assert title == "body, 6 bytes, 3 bytes not kept"


def test_decisions_and_keys_stand_on_the_clients_lane() -> None:
    events = [
        *tls_exchange([b"\x15\x03\x03\x00\x02\x02\x28"], []),
        SecretLogged(91_000, "CLIENT_RANDOM 00 11"),
        SecretLogged(91_001, "EXPORTER_SECRET 00 11"),
        Chose(91_002, "alpn", "http/1.1", "the server picked it"),
        Truncated(91_003, "tcp:1.received", 2_097_152),
    ]
    marks = drawn(events).marks[-3:]
    assert [(mark.kind, mark.lane) for mark in marks] == [
        ("key", "client"),
        ("decision", "client"),
        ("truncated", "client"),
    ]
    assert marks[0].title == "2 secrets"
    assert marks[1].detail == "the server picked it"
    assert marks[2].title == "recording stopped after 2 MiB"
    assert marks[2].detail == "stopped after 2 MiB"


def test_the_end_of_a_connection_is_told_from_both_sides() -> None:
    events = http_exchange([REQUEST], [HEAD])[:-1]
    events += [
        Called(90_000, "tcp:1", "recv", (65_536,), 0, channel="tcp:1.received"),
        Called(90_100, "tcp:1", "close"),
    ]
    marks = drawn(events).marks[-2:]
    assert [(mark.title, mark.direction) for mark in marks] == [
        ("end of file", "received"),
        ("close()", "sent"),
    ]


def test_behind_a_reset_nothing_crosses() -> None:
    events = http_exchange([REQUEST], [HEAD])[:-1]
    events += [
        Called(90_000, "tcp:1", "recv", (65_536,), None, "ECONNRESET", channel="tcp:1.received"),
        Called(90_100, "tcp:1", "recv", (65_536,), 0, channel="tcp:1.received"),
        Called(90_200, "tcp:1", "close"),
    ]
    marks = drawn(events).marks[-3:]
    assert [(mark.title, mark.direction) for mark in marks] == [
        ("ECONNRESET", "received"),
        ("nothing left", ""),
        ("close()", ""),
    ]


def test_a_send_that_fails_sends_nothing() -> None:
    events = http_exchange([REQUEST], [HEAD])[:-1]
    events += [
        Called(90_000, "tcp:1", "send", (9,), None, "EPIPE", channel="tcp:1.sent"),
        Called(90_100, "tcp:1", "recv", (65_536,), 0, channel="tcp:1.received"),
    ]
    marks = drawn(events).marks[-2:]
    # EPIPE follows a FIN of the server, which the empty result then tells of.
    assert [(mark.title, mark.direction) for mark in marks] == [
        ("EPIPE", ""),
        ("end of file", "received"),
    ]


def test_what_arrived_is_timed_at_its_arrival_and_what_was_sent_at_its_call() -> None:
    line = drawn(http_exchange([REQUEST], [HEAD]))
    times = {mark.kind: mark.time_ns for mark in line.marks}
    assert times["send"] == 40
    assert times["receive"] == 60_100


def test_stages_have_their_spans_and_an_open_one_has_no_end() -> None:
    line = drawn(http_exchange([REQUEST], [HEAD])[:7])
    assert [(stage.name, stage.start_ns, stage.end_ns) for stage in line.stages] == [
        ("connect", 0, 30),
        ("request", 31, 50_000),
    ]
    line = drawn([StageStarted(5, "dns")])
    assert line.stages[0].end_ns is None
    assert line.summary.running


def test_while_a_trace_grows_its_marks_keep_their_numbers() -> None:
    events = [
        *http_exchange([REQUEST], [HEAD, b"123", b"456"]),
    ]
    before: list[int] = []
    for end in range(len(events) + 1):
        numbers = [mark.number for mark in drawn(events[:end]).marks]
        assert numbers[: len(before)] == before
        before = numbers


def test_the_summary_counts_what_crossed() -> None:
    summary = drawn(http_exchange([REQUEST], [HEAD, b"123456789"])).summary
    assert summary.sent_octets == len(REQUEST)
    assert summary.received_octets == len(HEAD) + 9
    assert (summary.status_code, summary.reason_phrase) == (200, "OK")


def test_the_round_trip_to_a_server_is_what_connecting_took() -> None:
    line = drawn(http_exchange([REQUEST], [HEAD]))
    server = line.lanes[1]
    assert (server.round_trip_ns, server.measured_by) == (10, "connect()")
    assert line.lanes[0].round_trip_ns == 0


def test_a_resolver_asked_over_udp_and_tcp_is_one_lane() -> None:
    resolver = "192.0.2.53:53"
    events: list[AnyEvent] = [
        StageStarted(0, "dns"),
        Called(1, "udp:1", "connect", (resolver,), 0),
        *moved("udp:1", "send", [b"\0" * 12], 10),
        *moved("udp:1", "recv", [b"\0" * 12], 500),
        Called(1_000, "tcp:1", "connect", (resolver,), errno="EINPROGRESS"),
        Called(1_200, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0),
        *moved("tcp:1", "send", [b"\0\x0c" + b"\0" * 12], 1_300),
    ]
    line = drawn(events)
    assert [(lane.kind, lane.note) for lane in line.lanes[1:]] == [("resolver", resolver)]
    assert {mark.lane for mark in line.marks} == {"udp:192.0.2.53:53"}
    assert line.lanes[1].round_trip_ns == 200


def test_a_connection_that_is_used_again_keeps_its_lane() -> None:
    events = [
        *http_exchange([REQUEST], [HEAD + b"123456789"])[:-1],
        StageStarted(95_000, "request", 2),
        *(
            Called(
                96_000,
                "tcp:1",
                "send",
                (18,),
                18,
                channel="tcp:1.sent",
                offset=18,
                length=18,
                data=REQUEST,
            ),
        ),
    ]
    line = drawn(events)
    assert len(line.lanes) == 2
    assert (line.marks[-1].lane, line.marks[-1].hop) == (f"tcp:{PEER}", 2)


def test_the_loser_of_a_race_sends_nothing_when_it_is_closed() -> None:
    other = "[2001:db8::1]:80"
    events: list[AnyEvent] = [
        StageStarted(0, "connect"),
        Called(10, "tcp:1", "connect", (other,), errno="EINPROGRESS"),
        Called(20, "tcp:2", "connect", (PEER,), errno="EINPROGRESS"),
        Called(30, "", "select", ("tcp:1", "write", "tcp:2", "write", 9.0), "write"),
        Called(40, "tcp:2", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0),
        Chose(41, "attempt", other, f"{PEER} connected first."),
        Called(50, "tcp:1", "close"),
        Called(60, "tcp:2", "close"),
    ]
    line = drawn(events)
    closes = [mark for mark in line.marks if mark.kind == "close"]
    assert [(mark.lane, mark.direction) for mark in closes] == [
        (f"tcp:{other}", ""),
        (f"tcp:{PEER}", "sent"),
    ]
    assert closes[0].detail == "The connection was not made."
    assert [lane.round_trip_ns for lane in line.lanes] == [0, 0, 20]


def test_a_sum_of_calls_says_how_many_it_stands_for() -> None:
    events = http_exchange([REQUEST], [HEAD])[:-2]
    channel = "tcp:1.received"
    events.append(
        Called(
            70_000,
            "tcp:1",
            "recv",
            duration_ns=9_000,
            channel=channel,
            offset=len(HEAD),
            length=83_000_000,
            calls=1_204,
        )
    )
    mark = drawn(events).marks[-1]
    assert mark.title == "1,204 reads, 83,000,000 B, not kept"
    assert (mark.time_ns, mark.last_ns) == (70_000, 79_000)
    assert not mark.kept


def test_marks_stay_apart_for_those_who_draw_time() -> None:
    line = drawn(http_exchange([REQUEST], [HEAD, b"123", b"456", b"789"]))
    assert [mark.title for mark in line.marks][-1] == "3 reads, 9 B"
    assert [mark.octets for mark in line.singles[-3:]] == [3, 3, 3]
    assert line.marks[-1].last_ns == line.singles[-1].time_ns
