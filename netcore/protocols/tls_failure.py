"""Why a handshake failed, in one sentence with the values that show it.

What comes in is what OpenSSL says (its reason) and what the server sent; what goes out is a
FetchError. Alerts are those of RFC 8446 §6. `tls_refusal` has the certificates that are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from netcore.errors import FetchError
from netcore.protocols.head import shown

_CLOSE_NOTIFY: Final = 0
_WARNING: Final = 1  # the level of an alert
_ALERTS: Final = {
    _CLOSE_NOTIFY: "close_notify",
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
_VERSIONS: Final = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2"}

_CODES: Final = {
    "PACKET_LENGTH_TOO_LONG": "tls.record_overflow",
    "DATA_LENGTH_TOO_LONG": "tls.record_overflow",
    "ENCRYPTED_LENGTH_TOO_LONG": "tls.record_overflow",
    "EXCESSIVE_MESSAGE_SIZE": "tls.cert_too_large",
    "ASN1_LIB": "tls.bad_certificate",
    "CERT_LENGTH_MISMATCH": "tls.bad_certificate",
    "UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS": "tls.bad_certificate",
    "NO_CIPHERS_AVAILABLE": "tls.no_shared_cipher",
    "WRONG_CIPHER_RETURNED": "tls.no_shared_cipher",
    "UNKNOWN_CIPHER_RETURNED": "tls.no_shared_cipher",
    "TOO_MANY_KEY_UPDATES": "tls.flood",
    "TOO_MANY_WARN_ALERTS": "tls.flood",
    "NO_RENEGOTIATION": "tls.renegotiation",
    "DH_KEY_TOO_SMALL": "tls.weak_key_exchange",
}
_SENTENCES: Final = {
    "tls.record_overflow": "The server sent a record longer than TLS allows (16,384 octets and "
    "what encryption adds).",
    "tls.cert_too_large": "The server's certificate message is larger than the 102,400 octets that "
    "OpenSSL takes; {octets:,} octets had arrived.",
    "tls.bad_certificate": "A certificate that the server sent cannot be read: it is not "
    "well-formed DER ({reason}).",
    "tls.weak_key_exchange": "The server wanted to agree on keys by Diffie-Hellman in a group that "
    "is too small: at least 2,048 bits are needed (1,024 where TLS 1.0 is allowed).",
    "tls.no_shared_cipher": "The server chose a cipher suite that the ClientHello had not offered.",
    "tls.renegotiation": "The server sent the alert no_renegotiation (100): it refuses to begin "
    "the handshake again, which nobody had asked for.",
}


def explain_failure(
    reason: str, beginning: bytes, octets: int, alert: bytes, versions: Sequence[str]
) -> FetchError:
    """A failure other than of a certificate.

    In: OpenSSL's reason ("WRONG_VERSION_NUMBER"); the first octets that the server sent, and how
    many came in all; the alert with which it ended in the clear, b"" if there was none; the
    versions that were offered, "1.0" to "1.3", in order.
    """
    if reason in ("UNEXPECTED_EOF", "") and alert[:1] == bytes([_WARNING]):
        return _warned(alert[1], octets)
    if reason == "UNEXPECTED_EOF":
        return _end_of_stream(octets)
    if beginning and beginning[0] not in range(20, 25):
        return _not_tls(beginning)
    number = _alert_number(reason, alert)
    if number is not None:
        return explain_alert(number, versions)
    if reason in ("UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION"):
        return _version(beginning, versions)
    code = _CODES.get(reason, "tls.protocol")
    sentence = _SENTENCES.get(code, "The server broke the rules of TLS: {reason}.")
    readable = reason.replace("_", " ").lower() or "OpenSSL gave no reason"
    return FetchError(code, sentence.format(octets=octets, reason=readable))


def _warned(number: int, octets: int) -> FetchError:
    """To OpenSSL a warning is no reason to fail; the server's end behind it is."""
    if number == _CLOSE_NOTIFY:
        return FetchError(
            "tls.alert",
            "The server ended TLS with the alert close_notify (0) in the middle of the handshake, "
            "and said no more.",
        )
    name = _ALERTS.get(number, "unassigned")
    return FetchError(
        "tls.alert",
        f"The server sent the alert {name} ({number}) as a warning and then ended the connection, "
        f"{octets:,} octets into the handshake.",
    )


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


def explain_alert(number: int, versions: Sequence[str]) -> FetchError:
    """An alert that the server sent, by its number; `versions` as above."""
    name = _ALERTS.get(number, "unassigned")
    if name == "protocol_version":
        return FetchError(
            "tls.version",
            f"The server takes no version that was offered ({_listed(versions)}): it answered with "
            "the alert protocol_version (70).",
        )
    if name == "insufficient_security":
        return FetchError(
            "tls.no_shared_cipher",
            "No cipher suite that was offered is strong enough for the server: it answered with "
            "the alert insufficient_security (71).",
        )
    return FetchError("tls.alert", f"The server ended TLS with the alert {name} ({number}).")


def _version(beginning: bytes, versions: Sequence[str]) -> FetchError:
    number = int.from_bytes(beginning[9:11], "big") if beginning[:1] == b"\x16" else 0
    name = _VERSIONS.get(number, f"version 0x{number:04x}")
    return FetchError(
        "tls.version",
        f"The server chose {name}; only {_listed(versions)} had been offered.",
    )


def _listed(versions: Sequence[str]) -> str:
    """ "TLS 1.2", "TLS 1.2 and 1.3" or "TLS 1.0 to 1.3"."""
    if len(versions) == 1:
        return f"TLS {versions[0]}"
    return f"TLS {versions[0]} {'and' if len(versions) == 2 else 'to'} {versions[-1]}"
