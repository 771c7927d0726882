"""TLS records, and the protocols that are one small structure in them (RFC 8446, RFC 5246)."""

from __future__ import annotations

from netcore.reader import Reader
from netcore.registries.tls import ALERT_LEVELS, ALERTS, CONTENT_TYPES, PROTOCOL_VERSIONS

APPLICATION_DATA = 23
FRAGMENT_OCTETS = 1 << 14  # RFC 8446 §5.1
CIPHERTEXT_OCTETS = FRAGMENT_OCTETS + 2048  # RFC 5246 §6.2.3; RFC 8446 §5.2 allows 256


def read_tls_plaintext(r: Reader) -> None:
    """RFC 8446 §5.1."""
    content_type, length = _read_header(r, "RFC 8446 §5.1", FRAGMENT_OCTETS)
    is_encrypted = content_type == APPLICATION_DATA
    _read_fragment(r, "encrypted_record" if is_encrypted else "fragment", length, "RFC 8446 §5.1")


def read_tls_ciphertext(r: Reader) -> None:
    """RFC 8446 §5.2; RFC 5246 §6.2.3."""
    _, length = _read_header(r, "RFC 8446 §5.2", CIPHERTEXT_OCTETS)
    _read_fragment(r, "encrypted_record", length, "RFC 8446 §5.2")


def _read_header(r: Reader, spec: str, limit: int) -> tuple[int, int]:
    content_type = r.uint("type", 8, CONTENT_TYPES, spec)
    if content_type not in CONTENT_TYPES:
        r.blame("tls.not_tls: no TLS record begins with this number")
    r.uint("legacy_record_version", 16, PROTOCOL_VERSIONS, spec)
    length = r.uint("length", 16, spec=spec)
    limit = CIPHERTEXT_OCTETS if content_type == APPLICATION_DATA else limit
    if length > limit:
        r.blame(f"tls.record_overflow: a record of this kind has at most {limit:,} octets")
    return content_type, length


def _read_fragment(r: Reader, name: str, length: int, spec: str) -> None:
    there = min(length, r.remaining)
    if there:
        r.octets(name, there, spec=spec)
    if there < length:
        r.malformed(f"{name} should be {length:,} octets long, {there:,} are there")


def read_alert(r: Reader) -> None:
    """RFC 8446 §6."""
    r.uint("level", 8, ALERT_LEVELS, "RFC 8446 §6")
    r.uint("description", 8, ALERTS, "RFC 8446 §6")


def read_change_cipher_spec(r: Reader) -> None:
    """RFC 5246 §7.1; RFC 8446 §5 and appendix D.4."""
    r.uint("type", 8, {1: "change_cipher_spec"}, "RFC 5246 §7.1")
