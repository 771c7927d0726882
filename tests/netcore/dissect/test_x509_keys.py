"""Keys, against the numbers that the library reads in the same octets."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from netcore.field import Field, find
from tests.netcore.dissect.elements import field
from tools.vectors import VECTORS, read_octets, tree_of

FOLDER = VECTORS / "x509_certificate"
KEYS = ("rsa", "server_ec", "ec_p521", "ed25519", "ed448", "dsa", "rsassa_pss", "isrg_root_x1")


def number(octets: bytes, tree: Field, name: str) -> int:
    """The INTEGER that an element of that name is, or the octets of a leaf of that name."""
    found = field(tree, name)
    leaf = find(found, "integer") or found
    return int.from_bytes(octets[leaf.start // 8 : leaf.end // 8], "big")


def plain(octets: bytes, tree: Field) -> bytes:
    leaf = field(field(tree, "subject_public_key"), "bit_string")
    return octets[leaf.start // 8 : leaf.end // 8]


@pytest.mark.parametrize("name", KEYS)
def test_the_numbers_of_a_key_are_those_that_the_library_reads(name: str) -> None:
    octets = read_octets(FOLDER / f"{name}.hex")
    tree = field(tree_of(FOLDER / f"{name}.hex"), "subject_public_key_info")
    key = x509.load_der_x509_certificate(octets).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        assert number(octets, tree, "modulus") == numbers.n
        assert number(octets, tree, "public_exponent") == numbers.e
    elif isinstance(key, ec.EllipticCurvePublicKey):
        assert field(tree, "named_curve").label == key.curve.name
        assert number(octets, tree, "x") == key.public_numbers().x
        assert number(octets, tree, "y") == key.public_numbers().y
    elif isinstance(key, dsa.DSAPublicKey):
        group = key.public_numbers().parameter_numbers
        assert [number(octets, tree, part) for part in "pqg"] == [group.p, group.q, group.g]
        assert number(octets, tree, "dsa_public_key") == key.public_numbers().y
    else:
        assert isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)
        assert plain(octets, tree) == key.public_bytes_raw()


@pytest.mark.parametrize("name", ["server_ec", "ec_p521", "dsa"])
def test_the_two_numbers_of_a_signature_are_those_that_the_library_reads(name: str) -> None:
    octets = read_octets(FOLDER / f"{name}.hex")
    tree = field(tree_of(FOLDER / f"{name}.hex"), "signature_value")
    certificate = x509.load_der_x509_certificate(octets)
    r, s = decode_dss_signature(certificate.signature)
    assert (number(octets, tree, "r"), number(octets, tree, "s")) == (r, s)


def test_all_settings_of_a_padding_are_named() -> None:
    tree = field(tree_of(FOLDER / "unknown_key.hex"), "rsassa_pss_params")
    assert field(tree, "hash_algorithm").label == "id-sha256"
    assert field(tree, "mask_gen_algorithm").label == "id-mgf1"
    assert field(tree, "salt_length").value == 32
    assert field(tree, "trailer_field").value == 1
