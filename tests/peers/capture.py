"""What tcpdump saw on the loopback device: the payload of every connection and datagram flow.

The reader of its file is our own and small, and shares nothing with the code under test.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest

from tests.peers.process import program, running, wait_for_line

SENTINEL: Final = b"everything before this datagram is in the capture"
WAIT_S: Final = 5.0
SNAPSHOT: Final = 65_600  # a whole frame of the loopback device, whose MTU is 65,536
BUFFER_KIB: Final = 16_384  # in immediate mode it is divided into slots of a snapshot each
ROOMY_KIB: Final = 262_144  # for a thousand packets and more; to allocate it takes a third second
TCP: Final = 6
UDP: Final = 17
SYN: Final = 0x02


@dataclass(frozen=True)
class Packet:
    """One TCP segment or UDP datagram over IPv4."""

    protocol: int
    source: str  # "127.0.0.1:443"
    destination: str
    payload: bytes
    sequence: int = 0
    flags: int = 0
    at_us: int = 0  # microseconds since 1970


@dataclass
class Capture:
    """A capture under way; the packets are there once its block has ended."""

    packets: list[Packet] = field(default_factory=list)
    file: Path = Path()  # as tcpdump wrote it, the sentinel included

    def datagrams(self, source: str, destination: str) -> list[bytes]:
        """The payloads that went from one address to another by UDP."""
        return [
            p.payload
            for p in self.packets
            if (p.protocol, p.source, p.destination) == (UDP, source, destination)
        ]

    def stream(self, source: str, destination: str) -> bytes:
        """The octets that went from one address to another by TCP, each once and in order.

        Raises:
            AssertionError: the capture misses some of them.
        """
        segments = [
            p
            for p in self.packets
            if (p.protocol, p.source, p.destination) == (TCP, source, destination)
        ]
        opened = [p.sequence for p in segments if p.flags & SYN]
        if not opened:
            assert not any(p.payload for p in segments)
            return b""  # nobody listens there
        first = opened[0] + 1
        octets = bytearray()
        for segment in sorted(segments, key=lambda p: (p.sequence - first) % (1 << 32)):
            if not segment.payload:
                continue
            offset = (segment.sequence - first) % (1 << 32)
            assert offset <= len(octets), "the capture has a gap"
            octets += segment.payload[len(octets) - offset :]
        return bytes(octets)

    def connections(self, server: str) -> list[str]:
        """The clients that opened a TCP connection to `server`, in that order."""
        asked = [p.source for p in self.packets if p.destination == server and p.flags & SYN]
        return list(dict.fromkeys(asked))  # one that is not answered is asked again


@contextmanager
def capturing(
    directory: Path, ports: tuple[int, ...], buffer_kib: int = BUFFER_KIB
) -> Iterator[Capture]:
    """Capture TCP and UDP of these ports on the loopback device."""
    tcpdump = program("tcpdump", "tcpdump")
    if os.geteuid() != 0:
        pytest.skip("tcpdump captures as root only")
    target = directory / f"{min(ports)}.pcap"
    capture = Capture(file=target)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sentinel:
        sentinel.bind(("127.0.0.1", 0))
        mark = sentinel.getsockname()
        wanted = " or ".join(f"port {port}" for port in (*ports, mark[1]))
        command = [tcpdump, "-i", "lo", "-n", "-U", "--immediate-mode", "-Z", "root"]
        command += ["-s", str(SNAPSHOT), "-B", str(buffer_kib)]
        with running([*command, "-w", str(target), wanted], directory) as process:
            wait_for_line(process, "listening on")
            yield capture
            sentinel.sendto(SENTINEL, mark)
            capture.packets = _read_up_to_sentinel(target)


def _read_up_to_sentinel(target: Path) -> list[Packet]:
    """The packets of the file, as soon as the sentinel is among them."""
    deadline = time.monotonic() + WAIT_S
    size = -1
    while time.monotonic() < deadline:
        if target.stat().st_size == size:
            os.sched_yield()
            continue
        size = target.stat().st_size
        packets = list(read(target.read_bytes()))
        if any(p.payload == SENTINEL for p in packets):
            return [p for p in packets if p.payload != SENTINEL]
    raise AssertionError(f"the sentinel did not reach the capture within {WAIT_S} s")


def read(octets: bytes) -> Iterator[Packet]:
    """The packets of a pcap file; a last one that is not written whole yet is left out."""
    if len(octets) < 24:
        return
    magic, _, _, _, _, _, link_type = struct.unpack_from("<IHHiIII", octets)
    assert (magic, link_type) == (0xA1B2C3D4, 1), "not a little-endian pcap file of Ethernet"
    at = 24
    while at + 16 <= len(octets):
        seconds, rest_us, kept, length = struct.unpack_from("<IIII", octets, at)
        frame = octets[at + 16 : at + 16 + kept]
        at += 16 + kept
        if len(frame) == length and frame[12:14] == b"\x08\x00":
            yield replace(_packet(frame[14:]), at_us=seconds * 1_000_000 + rest_us)


def _packet(ip: bytes) -> Packet:
    header = (ip[0] & 0x0F) * 4
    total, protocol = struct.unpack_from("!H", ip, 2)[0], ip[9]
    segment = ip[header:total]
    from_port, to_port = struct.unpack_from("!HH", segment)
    source = f"{socket.inet_ntoa(ip[12:16])}:{from_port}"
    destination = f"{socket.inet_ntoa(ip[16:20])}:{to_port}"
    if protocol == UDP:
        return Packet(protocol, source, destination, segment[8:])
    sequence = struct.unpack_from("!I", segment, 4)[0]
    payload = segment[(segment[12] >> 4) * 4 :]
    return Packet(protocol, source, destination, payload, sequence, segment[13])
