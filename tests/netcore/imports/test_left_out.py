"""What is not told of a capture is counted by its reason."""

from __future__ import annotations

from collections import Counter

import pytest

from netcore.imports.capture_file import Packet
from netcore.imports.left_out import is_fragment, left_out

TCP = bytes.fromhex("4500002800004000400600007f0000017f000001") + bytes(20)
FIRST, LATER = TCP[:6] + b"\x20\x00" + TCP[8:], TCP[:6] + b"\x00\x05" + TCP[8:]
SIX = b"\x60" + bytes(5) + b"\x2c\x40" + bytes(40)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (TCP, ""),
        (FIRST, "1 fragments of IP"),
        (LATER, "1 fragments of IP"),
        (SIX, "1 fragments of IP"),
        (TCP[:9] + b"\x01" + TCP[10:], "1 of neither TCP nor UDP"),
        (TCP[:21], "1 cut within their headers"),
        (b"\x05" + bytes(30), "1 without IP"),
    ],
)
def test_each_reason_has_its_words(octets: bytes, said: str) -> None:
    assert left_out([Packet(0, octets, 0)], Counter(), 0) == said


def test_what_the_link_carried_besides_ip_is_counted_too() -> None:
    said = left_out([], Counter({105: 3}), 2)
    assert said.startswith("2 without IP, 3 of link type 105 (read are 0, 1, ")


def test_a_first_fragment_is_one_too() -> None:
    assert [is_fragment(each) for each in (TCP, FIRST, LATER, SIX)] == [False, True, True, True]
