"""Whose key made a signature: of a certificate (RFC 5280 §4.1.1.3), or of a handshake."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

Outcome = Literal["holds", "fails", "unknown"]
"""What verifying gave; "unknown" where the key or the algorithm cannot be used here."""

_SHA1, _SHA256, _SHA384, _SHA512 = (
    hashes.SHA1(),  # noqa: S303, it is what was signed over, and said to be weak elsewhere
    hashes.SHA256(),
    hashes.SHA384(),
    hashes.SHA512(),
)
_ECDSA, _PKCS1, _PSS, _EDWARDS = "ecdsa", "pkcs1", "pss", "ed"
# RFC 8446 §4.2.3; with 0x02 and 0x03 in the low octet also RFC 5246 §7.4.1.4.1
_SCHEMES: Final[dict[int, tuple[str, hashes.HashAlgorithm]]] = {
    0x0201: (_PKCS1, _SHA1),
    0x0203: (_ECDSA, _SHA1),
    0x0301: (_PKCS1, hashes.SHA224()),
    0x0303: (_ECDSA, hashes.SHA224()),
    0x0401: (_PKCS1, _SHA256),
    0x0403: (_ECDSA, _SHA256),
    0x0501: (_PKCS1, _SHA384),
    0x0503: (_ECDSA, _SHA384),
    0x0601: (_PKCS1, _SHA512),
    0x0603: (_ECDSA, _SHA512),
    0x0804: (_PSS, _SHA256),
    0x0805: (_PSS, _SHA384),
    0x0806: (_PSS, _SHA512),
    0x0807: (_EDWARDS, _SHA512),
    0x0808: (_EDWARDS, _SHA512),
    0x0809: (_PSS, _SHA256),
    0x080A: (_PSS, _SHA384),
    0x080B: (_PSS, _SHA512),
}


def verify_issued(issued: x509.Certificate, issuer: x509.Certificate) -> Outcome:
    """Whether the signature on one certificate was made with the key of another."""
    try:
        key = issuer.public_key()
        parameters, digest = issued.signature_algorithm_parameters, _digest(issued)
        signature, tbs = issued.signature, issued.tbs_certificate_bytes
        match key:
            case rsa.RSAPublicKey():
                scheme = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
                key.verify(signature, tbs, scheme, digest)
            case ec.EllipticCurvePublicKey():
                key.verify(signature, tbs, ec.ECDSA(digest))
            case dsa.DSAPublicKey():
                key.verify(signature, tbs, digest)
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
                key.verify(signature, tbs)
            case _:
                return "unknown"
    except InvalidSignature:
        return "fails"
    except Exception:  # a hostile certificate may fail in more ways than the library lists
        return "unknown"
    return "holds"


def verify_handshake(
    certificate: x509.Certificate, scheme: int, signature: bytes, signed: bytes
) -> Outcome:
    """Whether a signature of a TLS handshake was made with the key of a certificate.

    In: `scheme`, a SignatureScheme (RFC 8446 §4.2.3), or 0 for what TLS had before 1.2, where the
    key tells the algorithm (RFC 4346 §7.4.3).
    """
    try:
        key = certificate.public_key()
        if not scheme:
            return _verify_older(key, signature, signed)
        if scheme not in _SCHEMES:
            return "unknown"
        _verify(key, *_SCHEMES[scheme], signature, signed)
    except InvalidSignature:
        return "fails"
    except Exception:  # a hostile key may fail in more ways than the library lists
        return "unknown"
    return "holds"


def _verify(
    key: object, kind: str, digest: hashes.HashAlgorithm, signature: bytes, signed: bytes
) -> None:
    """Raises: InvalidSignature, also where the key is of another kind than the signature."""
    match key:
        case rsa.RSAPublicKey() if kind == _PSS:
            salted = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(signature, signed, salted, digest)
        case rsa.RSAPublicKey() if kind == _PKCS1:
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        case ec.EllipticCurvePublicKey() if kind == _ECDSA:
            key.verify(signature, signed, ec.ECDSA(digest))
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey() if kind == _EDWARDS:
            key.verify(signature, signed)
        case _:
            raise InvalidSignature


def _verify_older(key: object, signature: bytes, signed: bytes) -> Outcome:
    """RSA signs MD5 and SHA-1 side by side, without saying so; the others sign SHA-1."""
    if isinstance(key, rsa.RSAPublicKey):
        both = hashlib.md5(signed, usedforsecurity=False).digest()
        both += hashlib.sha1(signed, usedforsecurity=False).digest()
        found = key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
        return "holds" if found == both else "fails"
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(_SHA1))
        return "holds"
    return "unknown"


def _digest(issued: x509.Certificate) -> hashes.HashAlgorithm:
    """What the signature was made over; Ed25519 and Ed448 hash by themselves."""
    return issued.signature_hash_algorithm or _SHA512
