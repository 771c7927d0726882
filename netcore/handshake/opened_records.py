"""Which records were opened with which keys, and the one that a key schedule ends in."""

from __future__ import annotations

from typing import NamedTuple

from netcore.decrypt.opened import Protection
from netcore.decrypt.suites import Suite
from netcore.handshake.conversations import Conversation
from netcore.pdu import Pdu
from netcore.pdus import Explanation

Keys = tuple[str, str, int]
"""Direction, label of the secret, generation."""

SENDERS = {"sent": "client", "received": "server"}


class OpenedRecord(NamedTuple):
    """A record as it crossed, and what was in it."""

    record: Pdu  # with its header
    plaintext: Pdu
    protection: Protection


class OpenedRecords:
    """The records of one connection that were decrypted, by the keys that it took."""

    def __init__(self, conversation: Conversation, explanation: Explanation) -> None:
        self._data = f"tls:{conversation.number}."
        self._by_keys: dict[Keys, list[OpenedRecord]] = {}
        channels = {f"tcp:{conversation.number}.{way}": way for way in ("sent", "received")}
        sealed = {
            pdu.origin[0]: pdu for pdu in explanation.pdus if pdu.protocol == "tls_ciphertext"
        }
        for pdu in explanation.pdus:
            direction, used = channels.get(pdu.origin[0].channel), pdu.protection
            if direction and used:
                record = OpenedRecord(sealed[pdu.origin[0]], pdu, used)
                keys = direction, used.secret, used.generation
                self._by_keys.setdefault(keys, []).append(record)

    def opened_with(self, direction: str, label: str, generation: int = 0) -> tuple[Pdu, ...]:
        """What was in the records that these keys opened, in order."""
        found = self._by_keys.get((direction, label, generation), ())
        return tuple(each.plaintext for each in found)

    def before(self, opened: OpenedRecord, direction: str) -> OpenedRecord | None:
        """The record before under the same keys."""
        used = opened.protection
        found = self._by_keys.get((direction, used.secret, used.generation), [])
        numbered = (
            each
            for each in found
            if each.protection == used._replace(sequence_number=used.sequence_number - 1)
        )
        return next(numbered, None)

    def on_screen(self, generations: int) -> tuple[str, OpenedRecord] | None:
        """The record that a reader sees something of, with its direction.

        The first of the server's that holds application data; else the first one that it
        sent, else the first of the client's. None if no record was opened.

        In: `generations`, how many of them are told at most.
        """
        told = [
            (keys[0], each)
            for keys, records in self._by_keys.items()
            if keys[2] < generations
            for each in records
        ]
        ranked = sorted(told, key=lambda pair: (pair[0] == "sent", not self._has_data(pair[1])))
        return ranked[0] if ranked else None

    def _has_data(self, opened: OpenedRecord) -> bool:
        carries = opened.plaintext.carries
        return carries is not None and carries.channel.startswith(self._data)


def aead_name(suite: Suite) -> str:
    """The AEAD of a suite by its registered name (RFC 5116 §6)."""
    if suite.mode == "CHACHA20":
        return "AEAD_CHACHA20_POLY1305"
    return f"AEAD_AES_{suite.key_octets * 8}_{suite.mode}"
