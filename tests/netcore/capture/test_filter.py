"""The filter takes the packets of the flows and no others: run here instruction by instruction."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.capture.filter import WHOLE, Flow, build_filter, read_flow
from tests.netcore.made_packets import datagram, segment

LOOPBACK = 1
SERVER = "198.51.100.9:443"
ME = "192.0.2.7:50000"
HTTPS = read_flow("tcp", "198.51.100.9", "443")
MINE = read_flow("tcp", "198.51.100.9", "443", "50000")
SERVER_6 = "[2001:db8:1::9]:443"
ME_6 = "[2001:db8::7]:50000"


def run(program: bytes, packet: bytes, *, interface: int = 2, outgoing: bool = False) -> int:
    """What the kernel would do with a packet: octets taken, 0 for none (bpf, as in filter.txt)."""
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    about = {0: 0x86DD if packet[:1] and packet[0] >> 4 == 6 else 0x0800}
    about |= {4: 4 if outgoing else 0, 8: interface}
    a = x = at = 0
    while True:
        code, if_so, if_not, k = steps[at]
        at += 1
        size = {0x20: 4, 0x28: 2, 0x30: 1, 0x48: 2}.get(code)
        if size:
            place = k + x if code == 0x48 else k
            if k >= 0xFFFF_F000:
                a = about[k - 0xFFFF_F000]
                continue
            if place + size > len(packet):
                return 0
            a = int.from_bytes(packet[place : place + size], "big")
        elif code == 0xB1:
            x = (packet[k] & 15) * 4
        elif code == 0x15:
            at += if_so if a == k else if_not
        elif code == 0x45:
            at += if_so if a & k else if_not
        else:
            assert code == 0x06
            return k


def takes(flows: list[Flow], packet: bytes, **about: object) -> bool:
    return run(build_filter(flows, LOOPBACK), packet, **about) == WHOLE  # type: ignore[arg-type]


@pytest.mark.parametrize("flow", [HTTPS, MINE])
def test_both_directions_of_a_flow_are_taken(flow: Flow) -> None:
    assert takes([flow], segment(ME, SERVER, 1, 2))
    assert takes([flow], segment(SERVER, ME, 1, 18))


def test_once_our_port_is_known_the_others_at_the_same_server_are_left() -> None:
    other = "192.0.2.7:50001"
    assert takes([HTTPS], segment(other, SERVER, 1, 2))
    assert not takes([MINE], segment(other, SERVER, 1, 2))
    assert not takes([MINE], segment(SERVER, other, 1, 18))


def test_what_is_no_flow_of_ours_is_left() -> None:
    for source, target in (
        (ME, "198.51.100.9:444"),
        (ME, "198.51.100.8:443"),
        ("198.51.100.9:50000", "192.0.2.7:443"),
    ):
        assert not takes([MINE], segment(source, target, 1, 2)), (source, target)
        assert not takes([MINE], segment(target, source, 1, 2)), (target, source)
    assert not takes([MINE], datagram(ME, SERVER, b"udp"))
    assert not takes([], segment(ME, SERVER, 1, 2))


def test_both_ends_may_have_one_address() -> None:
    mine = read_flow("tcp", "127.0.0.1", "8443", "50000")
    assert takes([mine], segment("127.0.0.1:50000", "127.0.0.1:8443", 1, 2))
    assert takes([mine], segment("127.0.0.1:8443", "127.0.0.1:50000", 1, 2))
    assert not takes([mine], segment("127.0.0.1:50001", "127.0.0.1:8443", 1, 2))


def test_version_6_is_filtered_by_all_of_its_address() -> None:
    mine = read_flow("tcp", "2001:db8:1::9", "443", "50000")
    assert takes([mine], segment(ME_6, SERVER_6, 1, 2))
    assert takes([mine], segment(SERVER_6, ME_6, 1, 2))
    assert not takes([mine], segment(ME_6, "[2001:db8:1::8]:443", 1, 2))
    assert not takes([mine], segment(ME_6, "[2001:db8:2::9]:443", 1, 2))
    assert not takes([mine], datagram(ME_6, SERVER_6, b"udp"))


def test_a_later_fragment_has_no_ports_and_is_left() -> None:
    packet = bytearray(segment(ME, SERVER, 1, 2))
    packet[6:8] = (0x2001).to_bytes(2, "big")
    assert not takes([MINE], bytes(packet))


def test_options_of_ip_move_the_ports() -> None:
    packet = bytearray(segment(ME, SERVER, 1, 2))
    packet[0] = 0x46
    assert takes([MINE], bytes(packet[:20]) + b"\1\1\1\0" + bytes(packet[20:]))


def test_the_loopback_device_shows_a_packet_once() -> None:
    packet = segment(ME, SERVER, 1, 2)
    assert not takes([MINE], packet, interface=LOOPBACK, outgoing=True)
    assert takes([MINE], packet, interface=LOOPBACK)
    assert takes([MINE], packet, interface=2, outgoing=True)


@given(st.binary(max_size=80))
def test_any_octets_are_taken_or_left(packet: bytes) -> None:
    flows = [HTTPS, MINE, read_flow("udp", "2001:db8::1", "53")]
    assert run(build_filter(flows, LOOPBACK), packet or b"\0") in (0, WHOLE)


def test_as_many_flows_as_a_fetch_can_have_fit_into_a_program() -> None:
    flows = [read_flow("tcp", f"2001:db8::{n:x}", "443", str(1000 + n)) for n in range(120)]
    program = build_filter(flows, LOOPBACK)
    assert len(program) // 8 <= 4_096  # BPF_MAXINSNS
    assert run(program, segment("[2001:db8:f::1]:1119", "[2001:db8::77]:443", 1, 2)) == WHOLE


@pytest.mark.parametrize(
    "words",
    [
        ("icmp", "192.0.2.1", "1"),
        ("tcp", "192.0.2", "1"),
        ("tcp", "192.0.2.1", "0"),
        ("tcp", "192.0.2.1", "65536"),
        ("tcp", "192.0.2.1", "x"),
        ("tcp", "192.0.2.1", "1", "-1"),
    ],
)
def test_what_is_no_flow_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_flow(*words)
