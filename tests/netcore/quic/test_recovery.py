"""Round trips and losses that follow from a recording."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest

from netcore.dissect.quic_frame_walk import Frame
from netcore.dissect.quic_packet import ONE_RTT
from netcore.framing.quic_connection import Connection as QuicConnection
from netcore.framing.quic_connection import Packet
from netcore.pdu import Pdu
from netcore.quic.recovery import Recovery, elicits_ack, recovery
from netcore.trace import AnyEvent, Called
from tests.netcore.quic_conversation import Conversation, simple, with_loss, with_our_loss


def found(talk: Conversation) -> Recovery:
    return recovery(talk.explained().quic["1"], talk.events)


def test_a_round_trip_is_from_the_packet_to_the_ack_that_covers_it() -> None:
    samples = found(simple()).round_trips
    assert samples[0].latest_ns == pytest.approx(20e6, rel=1e-6)
    assert samples[0].packet.number == 0
    assert samples[0].acknowledged_by.direction == "received"
    assert samples[-1].min_ns <= samples[-1].smoothed_ns
    assert [s.min_ns for s in samples] == sorted((s.min_ns for s in samples), reverse=True)


def test_the_smoothed_round_trip_is_near_the_one_that_the_library_computes() -> None:
    talk = with_our_loss()
    ours = found(talk).round_trips[-1].smoothed_ns / 1e9
    assert ours == pytest.approx(talk.client._loss._rtt_smoothed, abs=0.01)


def test_a_packet_of_ours_that_a_later_ack_skips_is_lost_and_its_data_sent_again() -> None:
    told = found(with_our_loss())
    (lost,) = told.lost
    again = [each for each in told.again if each.first is lost.packet]
    assert again
    assert {each.packet.direction for each in again} == {"sent"}
    assert again[0].packet.number > (lost.packet.number or 0)  # type: ignore[operator]
    assert told.acknowledged_by(lost.packet) is None


MS = 1_000_000


def acknowledging(*steps: tuple[int, int, list[range]]) -> Recovery:
    """What is found where packets that ask for an ACK were sent at these times of these numbers.

    In: milliseconds and a number to send; or a number below 0 and the ranges of an ACK that came.
    """
    packets, events = [], list[AnyEvent]()
    for at_ms, number, ranges in steps:
        sends = not ranges
        events.append(Called(at_ms * MS, "udp:1", "send" if sends else "recv", (), 9))
        values = () if sends else (ranges[0][-1], 0, len(ranges) - 1, len(ranges[0]) - 1)
        more = [
            value
            for before, after in pairwise(ranges)
            for value in (before.start - after.stop - 1, len(after) - 1)
        ]
        found = Frame(0x01 if sends else 0x02, 0, 1, (*values, *more), b"")
        packet = Packet(
            *("sent" if sends else "received", len(events), ONE_RTT, 1, b"", b""),
            pdu=Pdu("quic_packet", b"", ()),
            opened=SimpleNamespace(packet_number=abs(number)),
            frames=(found,),
        )
        packets.append(packet)
    return recovery(QuicConnection(packets=packets), events)


def test_a_packet_is_lost_when_a_later_one_came_and_it_was_waited_for_long_enough() -> None:
    told = acknowledging(
        *((0, 0, []), (10, -1, [range(1)])),
        *((20, 1, []), (21, 2, []), (31, -2, [range(2, 3)])),  # after 11 ms: 11.25 are too few
        *((32, 3, []), (42, -3, [range(3, 4)])),
    )
    (lost,) = told.lost
    assert (lost.packet.number, lost.rule, lost.time_ns) == (1, "time", 42 * MS)


def test_a_packet_that_is_acknowledged_after_all_was_late() -> None:
    steps = [(0, n, list[range]()) for n in range(5)] + [(10, -1, [range(1, 5)])]
    assert [each.packet.number for each in acknowledging(*steps).lost] == [0]
    late = acknowledging(*steps, (12, -2, [range(5)]))
    assert late.lost == []
    assert len(late.acknowledged) == 5


def test_numbers_of_the_servers_that_never_came_are_holes() -> None:
    told = found(with_loss())
    assert sum(len(hole) for hole in told.holes[2]) == 2
    assert told.lost == []


def test_a_server_that_acknowledges_nothing_is_not_compared_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netcore.quic.recovery._MOST_WORK", 2)
    assert len(found(simple()).round_trips) <= 2


def test_an_ack_alone_asks_for_none() -> None:
    packets = simple().explained().quic["1"].packets
    alone = [packet for packet in packets if {frame.type for frame in packet.frames} == {2}]
    assert alone
    assert not any(elicits_ack(packet) for packet in alone)
    assert elicits_ack(packets[0])


def test_every_packet_that_asks_for_it_is_acknowledged_but_the_last() -> None:
    talk = simple()
    told = found(talk)
    asking = [
        packet
        for packet in talk.explained().quic["1"].packets
        if packet.direction == "sent" and elicits_ack(packet)
    ]
    assert len(told.acknowledged) >= len(asking) - 2
