"""What was encrypted in a TLS record, as it is once decrypted (RFC 8446 §5.2, RFC 5246 §6.2.3)."""

from __future__ import annotations

from netcore.reader import Read, Reader
from netcore.registries.tls import CONTENT_TYPES


def read_inner_plaintext(r: Reader) -> None:
    """RFC 8446 §5.2: the type is the last octet that is not zero."""
    spec = "RFC 8446 §5.2"
    length = len(r.peek(r.remaining).rstrip(b"\0"))
    if not length:
        r.malformed("a content type should stand before the zeros (RFC 8446 §5.4)")
    if length > 1:
        r.octets("content", length - 1, spec=spec)
    r.uint("type", 8, CONTENT_TYPES, spec)
    r.rest("zeros", spec="RFC 8446 §5.4")


def read_aead_ciphered(r: Reader) -> None:
    """RFC 5246 §6.2.3.3."""
    r.rest("content", spec="RFC 5246 §6.2.3.3")


def block_ciphered(mac_octets: int) -> Read:
    """RFC 5246 §6.2.3.2, with a MAC of that length; with none, RFC 7366 §3."""

    def read(r: Reader) -> None:
        padding = r.peek(r.remaining)[-1:]
        if not padding:
            r.malformed("a length of padding should stand at the end (RFC 5246 §6.2.3.2)")
        length = r.remaining - mac_octets - padding[0] - 1
        if length < 0:
            r.malformed(f"there is no room for {padding[0]} octets of padding")
        _read_block_ciphered(r, length, mac_octets, padding[0])

    return read


def _read_block_ciphered(r: Reader, length: int, mac_octets: int, padding: int) -> None:
    spec = "RFC 5246 §6.2.3.2"
    if length:
        r.octets("content", length, spec=spec)
    if mac_octets:
        r.octets("mac", mac_octets, spec="RFC 5246 §6.2.3.1")
    if padding:
        r.octets("padding", padding, spec=spec)
    r.uint("padding_length", 8, spec=spec)
