"""Key derivation: HKDF-Expand-Label of TLS 1.3 and the PRFs of the versions before it."""

from __future__ import annotations

import hmac
from typing import NamedTuple

PRF_TLS10 = ""  # as the digest of a PRF: MD5 and SHA-1 together


def hkdf_expand(secret: bytes, info: bytes, length: int, digest: str) -> bytes:
    """RFC 5869 §2.3. `digest` is a name such as "sha256"."""
    block = output = b""
    counter = 0
    while len(output) < length:
        counter += 1
        block = hmac.digest(secret, block + info + bytes([counter]), digest)
        output += block
    return output[:length]


def hkdf_expand_label(
    secret: bytes, label: str, length: int, digest: str, context: bytes = b""
) -> bytes:
    """RFC 8446 §7.1. `label` without its "tls13 "; `length` in octets."""
    name = b"tls13 " + label.encode("ascii")
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name
    return hkdf_expand(secret, info + bytes([len(context)]) + context, length, digest)


def prf(secret: bytes, label: str, seed: bytes, length: int, digest: str) -> bytes:
    """The PRF of TLS 1.2 with that digest (RFC 5246 §5), of 1.0 and 1.1 with `PRF_TLS10`."""
    seed = label.encode("ascii") + seed
    if digest != PRF_TLS10:
        return _p_hash(secret, seed, length, digest)
    # RFC 2246 §5: the two halves share the middle octet of an odd number.
    half = (len(secret) + 1) // 2
    first = _p_hash(secret[:half], seed, length, "md5")
    second = _p_hash(secret[len(secret) - half :], seed, length, "sha1")
    return _xor(first, second)


def _p_hash(secret: bytes, seed: bytes, length: int, digest: str) -> bytes:
    """RFC 5246 §5."""
    output, a = b"", seed
    while len(output) < length:
        a = hmac.digest(secret, a, digest)
        output += hmac.digest(secret, a + seed, digest)
    return output[:length]


def _xor(first: bytes, second: bytes) -> bytes:
    number = int.from_bytes(first, "big") ^ int.from_bytes(second, "big")
    return number.to_bytes(len(first), "big")


class WriteKeys(NamedTuple):
    """What one direction of TLS 1.2 or older protects its records with."""

    mac_key: bytes
    key: bytes
    iv: bytes


def key_block(
    master_secret: bytes, randoms: bytes, lengths: tuple[int, int, int], digest: str
) -> tuple[WriteKeys, WriteKeys]:
    """The client's and the server's keys (RFC 5246 §6.3).

    Args:
        master_secret: as a key log has it behind CLIENT_RANDOM.
        randoms: the server's random, then the client's.
        lengths: octets of a MAC key, of a key and of an IV.
        digest: of the PRF, or `PRF_TLS10`.
    """
    block = prf(master_secret, "key expansion", randoms, 2 * sum(lengths), digest)
    parts: list[bytes] = []
    at = 0
    for length in (length for length in lengths for _ in ("client", "server")):
        parts.append(block[at : at + length])
        at += length
    return WriteKeys(*parts[0::2]), WriteKeys(*parts[1::2])
