"""Which octets each captured segment brought."""

from __future__ import annotations

from netcore.boundary_segments import segments
from netcore.channels import Channel, collect
from netcore.segments import SYN
from netcore.trace import AnyEvent, Called, Captured
from tests.netcore.made_packets import OURS, THEIRS, received, sent
from tests.netcore.recordings import moved


def events(*packets: AnyEvent, octets: bytes = b"abcdefghij", first: int = 999) -> list[AnyEvent]:
    return [
        Called(10, "tcp:1", "connect", (THEIRS,), errno="EINPROGRESS"),
        Called(12, "tcp:1", "getsockname", (), OURS),
        received(20, first, SYN, acknowledged=100),
        *packets,
        *moved("tcp:1", "recv", [octets], 90),
    ]


def channel(told: list[AnyEvent], name: str = "tcp:1.received") -> Channel:
    return collect(told)[name]


def test_a_segment_brings_the_octets_that_its_sequence_number_says() -> None:
    told = events(received(30, 1000, 0, b"abcd"), received(31, 1004, 0, b"efghij"))
    assert segments(told, channel(told)) == ([(4, [(0, 4)]), (5, [(4, 10)])], 0)


def test_what_was_sent_again_counts_where_it_came_first() -> None:
    told = events(
        received(30, 1000, 0, b"abcd"),
        received(31, 1000, 0, b"abcd"),
        received(32, 1002, 0, b"cdefghij"),
    )
    assert segments(told, channel(told)) == ([(4, [(0, 4)]), (6, [(4, 10)])], 1)


def test_a_late_segment_fills_its_gap_and_no_more() -> None:
    told = events(
        received(30, 1006, 0, b"ghij"),
        received(31, 1000, 0, b"ab"),
        received(32, 1000, 0, b"abcdefgh"),
    )
    assert segments(told, channel(told)) == ([(4, [(6, 10)]), (5, [(0, 2)]), (6, [(2, 6)])], 0)


def test_sequence_numbers_may_wrap() -> None:
    first = (1 << 32) - 3
    told = events(received(30, first + 1, 0, b"abcd"), received(31, 2, 0, b"efghij"), first=first)
    assert segments(told, channel(told)) == ([(4, [(0, 4)]), (5, [(4, 10)])], 0)


def test_of_another_connection_and_without_a_syn_there_are_none() -> None:
    told = events(sent(30, 1000, 0, b"abcd"))
    assert segments(told, channel(told)) == ([], 0)
    no_syn = [event for event in told if not isinstance(event, Captured)]
    no_syn.append(received(30, 1000, 0, b"abcd"))
    assert segments(no_syn, channel(no_syn)) == ([], 0)


def test_what_was_not_kept_of_a_channel_is_left_out() -> None:
    told = events(received(30, 1000, 0, b"abcdefghijKLM"), received(31, 1013, 0, b"NOP"))
    assert segments(told, channel(told)) == ([(4, [(0, 10)])], 0)
