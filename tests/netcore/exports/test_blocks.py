"""The blocks of a pcapng file, held to the octets that the format's draft prescribes."""

from __future__ import annotations

import struct

import pytest

from netcore.exports.blocks import interface, packet, secrets, section_header
from tests.netcore.exports.reading import read

HEADER = section_header("wiretale", "about")


def test_a_section_header_is_what_the_format_prescribes() -> None:
    assert (
        b"\x0a\x0d\x0d\x0a"
        + struct.pack("<I", 56)
        + b"\x4d\x3c\x2b\x1a\x01\0\0\0"
        + b"\xff" * 8
        # opt_comment, shb_userappl, opt_endofopt
        + b"\1\0\5\0about\0\0\0"
        + b"\4\0\x08\0wiretale"
        + b"\0\0\0\0"
        + struct.pack("<I", 56)
    ) == HEADER


def test_an_interface_counts_nanoseconds_and_has_no_snapshot_length() -> None:
    file = read(HEADER + interface("one", "two"))
    assert file.interface == {2: b"one", 3: b"two", 9: b"\x09"}


def test_secrets_are_a_key_log_of_their_exact_length() -> None:
    assert read(HEADER + interface("", "") + secrets(["one", "three"])).secrets == ["one", "three"]


def test_the_time_of_a_packet_has_64_bits() -> None:
    frame = bytes(12)
    block = packet((1 << 63) + 5, frame, 14, inbound=True, comment="")
    assert struct.unpack_from("<IIIII", block, 8) == (0, 1 << 31, 5, 12, 14)


@pytest.mark.parametrize("text", ["", "a", "é" * 5_000, "\ud800", "nul\0and\nline"])
def test_any_text_is_an_option_of_bounded_length(text: str) -> None:
    file = read(section_header(text, text) + interface(text, text))
    assert all(len(each) <= 4_000 for each in file.section.values())
