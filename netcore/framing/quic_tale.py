"""What the packets of a QUIC connection tell, read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from netcore.channels import Channel, Span
from netcore.dissect.quic_frame_walk import (
    CONNECTION_CLOSE,
    CONNECTION_CLOSE_APPLICATION,
    CRYPTO,
    FIN,
    NEW_CONNECTION_ID,
    RETIRE_CONNECTION_ID,
    STREAM,
    STREAM_END,
    Frame,
)
from netcore.dissect.quic_packet import HANDSHAKE, INITIAL, LONGEST_ID, ONE_RTT
from netcore.field import Field, find, find_all
from netcore.framing.quic_connection import Close, Connection, ConnectionId, Packet, Stream
from netcore.framing.quic_opening import Opening
from netcore.framing.quic_streams import Assembly, Piece
from netcore.pdu import MOST_UNITS, Pdu, octets_of
from netcore.registries.http3 import error_name
from netcore.registries.quic import transport_error
from netcore.registries.tls import CIPHER_SUITES

_OTHER: Final = {"sent": "received", "received": "sent"}
_LEVELS: Final = {INITIAL: "initial", HANDSHAKE: "handshake", ONE_RTT: "1rtt"}
_CLIENT_HELLO, _SERVER_HELLO, _ENCRYPTED_EXTENSIONS = 1, 2, 8
_RANDOM: Final = slice(6, 38)  # of a hello: behind its header and its version
_TOKEN: Final = 16
_MOST_IDS: Final = 200  # of a side that short headers are compared with; the newest count
_MOST_LOOKS: Final = 1_000
_RESET: Final = 21  # octets of the shortest stateless reset (RFC 9000 §10.3)


class Tale:
    """What has been told so far."""

    def __init__(self, number: str, connection: Connection, opening: Opening) -> None:
        self._number = number
        self._connection = connection
        self._opening = opening
        self._attempt = 1  # one more after a Retry, and after a version was refused
        self._begins = True  # the next Initial packet of the client begins an attempt
        self._crypto: dict[tuple[str, str], Assembly] = {}
        self._streams: dict[tuple[int, str], Assembly] = {}
        self._lengths = {"sent": 0, "received": 0}  # of the ids that a direction's packets carry
        self._ids: dict[str, dict[bytes, None]] = {"sent": {}, "received": {}}
        self._looks = 0  # for a hello among Initial packets
        self._tokens: set[bytes] = set()  # of stateless resets of the server

    # Packets as they cross

    def meet(self, packet: Packet) -> None:
        """A packet crossed; what its header says in the clear is noted."""
        connection = self._connection
        connection.packets.append(packet)
        if packet.kind == INITIAL and packet.direction == "sent" and self._begins:
            connection.original_dcid, self._begins = packet.dcid, False
        if packet.kind in _LEVELS and packet.kind != ONE_RTT:
            self._lengths[_OTHER[packet.direction]] = len(packet.scid)

    def short_dcid(self, direction: str, octets: bytes) -> bytes:
        """The connection id in a short header: one that was issued, else as long as the first."""
        known = [each for each in self._ids[direction] if octets.startswith(each, 1)]
        return max(known, key=len, default=octets[1 : 1 + self._lengths[direction]])

    def version_negotiation(self, packet: Packet) -> None:
        """The server refused the version: the client begins anew."""
        octets = packet.pdu.octets
        start = 7 + len(packet.dcid) + len(packet.scid)
        versions = [octets[at : at + 4] for at in range(start, len(octets) - 3, 4)]
        refused = [int.from_bytes(version, "big") for version in versions]
        self._connection.versions_refused = refused
        self._attempt += 1
        self._begins = True

    def retry(self, packet: Packet, *, is_genuine: bool) -> None:
        """The server asked the client to prove its address: it sends its hello once more."""
        self._connection.retries.append(packet)
        self._connection.retry_is_genuine = is_genuine
        if is_genuine:
            self._attempt += 1

    # Packets that were opened

    def packet(self, packet: Packet) -> None:
        """A packet was opened."""
        connection = self._connection
        if packet.kind != ONE_RTT:
            if packet.direction == "received" or not self._ids["sent"]:
                connection.version = packet.version
            self._issue(packet, 0, packet.scid)
        for frame in packet.frames:
            take = _TAKES.get(frame.type)
            if take is not None:
                take(self, packet, frame)

    def _issue(self, packet: Packet, number: int, issued: bytes, token: bytes = b"") -> None:
        """A side told an id by which the other has to name it."""
        names = self._ids[_OTHER[packet.direction]]
        if issued in names or len(issued) > LONGEST_ID:
            return
        names[issued] = None
        if len(names) > _MOST_IDS:
            del names[next(iter(names))]
        if token and packet.direction == "received":
            self._tokens.add(token)
        found = ConnectionId(packet.direction, number, issued, packet, token)
        self._connection.connection_ids.append(found)

    def _piece(self, packet: Packet, frame: Frame, offset: int) -> Piece:
        assert packet.plain is not None
        assert packet.plain.carries is not None
        assert packet.opened is not None
        head = len(packet.opened.unmasked.header)
        start, end = head + frame.data.start, head + frame.data.stop
        channel, base, _ = packet.plain.carries
        place = Span(channel, base + start, base + end)
        return Piece(offset, place, packet.plain.view[start:end])

    def _take_crypto(self, packet: Packet, frame: Frame) -> None:
        level = _LEVELS.get(packet.kind, "0rtt")
        if packet.kind == INITIAL and self._attempt > 1:
            level = f"initial-{self._attempt}"
        stream = self._crypto.setdefault((level, packet.direction), Assembly())
        stream.take(self._piece(packet, frame, frame.values[0]))
        if packet.kind == INITIAL and self._looks < _MOST_LOOKS:
            self._looks += 1
            self._look_for_hello(stream, packet.direction)

    def _look_for_hello(self, stream: Assembly, direction: str) -> None:
        """The random of a ClientHello names the secrets, a ServerHello the cipher suite."""
        hello = stream.beginning(4 + 2 + 32 + 1 + 32 + 2)
        kind = hello[0] if len(hello) >= _RANDOM.stop else 0
        if kind == _CLIENT_HELLO and direction == "sent":
            self._opening.meet(hello[_RANDOM])
        elif kind == _SERVER_HELLO and direction == "received" and len(hello) > 38:
            at = 39 + hello[38]
            suite = int.from_bytes(hello[at : at + 2], "big")
            self._opening.cipher_suite = CIPHER_SUITES.get(suite, "")

    def _take_stream(self, packet: Packet, frame: Frame) -> None:
        stream_id, offset = frame.values[:2]
        stream = self._streams.setdefault((stream_id, packet.direction), Assembly())
        stream.take(self._piece(packet, frame, offset), is_last=bool(frame.type & FIN))

    def _take_new_id(self, packet: Packet, frame: Frame) -> None:
        assert packet.opened is not None
        payload = packet.opened.payload
        issued = payload[frame.data.start : frame.data.stop]
        token = payload[frame.data.stop : frame.data.stop + _TOKEN]
        self._issue(packet, frame.values[0], issued, token)

    def _take_retired(self, packet: Packet, frame: Frame) -> None:
        self._connection.retired.append((packet.direction, frame.values[0]))

    def _take_close(self, packet: Packet, frame: Frame) -> None:
        if self._connection.close is not None:
            return
        assert packet.opened is not None
        is_application, code = frame.type == CONNECTION_CLOSE_APPLICATION, frame.values[0]
        reason = packet.opened.payload[frame.data.start : frame.data.stop]
        self._connection.close = Close(
            *(packet.direction, "CONNECTION_CLOSE", is_application, code),
            error_name(code) if is_application else transport_error(code),
            reason.decode("utf-8", "replace"),
            packet,
        )

    # When all packets were read

    def handshake(self) -> tuple[list[Pdu], list[Channel]]:
        """The messages of TLS, and the streams that they were cut from."""
        pdus: list[Pdu] = []
        channels: list[Channel] = []
        for (level, direction), stream in self._crypto.items():
            channel = stream.channel(f"quic:{self._number}/{level}.{direction}")
            channels.append(channel)
            messages = list(islice(_messages(channel), MOST_UNITS))
            pdus += messages
            for message in messages:
                self._read_message(message, direction)
        connection, opening = self._connection, self._opening
        connection.randoms, connection.cipher_suite = opening.randoms, opening.cipher_suite
        return pdus, channels

    def find_resets(self) -> None:
        """What could not be opened and ends in a token of the server's is a stateless reset: the
        server no longer knows the connection (RFC 9000 §10.3.1).
        """
        for packet in self._connection.packets:
            octets = packet.pdu.octets
            closed = packet.kind == ONE_RTT and packet.opened is None
            if closed and len(octets) >= _RESET and octets[-_TOKEN:] in self._tokens:
                packet.pdu.protocol, packet.error = "quic_packet_stateless_reset", ""
                packet.pdu.error = ""
                how = Close(packet.direction, "stateless reset", False, 0, "", "", packet)
                self._connection.close = self._connection.close or how

    def _read_message(self, message: Pdu, direction: str) -> None:
        kind = message.octets[0]
        if kind not in (_CLIENT_HELLO, _ENCRYPTED_EXTENSIONS):
            return
        tree = message.fields()
        told = _parameters(message, tree)
        if told:
            self._connection.transport_parameters[direction] = told
            token = told.get("stateless_reset_token")
            if direction == "received" and isinstance(token, str):
                self._tokens.add(bytes.fromhex(token))
        if kind == _ENCRYPTED_EXTENSIONS and direction == "received":
            chosen = find(tree, "protocol_name")
            self._connection.alpn = str(chosen.value) if chosen else ""

    def streams(self) -> list[Channel]:
        """The streams of the application, in order of first use."""
        channels: list[Channel] = []
        for (stream_id, direction), stream in self._streams.items():
            channel = stream.channel(f"quic:{self._number}/{stream_id}.{direction}")
            channels.append(channel)
            known = Stream(
                *(stream_id, direction, channel.name, channel.length),
                *(stream.final_size, stream.missing),
            )
            self._connection.streams.append(known)
        return channels


_TAKES: Final[dict[int, Callable[[Tale, Packet, Frame], None]]] = {
    CRYPTO: Tale._take_crypto,
    **dict.fromkeys(range(STREAM, STREAM_END), Tale._take_stream),
    NEW_CONNECTION_ID: Tale._take_new_id,
    RETIRE_CONNECTION_ID: Tale._take_retired,
    CONNECTION_CLOSE: Tale._take_close,
    CONNECTION_CLOSE_APPLICATION: Tale._take_close,
}


def _messages(channel: Channel) -> Iterator[Pdu]:
    """Handshake messages, each behind its length; the last may not be whole (RFC 8446 §4)."""
    octets, at = memoryview(channel.octets), 0
    while at < len(octets):
        size = 4 + int.from_bytes(octets[at + 1 : at + 4], "big")
        end = min(at + size, len(octets))
        yield Pdu("tls_handshake.tls13", octets[at:end], (Span(channel.name, at, end),))
        at = end


def _parameters(message: Pdu, tree: Field) -> dict[str, object]:
    """The transport parameters of a hello: a number, octets in hexadecimal, or True for one that
    is there without data.
    """
    found: dict[str, object] = {}
    for field in find_all(tree, "transport_parameter"):
        number = find(field, "transport_parameter_id")
        name = field.label
        if name in ("GREASE", "unassigned") and number is not None:
            name = f"{name} {number.value:#x}"
        found[name] = _parameter(message, field)
    return found


def _parameter(message: Pdu, field: Field) -> object:
    body = find(field, "transport_parameter_value") or find(field, "transport_parameter_data")
    if body is None or not body.length:
        return True
    inner = body.children[0] if len(body.children) == 1 else None
    if inner is not None and isinstance(inner.value, int | str):
        return inner.value
    return octets_of(message, body).hex()
