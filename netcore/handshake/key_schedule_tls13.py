"""The key schedule of TLS 1.3 (RFC 8446 §7.1).

OpenSSL logs the traffic secrets, and neither what they come from nor the private half of the key
exchange. So the middle of the tree is usually told and not known, and begins again to be known
where the key log has a line. With what is `Known` besides all of it is computed.
"""

from __future__ import annotations

from netcore.decrypt.suites import suite_of
from netcore.decrypt.tls13 import CLIENT, EARLY, SERVER
from netcore.field import find, find_all
from netcore.handshake.conversations import CLIENT_HELLO, Conversation, Said
from netcore.handshake.opened_records import SENDERS, OpenedRecords, aead_name
from netcore.handshake.steps import (
    AEAD_DECRYPT,
    CONCATENATE,
    DERIVE,
    ELSEWHERE,
    EXPAND,
    EXTRACT,
    HMAC,
    KEY_EXCHANGE,
    TRANSCRIPT_HASH,
    XOR,
    Input,
    KeySchedule,
    Known,
    Ladder,
)
from netcore.handshake.transcript import Message, transcript
from netcore.pdu import octets_of
from netcore.pdus import Explanation

MOST_GENERATIONS = 4  # of traffic secrets that are told, the first included
MOST_TICKETS = 2

_NEW_SESSION_TICKET, _KEY_UPDATE = 4, 24
_EARLY_DATA, _PRE_SHARED_KEY = 42, 41
_IV = 12
_LABELS = {"sent": CLIENT, "received": SERVER}
_SCHEDULE, _KEYS, _FINISHED = "RFC 8446 §7.1", "RFC 8446 §7.3", "RFC 8446 §4.4.4"
_TRANSCRIPT = "RFC 8446 §4.4.1"
_KEPT = "OpenSSL keeps it, and a key log has no line for it"


def told(
    conversation: Conversation, explanation: Explanation, hello: Said, known: Known
) -> KeySchedule:
    """The steps of a connection of TLS 1.3 with a suite that is decrypted here.

    In: `hello`, its ServerHello, which is no HelloRetryRequest.
    """
    return _Tls13(conversation, explanation, hello, known).told()


class _Tls13:
    """Adds the steps of one connection to a ladder, one stage after the other."""

    def __init__(
        self, conversation: Conversation, explanation: Explanation, hello: Said, known: Known
    ) -> None:
        suite = suite_of(conversation.hellos.cipher_suite)
        assert suite is not None, "obstacle() has asked"
        self._conversation, self._known, self._suite = conversation, known, suite
        self._records = OpenedRecords(conversation, explanation)
        self._transcript = transcript(conversation, explanation)
        self._ladder = Ladder(suite.digest, conversation.secrets)
        self._zeros = bytes(48 if suite.digest == "sha384" else 32)
        self._size = len(self._zeros)
        self._server_hello = hello
        self._client_hello = list(conversation.messages(CLIENT_HELLO, "sent"))
        self._resumed = self._has_extension(self._server_hello, _PRE_SHARED_KEY)

    def told(self) -> KeySchedule:
        """All stages in order."""
        stages = (
            ("early", self._early),
            ("handshake", self._handshake),
            ("authentication", self._authentication),
            ("application", self._application),
            ("later", self._later),
            ("record", self._record),
        )
        for stage, add in stages:
            self._ladder.stage = stage
            add()
        steps = self._ladder.steps
        shown = sum(step.kind in ("updated_secret", "ticket_psk") for step in steps)
        later = (_KEY_UPDATE, _NEW_SESSION_TICKET)
        said = sum(each.msg_type in later for each in self._conversation.said)
        return KeySchedule(steps, left_out=said - shown)

    # Stages

    def _early(self) -> None:
        ladder = self._ladder
        ladder.add("empty_hash", TRANSCRIPT_HASH, kind="empty_hash", spec=_SCHEDULE)
        psk = Input("IKM", self._zeros)
        if self._resumed:
            ladder.add(
                "psk",
                ELSEWHERE,
                spec="RFC 8446 §4.6.1",
                given=self._known.psk,
                reason=f"it comes from the connection that gave the ticket: {_KEPT}",
            )
            psk = ladder.of("IKM", "psk")
        ladder.add("early_secret", EXTRACT, Input("salt", self._zeros), psk, spec=_SCHEDULE)
        if self._resumed:
            self._binder()
        if self._client_hello and self._has_extension(self._client_hello[0], _EARLY_DATA):
            self._early_data()
        self._derived("handshake", "early_secret")

    def _handshake(self) -> None:
        ladder = self._ladder
        ikm = Input("IKM", self._zeros)
        if find(self._server_hello.pdu.fields(), "key_share_entry"):
            ladder.add(
                "shared_secret",
                KEY_EXCHANGE,
                *self._key_shares(),
                spec="RFC 8446 §7.4",
                given=self._known.shared_secret,
                reason=_KEPT,
            )
            ikm = ladder.of("IKM", "shared_secret")
        salt = ladder.of("salt", "derived_secret_for_handshake")
        ladder.add("handshake_secret", EXTRACT, salt, ikm, spec=_SCHEDULE)
        self._hash("transcript_hash_server_hello", "server_hello")
        for direction in ("sent", "received"):
            name = f"{SENDERS[direction]}_handshake_traffic_secret"
            label = f"{SENDERS[direction][0]} hs traffic"
            where = "transcript_hash_server_hello"
            self._derive(name, "handshake_secret", label, where, _LABELS[direction][0])
        for direction in ("received", "sent"):
            self._keys(direction, f"{SENDERS[direction]}_handshake", _LABELS[direction][0])

    def _authentication(self) -> None:
        if self._transcript.message("server_certificate_verify"):
            self._signed()
        for sender, secret in (("server", "received"), ("client", "sent")):
            finished = self._transcript.message(f"{sender}_finished")
            before = self._transcript.before(finished) if finished else None
            if finished is None or before is None:
                continue
            where = f"transcript_hash_{before.name}"
            self._hash(where, before.name)
            self._verify_data(sender, where, finished, _LABELS[secret][0])

    def _application(self) -> None:
        ladder = self._ladder
        self._derived("master", "handshake_secret")
        salt = ladder.of("salt", "derived_secret_for_master")
        ladder.add("master_secret", EXTRACT, salt, Input("IKM", self._zeros), spec=_SCHEDULE)
        where = "transcript_hash_server_finished"
        self._hash(where, "server_finished")
        for direction in ("sent", "received"):
            name = f"{SENDERS[direction]}_application_traffic_secret_0"
            label = f"{SENDERS[direction][0]} ap traffic"
            self._derive(name, "master_secret", label, where, _LABELS[direction][1])
        exporter = "exporter_master_secret"
        self._derive(exporter, "master_secret", "exp master", where, "EXPORTER_SECRET", exporter)
        for direction in ("sent", "received"):
            self._keys(direction, f"{SENDERS[direction]}_application", _LABELS[direction][1])

    def _later(self) -> None:
        for direction in ("sent", "received"):
            updates = len(list(self._conversation.messages(_KEY_UPDATE, direction)))
            for generation in range(1, min(updates + 1, MOST_GENERATIONS)):
                self._update(direction, generation)
        where = "transcript_hash_client_finished"
        self._hash(where, "client_finished")
        resumption = "resumption_master_secret"
        self._derive(resumption, "master_secret", "res master", where, "", resumption)
        tickets = list(self._conversation.messages(_NEW_SESSION_TICKET, "received"))
        for number, ticket in enumerate(tickets[:MOST_TICKETS], start=1):
            self._ticket(number, ticket)

    def _record(self) -> None:
        found = self._records.on_screen(MOST_GENERATIONS)
        if found is None:
            return
        direction, opened = found
        ladder, used = self._ladder, opened.protection
        epoch = "handshake" if "HANDSHAKE" in used.secret else "application"
        epoch = "early" if used.secret == EARLY else epoch
        keys = f"{SENDERS[direction]}_{epoch}_write"
        suffix = f"_{used.generation}" if used.generation else ""
        iv = ladder.of("iv", f"{keys}_iv{suffix}")
        number = Input("sequence number", used.sequence_number)
        ladder.add("nonce", XOR, iv, number, spec="RFC 8446 §5.3")
        octets, record = opened.record.octets, opened.record
        ladder.add(
            "plaintext",
            AEAD_DECRYPT,
            Input("AEAD", aead_name(self._suite)),
            ladder.of("key", f"{keys}_key{suffix}"),
            ladder.of("nonce", "nonce"),
            Input("additional_data", octets[:5], pdu=record),
            Input("encrypted_record", octets[5:], pdu=record),
            spec="RFC 8446 §5.2",
            expected=opened.plaintext.octets,
            opens=(opened.plaintext,),
        )

    # Parts of stages

    def _derived(self, purpose: str, secret: str) -> None:
        name = f"derived_secret_for_{purpose}"
        self._derive(name, secret, "derived", "empty_hash", "", "derived_secret")

    def _derive(
        self, name: str, secret: str, label: str, where: str, log: str, kind: str = "traffic_secret"
    ) -> None:
        ladder = self._ladder
        hashed = ladder.of("Messages", where)
        of = ladder.of("Secret", secret)
        text = Input("Label", label)
        ladder.add(name, DERIVE, of, text, hashed, spec=_SCHEDULE, kind=kind, label=log)

    def _expand(
        self, name: str, secret: str, label: str, context: Input, length: int, **more: object
    ) -> None:
        inputs = (self._ladder.of("Secret", secret), Input("Label", label), context)
        size = Input("Length", length)
        self._ladder.add(name, EXPAND, *inputs, size, **more)  # type: ignore[arg-type]

    def _keys(self, direction: str, name: str, label: str, generation: int = 0) -> None:
        """RFC 8446 §7.3: the key and the IV that follow from a traffic secret."""
        suffix = f"_{generation}" if generation else ""
        secret = f"{name}_traffic_secret" + (f"_{generation}" if "application" in name else "")
        opens = self._records.opened_with(direction, label, generation)
        none = Input("Context", b"")
        key, iv = f"{name}_write_key{suffix}", f"{name}_write_iv{suffix}"
        octets = self._suite.key_octets
        self._expand(key, secret, "key", none, octets, spec=_KEYS, kind="write_key", opens=opens)
        self._expand(iv, secret, "iv", none, _IV, spec=_KEYS, kind="write_iv")

    def _hash(self, name: str, last: str) -> None:
        """The hash of all messages up to the one of that name (RFC 8446 §4.4.1)."""
        if name in self._ladder:
            return
        upto = self._transcript.up_to(last)
        inputs = self._first(upto) if upto else (Input(last, None),)
        reason = "" if upto else f"not all messages up to {last} could be read"
        kind = "transcript_hash"
        self._ladder.add(name, TRANSCRIPT_HASH, *inputs, spec=_TRANSCRIPT, kind=kind, reason=reason)

    def _first(self, messages: tuple[Message, ...]) -> tuple[Input, ...]:
        """The inputs of a transcript's hash; a HelloRetryRequest makes the first one another."""
        inputs = tuple(message.as_input for message in messages)
        if len(messages) < 2 or messages[1].name != "hello_retry_request":
            return inputs
        if "message_hash" not in self._ladder:
            hashed, kind = "hash_of_client_hello", "transcript_hash"
            self._ladder.add(hashed, TRANSCRIPT_HASH, inputs[0], spec=_TRANSCRIPT, kind=kind)
            header = Input("header", bytes([254, 0, 0, self._size]))
            of = self._ladder.of("hash", hashed)
            self._ladder.add("message_hash", CONCATENATE, header, of, spec=_TRANSCRIPT)
        return (self._ladder.of("message_hash", "message_hash"), *inputs[1:])

    def _signed(self) -> None:
        """RFC 8446 §4.4.3: what the certificate's key signed. Nothing follows from it."""
        where = "transcript_hash_server_certificate"
        self._hash(where, "server_certificate")
        self._ladder.add(
            "signed_content",
            CONCATENATE,
            Input("spaces", b" " * 64),
            Input("context string", b"TLS 1.3, server CertificateVerify\0"),
            self._ladder.of("hash", where),
            spec="RFC 8446 §4.4.3",
        )

    def _verify_data(self, sender: str, where: str, finished: Message, label: str) -> None:
        secret, key = f"{sender}_handshake_traffic_secret", f"{sender}_finished_key"
        none = Input("Context", b"")
        self._expand(key, secret, "finished", none, self._size, spec=_FINISHED, kind="finished_key")
        self._ladder.add(
            f"{sender}_verify_data",
            HMAC,
            self._ladder.of("key", key),
            self._ladder.of("data", where),
            spec=_FINISHED,
            kind="verify_data",
            expected=finished.octets[4:],
        )

    def _binder(self) -> None:
        """RFC 8446 §4.2.11.2: the client shows that it has the PSK."""
        hello = self._client_hello[-1] if self._client_hello else None
        if hello is None:
            return
        tree, ladder = hello.pdu.fields(), self._ladder
        end, selected = (
            find(tree, "binders_length"),
            find(self._server_hello.pdu.fields(), "selected_identity"),
        )
        binders = [octets_of(hello.pdu, field) for field in find_all(tree, "psk_binder_entry")]
        at = selected.value if selected else None
        if end is None or not isinstance(at, int) or at >= len(binders):
            return
        spec = "RFC 8446 §4.2.11.2"
        self._derive("binder_key", "early_secret", "res binder", "empty_hash", "", "binder_key")
        none = Input("Context", b"")
        key = "binder_finished_key"
        self._expand(key, "binder_key", "finished", none, self._size, spec=spec, kind=key)
        truncated = Input(
            "truncated_client_hello", hello.pdu.octets[: end.start // 8], pdu=hello.pdu
        )
        before = self._first(self._transcript.messages[: len(self._client_hello) * 2 - 2])
        where = "transcript_hash_truncated_client_hello"
        ladder.add(where, TRANSCRIPT_HASH, *before, truncated, spec=spec, kind="truncated_hash")
        data, of = ladder.of("data", where), ladder.of("key", key)
        ladder.add("binder", HMAC, of, data, spec=spec, expected=binders[at])

    def _early_data(self) -> None:
        """RFC 8446 §2.3: secrets that follow from the PSK and the first hello alone."""
        where, early = "transcript_hash_client_hello", "early_secret"
        self._hash(where, "client_hello")
        self._derive("client_early_traffic_secret", early, "c e traffic", where, EARLY)
        name, log = "early_exporter_master_secret", "EARLY_EXPORTER_SECRET"
        self._derive(name, early, "e exp master", where, log, "exporter_master_secret")
        self._keys("sent", "client_early", EARLY)

    def _update(self, direction: str, generation: int) -> None:
        """RFC 8446 §7.2."""
        name = f"{SENDERS[direction]}_application"
        secret, before = (f"{name}_traffic_secret_{at}" for at in (generation, generation - 1))
        none, spec = Input("Context", b""), "RFC 8446 §7.2"
        self._expand(
            secret, before, "traffic upd", none, self._size, spec=spec, kind="updated_secret"
        )
        self._keys(direction, name, _LABELS[direction][1], generation)

    def _ticket(self, number: int, ticket: Said) -> None:
        """RFC 8446 §4.6.1: the PSK of a later connection."""
        field = find(ticket.pdu.fields(), "ticket_nonce")
        nonce = octets_of(ticket.pdu, field) if field else None
        context = Input(f"ticket_nonce_{number}", nonce, pdu=ticket.pdu)
        name, secret, spec = f"psk_{number}", "resumption_master_secret", "RFC 8446 §4.6.1"
        self._expand(name, secret, "resumption", context, self._size, spec=spec, kind="ticket_psk")

    # What the messages say

    def _key_shares(self) -> tuple[Input, ...]:
        server = self._server_hello.pdu
        tree = server.fields()
        public, group = find(tree, "key_exchange"), find(tree, "group")
        return (
            Input("group", group.label or str(group.value) if group else None),
            Input("client's private key", None),
            Input("server_public_key", octets_of(server, public) if public else None, pdu=server),
        )

    @staticmethod
    def _has_extension(said: Said, number: int) -> bool:
        extensions = find_all(said.pdu.fields(), "extension_type")
        return any(field.value == number for field in extensions)
