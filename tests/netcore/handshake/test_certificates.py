"""What a certificate says, and where in its octets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.handshake.certificates import NAMES, moment, read_certificate, same_name
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import make, rsa_key

SOUND = refused.sound()


def test_what_a_certificate_says_is_read() -> None:
    leaf, middle = read_certificate(SOUND.leaf.der), read_certificate(SOUND.above[0].der)
    assert (leaf.title, leaf.issuer_title) == (refused.HOST, "Between")
    assert (leaf.subject, leaf.issuer) == (f"CN={refused.HOST}", "CN=Between")
    assert (leaf.key, leaf.signature_algorithm) == ("EC P-256", "ecdsa-with-SHA256")
    assert (leaf.is_authority, middle.is_authority) == (False, True)
    assert leaf.not_before is not None
    assert leaf.not_after is not None
    assert (leaf.not_after - leaf.not_before).days == 60
    assert leaf.names is not None
    assert [each.value for each in leaf.names] == [refused.HOST]
    assert leaf.common_names == (refused.HOST,)
    assert not leaf.error
    assert same_name(leaf, middle)
    assert not same_name(middle, leaf)


def test_the_ranges_are_those_of_what_was_signed_and_of_the_signature() -> None:
    keys = (None, rsa_key(1024), rsa_key(2048))
    for made in (SOUND.leaf, *(make(None, "x", key=key) for key in keys)):
        read = read_certificate(made.der)
        assert read.parsed is not None
        tbs, signature = read.tbs_certificate, read.signature_value
        assert made.der[tbs.start : tbs.end] == read.parsed.tbs_certificate_bytes
        assert made.der[signature.start : signature.end] == read.parsed.signature


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (rsa_key(2048), "RSA of 2,048 bits"),
        (ec.generate_private_key(ec.SECP384R1()), "EC P-384"),
        (ec.generate_private_key(ec.BrainpoolP256R1()), "EC brainpoolP256r1"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (ed448.Ed448PrivateKey.generate(), "Ed448"),
        (dsa.generate_private_key(1024), "DSA of 1,024 bits"),
    ],
)
def test_each_kind_of_key_has_its_words(key: object, words: str) -> None:
    made = make(refused.root(), "x", key=key)  # type: ignore[arg-type]
    assert read_certificate(made.der).key == words


def test_of_many_names_the_first_hundred_are_kept() -> None:
    made = make(None, "x", refused.dns(*(f"{number}.example.com" for number in range(250))))
    read = read_certificate(made.der)
    assert read.names is not None
    assert (len(read.names), read.more_names) == (NAMES, 150)


def test_what_cannot_be_read_is_said() -> None:
    for octets in (b"", b"junk", SOUND.leaf.der[:-1], SOUND.leaf.der + b"\0"):
        read = read_certificate(octets)
        assert read.error == "This certificate cannot be read."
        assert read.parsed is None
        assert not read.is_self_issued
    read = read_certificate(refused.malformed_names().leaf.der)
    assert read.error == "An extension of this certificate cannot be read."
    assert read.title == refused.HOST


def test_a_name_without_common_name_is_called_by_what_it_has() -> None:
    assert read_certificate(make(None, "").der).title == "an empty name"


def test_names_are_the_same_whatever_their_case_and_spaces() -> None:
    """RFC 5280 §7.1."""
    below = make(make(None, "An  Authority", ca=True), "x")
    above = read_certificate(make(None, "an authority", ca=True).der)
    assert same_name(read_certificate(below.der), above)
    organisation = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "an authority")])
    assert above.parsed is not None
    assert above.parsed.subject != organisation


def test_the_moment_of_an_event_is_on_the_wall_clock() -> None:
    at = moment("2026-11-24T06:00:00.5+01:00", 1_500_000_000)
    assert at == datetime(2026, 11, 24, 5, 0, 2, tzinfo=UTC)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(SOUND.leaf.der) - 1), st.binary(min_size=1, max_size=4))
def test_a_mutated_certificate_is_read_without_an_exception(at: int, octets: bytes) -> None:
    der = SOUND.leaf.der[:at] + octets + SOUND.leaf.der[at + len(octets) :]
    read = read_certificate(der)
    assert read.parsed is not None or read.error
    assert same_name(read, read) in (True, False)


@given(st.binary(max_size=60))
def test_any_octets_are_read_without_an_exception(octets: bytes) -> None:
    assert read_certificate(octets).error
