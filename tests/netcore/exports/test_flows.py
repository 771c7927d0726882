"""Which packets the calls of one socket become."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec
import pytest

from netcore.exports.blocks import interface, packet, section_header
from netcore.exports.flows import Allowance, TcpFlow, UdpFlow
from netcore.exports.packets import SEGMENT_OCTETS, Endpoint
from netcore.exports.pcapng import pcapng
from netcore.options import Options
from netcore.trace import Called, Trace
from tests.netcore.exports.reading import File, read

OURS = Endpoint(b"\xc0\0\2\1", 40_000)
THEIRS = Endpoint(b"\xc0\0\2\2", 80)
CONNECT = Called(0, "tcp:1", "connect", ("192.0.2.2:80",), errno="EINPROGRESS")
MADE = Called(9, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0)
OPENED = (CONNECT, MADE)
OPENING = ["> S", "< SA", "> A"]
CLOSE = Called(90, "tcp:1", "close")
SHUT = Called(80, "tcp:1", "shutdown", ("SHUT_WR",), 0)


def send(data: bytes, errno: str = "", missing: int = 0) -> Called:
    length = len(data) + missing
    return Called(20, "tcp:1", "send", errno=errno, channel="tcp:1.sent", length=length, data=data)


def recv(data: bytes, errno: str = "", missing: int = 0) -> Called:
    length = len(data) + missing
    return Called(
        30, "tcp:1", "recv", errno=errno, channel="tcp:1.received", length=length, data=data
    )


def flow_of(calls: Sequence[Called], allowance: int = 100) -> File:
    flow = TcpFlow(OURS, THEIRS, Allowance(allowance), "")
    blocks = section_header("", "") + interface("", "")
    for number, call in enumerate(calls, start=1):
        for each in flow.packets(number, call):
            at = len(blocks)  # a time that grows; the real one is pcapng()'s affair
            blocks += packet(at, *each.frame, inbound=each.inbound, comment=each.comment)
    return read(blocks)


def shown(calls: Sequence[Called]) -> list[str]:
    packets = flow_of(calls).packets
    return [
        f"{'<' if each.inbound else '>'} {each.letters} {each.length or ''}".rstrip()
        for each in packets
    ]


@pytest.mark.parametrize(
    ("calls", "packets"),
    [
        ([CONNECT], ["> S"]),
        ([CONNECT, CLOSE], ["> S"]),
        (OPENED, OPENING),
        ([Called(0, "tcp:1", "connect", ("x",), 0)], OPENING),
        ([Called(0, "tcp:1", "connect", ("x",), errno="ENETUNREACH")], []),
        ([Called(0, "tcp:1", "connect", ("x",), errno="ECONNREFUSED"), CLOSE], ["> S", "< RA"]),
        ([CONNECT, Called(9, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_RCVBUF"), 1)], ["> S"]),
        (
            [CONNECT, Called(9, "tcp:1", "getsockopt", ("SO_ERROR",), 111, "ECONNREFUSED"), CLOSE],
            ["> S", "< RA"],
        ),
        (
            [CONNECT, Called(9, "tcp:1", "getsockopt", ("SO_ERROR",), 110, "ETIMEDOUT"), CLOSE],
            ["> S"],
        ),
    ],
)
def test_what_becomes_of_connecting(calls: Sequence[Called], packets: list[str]) -> None:
    assert shown(calls) == packets


@pytest.mark.parametrize(
    ("calls", "packets"),
    [
        ([CLOSE], ["> FA"]),
        ([SHUT, CLOSE], ["> FA"]),
        ([recv(b""), CLOSE], ["< FA", "> FA", "< A"]),
        ([recv(b""), recv(b""), CLOSE], ["< FA", "> FA", "< A"]),
        ([SHUT, recv(b""), CLOSE], ["> FA", "< FA", "> A"]),
        ([SHUT, recv(b"late"), recv(b""), CLOSE], ["> FA", "< PA 4", "< FA", "> A"]),
        ([recv(b"", "ECONNRESET"), CLOSE], ["< RA"]),
        ([SHUT, recv(b"", "ECONNRESET"), CLOSE], ["> FA", "< RA"]),
        ([recv(b"", "ETIMEDOUT"), CLOSE], []),
        ([send(b"", "EPIPE"), recv(b"last"), recv(b"", "ECONNRESET")], ["< PA 4", "< RA"]),
        ([send(b"", "EPIPE"), recv(b"last"), recv(b""), CLOSE], ["< PA 4", "< RA"]),
        ([send(b"", "ECONNRESET"), SHUT, CLOSE], ["< RA"]),
        ([CLOSE, recv(b"nonsense")], ["> FA"]),
        ([recv(b""), recv(b"nonsense")], ["< FA"]),
    ],
)
def test_a_connection_ends_as_it_happened(calls: Sequence[Called], packets: list[str]) -> None:
    assert shown([*OPENED, *calls]) == OPENING + packets


def test_octets_go_in_segments_with_running_numbers() -> None:
    exchanges = [send(b"one"), recv(b"two"), recv(b"three"), send(b"four"), recv(b""), CLOSE]
    file = flow_of([*OPENED, *exchanges])
    assert (file.stream(inbound=False), file.stream(inbound=True)) == (b"onefour", b"twothree")
    assert [each.acknowledgement for each in file.packets[3:]] == [1, 4, 4, 9, 8, 10, 9]


def test_a_long_call_is_several_segments_and_acknowledged_on_the_way() -> None:
    data = bytes(range(256)) * (5 * 4096)
    file = flow_of([*OPENED, send(data)])
    assert file.stream(inbound=False) == data
    segments = [each for each in file.packets if each.payload]
    assert [each.letters for each in segments] == ["A"] * (len(segments) - 1) + ["PA"]
    assert all(each.length <= SEGMENT_OCTETS for each in segments)
    waiting = [at for at, each in enumerate(file.packets) if each.inbound]
    assert all(later - early < 20 for early, later in itertools.pairwise(waiting))
    assert len(waiting) >= 4


def test_octets_behind_the_cap_are_counted_and_not_made_up() -> None:
    file = flow_of([*OPENED, recv(b"kept", missing=100_000), recv(b"", missing=5), recv(b"")])
    assert [(each.payload, each.length) for each in file.packets[3:]] == [
        (b"kept", 4),
        (b"", SEGMENT_OCTETS),
        (b"", 100_000 - SEGMENT_OCTETS),
        (b"", 5),
        (b"", 0),
    ]
    assert "the recording of tcp:1.received ends at octet 4" in file.packets[3].comment
    file.stream(inbound=True)


def test_a_length_that_is_claimed_is_bounded() -> None:
    file = flow_of([*OPENED, recv(b"", missing=1 << 80), send(b"", missing=1 << 62)], allowance=9)
    assert sum(each.length > 0 for each in file.packets) == 9
    assert len(file.packets) < 15


def test_a_recording_that_begins_in_the_middle_is_opened() -> None:
    assert shown([send(b"x")]) == [*OPENING, "> PA 1"]


def test_each_packet_says_which_call_it_comes_from_or_that_it_is_made_up() -> None:
    comments = [each.comment for each in flow_of([*OPENED, send(b"x"), recv(b"")]).packets]
    assert comments == [
        "event 1: connect.",
        "event 2: getsockopt",
        "made up: no call shows it",
        "event 3: send, 1 octets",
        "event 4: recv, the end of the stream",
    ]


def test_datagrams_are_single_packets_and_empty_ones_count() -> None:
    flow = UdpFlow(OURS, THEIRS, "a note")
    calls = [
        Called(0, "udp:1", "connect", ("192.0.2.2:80",), 0),
        Called(1, "udp:1", "send", length=3, data=b"ask"),
        Called(2, "udp:1", "recv", length=0),
        Called(3, "udp:1", "recv", errno="ECONNREFUSED"),
        Called(4, "udp:1", "recv", length=1 << 70, data=bytes(70_000)),
        Called(5, "udp:1", "recv", length=1 << 70),
        Called(6, "udp:1", "close"),
    ]
    packets = [each for number, call in enumerate(calls) for each in flow.packets(number, call)]
    assert [each.inbound for each in packets] == [False, True, True, True]
    assert packets[0].frame.octets.endswith(b"ask")
    assert packets[0].comment == "event 1: send, 3 octets. a note"
    assert all(each.frame.length <= 66_000 for each in packets)


def test_octets_that_tcp_never_sent_are_in_no_packet() -> None:
    second = msgspec.structs.replace(send(b"efgh"), offset=4)
    third = msgspec.structs.replace(send(b"ijkl"), offset=8)
    told = Called(40, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_bytes_sent"), 5)
    reset = recv(b"", "ECONNRESET")
    calls = [*OPENED, send(b"abcd"), second, third, reset, told]
    packets = read(b"".join(pcapng(Trace("", "", Options(), list(calls))))).packets
    assert [each.payload for each in packets if each.payload] == [b"abcd", b"e"]
    assert "3 octets more never left the kernel" in packets[-2].comment
    assert packets[-1].letters == "RA"
