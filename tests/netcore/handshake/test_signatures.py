"""Whose key made a signature."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from netcore.handshake.signatures import verify_handshake, verify_issued
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import DAY, make, rsa_key

EC = ec.generate_private_key(ec.SECP256R1())
ED25519, ED448 = ed25519.Ed25519PrivateKey.generate(), ed448.Ed448PrivateKey.generate()
DSA = dsa.generate_private_key(1024)
MESSAGE = b"a handshake"


def parsed(key: object) -> x509.Certificate:
    """A certificate over the public half of a key."""
    made = make(refused.root(), "x", key=key)  # type: ignore[arg-type]
    return x509.load_der_x509_certificate(made.der)


def issued_by(key: object, **more: object) -> x509.Certificate:
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, EC.public_key(), 1)
    builder = builder.not_valid_before(BEGIN).not_valid_after(BEGIN + DAY)
    plain = isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return builder.sign(key, None if plain else hashes.SHA256(), **more)  # type: ignore[arg-type]


BEGIN = parsed(EC).not_valid_before_utc


@pytest.mark.parametrize("key", [EC, rsa_key(2048), ED25519, ED448, DSA])
def test_a_signature_on_a_certificate_holds_with_the_key_that_made_it_alone(key: object) -> None:
    issued = issued_by(key)
    assert verify_issued(issued, parsed(key)) == "holds"
    for other in (ec.generate_private_key(ec.SECP256R1()), ED25519):
        if other is not key:
            assert verify_issued(issued, parsed(other)) in ("fails", "unknown")


def test_rsassa_pss_on_a_certificate_is_verified_with_its_own_parameters() -> None:
    salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    issued = issued_by(rsa_key(2048), rsa_padding=salted)
    assert verify_issued(issued, parsed(rsa_key(2048))) == "holds"
    assert verify_issued(issued, parsed(rsa_key(1024))) == "fails"


@pytest.mark.parametrize("weak", [refused.sha1, refused.md5])
def test_old_digests_are_verified_too(weak: object) -> None:
    chain = weak()  # type: ignore[operator]
    own, root = (
        x509.load_der_x509_certificate(each.der) for each in (chain.leaf, chain.anchors[0])
    )
    assert verify_issued(own, root) == "holds"


def test_an_altered_certificate_fails() -> None:
    chain = refused.altered()
    own, root = (
        x509.load_der_x509_certificate(each.der) for each in (chain.leaf, chain.anchors[0])
    )
    assert verify_issued(own, root) == "fails"


def signed(key: object, scheme: int) -> bytes:
    digest = {4: hashes.SHA256(), 5: hashes.SHA384(), 6: hashes.SHA512()}.get(scheme >> 8)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(MESSAGE, ec.ECDSA(digest or hashes.SHA1()))
    if isinstance(key, rsa.RSAPrivateKey):
        if scheme >> 8 == 8:
            salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            return key.sign(MESSAGE, salted, hashes.SHA256())
        return key.sign(MESSAGE, padding.PKCS1v15(), digest or hashes.SHA1())
    return key.sign(MESSAGE)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("key", "scheme"),
    [
        (EC, 0x0403),
        (EC, 0x0603),
        (EC, 0x0203),
        (EC, 0),
        (rsa_key(2048), 0x0804),
        (rsa_key(2048), 0x0809),
        (rsa_key(2048), 0x0401),
        (rsa_key(2048), 0x0501),
        (rsa_key(2048), 0x0201),
        (ED25519, 0x0807),
        (ED448, 0x0808),
    ],
)
def test_a_signature_of_a_handshake_holds_over_its_own_octets_alone(
    key: object, scheme: int
) -> None:
    certificate = parsed(key)
    made = signed(key, scheme)
    assert verify_handshake(certificate, scheme, made, MESSAGE) == "holds"
    assert verify_handshake(certificate, scheme, made, MESSAGE + b".") == "fails"
    assert verify_handshake(parsed(rsa_key(1024)), scheme or 0x0403, made, MESSAGE) == "fails"


def test_before_tls_1_2_rsa_signs_two_digests_side_by_side() -> None:
    key = rsa_key(2048)
    both = hashlib.md5(MESSAGE).digest() + hashlib.sha1(MESSAGE).digest()
    numbers, size = key.private_numbers(), 256
    padded = b"\0\1" + b"\xff" * (size - 3 - len(both)) + b"\0" + both
    made = pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n)
    signature = made.to_bytes(size, "big")
    assert verify_handshake(parsed(key), 0, signature, MESSAGE) == "holds"
    assert verify_handshake(parsed(key), 0, signature, b"another") == "fails"
    alone = key.sign(hashlib.sha1(MESSAGE).digest(), padding.PKCS1v15(), Prehashed(hashes.SHA1()))
    assert verify_handshake(parsed(key), 0, alone, MESSAGE) == "fails"


def test_an_algorithm_that_is_not_known_is_no_failure() -> None:
    assert verify_handshake(parsed(EC), 0x7A7A, b"", MESSAGE) == "unknown"
    assert verify_handshake(parsed(DSA), 0, b"", MESSAGE) == "unknown"
