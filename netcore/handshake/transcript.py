"""The messages that both sides hash, in their order (RFC 8446 §4.4.1, RFC 5246 §7.4.9).

The order is that of the protocol and not that of the clock: what one side sends late does not
move in front of what the other had to have before it could.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netcore.decrypt.openers import TLS13
from netcore.field import find
from netcore.handshake.conversations import (
    CLIENT_HELLO,
    FINISHED,
    SERVER_HELLO,
    Conversation,
    Said,
)
from netcore.handshake.steps import Input
from netcore.pdus import Explanation
from netcore.titles import title_of

HELLO_REQUEST, SERVER_HELLO_DONE, CERTIFICATE, CERTIFICATE_VERIFY = 0, 14, 11, 15
_OF_BOTH = (CERTIFICATE, CERTIFICATE_VERIFY, FINISHED)


class Message(NamedTuple):
    """One message of the handshake, whole."""

    name: str  # unique, in snake_case: "client_hello_2", "server_finished"
    said: Said

    @property
    def octets(self) -> bytes:
        """The message with its header."""
        return self.said.pdu.octets

    @property
    def as_input(self) -> Input:
        """The message as the input of a hash."""
        return Input(self.name, self.octets, pdu=self.said.pdu)


class Transcript(NamedTuple):
    """The messages of one handshake in the order in which both sides hash them."""

    messages: tuple[Message, ...]

    def message(self, name: str) -> Message | None:
        """The message of that name."""
        return next((each for each in self.messages if each.name == name), None)

    def before(self, message: Message) -> Message | None:
        """The message in front of one of them."""
        at = self.messages.index(message)
        return self.messages[at - 1] if at else None

    def up_to(self, name: str) -> tuple[Message, ...]:
        """The messages up to the one of that name, with it; none if it is not there."""
        found = self.message(name)
        return self.messages[: self.messages.index(found) + 1] if found else ()


def transcript(conversation: Conversation, explanation: Explanation) -> Transcript:
    """The messages of the first handshake up to both Finished, as far as they could be read.

    What follows on the first record that stayed closed is left out: something is missing there.
    """
    sent = list(_readable(conversation, explanation, "sent"))
    received = list(_readable(conversation, explanation, "received"))
    order = _order13 if conversation.hellos.version == TLS13 else _order12
    return Transcript(tuple(_named(order(sent, received))))


def is_retry(said: Said) -> bool:
    """Whether it is a HelloRetryRequest, which is a ServerHello by its type."""
    return find(said.pdu.fields(), "hello_retry_request") is not None


def _readable(
    conversation: Conversation, explanation: Explanation, direction: str
) -> Iterator[Said]:
    """Whole handshake messages of one direction, up to its Finished or the first gap."""
    channel = f"tcp:{conversation.number}.{direction}"
    closed = (
        pdu.origin[0].start
        for pdu in explanation.pdus
        if pdu.protocol == "tls_ciphertext" and pdu.error and pdu.origin[0].channel == channel
    )
    gap = min(closed, default=None)
    for said in conversation.said:
        if said.direction != direction or said.msg_type in (-1, HELLO_REQUEST):
            continue
        octets = said.pdu.octets
        start = explanation.ground(said.pdu.origin[0])[0].start
        if len(octets) < 4 or len(octets) != 4 + int.from_bytes(octets[1:4], "big"):
            return
        if gap is not None and start > gap:
            return
        yield said
        if said.msg_type == FINISHED:
            return


def _order13(sent: Sequence[Said], received: Sequence[Said]) -> Iterator[Said]:
    """RFC 8446 §2: the hellos in turn, then all of the server's, then all of the client's."""
    hellos = [each for each in sent if each.msg_type == CLIENT_HELLO]
    retries = [each for each in received if each.msg_type == SERVER_HELLO and is_retry(each)]
    yield from hellos[:1]
    yield from retries[:1]
    yield from hellos[1:2]
    yield from (each for each in received if each not in retries)
    yield from (each for each in sent if each not in hellos)


def _order12(sent: Sequence[Said], received: Sequence[Said]) -> Iterator[Said]:
    """RFC 5246 §7.3: the side that does not finish first waits for the other's Finished."""
    done = [at for at, each in enumerate(received) if each.msg_type == SERVER_HELLO_DONE]
    end = done[0] + 1 if done else len(received)
    yield from sent[:1]
    yield from received[:end]
    yield from sent[1:]
    yield from received[end:]


def _named(said: Iterator[Said]) -> Iterator[Message]:
    used: dict[str, int] = {}
    for each in said:
        title = title_of(each.pdu)
        name = f"message_{each.msg_type}"
        if title.isidentifier():
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", title).lower()
        if each.msg_type in _OF_BOTH:
            name = f"{'client' if each.direction == 'sent' else 'server'}_{name}"
        used[name] = used.get(name, 0) + 1
        yield Message(name if used[name] == 1 else f"{name}_{used[name]}", each)
