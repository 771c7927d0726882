"""Are the keys and signatures of a chain strong enough: worth 112 bits (NIST SP 800-57).

Theory of operation. OpenSSL has verified the chain: who signed whom, names, dates. Whether what it
verified can be forged depends on its security level, which is 0 where TLS 1.0 is allowed; so the
strength is looked at here, at every level. Only three places of a certificate matter, and they are
at fixed places of the DER: the algorithm of its signature, the algorithm of its key, and the key
(RFC 5280 §4.1). What is not known to be strong is weak. The signature of the last certificate is
not looked at: it is the trust anchor, believed for being on the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

RSA_BITS: Final = 2048  # also of DSA
EC_BITS: Final = 224

_BIT_STRING: Final = 0x03
_OID: Final = 0x06
_INTEGER: Final = 0x02
_SEQUENCE: Final = 0x30
_FIRST: Final = 0xA0  # [0]: the version of a certificate, the hash of RSASSA-PSS

_RSA: Final = "1.2.840.113549.1.1."
_EC: Final = "1.2.840.10045."
_NIST_HASHES: Final = "2.16.840.1.101.3.4.2."
_NIST_SIGNATURES: Final = "2.16.840.1.101.3.4.3."
_PSS: Final = _RSA + "10"
_EDWARDS: Final = {"1.3.101.112": "Ed25519", "1.3.101.113": "Ed448"}
_STRONG_SIGNATURES: Final = frozenset(
    [
        *(_RSA + each for each in ("11", "12", "13", "14")),  # SHA-256, 384, 512, 224
        *(_EC + "4.3." + each for each in "1234"),  # ECDSA with SHA-224, 256, 384, 512
        # DSA with SHA-2; DSA, ECDSA and RSA with SHA-3
        *(_NIST_SIGNATURES + str(each) for each in range(1, 17)),
        *_EDWARDS,
    ]
)
_STRONG_HASHES: Final = frozenset(_NIST_HASHES + str(each) for each in range(1, 11))
_WEAK_SIGNATURES: Final = {
    _RSA + "2": "MD2",
    _RSA + "3": "MD4",
    _RSA + "4": "MD5",
    _RSA + "5": "SHA-1",
    "1.3.14.3.2.29": "SHA-1",
    "1.2.840.10040.4.3": "SHA-1",
    _EC + "4.1": "SHA-1",
    _PSS: "SHA-1",  # with another hash than those above; without one this is what it means
}


def weakness(chain: Sequence[bytes]) -> str:
    """What is too weak in a verified chain, as a sentence; "" if nothing is.

    In: the certificates in DER, the server's own first, the trust anchor last.
    """
    for place, certificate in enumerate(chain):
        who = "The certificate" if place == 0 else f"Certificate {place + 1} of the chain"
        found = weakness_of(certificate, is_anchor=place == len(chain) - 1)
        if found:
            return f"{who} {found}."
    return ""


@lru_cache(maxsize=256)
def weakness_of(certificate: bytes, *, is_anchor: bool) -> str:
    """What is too weak in one certificate, "has an RSA key of 1024 bits; ..."; "" if nothing is.

    In: it in DER; whether it is a trust anchor, whose signature nobody relies on.
    """
    try:
        return _weakness(certificate, is_anchor=is_anchor)
    except (ValueError, IndexError):
        return "has a key or a signature that cannot be read"


def _weakness(certificate: bytes, *, is_anchor: bool) -> str:
    tbs, algorithm, _ = _parts(_content(certificate, _SEQUENCE))[:3]
    fields = _parts(_inside(tbs, _SEQUENCE))
    if fields[0][0] == _FIRST:  # version 1 has no number
        del fields[0]
    # serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
    weak_key = _weak_key(_inside(fields[5], _SEQUENCE))
    if weak_key:
        return weak_key
    return "" if is_anchor else _weak_signature(_inside(algorithm, _SEQUENCE))


def _weak_signature(algorithm: bytes) -> str:
    name, *parameters = _parts(algorithm)
    oid = _oid(_inside(name, _OID))
    if oid in _STRONG_SIGNATURES or (oid == _PSS and _has_strong_hash(parameters)):
        return ""
    if oid in _WEAK_SIGNATURES:
        digest = _WEAK_SIGNATURES[oid]
        return f"is signed over {digest}, which no longer protects from forgery: SHA-256 would"
    return f"is signed by an algorithm that is not known to be strong, {oid}"


def _has_strong_hash(parameters: Sequence[tuple[int, bytes]]) -> bool:
    """RSASSA-PSS-params (RFC 4055 §3.1): the hash is [0], SHA-1 where it is left out."""
    for part in _parts(_inside(parameters[0], _SEQUENCE)):
        if part[0] == _FIRST:
            (algorithm,) = _parts(part[1])
            name = _parts(_inside(algorithm, _SEQUENCE))[0]
            return _oid(_inside(name, _OID)) in _STRONG_HASHES
    return False


def _weak_key(info: bytes) -> str:
    algorithm, bits = _parts(info)
    key = _inside(bits, _BIT_STRING)[1:]  # behind the count of unused bits
    name, *parameters = _parts(_inside(algorithm, _SEQUENCE))
    oid = _oid(_inside(name, _OID))
    if oid in (_RSA + "1", _PSS):
        modulus = _parts(_content(key, _SEQUENCE))[0]
        return _short("an RSA", _length(modulus), RSA_BITS)
    if oid == _EC + "2.1":
        coordinates = 2 if key[0] == 4 else 1  # a compressed point has but one
        return _short("an EC", 8 * (len(key) - 1) // coordinates, EC_BITS)
    if oid == "1.2.840.10040.4.1":
        prime = _parts(_inside(parameters[0], _SEQUENCE))[0]
        return _short("a DSA", _length(prime), RSA_BITS)
    return "" if oid in _EDWARDS else f"has a key of a kind that is not known to be strong, {oid}"


def _short(kind: str, bits: int, least: int) -> str:
    return "" if bits >= least else f"has {kind} key of {bits} bits; at least {least} are needed"


def _length(integer: tuple[int, bytes]) -> int:
    return int.from_bytes(_inside(integer, _INTEGER), "big").bit_length()


def _oid(content: bytes) -> str:
    numbers, number = [], 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def _content(data: bytes, tag: int) -> bytes:
    """What is inside the one element that these octets are."""
    (part,) = _parts(data)
    return _inside(part, tag)


def _inside(part: tuple[int, bytes], tag: int) -> bytes:
    if part[0] != tag:
        raise ValueError(f"tag {part[0]} in place of {tag}")
    return part[1]


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """The elements that stand side by side: tag and content (X.690 §8.1). Raises: ValueError."""
    parts = []
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + length > len(data):
            raise ValueError("an element is longer than what it is in")
        parts.append((tag, data[at : at + length]))
        at += length
    return parts
