"""The keys of TLS 1.2, 1.1 and 1.0 (RFC 5246 §6.3 and §8.1, RFC 2246 §6.3).

A key log has the master secret, which is the root of everything that follows. What it was made
from, the pre-master secret, OpenSSL keeps.
"""

from __future__ import annotations

from netcore.decrypt.keys import PRF_TLS10
from netcore.decrypt.opened import HEADER
from netcore.decrypt.openers import TLS12
from netcore.decrypt.suites import suite_of
from netcore.decrypt.tls12 import BLOCK, MASTER_SECRET, TLS10, key_lengths
from netcore.field import find, find_all
from netcore.handshake.conversations import Conversation, Said
from netcore.handshake.opened_records import SENDERS, OpenedRecord, OpenedRecords, aead_name
from netcore.handshake.steps import (
    AEAD_DECRYPT,
    CBC_DECRYPT,
    CONCATENATE,
    ELSEWHERE,
    HASH,
    HMAC,
    KEY_EXCHANGE,
    PRF,
    SLICE,
    XOR,
    Input,
    KeySchedule,
    Ladder,
)
from netcore.handshake.transcript import Message, transcript
from netcore.pdu import octets_of
from netcore.pdus import Explanation

_EXTENDED_MASTER_SECRET = 23
_MASTER_SECRET_OCTETS, _VERIFY_DATA_OCTETS = 48, 12
_RANDOM = slice(6, 38)  # of a hello
_EXPLICIT = 8  # octets of the nonce that GCM and CCM send along


def told(conversation: Conversation, explanation: Explanation, hello: Said) -> KeySchedule:
    """The steps of a connection older than TLS 1.3 with a suite that is decrypted here.

    In: `hello`, its ServerHello.
    """
    return _Tls12(conversation, explanation, hello).told()


class _Tls12:
    """Adds the steps of one connection to a ladder, one stage after the other."""

    def __init__(self, conversation: Conversation, explanation: Explanation, hello: Said) -> None:
        hellos = conversation.hellos
        suite = suite_of(hellos.cipher_suite)
        assert suite is not None, "obstacle() has asked"
        self._hellos, self._suite = hellos, suite
        self._records = OpenedRecords(conversation, explanation)
        self._transcript = transcript(conversation, explanation)
        digest = suite.digest if hellos.version >= TLS12 else PRF_TLS10
        self._ladder = Ladder(digest, conversation.secrets)
        self._server_hello = hello.pdu
        # RFC 5246 §7.3: then nothing is exchanged, and the server changes its keys at once.
        self._resumed = self._transcript.message("server_certificate") is None and any(
            said.direction == "received" and said.pdu.name == "tls_change_cipher_spec"
            for said in conversation.said
        )

    def told(self) -> KeySchedule:
        """All stages in order."""
        stages = (
            ("agreement", self._agreement),
            ("keys", self._keys),
            ("authentication", self._authentication),
            ("record", self._record),
        )
        for stage, add in stages:
            self._ladder.stage = stage
            add()
        return KeySchedule(self._ladder.steps)

    # Stages

    def _agreement(self) -> None:
        ladder, exchanged = self._ladder, self._transcript.message("client_key_exchange")
        spec = "RFC 5246 §8.1"
        if exchanged is None and self._resumed:
            reason = "the session was agreed on another connection"
            name, log = "master_secret", MASTER_SECRET
            ladder.add(name, ELSEWHERE, spec=spec, label=log, kind="old_secret", reason=reason)
            return
        self._signed()
        self._key_exchange(exchanged)
        secret = ladder.of("secret", "pre_master_secret")
        size = Input("length", _MASTER_SECRET_OCTETS)
        seed: tuple[Input, ...] = (self._random("client"), self._random("server"))
        label = Input("label", "master secret")
        if exchanged and self._is_extended():
            messages = self._transcript.up_to(exchanged.name)
            inputs = (message.as_input for message in messages)
            ladder.add("session_hash", HASH, *inputs, spec="RFC 7627 §3")
            seed, spec = (ladder.of("seed", "session_hash"),), "RFC 7627 §4"
            label = Input("label", "extended master secret")
        ladder.add("master_secret", PRF, secret, label, *seed, size, spec=spec, label=MASTER_SECRET)

    def _keys(self) -> None:
        ladder = self._ladder
        lengths = key_lengths(self._suite, self._hellos.version)
        secret, label = ladder.of("secret", "master_secret"), Input("label", "key expansion")
        randoms = self._random("server"), self._random("client")
        size, spec = Input("length", 2 * sum(lengths)), "RFC 5246 §6.3"
        ladder.add("key_block", PRF, secret, label, *randoms, size, spec=spec)
        at = 0
        for kind, length in zip(("write_mac_key", "write_key", "write_iv"), lengths, strict=True):
            for direction in ("sent", "received") if length else ():
                opens = self._records.opened_with(direction, MASTER_SECRET)
                ladder.add(
                    f"{SENDERS[direction]}_{kind}",
                    SLICE,
                    ladder.of("key_block", "key_block"),
                    Input("start", at),
                    Input("end", at + length),
                    spec=spec,
                    kind=kind,
                    opens=opens if kind == "write_key" else (),
                )
                at += length

    def _authentication(self) -> None:
        finished = [each for each in self._transcript.messages if each.name.endswith("_finished")]
        for message in finished:
            self._verify_data(message)

    def _record(self) -> None:
        found = self._records.on_screen(1)
        if found is None:
            return
        direction, opened = found
        if self._suite.mode == "CBC":
            self._block(direction, opened)
        else:
            self._aead(SENDERS[direction], opened)

    # Parts of stages

    def _signed(self) -> None:
        """RFC 5246 §7.4.3, RFC 8422 §5.4: what the certificate's key signed."""
        message = self._transcript.message("server_key_exchange")
        if message is None:
            return
        pdu = message.said.pdu
        tree = pdu.fields()
        params = find(tree, "server_ecdh_params") or find(tree, "server_dh_params")
        if params is None:
            return
        self._ladder.add(
            "signed_params",
            CONCATENATE,
            self._random("client"),
            self._random("server"),
            Input("server_params", octets_of(pdu, params), pdu=pdu),
            spec="RFC 5246 §7.4.3",
        )

    def _key_exchange(self, exchanged: Message | None) -> None:
        inputs, spec = [Input("client's private key", None)], "RFC 5246 §8.1.2"
        name = kind = "pre_master_secret"
        reason = "OpenSSL keeps it, and a key log has no line for it"
        if exchanged is None:
            reason = "the handshake ended before the client had sent its part"
            self._ladder.add(name, KEY_EXCHANGE, *inputs, spec=spec, reason=reason)
            return
        pdu = exchanged.said.pdu
        tree = pdu.fields()
        encrypted = find(tree, "encrypted_pre_master_secret")
        public = find(tree, "ecdh_yc") or find(tree, "dh_yc")
        if encrypted:
            kind, spec, octets = "encrypted_secret", "RFC 5246 §7.4.7.1", octets_of(pdu, encrypted)
            sent = Input("encrypted_pre_master_secret", octets, pdu=pdu)
            inputs = [Input("server's private key", None), sent]
        elif public:
            inputs.append(Input("client_public_key", octets_of(pdu, public), pdu=pdu))
        self._ladder.add(name, KEY_EXCHANGE, *inputs, spec=spec, kind=kind, reason=reason)

    def _verify_data(self, finished: Message) -> None:
        before = self._transcript.before(finished)
        if before is None:
            return
        ladder, sender = self._ladder, finished.name.partition("_")[0]
        where = f"handshake_hash_{before.name}"
        inputs = (message.as_input for message in self._transcript.up_to(before.name))
        spec = "RFC 5246 §7.4.9"
        ladder.add(where, HASH, *inputs, spec=spec, kind="handshake_hash")
        ladder.add(
            f"{sender}_verify_data",
            PRF,
            ladder.of("secret", "master_secret"),
            Input("label", f"{sender} finished"),
            ladder.of("seed", where),
            Input("length", _VERIFY_DATA_OCTETS),
            spec=spec,
            kind="verify_data",
            expected=finished.octets[4:],
        )

    def _aead(self, sender: str, opened: OpenedRecord) -> None:
        ladder, record = self._ladder, opened.record
        octets, number = record.octets, opened.protection.sequence_number
        start, iv = HEADER, ladder.of("iv", f"{sender}_write_iv")
        if self._suite.mode == "CHACHA20":
            of_record = Input("sequence number", number)
            ladder.add("nonce", XOR, iv, of_record, spec="RFC 7905 §2")
        else:
            start += _EXPLICIT
            explicit = Input("nonce_explicit", octets[HEADER:start], pdu=record)
            spec = "RFC 5288 §3" if self._suite.mode == "GCM" else "RFC 6655 §3"
            ladder.add("nonce", CONCATENATE, iv, explicit, spec=spec)
        length = len(octets) - start - self._suite.tag_octets
        spec = "RFC 5246 §6.2.3.3"
        parts = _pseudo_header(opened, length)
        ladder.add("additional_data", CONCATENATE, *parts, spec=spec)
        ladder.add(
            "plaintext",
            AEAD_DECRYPT,
            Input("AEAD", aead_name(self._suite)),
            ladder.of("key", f"{sender}_write_key"),
            ladder.of("nonce", "nonce"),
            ladder.of("additional_data", "additional_data"),
            Input("encrypted_record", octets[start:], pdu=record),
            spec=spec,
            expected=opened.plaintext.octets,
            opens=(opened.plaintext,),
        )

    def _block(self, direction: str, opened: OpenedRecord) -> None:
        """CBC: the MAC is over the ciphertext (RFC 7366 §3), or over the content and inside."""
        ladder, record, sender = self._ladder, opened.record, SENDERS[direction]
        octets, mac_octets = record.octets, key_lengths(self._suite, self._hellos.version)[0]
        etm = self._hellos.encrypt_then_mac
        end = len(octets) - (mac_octets if etm else 0)
        key = ladder.of("key", f"{sender}_write_mac_key")
        if etm:
            covered = Input("iv_and_ciphertext", octets[HEADER:end], pdu=record)
            parts = _pseudo_header(opened, end - HEADER)
            self._mac(key, (*parts, covered), octets[end:], "RFC 7366 §3")
        start = HEADER if self._hellos.version <= TLS10 else HEADER + BLOCK
        ladder.add(
            "plaintext",
            CBC_DECRYPT,
            ladder.of("key", f"{sender}_write_key"),
            self._iv(direction, opened),
            Input("ciphertext", octets[start:end], pdu=record),
            spec="RFC 5246 §6.2.3.2",
            expected=opened.plaintext.octets,
            opens=(opened.plaintext,),
        )
        if not etm:
            plain = opened.plaintext.octets
            size = len(plain) - plain[-1] - 1 - mac_octets
            whole = ladder.of("plaintext", "plaintext")
            spec = "RFC 5246 §6.2.3.2"
            ladder.add("content", SLICE, whole, Input("start", 0), Input("end", size), spec=spec)
            covered = ladder.of("content", "content")
            found = plain[size : size + mac_octets]
            self._mac(key, (*_pseudo_header(opened, size), covered), found, "RFC 5246 §6.2.3.1")

    def _mac(self, key: Input, data: tuple[Input, ...], found: bytes, spec: str) -> None:
        mac = self._suite.mac
        self._ladder.add("mac", HMAC, key, *data, spec=spec, digest=mac, expected=found)

    def _iv(self, direction: str, opened: OpenedRecord) -> Input:
        """Before TLS 1.1 the IV is the last block of the record before (RFC 2246 §6.2.3.2)."""
        if self._hellos.version > TLS10:
            octets = opened.record.octets[HEADER : HEADER + BLOCK]
            return Input("IV", octets, pdu=opened.record)
        before = self._records.before(opened, direction)
        if before is None:
            return self._ladder.of("IV", f"{SENDERS[direction]}_write_iv")
        end = len(before.record.octets)
        if self._hellos.encrypt_then_mac:
            end -= key_lengths(self._suite, self._hellos.version)[0]
        return Input("IV", before.record.octets[end - BLOCK : end], pdu=before.record)

    # What the messages say

    def _random(self, sender: str) -> Input:
        hello = self._transcript.message(f"{sender}_hello")
        octets = hello.octets[_RANDOM] if hello else None
        return Input(f"{sender}_random", octets, pdu=hello.said.pdu if hello else None)

    def _is_extended(self) -> bool:
        extensions = find_all(self._server_hello.fields(), "extension_type")
        return any(field.value == _EXTENDED_MASTER_SECRET for field in extensions)


def _pseudo_header(opened: OpenedRecord, length: int) -> tuple[Input, ...]:
    """What is verified besides the content (RFC 5246 §6.2.3.1): number, type, version, length."""
    number = opened.protection.sequence_number.to_bytes(8, "big")
    return (
        Input("seq_num", number),
        Input("type_and_version", opened.record.octets[:3], pdu=opened.record),
        Input("length", length.to_bytes(2, "big")),
    )
