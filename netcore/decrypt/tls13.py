"""Records of TLS 1.3 (RFC 8446 §5.2).

Theory of operation. A direction goes through epochs, each with a secret: early data, handshake,
application data. EndOfEarlyData and Finished end an epoch, KeyUpdate replaces the secret of the
last one. Any secret may be missing: after a refused certificate only the server's handshake
secret is there. Where an epoch's secret is missing its end cannot be seen, so a record that the
current epoch does not open is tried as the first one of each later epoch.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag

from netcore.decrypt.keylog import Secrets
from netcore.decrypt.keys import hkdf_expand_label
from netcore.decrypt.opened import (
    APPLICATION_DATA,
    HANDSHAKE,
    HEADER,
    Opened,
    Protection,
    closed,
)
from netcore.decrypt.suites import Suite

EARLY = "CLIENT_EARLY_TRAFFIC_SECRET"
CLIENT = ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0")
SERVER = ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0")

_END_OF_EARLY_DATA, _FINISHED, _KEY_UPDATE = 5, 20, 24
_IV = 12
_MOST_MESSAGES = 4_000  # that are walked over in one epoch; real ones have fewer than a hundred


class Epoch:
    """The keys that follow from one secret, and how many records they were used for."""

    def __init__(self, suite: Suite, label: str, secret: bytes) -> None:
        self.label = label
        self.generation = 0
        self._suite = suite
        self._set(secret)

    def _set(self, secret: bytes) -> None:
        """RFC 8446 §7.3."""
        digest = self._suite.digest
        self._secret = secret
        key = hkdf_expand_label(secret, "key", self._suite.key_octets, digest)
        iv = hkdf_expand_label(secret, "iv", _IV, digest)
        self._aead = self._suite.aead(key)
        self._iv = int.from_bytes(iv, "big")
        self.sequence_number = 0

    def update(self) -> None:
        """RFC 8446 §7.2: the next generation of keys."""
        size = len(self._secret)
        self.generation += 1
        self._set(hkdf_expand_label(self._secret, "traffic upd", size, self._suite.digest))

    def decrypt(self, record: memoryview) -> bytes | None:
        """What was encrypted in the next record; None if its tag does not verify."""
        nonce = (self._iv ^ self.sequence_number).to_bytes(_IV, "big")
        try:
            return self._aead.decrypt(nonce, record[HEADER:], record[:HEADER])
        except InvalidTag:
            return None


class Tls13Opener:
    """Opens the records of one direction."""

    def __init__(self, suite: Suite, secrets: Secrets, labels: Sequence[str]) -> None:
        """`labels` names the epochs, first to last: `CLIENT` or `SERVER`."""
        self._labels = labels
        self._tag_octets = suite.tag_octets
        self._epochs = [
            Epoch(suite, label, secrets[label]) if label in secrets else None for label in labels
        ]
        self._at = 0
        self._messages = _Messages()

    def open(self, record: bytes | memoryview) -> Opened:
        """Decrypt one whole record, its header included."""
        if len(record) < HEADER + self._tag_octets + 1:
            return closed("it is too short to hold a type and a tag", self._expected())
        view = memoryview(record)
        for at in range(self._at, len(self._epochs)):
            epoch = self._epochs[at]
            plain = epoch.decrypt(view) if epoch else None
            if epoch and plain is not None:
                if at > self._at:
                    self._at, self._messages = at, _Messages()
                used = Protection(epoch.label, epoch.sequence_number, epoch.generation)
                epoch.sequence_number += 1
                return self._opened(plain, used)
        return self._closed()

    def _expected(self) -> int:
        """What a record must be that could not be opened: application data, or unknown."""
        return APPLICATION_DATA if self._at == len(self._labels) - 1 else 0

    def _closed(self) -> Opened:
        label, epoch = self._labels[self._at], self._epochs[self._at]
        self._messages = _Messages()
        if epoch is None:
            return closed(f"no {label} was recorded for this connection", self._expected())
        epoch.sequence_number += 1
        return closed(f"its tag does not verify with {label}", self._expected())

    def _opened(self, plain: bytes, used: Protection) -> Opened:
        # RFC 8446 §5.4: the type is the last octet that is not zero.
        end = len(plain) if plain[-1] else len(plain.rstrip(b"\0"))
        content_type = plain[end - 1] if end else 0
        if content_type == HANDSHAKE:
            for msg_type in self._messages.types(plain[: end - 1]):
                self._after(msg_type)
        content = max(end - 1, 0)
        return Opened("tls_inner_plaintext", plain, content_type, content, protection=used)

    def _after(self, msg_type: int) -> None:
        is_last = self._at == len(self._epochs) - 1
        epoch = self._epochs[self._at]
        if msg_type == _KEY_UPDATE and is_last and epoch:
            epoch.update()
        ends = _END_OF_EARLY_DATA if self._labels[self._at] == EARLY else _FINISHED
        if msg_type == ends and not is_last:
            self._at += 1


class _Messages:
    """Walks over handshake messages that are cut anywhere, to see which ones are complete."""

    def __init__(self) -> None:
        self._header = b""
        self._left = 0  # octets of the body that are still to come
        self._count = 0

    def types(self, fragment: bytes) -> list[int]:
        """The types of the messages that end in this fragment."""
        ended: list[int] = []
        at = 0
        while at < len(fragment) and self._count < _MOST_MESSAGES:
            if len(self._header) < 4:
                taken = fragment[at : at + 4 - len(self._header)]
                self._header += taken
                at += len(taken)
                if len(self._header) < 4:
                    break
                self._left = int.from_bytes(self._header[1:], "big")
            skipped = min(self._left, len(fragment) - at)
            self._left -= skipped
            at += skipped
            if not self._left:
                self._count += 1
                ended.append(self._header[0])
                self._header = b""
        return ended
