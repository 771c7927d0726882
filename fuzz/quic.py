"""QUIC: frames spoilt and sealed, datagrams spoilt on their way.

Theory of operation. Nobody can spoil what is inside a packet without its keys, and a server has
them. So two things are fed. `quic`: the octets are a payload of frames, which a server in memory
(the library's) seals with its own keys, as Initial, Handshake or 1-RTT packet, in the middle of a
handshake that was right up to there. `quic_datagrams`: the octets say what is changed of one
datagram of such a handshake, by exclusive or; or they stand as a whole datagram behind the
connection IDs that make it one of ours. Datagrams come whole: nothing is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Final

from aioquic import tls
from aioquic.buffer import encode_uint_var
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicPacketType, encode_long_header_first_byte

from fuzz.target import Target, hold
from lab.authority import Identity, issue
from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http1 import HttpEvent
from netcore.protocols.http3 import Http3
from netcore.protocols.quic import Quic
from netcore.protocols.tls_context import Offer
from tools.vectors import VECTORS, read_octets

HOST: Final = "a.test"
FIELDS: Final = (("Host", HOST), ("User-Agent", "x"))
LIMITS: Final = Limits(header_octets=4_096, body_read_octets=32_768)
_CLIENT: Final = ("client", 1)
_TRIP_S: Final = 0.01
_ROUNDS: Final = 4  # of a handshake and what comes behind it
_SENT: Final = 60_000  # octets that a client may say, whatever it hears
_CODES: Final = ("quic.", "tls.", "h3.", "limit.")
_PAYLOAD: Final = 1_150  # octets that fit into a packet
_SAMPLED: Final = 2  # octets that a payload has at least (RFC 9001 §5.4.2), the number being two
_WAITS: Final = 8  # timers that run out
_KINDS: Final = {
    tls.Epoch.INITIAL: QuicPacketType.INITIAL,
    tls.Epoch.HANDSHAKE: QuicPacketType.HANDSHAKE,
}


@cache
def _identity() -> Identity:
    return issue(None, HOST, [HOST])


class Talk:
    """Our client with a request, and a server in memory. `now` is the time, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent = 0  # octets of the client
        offer = Offer(alpn=("h3",), group="x25519")
        self.client = Quic(HOST, sni=HOST, offer=offer, verify=False, idle_s=3)
        configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
        configuration.private_key = _identity().key
        configuration.certificate = _identity().certificate
        original = self.client.connection.original_destination_connection_id
        self.server = QuicConnection(
            configuration=configuration, original_destination_connection_id=original
        )
        self.http = Http3(self.client, LIMITS)
        self.events: list[HttpEvent] = []
        self.client.start(self.now)
        self.to_server()

    def to_server(self) -> None:
        """What the client has to say goes to the server."""
        self.now += _TRIP_S
        for datagram in self.client.datagrams_to_send(self.now):
            self.sent += len(datagram)
            self.server.receive_datagram(datagram, _CLIENT, self.now)

    def from_server(self) -> list[bytes]:
        """The server's datagrams, which have not come yet."""
        return [data for data, _ in self.server.datagrams_to_send(self.now)]

    def take(self, datagram: bytes) -> None:
        """One datagram comes to the client."""
        self.client.receive(datagram, self.now)
        self.read()

    def read(self) -> None:
        """HTTP/3 asks for what has come on streams."""
        if self.client.has_events:
            self.events += self.http.receive(b"\0")

    def shake(self) -> None:
        """The handshake to its end, and a request behind it."""
        for _ in range(_ROUNDS):
            for datagram in self.from_server():
                self.take(datagram)
            self.to_server()
        hold(self.client.established, "the handshake did not come to its end")

    def ask(self) -> None:
        """A request, which goes out with what the client says next."""
        self.http.start("GET", "/", FIELDS)

    def end(self) -> int:
        """Wait, and take leave. Out: how many events there were. Raises: Finding."""
        self.to_server()
        for _ in range(_WAITS):
            due = self.client.timer_s
            if due is None:
                break
            self.now = max(self.now, due)
            self.client.handle_timer(self.now)
            self.to_server()
        self.events += self.http.receive(b"")
        self.client.close()
        self.to_server()
        failure = self.client.failure
        if failure is not None:
            _has_code(failure)
        hold(self.sent <= _SENT, f"the client said {self.sent} octets")
        return len(self.events) + 1

    def seal(self, epoch: tls.Epoch, payload: bytes) -> bytes:
        """A packet of the server with these frames."""
        server = self.server
        payload = payload.ljust(_SAMPLED, b"\0")
        number = server._packet_number
        server._packet_number += 1
        peer, version = server._peer_cid.cid, server._version or 1
        if epoch == tls.Epoch.ONE_RTT:
            crypto = server._cryptos[epoch]
            head = bytes([0x41 | crypto.key_phase << 2]) + peer
        else:
            crypto = (
                server._cryptos_initial[version]
                if epoch == tls.Epoch.INITIAL
                else server._cryptos[epoch]
            )
            first = encode_long_header_first_byte(version, _KINDS[epoch], 1)
            token = b"\0" if epoch == tls.Epoch.INITIAL else b""
            own = server.host_cid
            head = bytes([first]) + version.to_bytes(4, "big")
            head += bytes([len(peer)]) + peer + bytes([len(own)]) + own + token
            head += encode_uint_var(2 + len(payload) + crypto.aead_tag_size)
        return crypto.encrypt_packet(head + (number & 0xFFFF).to_bytes(2, "big"), payload, number)


def _has_code(failure: FetchError) -> None:
    hold(failure.code.startswith(_CODES), f"the failure has the code {failure.code}")
    hold(bool(failure.message.strip()), "the failure has no message")


# Frames


def _crypto(data: bytes, offset: int = 0) -> bytes:
    return b"\x06" + encode_uint_var(offset) + encode_uint_var(len(data)) + data


def _stream(number: int, data: bytes) -> bytes:
    return b"\x0b" + encode_uint_var(number) + encode_uint_var(len(data)) + data


def _frame_seeds() -> Sequence[bytes]:
    """Payloads of RFC 9000's frames, of a real handshake, and of HTTP/3 on streams."""
    frames = [read_octets(path) for path in sorted(VECTORS.glob("quic_frame*/*.hex"))]
    talk = Talk()
    said = [
        bytes(talk.server._crypto_streams[epoch].sender._buffer)
        for epoch in (tls.Epoch.INITIAL, tls.Epoch.HANDSHAKE)
    ]
    made = [_crypto(each[:_PAYLOAD]) for each in said]
    settings, answer = b"\x00\x04\x00", bytes.fromhex("01030000d9") + b"\x00\x05hello"
    streams = _stream(3, settings) + _stream(0, answer)
    return [*frames, *made, streams, _stream(0, answer) + b"".join(frames[:8])]


_EPOCHS: Final = (tls.Epoch.INITIAL, tls.Epoch.HANDSHAKE, tls.Epoch.ONE_RTT)


def _frames_read(octets: bytes, chance: Random) -> int:
    epoch = chance.choice(_EPOCHS)
    talk = Talk()
    if epoch == tls.Epoch.HANDSHAKE:
        talk.take(talk.from_server()[0])
    elif epoch == tls.Epoch.ONE_RTT:
        talk.shake()
    talk.ask()
    for at in range(0, len(octets), _PAYLOAD):
        talk.take(talk.seal(epoch, octets[at : at + _PAYLOAD]))
    return talk.end()


# Datagrams


def _datagram_seeds() -> Sequence[bytes]:
    """No change, over lengths that datagrams have; and what nobody encrypts."""
    folders = ("quic_packet_version_negotiation", "quic_packet_retry", "quic_datagram")
    whole = [read_octets(path) for each in folders for path in (VECTORS / each).glob("*.hex")]
    return [bytes(length) for length in (20, 60, 300, 1_200, 1_280)] + sorted(whole)


def _datagrams_read(octets: bytes, chance: Random) -> int:
    talk = Talk()
    if chance.random() < 0.5:
        talk.shake()
    talk.ask()
    talk.to_server()
    datagrams = talk.from_server() or [talk.seal(tls.Epoch.ONE_RTT, b"\x01" * 20)]
    at = chance.randrange(len(datagrams))
    if octets[:1] == b"\0":
        datagrams[at] = _changed(datagrams[at], octets)
    else:
        datagrams[at] = _addressed(octets, talk)
    for datagram in datagrams:
        talk.take(datagram)
    return talk.end()


def _changed(datagram: bytes, change: bytes) -> bytes:
    """The datagram after an exclusive or; longer if the change is, cut if that is much shorter."""
    long = max(len(datagram), len(change))
    both = zip(datagram.ljust(long, b"\0"), change.ljust(long, b"\0"), strict=True)
    made = bytes(one ^ other for one, other in both)
    return made if len(change) * 2 > len(datagram) else made[: len(change)]


def _addressed(octets: bytes, talk: Talk) -> bytes:
    """The octets, where a connection ID stands that of our client."""
    own, peer = talk.client.connection.host_cid, talk.server.host_cid
    if not octets or not octets[0] & 0x80:
        return octets[:1] + own + octets[9:]
    return octets[:5] + bytes([len(own)]) + own + bytes([len(peer)]) + peer + octets[23:]


QUIC: Final = Target(_frame_seeds, _frames_read, 200, 8_000, 4_000, 150_000, costs=60)
"""Payloads of packets, sealed with the server's own keys."""

QUIC_DATAGRAMS: Final = Target(
    _datagram_seeds, _datagrams_read, 200, 8_000, 4_000, 150_000, costs=60
)
"""Datagrams that were spoilt on their way."""
