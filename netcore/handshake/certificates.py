"""What a certificate says, for a reader, and where in its octets it says it (RFC 5280 §4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID

from netcore.protocols.tls_refusal import extension_of, issuer_place

NAMES: Final = 100
"""So many entries of a subjectAltName are kept; a hostile one may have thousands."""

_CALLED: Final = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME)
_NOBODY: Final = "an empty name"
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


class Range(NamedTuple):
    """Octets `start` to `end` (exclusive) of a certificate."""

    start: int
    end: int


class Certificate(NamedTuple):
    """One certificate. What cannot be read is empty, but for the titles, and `error` says so."""

    der: bytes
    parsed: x509.Certificate | None = None
    error: str = ""
    subject: str = ""  # in the form of RFC 4514
    issuer: str = ""
    # The subject in short: its common name, else its organisation.
    title: str = "a certificate that cannot be read"
    issuer_title: str = "an issuer that cannot be read"
    serial_number: str = ""  # in hex
    key: str = ""  # "EC P-256", "RSA of 2,048 bits"
    signature_algorithm: str = ""  # "ecdsa-with-SHA256"
    not_before: datetime | None = None
    not_after: datetime | None = None
    names: Sequence[x509.GeneralName] | None = None  # None without a subjectAltName
    more_names: int = 0  # that are not among them
    common_names: tuple[str, ...] = ()
    is_authority: bool = False  # CA:TRUE in its basicConstraints
    issuer_place: str = ""  # where it says that its issuer's certificate can be had
    tbs_certificate: Range = Range(0, 0)  # what the issuer signed
    signature_value: Range = Range(0, 0)

    @property
    def is_self_issued(self) -> bool:
        """Whether it names itself as its issuer (RFC 5280 §3.2)."""
        return same_name(self, self)


def read_certificate(untrusted: bytes) -> Certificate:
    """The certificate in these octets of DER. Never raises."""
    try:
        parsed = x509.load_der_x509_certificate(untrusted)
        return _read(untrusted, parsed)
    except Exception:  # a hostile certificate may fail in more ways than the library lists
        return Certificate(untrusted, error="This certificate cannot be read.")


def same_name(issued: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer that one names is the other's subject (RFC 5280 §7.1)."""
    if issued.parsed is None or issuer.parsed is None:
        return False
    return _comparable(issued.parsed.issuer) == _comparable(issuer.parsed.subject)


def _read(der: bytes, parsed: x509.Certificate) -> Certificate:
    names = extension_of(parsed, x509.SubjectAlternativeName)
    constraints = extension_of(parsed, x509.BasicConstraints)
    tbs, signature = _ranges(der, parsed)
    return Certificate(
        der=der,
        parsed=parsed,
        error=_unreadable_extensions(parsed),
        subject=parsed.subject.rfc4514_string(),
        issuer=parsed.issuer.rfc4514_string(),
        title=_title(parsed.subject),
        issuer_title=_title(parsed.issuer),
        serial_number=f"{parsed.serial_number:x}",
        key=_key(parsed),
        signature_algorithm=_signature_algorithm(parsed),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        names=None if names is None else list(names)[:NAMES],
        more_names=0 if names is None else max(0, len(list(names)) - NAMES),
        common_names=tuple(_values(parsed.subject, NameOID.COMMON_NAME)),
        is_authority=constraints is not None and constraints.ca,
        issuer_place=issuer_place(parsed),
        tbs_certificate=tbs,
        signature_value=signature,
    )


def _unreadable_extensions(parsed: x509.Certificate) -> str:
    try:
        list(parsed.extensions)
    except Exception:  # a hostile certificate may fail in more ways than the library lists
        return "An extension of this certificate cannot be read."
    return ""


def _title(name: x509.Name) -> str:
    found = (value for oid in _CALLED for value in _values(name, oid) if value)
    return next(found, "") or name.rfc4514_string() or _NOBODY


def _values(name: x509.Name, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(each.value) for each in name.get_attributes_for_oid(oid)]


def _comparable(name: x509.Name) -> list[tuple[str, str]]:
    """Attributes without what does not count: the kind of string, case, spaces in a row."""
    return [(each.oid.dotted_string, _folded(each.value)) for each in name]


def _folded(value: str | bytes) -> str:
    return value.hex() if isinstance(value, bytes) else " ".join(value.casefold().split())


def _key(parsed: x509.Certificate) -> str:
    try:
        key = parsed.public_key()
    except Exception:  # an unknown kind, or a curve or a number that is none
        return f"a kind that is not known here, {parsed.public_key_algorithm_oid.dotted_string}"
    match key:
        case rsa.RSAPublicKey():
            return f"RSA of {key.key_size:,} bits"
        case ec.EllipticCurvePublicKey():
            return f"EC {_CURVES.get(key.curve.name, key.curve.name)}"
        case dsa.DSAPublicKey():
            return f"DSA of {key.key_size:,} bits"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
    return type(key).__name__.removesuffix("PublicKey")


def _signature_algorithm(parsed: x509.Certificate) -> str:
    oid = parsed.signature_algorithm_oid
    return oid.dotted_string if oid._name == "Unknown OID" else oid._name


def _ranges(der: bytes, parsed: x509.Certificate) -> tuple[Range, Range]:
    """Where tbsCertificate and signatureValue stand: the first and the last of three parts."""
    start = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    signature = len(der) - len(parsed.signature)
    return Range(start, start + len(parsed.tbs_certificate_bytes)), Range(signature, len(der))


def moment(started: str, time_ns: int) -> datetime:
    """The wall clock at a moment of a trace. Raises: ValueError, OverflowError."""
    began = datetime.fromisoformat(started).astimezone(UTC)
    return began + timedelta(microseconds=time_ns // 1_000)
