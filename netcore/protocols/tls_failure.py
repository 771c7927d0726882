"""Why a handshake failed, in one sentence with the values that show it.

What comes in is what OpenSSL says (a verify code, a reason) and what the server sent; what goes
out is a FetchError. Verify codes are those of OpenSSL's x509_vfy.h, alerts those of RFC 8446 §6.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from netcore.errors import FetchError
from netcore.protocols.head import shown

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_SELF_SIGNED_LEAF: Final = 18
_SELF_SIGNED_IN_CHAIN: Final = 19
_NO_ISSUER: Final = (2, 20, 21)
_CHAIN_TOO_LONG: Final = 22
_NAME_MISMATCH: Final = (62, 64)
_NAMES_SHOWN: Final = 6

_ALERTS: Final = {
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
_NUMBERS: Final = {name: number for number, name in _ALERTS.items()}
_VERSIONS: Final = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1"}

_CODES: Final = {
    "PACKET_LENGTH_TOO_LONG": "tls.record_overflow",
    "DATA_LENGTH_TOO_LONG": "tls.record_overflow",
    "ENCRYPTED_LENGTH_TOO_LONG": "tls.record_overflow",
    "EXCESSIVE_MESSAGE_SIZE": "tls.cert_too_large",
    "NO_CIPHERS_AVAILABLE": "tls.no_shared_cipher",
    "WRONG_CIPHER_RETURNED": "tls.no_shared_cipher",
    "UNKNOWN_CIPHER_RETURNED": "tls.no_shared_cipher",
    "TOO_MANY_KEY_UPDATES": "tls.flood",
    "TOO_MANY_WARN_ALERTS": "tls.flood",
    "NO_RENEGOTIATION": "tls.renegotiation",
}
_SENTENCES: Final = {
    "tls.record_overflow": "The server sent a record longer than TLS allows (16,384 octets and "
    "what encryption adds).",
    "tls.cert_too_large": "The server's certificate message is larger than the 102,400 octets that "
    "OpenSSL takes; {octets:,} octets had arrived.",
    "tls.no_shared_cipher": "The server chose a cipher suite that the ClientHello had not offered.",
}


def explain_failure(reason: str, beginning: bytes, octets: int, alert: bytes) -> FetchError:
    """A failure other than of a certificate.

    In: OpenSSL's reason ("WRONG_VERSION_NUMBER"); the first octets that the server sent, and how
    many came in all; the last alert that came in the clear, b"" if none did.
    """
    if reason == "UNEXPECTED_EOF":
        return _end_of_stream(octets)
    if beginning and beginning[0] not in range(20, 25):
        return _not_tls(beginning)
    number = _alert_number(reason, alert)
    if number is not None:
        return _alert(number)
    if reason in ("UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION"):
        return _version(beginning)
    code = _CODES.get(reason, "tls.protocol")
    sentence = _SENTENCES.get(code, "The server broke the rules of TLS: {reason}.")
    readable = reason.replace("_", " ").lower() or "OpenSSL gave no reason"
    return FetchError(code, sentence.format(octets=octets, reason=readable))


def _end_of_stream(octets: int) -> FetchError:
    if not octets:
        return FetchError(
            "tcp.closed_early",
            "The server closed the connection before it sent an octet: no answer to the "
            "ClientHello.",
        )
    return FetchError(
        "tls.truncated",
        f"The server closed the connection {octets:,} octets into the handshake.",
    )


def _not_tls(beginning: bytes) -> FetchError:
    if beginning.startswith((b"HTTP/", b"<")):
        return FetchError(
            "tls.not_tls",
            f"The server spoke plain HTTP on this port, not TLS: it sent {shown(beginning[:32])}.",
        )
    return FetchError(
        "tls.not_tls",
        f"The server does not speak TLS on this port: it sent {shown(beginning[:32])}.",
    )


def _alert_number(reason: str, alert: bytes) -> int | None:
    """The alert that the server sent, from OpenSSL's name for it or from the record itself."""
    _, found, name = reason.lower().partition("alert_")
    if not found:
        _, _, name = reason.lower().partition("_")
    name = {"user_cancelled": "user_canceled"}.get(name, name)
    if (found or reason.startswith(("TLSV1_", "TLSV13_"))) and name in _NUMBERS:
        return _NUMBERS[name]
    return alert[1] if alert and alert[0] == 2 else None


def _alert(number: int) -> FetchError:
    name = _ALERTS.get(number, "unassigned")
    if name == "protocol_version":
        return FetchError(
            "tls.version",
            "The server speaks neither TLS 1.2 nor TLS 1.3, which were offered: it answered with "
            "the alert protocol_version (70).",
        )
    if name == "insufficient_security":
        return FetchError(
            "tls.no_shared_cipher",
            "No cipher suite that was offered is strong enough for the server: it answered with "
            "the alert insufficient_security (71).",
        )
    return FetchError("tls.alert", f"The server ended TLS with the alert {name} ({number}).")


def _version(beginning: bytes) -> FetchError:
    number = int.from_bytes(beginning[9:11], "big") if beginning[:1] == b"\x16" else 0
    name = _VERSIONS.get(number, f"version 0x{number:04x}")
    return FetchError(
        "tls.version",
        f"The server chose {name}; only TLS 1.2 and TLS 1.3 had been offered.",
    )


def too_many_certificates(count: int, limit: int) -> FetchError:
    """A chain that is longer than any real one."""
    return FetchError(
        "tls.chain_too_long",
        f"The server sent {count} certificates; a chain of more than {limit} is not followed.",
    )


def explain_refused_certificate(
    verify_code: int, verify_message: str, chain: list[bytes], name: str
) -> FetchError:
    """A certificate that could not be verified. In: the chain as it was sent, in DER."""
    leaf = _parse(chain[0]) if chain else None
    if verify_code in _NAME_MISMATCH:
        return _name_mismatch(leaf, name)
    if verify_code in _NO_ISSUER or verify_code == _SELF_SIGNED_IN_CHAIN:
        return _no_anchor(verify_code, leaf, chain)
    if verify_code in (_EXPIRED, _NOT_YET_VALID):
        return _dates(verify_code, chain)
    if verify_code == _SELF_SIGNED_LEAF:
        who = f" in the name of {_text(leaf.subject.rfc4514_string())}" if leaf else ""
        return FetchError(
            "tls.self_signed",
            f"The certificate is self-signed{who}: nobody but its owner vouches for it.",
        )
    if verify_code == _CHAIN_TOO_LONG or len(chain) > 10:
        return too_many_certificates(len(chain), 10)
    return FetchError("tls.chain", f"The chain of certificates is not valid: {verify_message}.")


def _dates(verify_code: int, chain: list[bytes]) -> FetchError:
    now = datetime.now(UTC)
    for place, certificate in enumerate(map(_parse, chain)):
        if certificate is None:
            continue
        what = "The certificate" if place == 0 else f"Certificate {place + 1} of the chain"
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
    if not names:
        holds = "it has no subjectAltName, the only place where a name counts"
    else:
        more = len(names) - _NAMES_SHOWN
        listed = ", ".join(names[:_NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
        holds = f"it is for {listed}"
    return FetchError("tls.hostname_mismatch", f"The certificate is not for {name}: {holds}.")


def _no_anchor(verify_code: int, leaf: Certificate | None, chain: list[bytes]) -> FetchError:
    last = _parse(chain[-1]) if chain else None
    issuer = _text(last.issuer.rfc4514_string()) if last else "an issuer that cannot be read"
    place = _issuer_place(leaf)
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


def _issuer_place(leaf: Certificate | None) -> str:
    """Where the certificate says that its issuer's can be had (RFC 5280 §4.2.2.1)."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    if leaf is None:
        return ""
    try:
        extension = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ""
    for each in extension.value:
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            each.access_location, x509.UniformResourceIdentifier
        ):
            return _text(each.access_location.value)
    return ""


def _names(leaf: Certificate | None) -> list[str]:
    from cryptography import x509

    if leaf is None:
        return []
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return []
    names = [_text(each) for each in extension.value.get_values_for_type(x509.DNSName)]
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return names + [str(each) for each in addresses]


def _parse(der: bytes) -> Certificate | None:
    """The certificate, or None where OpenSSL could read it and this parser cannot."""
    # Loading it takes 40 ms, and only a failure needs it.
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, TypeError, x509.InvalidVersion):
        return None


def _date(when: datetime) -> str:
    return f"{when.day} {when:%B %Y, %H:%M:%S} UTC"


def _text(untrusted: str) -> str:
    return untrusted[:200].encode("unicode_escape").decode("ascii")
