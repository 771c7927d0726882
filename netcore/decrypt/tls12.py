"""Records of TLS 1.2, 1.1 and 1.0 (RFC 5246 §6.2.3, RFC 7366, RFC 2246 §6.2.3).

The keys come from the master secret, so it does not matter how that was agreed. The type and
the version on the outside of a record are true ones, and are verified with it.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from netcore.decrypt.keys import WriteKeys
from netcore.decrypt.opened import CHANGE_CIPHER_SPEC, HEADER, Opened, Protection, closed
from netcore.decrypt.suites import Suite

TLS10, TLS11 = 0x0301, 0x0302
MASTER_SECRET = "CLIENT_RANDOM"  # noqa: S105 the label of a key log's line, not a secret

BLOCK = 16  # octets of a block of AES
_EXPLICIT = 8  # octets of the nonce that GCM and CCM send along (RFC 5288 §3, RFC 6655 §3)
_MAC_OCTETS = {"sha1": 20, "sha256": 32, "sha384": 48}


def key_lengths(suite: Suite, version: int) -> tuple[int, int, int]:
    """Octets of a MAC key, of a key and of an IV in the key block (RFC 5246 §6.3)."""
    if suite.mode == "CBC":
        return _MAC_OCTETS[suite.mac], suite.key_octets, BLOCK if version <= TLS10 else 0
    return 0, suite.key_octets, 12 if suite.mode == "CHACHA20" else 4


class _Sequence:
    """Counts the records, and says what is verified besides the content."""

    def __init__(self) -> None:
        self.number = 0
        self.is_over = False  # a second ChangeCipherSpec came: keys of ours end here

    def additional_data(self, record: memoryview, length: int) -> bytes:
        """RFC 5246 §6.2.3.3: sequence number, type, version, length of the content."""
        head = self.number.to_bytes(8, "big") + record[: HEADER - 2]
        return head + length.to_bytes(2, "big")

    def opened(self, form: str, octets: bytes, content_type: int, content: int) -> Opened:
        """Say that the record counted last is open; it may end what our keys are for."""
        self.is_over = content_type == CHANGE_CIPHER_SPEC
        used = Protection(MASTER_SECRET, self.number - 1)
        return Opened(form, octets, content_type, content, protection=used)


_RENEGOTIATED = "the connection was renegotiated, and keys are only derived for its first handshake"


class AeadOpener:
    """Opens records that an AEAD protects."""

    def __init__(self, suite: Suite, keys: WriteKeys) -> None:
        self._aead = suite.aead(keys.key)
        self._tag_octets = suite.tag_octets
        self._explicit = 0 if suite.mode == "CHACHA20" else _EXPLICIT
        self._iv = keys.iv
        self._sequence = _Sequence()

    def open(self, record: bytes | memoryview) -> Opened:
        """Decrypt one whole record, its header included."""
        view, sequence = memoryview(record), self._sequence
        if sequence.is_over:
            return closed(_RENEGOTIATED, record[0])
        start = HEADER + self._explicit
        length = len(record) - start - self._tag_octets
        if length < 0:
            return closed("it is too short to hold a tag", record[0] if record else 0)
        additional_data = sequence.additional_data(view, length)
        nonce = self._nonce(view)
        sequence.number += 1
        try:
            plain = self._aead.decrypt(nonce, view[start:], additional_data)
        except InvalidTag:
            return closed("its tag does not verify with the keys of CLIENT_RANDOM", record[0])
        return sequence.opened("tls_aead_ciphered", plain, record[0], len(plain))

    def _nonce(self, record: memoryview) -> bytes:
        if self._explicit:
            return self._iv + record[HEADER : HEADER + self._explicit]
        # RFC 7905 §2: as in TLS 1.3, nothing of it is sent.
        number = int.from_bytes(self._iv, "big") ^ self._sequence.number
        return number.to_bytes(len(self._iv), "big")


class BlockOpener:
    """Opens records that a block cipher in CBC mode protects."""

    def __init__(
        self, suite: Suite, keys: WriteKeys, version: int, *, encrypt_then_mac: bool
    ) -> None:
        self._algorithm = algorithms.AES(keys.key)
        self._mac_key = keys.mac_key
        self._digest = suite.mac
        self._mac_octets = _MAC_OCTETS[suite.mac]
        self._encrypt_then_mac = encrypt_then_mac
        # RFC 2246 §6.2.3.2: in TLS 1.0 the IV is the last block of the record before.
        self._chained = keys.iv if version <= TLS10 else b""
        self._sequence = _Sequence()

    def open(self, record: bytes | memoryview) -> Opened:
        """Decrypt one whole record, its header included."""
        view, content_type = memoryview(record), record[0] if record else 0
        if self._sequence.is_over:
            return closed(_RENEGOTIATED, content_type)
        end = len(record) - (self._mac_octets if self._encrypt_then_mac else 0)
        start = HEADER if self._chained else HEADER + BLOCK
        if end <= start or (end - start) % BLOCK:
            return closed(f"its length is not one of blocks of {BLOCK} octets", content_type)
        iv = self._chained or bytes(view[HEADER:start])
        decryptor = Cipher(self._algorithm, modes.CBC(iv)).decryptor()
        plain = decryptor.update(view[start:end]) + decryptor.finalize()
        self._chained = bytes(view[end - BLOCK : end]) if self._chained else b""
        content = self._verified(view, plain, end)
        self._sequence.number += 1
        if content < 0:
            return closed("its MAC does not verify with the keys of CLIENT_RANDOM", content_type)
        form = "etm" if self._encrypt_then_mac else self._digest
        return self._sequence.opened(f"tls_block_ciphered.{form}", plain, content_type, content)

    def _verified(self, record: memoryview, plain: bytes, end: int) -> int:
        """How many octets are content, once padding and MAC were verified; -1 if they are wrong."""
        padded = plain[-1] + 1
        content = len(plain) - padded
        if plain[-padded:] != plain[-1:] * padded:  # also where it would begin before the record
            return -1
        if self._encrypt_then_mac:
            # RFC 7366 §3: over what was encrypted, the IV included.
            found, covered = record[end:], record[HEADER:end]
        else:
            content -= self._mac_octets
            if content < 0:
                return -1
            found = memoryview(plain)[content : content + self._mac_octets]
            covered = memoryview(plain)[:content]
        additional_data = self._sequence.additional_data(record, len(covered))
        mac = hmac.new(self._mac_key, additional_data, self._digest)
        mac.update(covered)
        return content if hmac.compare_digest(mac.digest(), found) else -1
