"""Frames, read back by a reader that checks lengths and checksums by the book."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.exports.blocks import interface, packet, section_header
from netcore.exports.packets import (
    ACK,
    DATAGRAM_OCTETS,
    SEGMENT_OCTETS,
    SYN,
    Endpoint,
    Frame,
    Path,
    read_endpoint,
    tcp,
    udp,
)
from tests.netcore.exports.reading import Read, read

V4 = Path(Endpoint(b"\xc0\0\2\1", 40_000), Endpoint(b"\xc0\0\2\2", 80), inbound=False)
V6 = Path(Endpoint(bytes(15) + b"\1", 40_000), Endpoint(b"\x20\1\x0d\xb8" + bytes(12), 80), True)
PATHS = pytest.mark.parametrize("path", [V4, V6], ids=["IPv4", "IPv6"])


def back(frame: Frame) -> Read:
    block = packet(0, *frame, inbound=True, comment="")
    return read(section_header("", "") + interface("", "") + block).packets[0]


@PATHS
@given(payload=st.binary(max_size=70))
def test_a_segment_has_its_ports_numbers_and_checksum(path: Path, payload: bytes) -> None:
    seen = back(tcp(path, 5, (1 << 32) + 7, ACK, payload))
    assert (seen.sequence, seen.acknowledgement, seen.letters) == (5, 7, "A")
    assert (seen.payload, seen.source.rpartition(":")[2]) == (payload, "40000")


@PATHS
@given(payload=st.binary(max_size=70))
def test_a_datagram_has_its_length_and_checksum(path: Path, payload: bytes) -> None:
    assert back(udp(path, payload)).payload == payload


@PATHS
def test_the_longest_packets_fit_an_ip_length(path: Path) -> None:
    assert back(tcp(path, 0, 0, ACK, bytes(SEGMENT_OCTETS))).length == SEGMENT_OCTETS
    assert back(udp(path, bytes(DATAGRAM_OCTETS))).length == DATAGRAM_OCTETS


@PATHS
def test_octets_that_are_not_there_count_in_the_lengths(path: Path) -> None:
    segment = back(tcp(path, 0, 0, ACK, b"ab", missing=10))
    assert (segment.payload, segment.length) == (b"ab", 12)
    assert back(udp(path, b"", missing=10)).length == 10


def test_a_syn_tells_its_segment_size_and_scale() -> None:
    octets = tcp(V4, 0, 0, SYN, b"").octets
    assert octets[54:] == b"\x02\x04\xff\xcb\x01\x01\x04\x02\x01\x03\x03\x07"


def test_a_checksum_that_comes_to_nothing_is_zero_but_for_datagrams() -> None:
    # These payloads make the ones' complement sum all ones. RFC 768: zero would mean none.
    rest = udp(V4, bytes(2)).octets[40:42]
    assert udp(V4, rest).octets[40:42] == b"\xff\xff"
    rest = tcp(V4, 0, 0, ACK, bytes(2)).octets[50:52]
    assert tcp(V4, 0, 0, ACK, rest).octets[50:52] == b"\0\0"


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("192.0.2.1:80", Endpoint(b"\xc0\0\2\1", 80)),
        ("[::1]:65535", Endpoint(bytes(15) + b"\1", 65_535)),
        ("[fe80::1%eth0]:1", Endpoint(b"\xfe\x80" + bytes(13) + b"\1", 1)),
        *((text, None) for text in ("", ":", "192.0.2.1", "192.0.2.1:65536", "a:80", "::1:٣")),
        *((text, None) for text in ("192.0.2.1:-1", "192.0.2.1:" + "9" * 5_000)),
        *((value, None) for value in (None, 80, True, 1.5)),
    ],
)
def test_an_endpoint_is_read_or_it_is_none(text: object, endpoint: Endpoint | None) -> None:
    assert read_endpoint(text) == endpoint
