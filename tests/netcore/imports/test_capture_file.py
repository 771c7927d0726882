"""Packets and secrets are read from captures of both formats and orders of octets."""

from __future__ import annotations

import struct

import pytest

from netcore.exports import blocks
from netcore.imports.capture_file import is_capture, key_log_lines, read_capture
from netcore.trace import BadTrace

SECRET = f"CLIENT_RANDOM {'0a' * 32} {'1b' * 48}"
IP = bytes.fromhex("45000014") + bytes(16)
ETHERNET = bytes(12) + b"\x08\x00" + IP
VLAN = bytes(12) + b"\x81\x00\x00\x07\x08\x00" + IP
ARP = bytes(12) + b"\x08\x06" + bytes(28)


def pcapng(*packets: bytes, link: int = blocks.ETHERNET) -> bytes:
    written = [
        blocks.packet(1_000 + at, octets, len(octets) + at, inbound=False, comment="")
        for at, octets in enumerate(packets)
    ]
    head = [blocks.section_header("x", ""), blocks.secrets([SECRET])]
    return b"".join([*head, blocks.interface("eth0", "", link), *written])


def pcap(order: str, magic: int, *packets: bytes) -> bytes:
    written = [struct.pack(f"{order}IIII", 2, 3, len(p), len(p)) + p for p in packets]
    head = struct.pack(f"{order}IHHIIII", magic, 2, 4, 0, 0, 65_535, 1)
    return head + b"".join(written)


def test_packets_and_secrets_of_our_own_format() -> None:
    found = read_capture(pcapng(ETHERNET, ARP, VLAN))
    assert found.secrets == [SECRET]
    assert [(p.time_ns, p.octets, p.missing) for p in found.packets] == [
        (1_000, IP, 0),
        (1_002, IP, 2),
    ]


@pytest.mark.parametrize(
    ("order", "magic", "time_ns"),
    [
        ("<", 0xA1B2C3D4, 2_000_003_000),
        (">", 0xA1B2C3D4, 2_000_003_000),
        ("<", 0xA1B23C4D, 2_000_000_003),
    ],
)
def test_packets_of_the_older_format(order: str, magic: int, time_ns: int) -> None:
    octets = pcap(order, magic, ETHERNET)
    assert is_capture(octets)
    assert [(p.time_ns, p.octets) for p in read_capture(octets).packets] == [(time_ns, IP)]


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"hello", "no capture"),
        (b"\xd4\xc3\xb2\xa1", "first 24 bytes"),
        (pcap("<", 0xA1B2C3D4, ETHERNET)[:-1], "longer than the rest"),
        (pcapng(ETHERNET)[:-1], "ends within the block .* bytes, and"),
        (pcapng(ETHERNET) + struct.pack("<II", 6, 0) + bytes(8), "impossible length"),
        (pcapng(ETHERNET) + struct.pack("<II", 6, 100 << 20) + bytes(8), "104,857,600 bytes"),
        (pcapng(ETHERNET) + b"abc", "ends within"),
        (
            blocks.section_header("x", "") + blocks.packet(0, b"", 0, inbound=True, comment=""),
            "no interface",
        ),
    ],
)
def test_what_is_spoilt_is_refused_with_a_reason(octets: bytes, message: str) -> None:
    with pytest.raises(BadTrace, match=message):
        read_capture(octets)


def test_only_lines_of_a_key_log_are_secrets() -> None:
    text = f"# comment\n{SECRET}\r\n{SECRET}\nCLIENT_RANDOM zz 00\nx\n\xff"
    assert key_log_lines(text.encode("latin-1")) == [SECRET]
