"""A flow goes into the pcapng file once: as it was captured, or as its calls tell it."""

from __future__ import annotations

import struct

from netcore.exports.captured import captured_flows, captured_packets, interfaces
from netcore.exports.pcapng import pcapng
from netcore.options import Options
from netcore.segments import SYN
from netcore.trace import AnyEvent, Called, Captured, Chose, Completed, Trace
from tests.netcore.made_packets import OURS, THEIRS, captured, datagram, received, segment, sent

COMPLETE = Chose(800, "capture", "complete", "None was lost.")
INCOMPLETE = Chose(800, "capture", "incomplete", "One was lost.")
SEGMENTS = [
    sent(11, 99, SYN),
    received(80, 499, SYN, acknowledged=100),
    sent(81, 100, 0, b"hello", acknowledged=500),
]


def trace(*behind: AnyEvent, packets: list[Captured] = SEGMENTS) -> Trace:
    events: list[AnyEvent] = [
        Called(10, "tcp:1", "connect", (THEIRS,), errno="EINPROGRESS"),
        Called(12, "tcp:1", "getsockname", (), OURS),
        Called(90, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0, duration_ns=5),
        Called(95, "tcp:1", "send", (5,), 5, channel="tcp:1.sent", length=5, data=b"hello"),
        *packets,
        *behind,
        Completed(900, 200),
    ]
    return Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), events)


def blocks(told: Trace) -> list[tuple[int, bytes]]:
    octets = b"".join(pcapng(told))
    found, at = [], 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        found.append((kind, octets[at + 8 : at + length - 4]))
        at += length
    return found


def packets(told: Trace) -> list[tuple[int, bytes]]:
    """Number of the interface and octets of each."""
    found = []
    for kind, body in blocks(told):
        if kind == 6:
            number, _, _, kept, _ = struct.unpack_from("<IIIII", body)
            found.append((number, body[20 : 20 + kept]))
    return found


def test_a_captured_flow_stands_there_as_it_passed_and_only_so() -> None:
    told = trace(COMPLETE)
    assert packets(told) == [(1, event.data) for event in SEGMENTS]
    links = [struct.unpack_from("<H", body)[0] for kind, body in blocks(told) if kind == 1]
    assert links == [1, 101]


def test_an_incomplete_capture_is_left_out() -> None:
    told = trace(INCOMPLETE)
    assert {number for number, _ in packets(told)} == {0}
    assert len([kind for kind, _ in blocks(told) if kind == 1]) == 1
    assert packets(told) == packets(trace(packets=[]))


def test_a_flow_whose_beginning_was_not_seen_is_made_of_its_calls() -> None:
    told = trace(COMPLETE, packets=SEGMENTS[1:])
    assert {number for number, _ in packets(told)} == {0}


def test_a_flow_that_was_not_captured_stands_beside_one_that_was() -> None:
    other = [
        Called(200, "tcp:2", "connect", ("198.51.100.9:80",)),
        Called(201, "tcp:2", "getsockname", (), "192.0.2.7:50009"),
    ]
    found = [number for number, _ in packets(trace(*other, COMPLETE))]
    assert found == [1, 1, 1, 0, 0, 0]


def test_packets_stand_in_order_of_time() -> None:
    told = trace(COMPLETE, packets=[SEGMENTS[2], SEGMENTS[0], SEGMENTS[1]])
    assert [octets for _, octets in packets(told)] == [event.data for event in SEGMENTS]


def test_a_remark_says_what_was_left_to_the_card() -> None:
    packet = segment(OURS, THEIRS, 1, SYN)
    event = Captured(5, "eth0", "sent", len(packet), packet, True, True)
    found = captured_packets([event], captured_flows([event, COMPLETE]))
    ((name, told),) = found
    assert name == "eth0"
    assert told.comment.startswith("event 1: captured on eth0. Its checksum was left")
    assert told.comment.endswith("several packets")


def test_datagrams_need_no_beginning_and_strange_packets_are_no_flow() -> None:
    query = captured(1, datagram(OURS, THEIRS, b"q"), sent=True)
    strange = captured(2, b"\x45 nothing", sent=True)
    assert len(captured_flows([query, strange, COMPLETE])) == 1
    assert interfaces([query, strange]) == ["eth0"]


def test_a_length_below_what_is_kept_makes_no_broken_block() -> None:
    packet = segment(OURS, THEIRS, 1, SYN)
    told = trace(COMPLETE, packets=[Captured(5, "eth0", "sent", 1, packet)])
    assert packets(told) == [(1, packet)]
