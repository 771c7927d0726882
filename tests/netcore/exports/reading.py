"""A reader of pcapng files, small and our own, that shares nothing with the writer.

Every block, option and checksum is held to its rules while it is read.
"""

from __future__ import annotations

import itertools
import socket
import struct
from dataclasses import dataclass, field
from typing import Final

SECTION: Final = 0x0A0D0D0A
INTERFACE: Final = 1
PACKET: Final = 6
SECRETS: Final = 10
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


@dataclass(frozen=True)
class Block:
    kind: int
    body: bytes


@dataclass(frozen=True)
class Read:
    """One packet, taken apart."""

    time_ns: int
    inbound: bool
    comment: str
    protocol: int
    source: str  # "127.0.0.1:80", "[::1]:80"
    destination: str
    payload: bytes
    length: int  # of the payload as it was; more than is there if the packet was cut
    sequence: int = 0
    acknowledgement: int = 0
    flags: int = 0

    @property
    def letters(self) -> str:
        names = ((SYN, "S"), (FIN, "F"), (RST, "R"), (PSH, "P"), (ACK, "A"))
        return "".join(letter for bit, letter in names if self.flags & bit)


@dataclass
class File:
    blocks: list[Block]
    section: dict[int, bytes] = field(default_factory=dict)
    interface: dict[int, bytes] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    packets: list[Read] = field(default_factory=list)

    def stream(self, *, inbound: bool) -> bytes:
        """The payload of TCP in one direction, which has to be there whole and in order."""
        octets, expected = b"", None
        for each in self.packets:
            if each.inbound is inbound and each.protocol == 6:
                assert expected in (None, each.sequence)
                expected = each.sequence + each.length + bool(each.flags & (SYN | FIN))
                octets += each.payload
        return octets


def read(octets: bytes) -> File:
    """A whole file of one section and one interface of Ethernet in nanoseconds."""
    file = File(list(_blocks(octets)))
    assert [each.kind for each in file.blocks[:2]] == [SECTION, INTERFACE]
    magic, major, minor, length = struct.unpack_from("<IHHQ", file.blocks[0].body)
    assert (magic, major, minor, length) == (0x1A2B3C4D, 1, 0, (1 << 64) - 1)
    file.section = _options(file.blocks[0].body[16:])
    link, _, snapshot = struct.unpack_from("<HHI", file.blocks[1].body)
    assert (link, snapshot) == (1, 0)
    file.interface = _options(file.blocks[1].body[8:])
    for block in file.blocks[2:]:
        if block.kind == SECRETS:
            assert not file.packets, "secrets stand before the packets"
            kind, size = struct.unpack_from("<4sI", block.body)
            assert (kind, len(block.body)) == (b"KSLT", 8 + size + -size % 4)
            file.secrets += block.body[8 : 8 + size].decode("ascii").splitlines()
        else:
            assert block.kind == PACKET
            file.packets.append(_packet(block.body))
    times = [each.time_ns for each in file.packets]
    assert all(early < late for early, late in itertools.pairwise(times))
    return file


def _blocks(octets: bytes) -> list[Block]:
    found, at = [], 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        assert length % 4 == 0
        assert at + length <= len(octets)
        assert struct.unpack_from("<I", octets, at + length - 4) == (length,)
        found.append(Block(kind, octets[at + 8 : at + length - 4]))
        at += length
    return found


def _options(octets: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while True:
        code, length = struct.unpack_from("<HH", octets, at)
        at += 4
        if code == 0:
            assert (length, at) == (0, len(octets))
            return found
        found[code] = octets[at : at + length]
        at += length + -length % 4


def _packet(body: bytes) -> Read:
    interface, high, low, kept, length = struct.unpack_from("<IIIII", body)
    assert interface == 0
    assert kept <= length
    frame = body[20 : 20 + kept]
    options = _options(body[20 + kept + -kept % 4 :])
    direction = struct.unpack("<I", options[2])[0]
    assert direction in (1, 2)
    time_ns = high << 32 | low
    return _frame(frame, length, time_ns, direction == 1, options.get(1, b"").decode())


def _frame(frame: bytes, length: int, time_ns: int, inbound: bool, comment: str) -> Read:
    assert frame[6] & 2, "a locally administered address"
    kind = frame[12:14]
    if kind == b"\x08\x00":
        ip = frame[14:34]
        assert _sum(ip) == 0xFFFF
        assert ip[0] == 0x45
        total, protocol = struct.unpack_from("!H", ip, 2)[0] - 20, ip[9]
        hosts = [socket.inet_ntop(socket.AF_INET, ip[at : at + 4]) for at in (12, 16)]
        addresses, segment = ip[12:20], frame[34:]
    else:
        assert kind == b"\x86\xdd"
        ip = frame[14:54]
        total, protocol = struct.unpack_from("!HB", ip, 4)
        hosts = [f"[{socket.inet_ntop(socket.AF_INET6, ip[at : at + 16])}]" for at in (8, 24)]
        addresses, segment = ip[8:40], frame[54:]
    missing = length - len(frame)
    assert total == len(segment) + missing
    if not missing:
        assert _sum(addresses + struct.pack("!II", total, protocol) + segment) == 0xFFFF
    ports = struct.unpack_from("!HH", segment)
    ends = [f"{host}:{port}" for host, port in zip(hosts, ports, strict=True)]
    about = (time_ns, inbound, comment, protocol, *ends)
    if protocol == 17:
        assert struct.unpack_from("!H", segment, 4)[0] == total
        return Read(*about, segment[8:], total - 8)
    sequence, acknowledgement, offset, flags = struct.unpack_from("!IIBB", segment, 4)
    size = (offset >> 4) * 4
    return Read(*about, segment[size:], total - size, sequence, acknowledgement, flags)


def _sum(octets: bytes) -> int:
    """RFC 1071, word by word as it is written there."""
    total = 0
    padded = octets + b"\0" * (len(octets) % 2)
    for (word,) in struct.iter_unpack("!H", padded):
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total
