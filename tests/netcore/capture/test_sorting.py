"""Packets of this fetch are told from those of others, also before our own port is known."""

from __future__ import annotations

from netcore.capture.filter import read_flow
from netcore.capture.ring import Frame
from netcore.capture.sorting import Sorter
from tests.netcore.made_packets import OURS, THEIRS, datagram, segment

FIN, SYN, RST, ACK = 1, 2, 4, 16
SERVER = ("tcp", "198.51.100.9", "443")
UNKNOWN = read_flow(*SERVER)
KNOWN = read_flow(*SERVER, "50000")


def frame(octets: bytes, interface: int = 2) -> Frame:
    return Frame(7, interface, len(octets), octets, False, False)


def known() -> Sorter:
    sorter = Sorter()
    sorter.watch(UNKNOWN)
    assert list(sorter.own(KNOWN)) == []
    return sorter


def test_a_packet_waits_until_our_port_is_known() -> None:
    sorter = Sorter()
    sorter.watch(UNKNOWN)
    ours = frame(segment(OURS, THEIRS, 1, SYN))
    theirs = frame(segment(THEIRS, OURS, 1, SYN | ACK))
    others = frame(segment("192.0.2.7:50001", THEIRS, 1, SYN))
    for each in (others, ours, theirs):
        assert list(sorter.take(each)) == []
    assert [(each.frame, each.sent) for each in sorter.own(KNOWN)] == [
        (ours, True),
        (theirs, False),
    ]
    assert list(sorter.take(others)) == []


def test_packets_that_wait_are_bounded() -> None:
    sorter = Sorter()
    sorter.watch(UNKNOWN)
    for port in range(1, 1_000):
        assert list(sorter.take(frame(segment(f"192.0.2.7:{port}", THEIRS, 1, SYN)))) == []
    assert sorter.thrown_away == 999 - 256


def test_two_sockets_to_one_endpoint_are_two_flows() -> None:
    sorter = Sorter()
    for port in ("1000", "1001"):
        flow = read_flow("udp", "192.0.2.53", "53")
        sorter.watch(flow)
        list(sorter.own(flow._replace(own_port=int(port))))
    for port in (1000, 1001, 1002):
        found = list(sorter.take(frame(datagram(f"192.0.2.7:{port}", "192.0.2.53:53", b"q"))))
        assert len(found) == (port < 1002)


def test_what_several_interfaces_show_counts_once() -> None:
    sorter = known()
    packet = segment(OURS, THEIRS, 1, SYN)
    assert [len(list(sorter.take(frame(packet, at)))) for at in (3, 2, 3)] == [1, 0, 1]
    answer = segment(THEIRS, OURS, 1, SYN | ACK)
    assert [len(list(sorter.take(frame(answer, at)))) for at in (2, 3)] == [1, 0]


def test_what_is_no_packet_of_tcp_or_udp_is_left() -> None:
    sorter = known()
    for octets in (
        b"",
        b"\x45",
        b"\x60" + bytes(50),
        bytes(60),
        segment(OURS, THEIRS, 1, SYN)[:22],
    ):
        assert list(sorter.take(frame(octets))) == []


def test_a_connection_is_over_with_both_fins_and_an_acknowledgement() -> None:
    sorter = known()
    assert sorter.over
    seen: list[bool] = []
    for source, target, flags in (
        (OURS, THEIRS, SYN),
        (THEIRS, OURS, SYN | ACK),
        (OURS, THEIRS, FIN | ACK),
        (THEIRS, OURS, FIN | ACK),
        (OURS, THEIRS, ACK),
    ):
        list(sorter.take(frame(segment(source, target, 1, flags))))
        seen.append(sorter.over)
    # One that nobody has answered is not waited for.
    assert seen == [True, False, False, False, True]


def test_a_reset_ends_it_at_once() -> None:
    sorter = known()
    list(sorter.take(frame(segment(OURS, THEIRS, 1, SYN))))
    list(sorter.take(frame(segment(THEIRS, OURS, 1, RST | ACK))))
    assert sorter.over
