"""What captured segments say that calls do not."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from netcore.segments import ACK, FIN, RST, SYN, Connections, read_segment
from netcore.trace import Captured
from tests.netcore.made_packets import OURS, THEIRS, captured, datagram, received, segment, sent

LAST = (1 << 32) - 1


def told(*events: Captured) -> list[str]:
    connections = Connections()
    return [connections.take(s).title for e in events if (s := read_segment(e)) is not None]


def test_a_handshake_and_an_end_have_their_names() -> None:
    assert told(
        sent(0, 99, SYN),
        received(1, 499, SYN, acknowledged=100),
        sent(2, 100, 0, acknowledged=500),
        sent(3, 100, 0, b"hello", acknowledged=500),
        received(4, 500, 0, acknowledged=105),
        received(5, 500, FIN, b"bye", acknowledged=105),
        sent(6, 105, FIN, acknowledged=504),
    ) == ["SYN", "SYN-ACK", "ACK", "", "ACK", "FIN, 3 bytes", "FIN"]


def test_what_was_sent_before_was_sent_again() -> None:
    assert told(
        sent(0, 99, SYN),
        sent(1, 99, SYN),
        sent(2, 100, 0, b"hello"),
        sent(3, 100, 0, b"hello"),
        sent(4, 103, 0, b"lo"),
        sent(5, 103, 0, b"lo, world"),
        sent(6, 112, FIN),
        sent(7, 112, FIN),
    ) == [
        *("SYN", "SYN sent again", ""),
        *("segment sent again, 5 bytes", "segment sent again, 2 bytes", ""),
        *("FIN", "FIN sent again"),
    ]


def test_a_gap_and_what_fills_it() -> None:
    assert told(
        received(0, 99, SYN),
        received(1, 105, 0, b"world"),
        received(2, 100, 0, b"hello"),
        received(3, 100, 0, b"hello"),
    ) == [
        "SYN",
        "segment ahead of one that is missing, 5 bytes",
        "segment that was missing, 5 bytes",
        "segment sent again, 5 bytes",
    ]


def with_sack(event: Captured, start: int, end: int) -> Captured:
    """The same segment with a SACK option of one block (RFC 2018 §3)."""
    options = b"\1\1" + struct.pack("!BBII", 5, 10, start, end)
    octets = bytearray(event.data[:40] + options)
    octets[2:4] = struct.pack("!H", len(octets))
    octets[32] = (20 + len(options)) // 4 << 4
    return captured(event.time_ns, bytes(octets), sent=event.direction == "sent")


def test_what_was_had_twice_did_arrive() -> None:
    connections = Connections()
    told = [
        connections.take(segment, number)
        for number, event in enumerate(
            (
                sent(0, 99, SYN),
                sent(1, 100, 0, b"hello"),
                sent(2, 105, 0, b"world"),
                sent(3, 100, 0, b"hello"),
                with_sack(received(4, 500, 0, acknowledged=110), 100, 105),
                with_sack(received(5, 500, 0, acknowledged=110), 120, 130),
            ),
            start=1,
        )
        if (segment := read_segment(event)) is not None
    ]
    assert [each.first for each in told] == [0, 0, 0, 2, 0, 0]
    assert [each.arrived for each in told] == [(), (), (), (), (2, 4), ()]


@given(st.binary(max_size=40))
def test_any_options_can_be_read(options: bytes) -> None:
    octets = bytearray(segment(OURS, THEIRS, 5, ACK, b"", 9) + options)
    octets[32] = min(15, (20 + len(options)) // 4) << 4
    found = read_segment(captured(0, bytes(octets), sent=True))
    assert found is not None
    assert found.doubled is None or found.doubled[0] != found.doubled[1]


def test_sequence_numbers_wrap() -> None:
    assert told(
        sent(0, LAST - 1, SYN),
        sent(1, LAST, 0, b"ab"),
        sent(2, 1, 0, b"cd"),
        sent(3, LAST, 0, b"ab"),
    ) == ["SYN", "", "", "segment sent again, 2 bytes"]


def test_a_reset_is_one_wherever_it_stands() -> None:
    assert told(sent(0, 99, SYN), received(1, 0, RST, acknowledged=100)) == ["SYN", "RST"]


def test_the_length_is_what_ip_says_and_not_what_was_kept() -> None:
    event = captured(0, segment(OURS, THEIRS, 5, 0, b"x" * 900), sent=True, kept=60)
    found = read_segment(event)
    assert found is not None
    assert (found.octets, found.source, found.target) == (900, OURS, THEIRS)


def test_version_6_has_brackets() -> None:
    ends = "[2001:db8::7]:5", "[2001:db8::9]:6"
    found = read_segment(captured(0, segment(*ends, 5, ACK, b"abc"), sent=True))
    assert found is not None
    assert (found.source, found.target, found.octets) == (*ends, 3)


def test_a_datagram_is_no_segment() -> None:
    assert read_segment(captured(0, datagram(OURS, THEIRS, b"q" * 40), sent=True)) is None


@given(st.lists(st.binary(min_size=14, max_size=30), max_size=60))
def test_any_headers_can_be_followed(headers: list[bytes]) -> None:
    """Hostile sequence numbers: nothing raises, and what is remembered is bounded."""
    connections = Connections()
    start = segment(OURS, THEIRS, 0, 0)[:20]
    for header in headers:
        found = read_segment(Captured(0, "lo", "sent", 99, start + header))
        assert found is not None
        connections.take(found)
    assert all(len(way.gaps) <= 32 for way in connections._ways.values())
