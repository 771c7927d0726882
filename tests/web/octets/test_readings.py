"""Octets in every reading that makes sense of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcore.dissect.quic_varint import read_varint
from netcore.reader import dissect
from web.octets.readings import readings


@pytest.fixture(autouse=True)
def request_served(app: Flask) -> Iterator[None]:
    """Readings have words, and words the language of a request."""
    with app.test_request_context("/"):
        yield


def read(octets: bytes) -> dict[str, str]:
    return {reading.name: reading.value for reading in readings(octets)}


@pytest.mark.parametrize(
    ("octets", "name", "value"),
    [
        (b"\x81", "u8", "129"),
        (b"\x81", "i8, signed", "-127"),
        (b"\x02\x00", "u16, big-endian", "512"),
        (b"\x02\x00", "u16, little-endian", "2"),
        (b"\x00\x01\xfc", "u24, big-endian", "508"),
        (bytes(7) + b"\x05", "u64, big-endian", "5"),
        (b"\x7b\xbd", "QUIC variable-length integer", "15,293"),  # RFC 9000 §A.1
        (b"\x1f\x9a\x0a", "HPACK integer, 5-bit prefix", "1,337"),  # RFC 7541 §C.1.2
        (b"\x0a", "HPACK integer, 5-bit prefix", "10"),  # RFC 7541 §C.1.1
        (b"\xc0\x00\x02\x01", "IPv4 address", "192.0.2.1"),
        (bytes.fromhex("20010db8") + bytes(11) + b"\x01", "IPv6 address", "2001:db8::1"),
        (b"\x65\x92\x00\x80", "Seconds since 1970", "2024-01-01 00:00:00 UTC"),
        ("µ".encode(), "UTF-8", "µ"),
        (b"\xff", "UTF-8", "no: these bytes are not UTF-8"),
        (b"\r\n", "Hexadecimal", "0d 0a"),
        (b"\r\n", "Python", r"b'\r\n'"),
    ],
)
def test_octets_are_read_so(octets: bytes, name: str, value: str) -> None:
    assert read(octets)[name] == value


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (b"\x01\x02\x03\x04\x05", "u40, big-endian"),
        (b"\x00\x02", "QUIC variable-length integer"),  # one octet would be the whole of it
        (b"\x1f\x9a", "HPACK integer, 5-bit prefix"),  # does not end here
        (b"\x0a\x00", "HPACK integer, 5-bit prefix"),  # ended before
        (b"\x00\x00\x00\x01", "Seconds since 1970"),
        (b"\x7f", "i8, signed"),
    ],
)
def test_a_reading_that_makes_no_sense_is_left_out(octets: bytes, name: str) -> None:
    assert name not in read(octets)


SHARED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SHARED
@given(st.binary(min_size=1, max_size=9))
def test_a_variable_length_integer_is_what_the_dissector_reads(octets: bytes) -> None:
    said = read(octets).get("QUIC variable-length integer")
    if len(octets) == 1 << (octets[0] >> 6):
        tree = dissect(lambda r: read_varint(r, "number"), octets, "unit")
        assert said == f"{tree.children[0].value:,}"
    else:
        assert said is None


@SHARED
@given(st.binary(min_size=1, max_size=300))
def test_whatever_the_octets_their_readings_are_text_that_prints(octets: bytes) -> None:
    for reading in readings(octets):
        assert reading.value.isprintable()
