"""The packets that carried octets of a channel."""

from __future__ import annotations

from netcore.channels import Span
from netcore.packet_places import Carried, packets_of
from netcore.trace import AnyEvent, Captured
from tests.netcore.made_packets import received, sent
from tests.netcore.test_captured_marks import HANDSHAKE, connection

DATA = b"GET / HTTP/1.1\r\n\r\n"


def octets(events: list[AnyEvent], carried: Carried) -> bytes:
    event = events[carried.event - 1]
    assert isinstance(event, Captured)
    return event.data[carried.start : carried.end]


def test_an_octet_is_found_in_its_segment_by_its_sequence_number() -> None:
    first, second = sent(200, 100, 0, DATA[:10], 500), sent(201, 110, 0, DATA[10:], 500)
    events = connection(*HANDSHAKE, first, second).events
    found = packets_of(events, Span("tcp:1.sent", 4, 14))
    assert [octets(events, each) for each in found] == [DATA[4:10], DATA[10:14]]


def test_what_was_sent_again_is_in_both_packets() -> None:
    again = [sent(at, 100, 0, DATA, 500) for at in (200, 300)]
    events = connection(*HANDSHAKE, *again).events
    assert [octets(events, each) for each in packets_of(events, Span("tcp:1.sent", 0, 3))] == [
        b"GET",
        b"GET",
    ]


def test_sequence_numbers_may_begin_again_at_zero() -> None:
    last = (1 << 32) - 4
    events = connection(
        sent(11, last - 1, 2), sent(200, last, 0, DATA[:4]), sent(201, 0, 0, DATA[4:])
    ).events
    found = packets_of(events, Span("tcp:1.sent", 0, len(DATA)))
    assert b"".join(octets(events, each) for each in found) == DATA


def test_without_the_syn_the_first_segment_begins_the_channel() -> None:
    events = connection(received(200, 5_000, 0, b"HTTP/1.1 200 OK", 100)).events
    (found,) = packets_of(events, Span("tcp:1.received", 9, 12))
    assert octets(events, found) == b"200"


def test_no_packets_of_another_direction_or_socket_are_found() -> None:
    events = connection(*HANDSHAKE, sent(200, 100, 0, DATA, 500)).events
    assert packets_of(events, Span("tcp:1.received", 0, 9)) == []
    assert packets_of(events, Span("tcp:2.sent", 0, 9)) == []
