"""Filter: flows -> a program of classic BPF that lets their packets through and no others.

Theory of operation. The socket is one that shows packets from their IP header on, whatever the
link is, so that offsets count from there. Each flow is a block of instructions that ends in "take
it" or goes on to the block behind it; behind the last one stands "leave it". A flow is known by
both ports and the address of the other end; before our own port is known, by what is there.
The loopback device shows every packet twice, on its way out and on its way in: the first is left.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final, NamedTuple

from netcore.packet_ends import TCP, UDP

PROTOCOLS: Final = {"tcp": TCP, "udp": UDP}

WHOLE: Final = 0x4_0000  # octets of a packet that are taken: more than any has

# linux/filter.h and linux/bpf_common.h
_LOAD_WORD: Final = 0x20
_LOAD_HALF: Final = 0x28
_LOAD_OCTET: Final = 0x30
_LOAD_HALF_BEHIND_X: Final = 0x48
_LOAD_X_HEADER: Final = 0xB1  # X = 4 * (octet & 15): the length of an IPv4 header
_IF_EQUAL: Final = 0x15
_IF_BITS: Final = 0x45
_RETURN: Final = 0x06
_ABOUT: Final = 0xFFFF_F000  # SKF_AD_OFF: what the kernel knows of a packet beyond its octets
_ABOUT_PROTOCOL: Final = _ABOUT + 0
_ABOUT_DIRECTION: Final = _ABOUT + 4
_ABOUT_INTERFACE: Final = _ABOUT + 8

_OUTGOING: Final = 4  # PACKET_OUTGOING
_IPV4: Final = 0x0800
_IPV6: Final = 0x86DD
_FRAGMENT_OFFSET: Final = 0x1FFF
_V6_PORTS: Final = 40  # behind a header without extensions

_GO_ON: Final = ""  # to the next instruction
_NEXT: Final = "next"  # to the next flow
_OUT: Final = "out"
_TAKE: Final = "take"


class Flow(NamedTuple):
    """One connection, or one socket of UDP; `own_port` is 0 while it is not known."""

    protocol: int  # TCP or UDP
    address: bytes  # of the other end, 4 or 16 octets
    port: int
    own_port: int = 0


class _Step(NamedTuple):
    code: int
    k: int
    if_so: str = _GO_ON
    if_not: str = _GO_ON


def read_flow(protocol: str, address: str, port: str, own_port: str = "0") -> Flow:
    """A flow from its words: "tcp", "192.0.2.1", "443". Raises: ValueError."""
    if protocol not in PROTOCOLS:
        raise ValueError(f"{protocol} is neither tcp nor udp")
    ports = int(port), int(own_port)
    if not 0 < ports[0] < 65_536 or not 0 <= ports[1] < 65_536:
        raise ValueError("a port has 16 bits")
    return Flow(PROTOCOLS[protocol], ip_address(address).packed, *ports)


def build_filter(flows: Sequence[Flow], loopback: int) -> bytes:
    """The program, as an array of struct sock_filter.

    In: `loopback`, the number of the loopback device, 0 for none.
    """
    program = [
        (_LOAD_WORD, 0, 0, _ABOUT_INTERFACE),
        (_IF_EQUAL, 0, 3, loopback),
        (_LOAD_WORD, 0, 0, _ABOUT_DIRECTION),
        (_IF_EQUAL, 0, 1, _OUTGOING),
        (_RETURN, 0, 0, 0),
    ]
    for flow in dict.fromkeys(flows):
        program += _assembled(_v4(flow) if len(flow.address) == 4 else _v6(flow))
    program.append((_RETURN, 0, 0, 0))
    return b"".join(struct.pack("=HBBI", *step) for step in program)


def _assembled(steps: Sequence[tuple[str, _Step]]) -> list[tuple[int, int, int, int]]:
    """Labels become distances: to "next" is to behind the last step."""
    places = {label: at for at, (label, _) in enumerate(steps) if label} | {_NEXT: len(steps)}

    def distance(at: int, label: str) -> int:
        return places[label] - at - 1 if label else 0

    return [
        (step.code, distance(at, step.if_so), distance(at, step.if_not), step.k)
        for at, (_, step) in enumerate(steps)
    ]


def _v4(flow: Flow) -> list[tuple[str, _Step]]:
    (address,) = struct.unpack("!I", flow.address)
    return [
        *_is(_LOAD_HALF, _ABOUT_PROTOCOL, _IPV4, _NEXT),
        *_is(_LOAD_OCTET, 9, flow.protocol, _NEXT),
        ("", _Step(_LOAD_HALF, 6)),  # only the first fragment has ports
        ("", _Step(_IF_BITS, _FRAGMENT_OFFSET, _NEXT, _GO_ON)),
        ("", _Step(_LOAD_X_HEADER, 0)),
        *_is(_LOAD_WORD, 12, address, _OUT),
        *_ports(_LOAD_HALF_BEHIND_X, 0, flow.port, flow.own_port, _OUT),
        *_labelled(_OUT, _is(_LOAD_WORD, 16, address, _NEXT)),
        *_ports(_LOAD_HALF_BEHIND_X, 0, flow.own_port, flow.port, _NEXT)[:-1],
        (_TAKE, _Step(_RETURN, WHOLE)),
    ]


def _v6(flow: Flow) -> list[tuple[str, _Step]]:
    words = struct.unpack("!4I", flow.address)

    def address(at: int, otherwise: str) -> list[tuple[str, _Step]]:
        tests = [_is(_LOAD_WORD, at + 4 * n, word, otherwise) for n, word in enumerate(words)]
        return [step for test in tests for step in test]

    return [
        *_is(_LOAD_HALF, _ABOUT_PROTOCOL, _IPV6, _NEXT),
        *_is(_LOAD_OCTET, 6, flow.protocol, _NEXT),
        *address(8, _OUT),
        *_ports(_LOAD_HALF, _V6_PORTS, flow.port, flow.own_port, _OUT),
        *_labelled(_OUT, address(24, _NEXT)),
        *_ports(_LOAD_HALF, _V6_PORTS, flow.own_port, flow.port, _NEXT)[:-1],
        (_TAKE, _Step(_RETURN, WHOLE)),
    ]


def _is(load: int, at: int, value: int, otherwise: str) -> list[tuple[str, _Step]]:
    return [("", _Step(load, at)), ("", _Step(_IF_EQUAL, value, _GO_ON, otherwise))]


def _ports(load: int, at: int, source: int, target: int, no: str) -> list[tuple[str, _Step]]:
    """Both ports, of which one that is 0 may be any; then the packet is taken."""
    steps = _is(load, at, source, no) if source else []
    steps += _is(load, at + 2, target, no) if target else []
    return [*steps, ("", _Step(_RETURN, WHOLE))]


def _labelled(label: str, steps: list[tuple[str, _Step]]) -> list[tuple[str, _Step]]:
    return [(label, steps[0][1]), *steps[1:]]
