"""Who said what in the handshake of a TLS connection, and under which keys.

Theory of operation. The units of a connection are in the order in which their first octets
crossed at our end, so messages of one direction in a row are one flight (RFC 8446 §2 draws them
so). A round trip is a flight that had to be waited for: those of the server up to the one with
its Finished, or up to the last where none came. What came later (tickets, key updates, alerts)
is in the conversation and delays nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from netcore.channels import Span
from netcore.decrypt.keylog import Secrets
from netcore.decrypt.opened import APPLICATION_DATA, Protection
from netcore.decrypt.openers import Negotiated
from netcore.pdu import DECRYPTED, Pdu
from netcore.pdus import Explanation

CLIENT_HELLO, SERVER_HELLO, FINISHED = 1, 2, 20
_FAMILIES = ("tls_handshake", "tls_alert", "tls_change_cipher_spec")


class Said(NamedTuple):
    """One handshake message, alert or ChangeCipherSpec."""

    pdu: Pdu
    direction: str  # "sent" or "received"
    protection: Protection | None  # of the record in which it began; None in the clear

    @property
    def msg_type(self) -> int:
        """The HandshakeType, -1 for what is no handshake message or has no octet."""
        is_message = self.pdu.name == "tls_handshake" and self.pdu.size
        return self.pdu.octets[0] if is_message else -1


class Flight(NamedTuple):
    """Messages of one direction in a row."""

    direction: str
    later: bool  # whether the client had sent application data before it
    said: tuple[Said, ...]


class Conversation(NamedTuple):
    """The handshake of one connection and what followed it, without application data."""

    number: str  # of the connection: "1" for "tcp:1", "quic-1" for "udp:1"
    hellos: Negotiated
    secrets: Secrets
    said: tuple[Said, ...]
    began: int  # how many had been said when the client first sent application data

    @property
    def is_quic(self) -> bool:
        """Whether its messages crossed in packets of QUIC, without records."""
        return self.number.startswith("quic-")

    @property
    def socket(self) -> str:
        """The name of its socket: "tcp:1"."""
        if self.is_quic:
            return f"udp:{self.number.removeprefix('quic-')}"
        return f"tcp:{self.number}"

    @property
    def flights(self) -> tuple[Flight, ...]:
        """What was said, in flights."""
        placed = [(each.direction, at >= self.began) for at, each in enumerate(self.said)]
        runs = groupby(zip(placed, self.said, strict=True), lambda pair: pair[0])
        return tuple(
            Flight(direction, later, tuple(said for _, said in run))
            for (direction, later), run in runs
        )

    @property
    def round_trips(self) -> int:
        """How many flights of the server the client waited for before it could use its keys."""
        finished = [
            place
            for place, each in enumerate(self.said)
            if each.direction == "received" and each.msg_type == FINISHED
        ]
        end = finished[0] + 1 if finished else len(self.said)
        runs = groupby(self.said[:end], lambda said: said.direction)
        return sum(direction == "received" for direction, _ in runs)

    def messages(self, msg_type: int, direction: str = "") -> Iterator[Said]:
        """Handshake messages of a type, of one direction or of both."""
        return (
            each
            for each in self.said
            if each.msg_type == msg_type and direction in ("", each.direction)
        )


def conversations(explanation: Explanation) -> list[Conversation]:
    """The conversation of each TLS connection, in order of first use."""
    return [
        Conversation(number, secured.hellos, secured.secrets, *_said(explanation, number))
        for number, secured in explanation.tls.items()
    ]


def _said(explanation: Explanation, number: str) -> tuple[tuple[Said, ...], int]:
    protections = dict(_protections(explanation.pdus))
    said: list[Said] = []
    began = -1
    for pdu in explanation.pdus:
        channel = pdu.origin[0].channel
        if not _is_of(channel, number):
            continue
        direction = channel.rpartition(".")[2]
        if pdu.name in _FAMILIES and pdu.size:
            said.append(Said(pdu, direction, protections.get(_record(explanation, pdu))))
        elif began < 0 and direction == "sent" and _is_data(pdu):
            began = len(said)
    return tuple(said), len(said) if began < 0 else began


def _protections(pdus: Iterable[Pdu]) -> Iterator[tuple[Span | None, Protection]]:
    """Record -> what it was verified with."""
    return ((pdu.origin[0], pdu.protection) for pdu in pdus if pdu.protection)


def _is_of(channel: str, number: str) -> bool:
    """Whether a channel is the connection's, or derived from it by decryption."""
    socket = channel.rpartition(".")[0].partition("/")[0]
    return socket in (f"tcp:{number}", f"tls:{number}")


def _is_data(pdu: Pdu) -> bool:
    """Whether the unit was application data in a record."""
    if pdu.step == DECRYPTED:
        return bool(pdu.carries and "/" not in pdu.carries.channel)
    return (
        pdu.protocol == "tls_ciphertext"
        and pdu.octets[:1] == bytes([APPLICATION_DATA])
        and bool(pdu.error)
    )


def _record(explanation: Explanation, pdu: Pdu) -> Span | None:
    """The record in which a message of a derived channel begins; None for one in the clear."""
    span = pdu.origin[0]
    pieces = explanation.channels[span.channel].cover(span.start, span.start + 1)
    return pieces[0].below if pieces else None
