"""Decrypting one record of TLS with a few lines that share nothing with the code under test.

What is not in the record itself comes from the case (the suite by OpenSSL's name), from the hellos
at fixed places and from the lines of the key log. Only the label of the secret and the sequence
number are taken from the explanation, and a wrong one fails the tag.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from netcore.decrypt.opened import Protection
from netcore.trace import Called, SecretLogged, Trace
from tests.peers.tls_servers import OLD, Way

HEADER: Final = 5
RANDOM: Final = slice(11, 43)  # of a first record: behind its header, the message's, the version
BLOCK: Final = 16
TAG: Final = 16
MACS: Final = {"SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}


def recorded(trace: Trace, direction: str) -> bytes:
    """The octets of one direction of the first TCP connection."""
    calls = [event for event in trace.events if isinstance(event, Called)]
    return b"".join(each.data for each in calls if each.channel == f"tcp:1.{direction}")


def reopen(trace: Trace, way: Way, direction: str, start: int, used: Protection) -> bytes:
    """The content of the record that begins at octet `start`.

    Raises:
        InvalidTag, AssertionError: tag or MAC are not those of the record.
    """
    octets = recorded(trace, direction)
    end = start + HEADER + int.from_bytes(octets[start + 3 : start + HEADER], "big")
    lines = [event.line.split() for event in trace.events if isinstance(event, SecretLogged)]
    secret = next(bytes.fromhex(value) for label, _, value in lines if label == used.secret)
    if way.version == "1.3":
        return _tls13(octets[start:end], way.suite or _suite13(trace), secret, used.sequence_number)
    keys = _key_block(trace, way, direction, secret)
    return _tls12(octets[:end], start, way, keys, used.sequence_number)


def _suite13(trace: Trace) -> str:
    number = recorded(trace, "received")[RANDOM.stop + 1 + 32 :][:2]
    return {b"\x13\x01": "TLS_AES_128_GCM_SHA256", b"\x13\x02": "TLS_AES_256_GCM_SHA384"}[number]


def _tls13(record: bytes, suite: str, secret: bytes, sequence_number: int) -> bytes:
    digest = hashes.SHA384() if suite.endswith("384") else hashes.SHA256()
    size = 16 if "AES_128" in suite else 32
    key, iv = (
        HKDFExpand(digest, n, bytes([0, n, len(name)]) + name + b"\0").derive(secret)
        for n, name in ((size, b"tls13 key"), (12, b"tls13 iv"))
    )
    aead = ChaCha20Poly1305(key) if "CHACHA20" in suite else AESGCM(key)
    inner = aead.decrypt(_nonce(iv, sequence_number), record[HEADER:], record[:HEADER])
    return inner.rstrip(b"\0")[:-1]


def _nonce(iv: bytes, sequence_number: int) -> bytes:
    return bytes(a ^ b for a, b in zip(iv, sequence_number.to_bytes(12, "big"), strict=True))


def _sizes(way: Way) -> tuple[int, int, int]:
    """Octets of a MAC key, a key and an IV."""
    key = 16 if "AES128" in way.suite else 32
    if "GCM" in way.suite:
        return 0, key, 4
    if "CHACHA20" in way.suite:
        return 0, key, 12
    return hashlib.new(_mac(way)).digest_size, key, BLOCK if way.version == "1.0" else 0


def _mac(way: Way) -> str:
    return MACS[way.suite.rpartition("-")[2]]


def _key_block(trace: Trace, way: Way, direction: str, secret: bytes) -> tuple[bytes, bytes, bytes]:
    """MAC key, key and IV of one direction."""
    randoms = (recorded(trace, name)[RANDOM] for name in ("received", "sent"))
    seed = b"key expansion" + b"".join(randoms)
    mac, key, iv = _sizes(way)
    size = 2 * (mac + key + iv)
    if way.version in OLD:
        half = len(secret) // 2
        first, second = _p(secret[:half], seed, size, "md5"), _p(secret[half:], seed, size, "sha1")
        block = bytes(a ^ b for a, b in zip(first, second, strict=True))
    else:
        digest = "sha384" if way.suite.endswith("SHA384") else "sha256"
        block = _p(secret, seed, size, digest)
    ours = direction == "received"  # the server's come second
    at = [ours * mac, 2 * mac + ours * key, 2 * (mac + key) + ours * iv]
    return block[at[0] :][:mac], block[at[1] :][:key], block[at[2] :][:iv]


def _p(secret: bytes, seed: bytes, size: int, digest: str) -> bytes:
    output, a = b"", seed
    while len(output) < size:
        a = hmac.digest(secret, a, digest)
        output += hmac.digest(secret, a + seed, digest)
    return output[:size]


def _tls12(
    octets: bytes, start: int, way: Way, keys: tuple[bytes, bytes, bytes], sequence_number: int
) -> bytes:
    """`octets` ends with the record, and holds what came before it."""
    mac_key, key, iv = keys
    record = octets[start:]
    head = sequence_number.to_bytes(8, "big") + record[:3]
    if "CHACHA20" in way.suite:
        size = len(record) - HEADER - TAG
        data = head + size.to_bytes(2, "big")
        return ChaCha20Poly1305(key).decrypt(_nonce(iv, sequence_number), record[HEADER:], data)
    if "GCM" in way.suite:
        size = len(record) - HEADER - 8 - TAG
        data, sent = head + size.to_bytes(2, "big"), record[HEADER : HEADER + 8]
        return AESGCM(key).decrypt(iv + sent, record[HEADER + 8 :], data)
    mac = hashlib.new(_mac(way)).digest_size
    body, tag = record[HEADER:], b""
    if way.encrypt_then_mac:
        body, tag = body[:-mac], body[-mac:]
        expected = hmac.digest(mac_key, head + len(body).to_bytes(2, "big") + body, _mac(way))
        assert tag == expected
    if way.version == "1.0":  # the last block of the record before is the IV
        before = start - (mac if way.encrypt_then_mac else 0)
        body = octets[before - BLOCK : before] + body
    decryptor = Cipher(algorithms.AES(key), modes.CBC(body[:BLOCK])).decryptor()
    plain = decryptor.update(body[BLOCK:]) + decryptor.finalize()
    plain = plain[: -1 - plain[-1]]
    if way.encrypt_then_mac:
        return plain
    plain, tag = plain[:-mac], plain[-mac:]
    assert tag == hmac.digest(mac_key, head + len(plain).to_bytes(2, "big") + plain, _mac(way))
    return plain
