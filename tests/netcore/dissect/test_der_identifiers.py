"""Object identifiers, against the library's."""

from __future__ import annotations

import pytest
from cryptography.x509 import ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.der_identifiers import dotted_oid, relative_oid


@given(
    st.integers(0, 2),
    st.integers(0, 39),
    st.lists(st.integers(0, 1 << 40), max_size=8),
)
def test_an_identifier_is_written_as_the_library_writes_it(
    first: int, second: int, rest: list[int]
) -> None:
    dotted = ".".join(map(str, (first, second, *rest)))
    assert ObjectIdentifier(dotted).dotted_string == dotted
    octets = b"".join(base128(number) for number in (first * 40 + second, *rest))
    assert dotted_oid(octets) == dotted


def base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def test_the_end_of_an_identifier_has_no_first_pair() -> None:
    assert relative_oid(bytes.fromhex("82df130201")) == "44947.2.1"


@pytest.mark.parametrize("octets", ["", "80", "2a80", "8001", "01" * 65])
def test_octets_that_are_no_identifier_have_no_text(octets: str) -> None:
    assert dotted_oid(bytes.fromhex(octets)) == relative_oid(bytes.fromhex(octets)) == ""


@given(st.binary(max_size=70))
def test_any_octets_may_be_asked(octets: bytes) -> None:
    assert isinstance(dotted_oid(octets), str)
