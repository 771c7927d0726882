"""Integers of variable length, on the examples of RFC 9000 appendix A.1."""

from __future__ import annotations

import pytest
from aioquic.buffer import encode_uint_var
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.quic_varint import read_varint, varint, varint_octets
from netcore.field import find
from netcore.reader import Reader, dissect


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        ("c2197c5eff14e88c", 151_288_809_941_952_652),
        ("9d7f3e7d", 494_878_333),
        ("7bbd", 15_293),
        ("25", 37),
        ("4025", 37),
    ],
)
def test_the_examples_of_the_rfc_have_their_values(octets: str, value: int) -> None:
    wire = bytes.fromhex(octets)
    assert varint(wire, 0) == (value, len(wire))

    def read(r: Reader) -> None:
        read_varint(r, "number", lambda number: f"number {number}")

    field = find(dissect(read, wire, "test"), "number")
    assert field is not None
    assert (field.value, field.label) == (value, f"number {value}")


def test_a_number_that_should_be_short_is_blamed_where_it_is_not() -> None:
    def read(r: Reader) -> None:
        read_varint(r, "number", shortest=True)

    assert "quic.varint" in str(dissect(read, bytes.fromhex("4025"), "test"))
    assert "quic.varint" not in str(dissect(read, b"\x25", "test"))


@given(st.integers(0, (1 << 62) - 1), st.binary(max_size=3))
def test_what_aioquic_writes_is_read(value: int, noise: bytes) -> None:
    wire = encode_uint_var(value)
    assert varint(noise + wire, len(noise)) == (value, len(noise) + len(wire))
    assert varint_octets(value) == len(wire)
    assert varint(wire[:-1], 0) is None
