"""A certificate authority that lives as long as the lab.

Its key is made at start and never leaves memory, but for the server keys that `ssl` will only
read from files: those lie in a directory of our own, which is removed at the end. Certificates
are made when they are asked for, so that "expired" is always yesterday and never goes stale.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY: Final = timedelta(days=1)
RSA_EXPONENT: Final = 65_537
RSA_BITS: Final = 2_048

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Validity:
    """From when to when a certificate is valid, counted from the moment that it is made."""

    begins: timedelta = -DAY
    ends: timedelta = 30 * DAY


VALID: Final = Validity()
EXPIRED: Final = Validity(-90 * DAY, -DAY)
NOT_YET_VALID: Final = Validity(DAY, 90 * DAY)
AUTHORITY: Final = Validity(-365 * DAY, 365 * DAY)


@dataclass(frozen=True)
class Identity:
    """A key pair and the certificate over its public half."""

    key: Key
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key as PEM, without a password."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(
    issuer: Identity | None,
    common_name: str,
    hosts: Sequence[str] = (),
    *,
    authority: bool = False,
    validity: Validity = VALID,
    key: Key | None = None,
    extensions: Sequence[x509.ExtensionType] = (),
    purposes: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,),
) -> Identity:
    """Make a key pair and have its certificate signed.

    Args:
        issuer: Who signs; None means that the certificate signs itself.
        common_name: The subject; left out of the certificate where it is empty.
        hosts: DNS names and addresses of the subjectAltName; no such extension without them.
        authority: May it sign certificates in turn.
        validity: From when to when.
        key: The key pair; None makes one on P-256.
        extensions: What the certificate holds beyond what RFC 5280 asks for; none of it critical.
        purposes: What an end entity's certificate may be used for.
    """
    key, subject = key or ec.generate_private_key(ec.SECP256R1()), _named(common_name)
    now = datetime.now(UTC).replace(microsecond=0)
    signing_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + validity.begins)
        .not_valid_after(now + validity.ends)
    )
    asked_for = ((each, False) for each in extensions)
    needed = _extensions(key, signing_key, hosts, () if authority else purposes)
    for extension, critical in (*needed, *asked_for):
        builder = builder.add_extension(extension, critical)
    return Identity(key, builder.sign(signing_key, hashes.SHA256()))


def _named(common_name: str) -> x509.Name:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    return x509.Name(names)


def _extensions(
    key: Key,
    signing_key: Key,
    hosts: Sequence[str],
    purposes: Sequence[x509.ObjectIdentifier],
) -> list[tuple[x509.ExtensionType, bool]]:
    """What RFC 5280 asks of such a certificate; Python 3.13 refuses it with less.

    Without a purpose it is an authority's.
    """
    authority = not purposes
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=authority, path_length=None), True),
        (_key_usage(key, authority), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), False),
    ]
    if purposes:
        extensions.append((x509.ExtendedKeyUsage(purposes), False))
    if hosts:
        extensions.append((x509.SubjectAlternativeName([_general_name(h) for h in hosts]), False))
    return extensions


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(key: Key, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        # RFC 5246, 7.4.2: a server's RSA key that the client's secret is sealed with.
        key_encipherment=isinstance(key, rsa.RSAPrivateKey) and not authority,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


class Authority:
    """The lab's certificate authority, and what servers need of it.

    A context manager: `with Authority() as authority`. `cacert` is the path of the PEM file to
    trust; it is gone when the block ends.
    """

    def __init__(self) -> None:
        self.root = issue(None, "Wiretale lab authority", authority=True, validity=AUTHORITY)
        self._directory = tempfile.TemporaryDirectory(prefix="wiretale-lab-")
        self._files = 0
        self.cacert = str(self.write(self.root.certificate_pem))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the files. The context manager does it."""
        self._directory.cleanup()

    def identity(self, host: str, *, validity: Validity = VALID) -> Identity:
        """A server's key and certificate for `host`, signed by this authority."""
        return issue(self.root, host, (host,), validity=validity)

    @cached_property
    def rsa_key(self) -> rsa.RSAPrivateKey:
        """One for all servers that need such a key: to make it takes some 30 ms."""
        return rsa.generate_private_key(RSA_EXPONENT, RSA_BITS)

    def write_chain(self, identity: Identity, above: Sequence[Identity] = ()) -> Path:
        """Write a PEM file as servers want it: key, certificate, then what it was signed with."""
        chain = b"".join(each.certificate_pem for each in (identity, *above))
        return self.write(identity.key_pem + chain)

    def server_context(
        self,
        identity: Identity,
        above: Sequence[Identity] = (),
        *,
        minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
        ciphers: str = "",
    ) -> ssl.SSLContext:
        """The server's side of TLS, showing `identity` and the certificates `above` it.

        `ciphers` is OpenSSL's list of cipher suites before TLS 1.3; "" leaves Python's.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = minimum
        context.maximum_version = maximum
        if ciphers:
            context.set_ciphers(ciphers)  # first, for it also says how weak a key may be
        context.load_cert_chain(self.write_chain(identity, above))
        context.set_alpn_protocols(["http/1.1"])
        return context

    def write(self, pem: bytes) -> Path:
        """Write a file that lives as long as the authority, for `ssl` to read."""
        self._files += 1
        path = Path(self._directory.name) / f"{self._files}.pem"
        path.write_bytes(pem)
        return path
