"""The packets of QUIC that nobody encrypts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.protocols.quic_packets import kind_of, listed_versions

NEGOTIATION = b"\x80\0\0\0\0\x02ab\x03cde\0\0\0\1\x6b\x33\x43\xcf"


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"", ""),
        (b"\xff\0\0\0", ""),
        (b"\x40" + bytes(30), ""),  # a short header
        (b"\xc0\0\0\0\1", ""),  # Initial
        (b"\xf0\0\0\0\1", "retry"),
        (b"\xc0\x6b\x33\x43\xcf", "retry"),  # RFC 9369 §3.2
        (b"\xf0\x6b\x33\x43\xcf", ""),
        (NEGOTIATION, "version_negotiation"),
    ],
)
def test_kinds(octets: bytes, kind: str) -> None:
    assert kind_of(octets) == kind


def test_versions_are_listed_as_far_as_they_go() -> None:
    assert listed_versions(NEGOTIATION) == [1, 0x6B3343CF]
    assert listed_versions(NEGOTIATION[:-1]) == [1]
    assert listed_versions(NEGOTIATION[:7]) == []


@given(st.binary())
def test_nothing_raises(octets: bytes) -> None:
    assert kind_of(octets) in ("", "retry", "version_negotiation")
    assert all(0 <= each < 1 << 32 for each in listed_versions(octets))
