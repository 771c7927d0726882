"""Keys and signatures of every kind, sound and weak, some of them made up of octets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from netcore.protocols.tls_strength import weakness
from tests.netcore.protocols.certificates import ec_key, element, make, rsa_key

ANCHOR = make(None, "Root", ca=True).der
SOUND = make(make(None, "Root", ca=True), "leaf").der
STRONG_SIGNATURE = element(0x30, bytes.fromhex("06082a8648ce3d040302"))  # ECDSA over SHA-256
STRONG_KEY = ec_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate(*, key: bytes = STRONG_KEY, algorithm: bytes = STRONG_SIGNATURE) -> bytes:
    """As much of a certificate as is looked at; `key` and `algorithm` in DER."""
    empty = element(0x30, b"")
    version, serial = element(0xA0, element(2, b"\2")), element(2, b"\1")
    tbs = element(0x30, version + serial + algorithm + empty + empty + empty + key)
    return element(0x30, tbs + algorithm + element(3, b"\0"))


def key_info(oid: str, key: bytes, parameters: bytes = b"\5\0") -> bytes:
    algorithm = element(0x30, element(6, bytes.fromhex(oid)) + parameters)
    return element(0x30, algorithm + element(3, b"\0" + key))


def rsa_info(bits: int) -> bytes:
    modulus = (1 << bits - 1 | 1).to_bytes(bits // 8 + 1, "big")
    return key_info("2a864886f70d010101", element(0x30, element(2, modulus) + element(2, b"\3")))


def dsa_info(bits: int, parameters: bytes | None = None) -> bytes:
    prime = element(2, (1 << bits - 1 | 1).to_bytes(bits // 8 + 1, "big"))
    if parameters is None:
        parameters = element(0x30, prime + element(2, b"\3") + element(2, b"\2"))
    return key_info("2a8648ce380401", element(2, b"\1"), parameters)


def ec_info(octets: int, *, compressed: bool = False) -> bytes:
    point = b"\2" + bytes(octets) if compressed else b"\4" + bytes(2 * octets)
    return key_info("2a8648ce3d0201", point)


def signed_by(oid: str, parameters: bytes = b"") -> bytes:
    return element(0x30, element(6, bytes.fromhex(oid)) + parameters)


def pss(parameters: bytes) -> bytes:
    return signed_by("2a864886f70d01010a", element(0x30, parameters))


def digest(oid: str) -> bytes:
    return element(0xA0, element(0x30, element(6, bytes.fromhex(oid)) + b"\5\0"))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (rsa_info(2048), ""),
        (rsa_info(4096), ""),
        (rsa_info(2047), "RSA key of 2047 bits"),
        (rsa_info(1024), "RSA key of 1024 bits"),
        (ec_info(28), ""),
        (ec_info(66), ""),
        (ec_info(32, compressed=True), ""),
        (ec_info(27), "EC key of 216 bits"),
        (ec_info(24, compressed=True), "EC key of 192 bits"),
        (dsa_info(2048), ""),
        (dsa_info(1024), "DSA key of 1024 bits"),
        (dsa_info(2048, b""), "cannot be read"),  # inherited from the issuer
        (key_info("2b656e", bytes(32), b""), "not known to be strong, 1.3.101.110"),  # X25519
        (key_info("2b6570", bytes(32), b""), ""),  # Ed25519
        (element(0x30, b""), "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_a_short_key_is_named_with_its_size(key: bytes, words: str) -> None:
    found = weakness([certificate(key=key), ANCHOR])
    assert words in found
    assert bool(words) == bool(found)
    assert words in weakness([SOUND, certificate(key=key)]), "the anchor's key counts too"


@pytest.mark.parametrize(
    ("algorithm", "words"),
    [
        (signed_by("2a864886f70d01010b"), ""),  # RSA with SHA-256
        (signed_by("2a864886f70d01010e"), ""),  # RSA with SHA-224
        (signed_by("2a8648ce3d040304"), ""),  # ECDSA with SHA-512
        (signed_by("608648016503040302"), ""),  # DSA with SHA-256
        (signed_by("608648016503040310"), ""),  # RSA with SHA3-512
        (signed_by("2b6571"), ""),  # Ed448
        (signed_by("2a864886f70d010105"), "SHA-1"),
        (signed_by("2a864886f70d010104"), "MD5"),
        (signed_by("2a864886f70d010102"), "MD2"),
        (signed_by("2a8648ce3d0401"), "SHA-1"),
        (signed_by("2a8648ce380403"), "SHA-1"),
        (signed_by("2b0e03021d"), "SHA-1"),
        (signed_by("2b060104018237"), "not known to be strong, 1.3.6.1.4.1.311"),
        (pss(digest("608648016503040201")), ""),
        (pss(digest("2b0e03021a")), "SHA-1"),
        (pss(b""), "SHA-1"),  # what it means where it is left out
        (signed_by("2a864886f70d01010a"), "cannot be read"),
        (element(0x30, b""), "cannot be read"),
    ],
)
def test_a_weak_signature_is_named_but_not_that_of_the_anchor(algorithm: bytes, words: str) -> None:
    weak = certificate(algorithm=algorithm)
    found = weakness([weak, ANCHOR])
    assert words in found
    assert bool(words) == bool(found)
    assert ("Certificate 2" in weakness([SOUND, weak, ANCHOR])) == bool(words)
    assert weakness([SOUND, weak]) == ""


def real(key: Any, digest_of: hashes.HashAlgorithm | None, **more: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "real")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return built.sign(key, digest_of, **more).public_bytes(Encoding.DER)


def test_what_is_in_use_today_is_strong() -> None:
    salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    for der in (
        real(rsa_key(2048), hashes.SHA256()),
        real(rsa_key(2048), hashes.SHA384()),
        real(rsa_key(2048), hashes.SHA256(), rsa_padding=salted),
        real(ec_key(), hashes.SHA256()),
        real(ec.generate_private_key(ec.SECP224R1()), hashes.SHA224()),
        real(ec.generate_private_key(ec.SECP384R1()), hashes.SHA384()),
        real(ec.generate_private_key(ec.SECP521R1()), hashes.SHA512()),
        real(ec.generate_private_key(ec.BrainpoolP256R1()), hashes.SHA256()),
        real(ed25519.Ed25519PrivateKey.generate(), None),
        real(ed448.Ed448PrivateKey.generate(), None),
    ):
        assert weakness([der, ANCHOR]) == ""


def test_a_certificate_that_is_its_own_anchor_is_judged_by_its_key_alone() -> None:
    assert weakness([SOUND]) == ""
    assert "1024 bits" in weakness([real(rsa_key(1024), hashes.SHA256())])


@given(st.integers(0, len(SOUND) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_any_octets_have_a_verdict(at: int, new: bytes, removed: int) -> None:
    octets = SOUND[:at] + new + SOUND[at + removed :]
    assert isinstance(weakness([octets, ANCHOR]), str)


@given(st.binary(max_size=60))
def test_what_is_no_certificate_is_not_strong(octets: bytes) -> None:
    assert "cannot be read" in weakness([octets])
