"""Who said what in the handshake of TLS inside a QUIC connection (RFC 9001 §4).

Theory of operation. CRYPTO frames carry the messages of TLS 1.3 without its records; which keys
protected a message is known from the packet in which it began. After a Retry, or when a version was
refused, the client begins anew: what it had said before is no part of the handshake that follows,
so the last attempt is told. What Initial packets hold counts as said in the clear, for everybody
can compute their keys.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from netcore.decrypt.opened import Protection
from netcore.decrypt.openers import TLS13, Negotiated
from netcore.dissect.quic_packet import ONE_RTT
from netcore.framing.quic_connection import Connection, Packet
from netcore.handshake.conversations import CLIENT_HELLO, SERVER_HELLO, Conversation, Said
from netcore.pdus import Explanation

_RANDOM = slice(6, 38)  # of a hello: behind its header and its version


def quic_conversations(explanation: Explanation) -> list[Conversation]:
    """The conversation of each QUIC connection in which a ClientHello was read.

    Its secrets are left out: they open packets, and no record.
    """
    found = (
        _conversation(explanation, number, connection)
        for number, connection in explanation.quic.items()
    )
    return [each for each in found if each.said]


def _conversation(explanation: Explanation, number: str, connection: Connection) -> Conversation:
    said = tuple(_said(explanation, number, connection))
    hellos = {each.msg_type: each.pdu.octets for each in said}
    client, server = hellos.get(CLIENT_HELLO, b""), hellos.get(SERVER_HELLO, b"")
    negotiated = Negotiated(
        version=TLS13 if server else 0,
        cipher_suite=connection.cipher_suite if server else "",
        client_random=client[_RANDOM],
        server_random=server[_RANDOM],
    )
    return Conversation(f"quic-{number}", negotiated, {}, said, _began(said, connection))


def _said(explanation: Explanation, number: str, connection: Connection) -> Iterator[Said]:
    messages = [
        pdu
        for pdu in explanation.pdus
        if pdu.name == "tls_handshake" and pdu.origin[0].channel.startswith(f"quic:{number}/")
    ]
    levels = [pdu.origin[0].channel.rpartition(".")[0] for pdu in messages]
    initial = [level for level in levels if "/initial" in level]
    last = max(initial, key=lambda level: (len(level), level), default="")
    places = {direction: _Packets(connection, direction) for direction in ("sent", "received")}
    for pdu, level in zip(messages, levels, strict=True):
        if pdu.size and ("/initial" not in level or level == last):
            direction = pdu.origin[0].channel.rpartition(".")[2]
            below = explanation.channels[pdu.origin[0].channel].cover(
                pdu.origin[0].start, pdu.origin[0].start + 1
            )
            place = below[0].below if below else None
            protection = places[direction].protection(place.start) if place else None
            yield Said(pdu, direction, protection)


def _began(said: tuple[Said, ...], connection: Connection) -> int:
    """How many messages had crossed when the client first used the keys of 1-RTT."""
    used = (
        each.event
        for each in connection.packets
        if each.direction == "sent" and each.kind == ONE_RTT
    )
    first = next(used, None)
    if first is None:
        return len(said)
    return sum(bool(each.pdu.events) and each.pdu.events[0] <= first for each in said)


class _Packets:
    """The opened packets of one direction, by where they stand in the channel of all of them."""

    def __init__(self, connection: Connection, direction: str) -> None:
        self._packets: list[Packet] = []
        self._starts: list[int] = []
        for packet in connection.packets:
            if packet.direction == direction and packet.plain and packet.plain.carries:
                self._packets.append(packet)
                self._starts.append(packet.plain.carries.start)

    def protection(self, place: int) -> Protection | None:
        """What the packet had that holds the octet at `place`; None for an Initial packet."""
        at = bisect_right(self._starts, place) - 1
        opened = self._packets[at].opened if at >= 0 else None
        if opened is None or not opened.label:
            return None
        return Protection(opened.label, opened.packet_number, opened.generation)
