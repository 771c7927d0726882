"""How a value is written, and that the Python which is shown reads it."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.field import Field
from web.codings import coding_of


def read(field: Field, data: bytes) -> object:
    coding = coding_of(field, data)
    assert coding is not None
    return eval(coding.python, {"data": data, "ipaddress": ipaddress})


@pytest.mark.parametrize(
    ("field", "data", "name"),
    [
        (Field("length", 8, 16, 512), b"\x16\x02\x00", "u16, big-endian"),
        (Field("type", 0, 8, 22), b"\x16", "u8"),
        (Field("opcode", 1, 4, 5), b"\x28", "4 bits"),
        (Field("stream_identifier", 1, 31, 3), b"\x80\x00\x00\x03", "31 bits"),
        (Field("fin", 0, 1, True), b"\x81", "one bit"),
        (Field("length", 0, 16, 600), b"\x42\x58", "QUIC variable-length"),
        (Field("status_code", 0, 24, 404), b"404", "decimal digits"),
        (Field("chunk_size", 0, 16, 0x1A), b"1a", "hexadecimal digits"),
        (Field("method", 0, 24, "GET"), b"GET", "text"),
    ],
)
def test_the_python_reads_the_value(field: Field, data: bytes, name: str) -> None:
    coding = coding_of(field, data)
    assert coding is not None
    assert coding.name.startswith(name)
    assert read(field, data) == field.value


def test_an_address_is_read_as_one() -> None:
    assert str(read(Field("address", 0, 32, "192.0.2.1"), bytes((192, 0, 2, 1)))) == "192.0.2.1"


def test_what_does_not_undo_to_the_value_has_no_coding() -> None:
    assert coding_of(Field("length", 0, 16, 7), b"\x01\x02") is None
    assert coding_of(Field("random", 0, 32), b"abcd") is None
    assert coding_of(Field("none", 8, 0, 0), b"a") is None


@given(st.binary(min_size=8, max_size=8), st.integers(0, 60), st.integers(1, 64))
def test_bits_anywhere_are_read_back(data: bytes, start: int, length: int) -> None:
    length = min(length, 64 - start)
    value = int.from_bytes(data) >> (64 - start - length) & ((1 << length) - 1)
    assert read(Field("bits", start, length, value), data) == value
