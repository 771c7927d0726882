"""The reader of capture files, on files made here: the tests that rest on it are worth as much."""

import struct

import pytest

from tests.peers.capture import SYN, TCP, UDP, Capture, Packet, read

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
CLIENT, SERVER = "127.0.0.1:1000", "127.0.0.1:80"


def frame(protocol: int, segment: bytes) -> bytes:
    ip = struct.pack(
        "!BBHHHBBH4s4s",
        0x45,
        0,
        20 + len(segment),
        0,
        0,
        64,
        protocol,
        0,
        b"\x7f\0\0\1",
        b"\x7f\0\0\1",
    )
    octets = b"\0" * 12 + b"\x08\x00" + ip + segment
    return struct.pack("<IIII", 0, 0, len(octets), len(octets)) + octets


def tcp(sequence: int, payload: bytes, flags: int = 0) -> Packet:
    return Packet(TCP, CLIENT, SERVER, payload, sequence % (1 << 32), flags)


def test_a_datagram_and_a_segment_are_read() -> None:
    datagram = struct.pack("!HHHH", 1000, 80, 8 + 5, 0) + b"hello"
    segment = struct.pack("!HHIIBBHHH", 1000, 80, 7, 0, 0x60, SYN, 0, 0, 0) + b"\0" * 4 + b"abc"
    packets = list(read(HEADER + frame(UDP, datagram) + frame(TCP, segment)))
    assert packets == [
        Packet(UDP, CLIENT, SERVER, b"hello"),
        Packet(TCP, CLIENT, SERVER, b"abc", 7, SYN),
    ]


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_packet_that_is_not_written_whole_is_left_out(cut: int) -> None:
    whole = HEADER + frame(UDP, struct.pack("!HHHH", 1000, 80, 8 + 5, 0) + b"hello")
    assert list(read(whole[:-cut])) == []


def test_a_stream_is_put_in_order_and_what_was_sent_twice_counts_once() -> None:
    start = (1 << 32) - 3  # the sequence numbers wrap inside
    capture = Capture(
        [
            tcp(start, b"", SYN),
            tcp(start + 4, b"def"),
            tcp(start + 1, b"abc"),
            tcp(start + 1, b"abcde"),
            tcp(start + 7, b"g"),
        ]
    )
    assert capture.stream(CLIENT, SERVER) == b"abcdefg"
    assert capture.connections(SERVER) == [CLIENT]


def test_a_gap_in_a_stream_is_noticed() -> None:
    capture = Capture([tcp(0, b"", SYN), tcp(1, b"abc"), tcp(9, b"late")])
    with pytest.raises(AssertionError, match="gap"):
        capture.stream(CLIENT, SERVER)
