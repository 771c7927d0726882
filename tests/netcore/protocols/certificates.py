"""Certificates that no authority would issue, and keys that are too short, made for a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY: Final = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Extension = tuple[x509.ExtensionType, bool]

SHA256_WITH_RSA: Final = bytes.fromhex("06092a864886f70d01010b")
SHA1_WITH_RSA: Final = bytes.fromhex("06092a864886f70d010105")
MD5_WITH_RSA: Final = bytes.fromhex("06092a864886f70d010104")
ECDSA_WITH_SHA256: Final = bytes.fromhex("06082a8648ce3d040302")


@dataclass(frozen=True)
class Made:
    """A key and a certificate over its public half."""

    key: Key
    der: bytes

    @property
    def subject(self) -> x509.Name:
        return x509.load_der_x509_certificate(self.der).subject

    @property
    def pem(self) -> bytes:
        certificate = x509.load_der_x509_certificate(self.der)
        return certificate.public_bytes(Encoding.PEM)


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """One for each size: they take long to make."""
    return rsa.generate_private_key(65537, bits)


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make(
    issuer: Made | None,
    name: str,
    names: Sequence[x509.GeneralName] | None = None,
    *,
    key: Key | None = None,
    ca: bool = False,
    path_length: int | None = None,
    usage: x509.KeyUsage | None = None,
    purpose: x509.ObjectIdentifier | None = None,
    begins: timedelta = -30 * DAY,
    ends: timedelta = 30 * DAY,
    more: Sequence[Extension] = (),
) -> Made:
    """A certificate, sound where nothing else is asked for. None as issuer signs itself."""
    key = key or ec_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    signing = issuer.key if issuer else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
    )
    extensions: list[Extension] = [
        (x509.BasicConstraints(ca, path_length), True),
        (usage or key_usage(sign=ca), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), False),
    ]
    if purpose or not ca:  # authorities have none unless one is given
        purposes = [purpose or ExtendedKeyUsageOID.SERVER_AUTH]
        extensions.append((x509.ExtendedKeyUsage(purposes), False))
    if names is not None:
        extensions.append((x509.SubjectAlternativeName(names), False))
    return Made(key, _signed(builder, [*extensions, *more], signing))


def _signed(
    builder: x509.CertificateBuilder, extensions: Sequence[Extension], signing: Key
) -> bytes:
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signing, hashes.SHA256()).public_bytes(Encoding.DER)


def key_usage(*, sign: bool) -> x509.KeyUsage:
    """For an authority, or for a server that may agree on keys in every way."""
    return x509.KeyUsage(
        digital_signature=not sign,
        key_encipherment=not sign,
        key_cert_sign=sign,
        crl_sign=sign,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def signed_over(digest: hashes.HashAlgorithm, algorithm: bytes, made: Made, issuer: Made) -> Made:
    """The same certificate, signed by RSA over MD5 or SHA-1, which the library would not do."""
    assert isinstance(issuer.key, rsa.RSAPrivateKey)
    old = x509.load_der_x509_certificate(made.der)
    tbs = old.tbs_certificate_bytes.replace(SHA256_WITH_RSA, algorithm, 1)
    signature = issuer.key.sign(tbs, padding.PKCS1v15(), digest)
    return Made(made.key, assemble(tbs, algorithm + b"\5\0", signature))


def version_1(made: Made, issuer: Made) -> Made:
    """The same certificate without a version, and so without extensions."""
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    old = x509.load_der_x509_certificate(made.der)
    (fields,) = elements(old.tbs_certificate_bytes)
    kept = [each for each in elements(body(fields)) if each[0] not in (0xA0, 0xA3)]
    tbs = element(0x30, b"".join(kept))
    return Made(
        made.key,
        assemble(tbs, ECDSA_WITH_SHA256, issuer.key.sign(tbs, ec.ECDSA(hashes.SHA256()))),
    )


def patched(made: Made, issuer: Made, old: bytes, new: bytes) -> Made:
    """The same certificate with some octets replaced by as many others, and signed again."""
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    assert len(old) == len(new)
    tbs = x509.load_der_x509_certificate(made.der).tbs_certificate_bytes
    assert old in tbs
    tbs = tbs.replace(old, new)
    signature = issuer.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    return Made(made.key, assemble(tbs, ECDSA_WITH_SHA256, signature))


def assemble(tbs: bytes, algorithm: bytes, signature: bytes) -> bytes:
    return element(0x30, tbs + element(0x30, algorithm) + element(0x03, b"\0" + signature))


def element(tag: int, content: bytes) -> bytes:
    """DER: tag, length, content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def elements(data: bytes) -> list[bytes]:
    """The elements side by side, whole."""
    found = []
    while data:
        size = len(data) - len(body(data, rest=True)) + _length(data)
        found.append(data[:size])
        data = data[size:]
    return found


def body(data: bytes, *, rest: bool = False) -> bytes:
    """The content of the first element; with `rest` all that is behind its length."""
    start = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    return data[start:] if rest else data[start : start + _length(data)]


def _length(data: bytes) -> int:
    if data[1] & 0x80:
        return int.from_bytes(data[2 : 2 + (data[1] & 0x7F)], "big")
    return data[1]
