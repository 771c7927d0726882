"""From whom to whom a packet goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.packet_ends import TCP, UDP, Ends, read_ends
from tests.netcore.made_packets import OURS, THEIRS, datagram, endpoint, segment


def test_both_versions_and_both_protocols_are_read() -> None:
    assert read_ends(segment(OURS, THEIRS, 1, 2)) == Ends(TCP, endpoint(OURS), endpoint(THEIRS), 20)
    ends = "[2001:db8::7]:5", "[2001:db8::9]:6"
    assert read_ends(datagram(*ends, b"q")) == Ends(UDP, *map(endpoint, ends), 40)


@pytest.mark.parametrize("length", [0, 1, 19, 23])
def test_too_little_of_a_packet_has_no_ends(length: int) -> None:
    assert read_ends(segment(OURS, THEIRS, 1, 2)[:length]) is None


def test_a_fragment_behind_the_first_and_another_protocol_have_none() -> None:
    packet = bytearray(segment(OURS, THEIRS, 1, 2))
    packet[7] = 1
    assert read_ends(bytes(packet)) is None
    packet[7], packet[9] = 0, 47
    assert read_ends(bytes(packet)) is None


@given(st.binary(max_size=80))
def test_any_octets_have_ends_or_none(octets: bytes) -> None:
    found = read_ends(octets)
    assert found is None or len(found.source[0]) == len(found.target[0])
