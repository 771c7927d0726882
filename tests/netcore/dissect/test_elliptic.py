"""Points and signatures of elliptic curves, against those that the library makes."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.elliptic import is_pair, read_ecdsa_sig_value, read_point
from netcore.field import find_all
from tests.netcore.dissect.elements import errors, field, read

KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1()).public_key()


def number(octets: bytes, start: int, end: int) -> int:
    return int.from_bytes(octets[start // 8 : end // 8], "big")


def test_a_point_is_split_into_its_coordinates() -> None:
    octets = KEY.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    tree = read(read_point, octets)
    x, y = field(tree, "x"), field(tree, "y")
    assert number(octets, x.start, x.end) == KEY.public_numbers().x
    assert number(octets, y.start, y.end) == KEY.public_numbers().y
    assert field(tree, "form").label == "uncompressed"


def test_a_compressed_point_has_one_coordinate() -> None:
    octets = KEY.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    tree = read(read_point, octets)
    assert [leaf.name for leaf in tree.leaves()] == ["form", "x"]
    assert ("odd" in field(tree, "form").label) == bool(KEY.public_numbers().y % 2)


@pytest.mark.parametrize("octets", [b"\x00", b"\x05ab", b"\x04abc"])
def test_what_is_no_point_says_so(octets: bytes) -> None:
    assert errors(read(read_point, octets))


@given(st.integers(1, 1 << 521), st.integers(1, 1 << 521))
def test_a_signature_is_split_into_its_two_numbers(r: int, s: int) -> None:
    octets = encode_dss_signature(r, s)
    tree = read(read_ecdsa_sig_value, octets)
    assert errors(tree) == []
    numbers = [number(octets, each.start, each.end) for each in find_all(tree, "integer")]
    assert numbers == [r, s]
    assert is_pair(octets)
    assert not is_pair(octets + b"\0")
    assert not is_pair(octets[:-1])
