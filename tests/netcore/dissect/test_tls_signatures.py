"""Signatures in handshakes: two numbers where the scheme says so, else one value."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from netcore.dissect.tls_signatures import read_digitally_signed, read_digitally_signed_tls11
from netcore.field import find
from netcore.registries import tls
from tests.netcore.dissect.elements import errors, field, read

PAIR = encode_dss_signature(1 << 255, 1 << 250)
SMALL_PAIR = encode_dss_signature((1 << 160) - 1, (1 << 160) - 1)


def counted(octets: bytes) -> bytes:
    return len(octets).to_bytes(2, "big") + octets


@pytest.mark.parametrize("scheme", sorted(tls.SIGNATURE_SCHEMES))
def test_a_signature_is_split_if_its_scheme_is_named_after_a_pair(scheme: int) -> None:
    name = tls.SIGNATURE_SCHEMES[scheme]
    tree = read(read_digitally_signed, scheme.to_bytes(2, "big") + counted(PAIR))
    parts = ["ecdsa_sig_value"] * ("ecdsa" in name) + ["dss_sig_value"] * name.endswith("dsa")
    found = [part.name for part in field(tree, "signature").children]
    assert found == parts[:1]
    assert errors(tree) == []


def test_a_signature_that_is_not_what_its_scheme_says_is_blamed() -> None:
    tree = read(read_digitally_signed, b"\x04\x03" + counted(bytes(70)))
    assert errors(tree)[0] == "SEQUENCE should stand here, not [UNIVERSAL 0]"


@pytest.mark.parametrize(
    ("octets", "name"),
    [(PAIR, "ecdsa_sig_value"), (SMALL_PAIR, "dss_sig_value"), (bytes(range(256)), "")],
)
def test_before_tls_12_a_pair_is_known_by_its_shape(octets: bytes, name: str) -> None:
    tree = read(read_digitally_signed_tls11, counted(octets))
    assert [part.name for part in field(tree, "signature").children] == [name] * bool(name)
    assert errors(tree) == []


def test_an_rsa_signature_that_begins_like_a_pair_stays_whole() -> None:
    rsa = b"\x30\x81\xfd\x02\x20" + bytes(251)
    tree = read(read_digitally_signed_tls11, counted(rsa))
    assert find(tree, "ecdsa_sig_value") is None


def test_a_cut_signature_is_one_leaf_with_an_error() -> None:
    assert errors(read(read_digitally_signed_tls11, counted(PAIR)[:-1]))
