"""Why a certificate was refused, in one sentence with the values that show it.

Verify codes are those of OpenSSL's x509_vfy.h. A sentence names the rule that was broken, and so
what a certificate needs that keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from netcore.errors import FetchError
from netcore.protocols.tls_strength import weakness

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, ExtensionType

_AnExtension = TypeVar("_AnExtension", bound="ExtensionType")

_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_SELF_SIGNED_LEAF: Final = 18
_SELF_SIGNED_IN_CHAIN: Final = 19
_NO_ISSUER: Final = (2, 20, 21)
_CHAIN_TOO_LONG: Final = 22
_NAME_MISMATCH: Final = (62, 64)
_INVALID_PURPOSE: Final = 26
_TOO_WEAK: Final = (66, 67, 68)
# What is said before a chain is built or while it is; all else is said of one that is whole.
_WITHOUT_ANCHOR: Final = (
    *_NO_ISSUER,
    _SELF_SIGNED_LEAF,
    _SELF_SIGNED_IN_CHAIN,
    _CHAIN_TOO_LONG,
    _TOO_WEAK[0],  # the server's own key, the first thing that is looked at
)
_NAMES_SHOWN: Final = 6

_NOT_AN_AUTHORITY: Final = (
    "A certificate of the chain signed another one without being an authority: that needs CA:TRUE "
    "in its basicConstraints and keyCertSign in its keyUsage."
)
_CONSTRAINED: Final = (
    "An authority of the chain may not issue for this name: its nameConstraints leave it out."
)
_RULES: Final = {
    7: "The signature on a certificate of the chain is not that of its issuer: the certificate was "
    "altered, or signed with another key.",
    25: "The chain is longer than an authority in it allows: its pathLenConstraint limits how many "
    "authorities may stand below it.",
    32: "A certificate of the chain signed another one, and its keyUsage lacks keyCertSign, which "
    "that needs.",
    34: "A certificate of the chain has an extension that is marked critical and that OpenSSL does "
    "not know; who does not understand it has to refuse.",
    47: _CONSTRAINED,
    48: _CONSTRAINED,
    79: _NOT_AN_AUTHORITY,
    94: "A certificate of the chain describes its curve by numbers in place of a name; only named "
    "curves are accepted.",
}


def too_many_certificates(count: int, limit: int) -> FetchError:
    """A chain that is longer than any real one."""
    return FetchError(
        "tls.chain_too_long",
        f"The server sent {count} certificates; a chain of more than {limit} is not followed.",
    )


def reached_an_anchor(verify_code: int) -> bool:
    """Whether OpenSSL had built the chain up to a trust anchor when it said that."""
    return verify_code not in _WITHOUT_ANCHOR


def explain_refused_certificate(
    verify_code: int, verify_message: str, sent: Sequence[bytes], built: Sequence[bytes], name: str
) -> FetchError:
    """A certificate that could not be verified.

    In: OpenSSL's verdict; the chain as it was sent and as OpenSSL built it, in DER; the name or
    address that was asked for.
    """
    leaf = _parse(sent[0]) if sent else None
    if verify_code in _NAME_MISMATCH:
        return _name_mismatch(leaf, name)
    if verify_code in _NO_ISSUER or verify_code == _SELF_SIGNED_IN_CHAIN:
        return _no_anchor(verify_code, sent)
    if verify_code in (_EXPIRED, _NOT_YET_VALID):
        return _dates(verify_code, built)
    if verify_code == _SELF_SIGNED_LEAF:
        named = _name(leaf, "subject")
        who = f" in the name of {named}" if named else ""
        return FetchError(
            "tls.self_signed",
            f"The certificate is self-signed{who}: nobody but its owner vouches for it.",
        )
    if verify_code == _CHAIN_TOO_LONG or len(sent) > 10:
        return too_many_certificates(len(sent), 10)
    general = f"The chain of certificates is not valid: {verify_message}."
    if verify_code in _TOO_WEAK:
        return FetchError("tls.weak_certificate", weakness(built) or general)
    if verify_code == _INVALID_PURPOSE:
        return FetchError("tls.chain", _purpose(leaf))
    return FetchError("tls.chain", _RULES.get(verify_code, general))


def _purpose(leaf: Certificate | None) -> str:
    """A certificate that may not serve: the server's own, or one above it."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = extension_of(leaf, x509.ExtendedKeyUsage)
    if usage is None or ExtendedKeyUsageOID.SERVER_AUTH in usage:
        return (
            "A certificate of the chain may not be used for servers: its extendedKeyUsage lacks "
            "serverAuth, or its keyUsage forbids what it does there."
        )
    names = {
        oid: _as_in_the_rfc(name)
        for name, oid in vars(ExtendedKeyUsageOID).items()
        if name[0] != "_"
    }
    purposes = ", ".join(names.get(each, each.dotted_string) for each in usage)
    return (
        f"The certificate is not for servers: its extendedKeyUsage is {_text(purposes)}, and "
        "serverAuth is needed."
    )


def _as_in_the_rfc(constant: str) -> str:
    """CLIENT_AUTH as clientAuth."""
    first, *words = constant.lower().split("_")
    return first + "".join(map(str.title, words))


def _dates(verify_code: int, chain: Sequence[bytes]) -> FetchError:
    now = datetime.now(UTC)
    for place, certificate in enumerate(map(_parse, chain)):
        if certificate is None:
            continue
        what = "The certificate"
        if place:
            who = _name(certificate, "subject") or "whose name cannot be read"
            what = f"Certificate {place + 1} of the chain, {who},"
        if verify_code == _EXPIRED and certificate.not_valid_after_utc < now:
            return FetchError(
                "tls.cert_expired", f"{what} expired on {_date(certificate.not_valid_after_utc)}."
            )
        if verify_code == _NOT_YET_VALID and certificate.not_valid_before_utc > now:
            begins = _date(certificate.not_valid_before_utc)
            return FetchError("tls.cert_not_yet_valid", f"{what} is not valid before {begins}.")
    if verify_code == _EXPIRED:
        return FetchError("tls.cert_expired", "A certificate that the chain needs has expired.")
    return FetchError(
        "tls.cert_not_yet_valid", "A certificate that the chain needs is not valid yet."
    )


def _name_mismatch(leaf: Certificate | None, name: str) -> FetchError:
    names = _names(leaf)
    if names is None and _is_unreadable(leaf):
        holds = "its extensions, where its names would stand, cannot be read here"
    elif names is None:
        holds = "it has no subjectAltName, the only place where a name counts"
    elif not any(names):
        holds = "its subjectAltName holds no name"
    else:
        more = len(names) - _NAMES_SHOWN
        listed = ", ".join(names[:_NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
        holds = f"it is for {listed}" + _why_not(names, name)
    return FetchError("tls.hostname_mismatch", f"The certificate is not for {name}: {holds}.")


def _why_not(names: Sequence[str], name: str) -> str:
    """The rule by which a name that looks right is not (RFC 6125 §6.4.3, RFC 9110 §4.3.5)."""
    if name in names:
        return " as a name, and an address counts as an iPAddress only"
    if any("*" in each for each in names):
        return "; a star stands for exactly one label, the whole leftmost one"
    return ""


def _names(leaf: Certificate | None) -> list[str] | None:
    """The names and addresses of the subjectAltName, None if there is no such extension."""
    from cryptography import x509

    found = extension_of(leaf, x509.SubjectAlternativeName)
    if found is None:
        return None
    names = [_text(each) for each in found.get_values_for_type(x509.DNSName)]
    return names + [str(each) for each in found.get_values_for_type(x509.IPAddress)]


def _no_anchor(verify_code: int, sent: Sequence[bytes]) -> FetchError:
    chain = [_parse(each) for each in sent]
    last = chain[-1] if chain else None
    issuer = _name(last, "issuer") or "an issuer that cannot be read"
    if any(map(_is_malformed, chain)):
        return FetchError(
            "tls.bad_certificate",
            "An extension of a certificate cannot be read: it is not well-formed DER. No trusted "
            "issuer was found for it.",
        )
    place = issuer_place(chain[0]) if chain else ""
    if verify_code != _SELF_SIGNED_IN_CHAIN and len(chain) == 1 and place:
        return FetchError(
            "tls.incomplete_chain",
            f"The server left out the certificate of the issuer, {issuer}. The certificate says "
            f"that it can be had at {place}; it was not fetched.",
        )
    return FetchError(
        "tls.unknown_ca",
        f"The chain ends at {issuer}, which is not among the trusted authorities.",
    )


def issuer_place(leaf: Certificate | None) -> str:
    """Where the certificate says that its issuer's can be had (RFC 5280 §4.2.2.1)."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    for each in extension_of(leaf, x509.AuthorityInformationAccess) or ():
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            each.access_location, x509.UniformResourceIdentifier
        ):
            return _text(each.access_location.value)
    return ""


def extension_of(certificate: Certificate | None, kind: type[_AnExtension]) -> _AnExtension | None:
    """What an extension holds; None where it is missing or cannot be read."""
    if certificate is None:
        return None
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except Exception:  # a hostile certificate may fail in more ways than the library lists
        return None


def _is_malformed(certificate: Certificate | None) -> bool:
    """Whether an extension is no DER: OpenSSL then finds no issuer, whoever it was."""
    from cryptography import x509

    try:
        return certificate is not None and certificate.extensions is None
    except x509.UnsupportedGeneralNameType:  # OpenSSL takes those that this parser does not know
        return False
    except Exception:
        return True


def _is_unreadable(certificate: Certificate | None) -> bool:
    """Whether what its extensions say cannot be known here, though OpenSSL may read them."""
    try:
        return certificate is None or certificate.extensions is None
    except Exception:
        return True


def _parse(der: bytes) -> Certificate | None:
    """The certificate, or None where OpenSSL could read it and this parser cannot."""
    # Loading it takes 40 ms, and only a failure needs it.
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, TypeError, x509.InvalidVersion):
        return None


def _name(certificate: Certificate | None, whose: Literal["subject", "issuer"]) -> str:
    """In the form of RFC 4514; "" where it cannot be read: this parser takes fewer strings."""
    try:
        return _text(getattr(certificate, whose).rfc4514_string())
    except Exception:  # a hostile certificate may fail in more ways than the library lists
        return ""


def _date(when: datetime) -> str:
    return f"{when.day} {when:%B %Y, %H:%M:%S} UTC"


def _text(untrusted: str) -> str:
    return untrusted[:200].encode("unicode_escape").decode("ascii")
