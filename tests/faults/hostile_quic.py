"""A server of QUIC that does one wrong thing: the lab's, and octets that its library would not."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Final, Self

from aioquic import tls
from aioquic._buffer import Buffer
from aioquic.quic.packet import QuicPacketType
from aioquic.quic.packet_builder import QuicPacketBuilder

from lab import Authority
from lab.quic import Conversation, Quic, QuicServer, bound_twice
from lab.streams import Asked
from tests.faults.case import Scene, Stage, options
from tests.faults.certificates import HOST

Serve = Callable[[Conversation, Asked], None]
RESPONSE: Final = (
    b"\x01\x03\0\0\xd9"  # HEADERS: an empty prefix and :status 200, of the static table
)


def number(value: int) -> bytes:
    """A variable-length integer (RFC 9000 §16)."""
    buffer = Buffer(capacity=8)
    buffer.push_uint_var(value)
    return buffer.data


def frame(kind: int, payload: bytes) -> bytes:
    """A frame of HTTP/3."""
    return number(kind) + number(len(payload)) + payload


def stream(stream_id: int, offset: int, data: bytes, *, fin: bool = False) -> bytes:
    """A STREAM frame with offset and length."""
    kind = 0x0E | fin
    return bytes([kind]) + number(stream_id) + number(offset) + number(len(data)) + data


def packet(conversation: Conversation, frames: bytes) -> bytes:
    """A packet of the server with these octets for frames."""
    quic = conversation.quic
    assert quic._version is not None
    builder = QuicPacketBuilder(
        host_cid=quic.host_cid,
        is_client=False,
        max_datagram_size=1_280,
        packet_number=quic._packet_number,
        peer_cid=quic._peer_cid.cid,
        version=quic._version,
    )
    builder.start_packet(QuicPacketType.ONE_RTT, quic._cryptos[tls.Epoch.ONE_RTT])
    builder.start_frame(frames[0], capacity=len(frames)).push_bytes(frames[1:])
    datagrams, _ = builder.flush()
    quic._packet_number = builder.packet_number
    return datagrams[0]


class HostileQuic(QuicServer):
    """Serves like the lab and then sends what `raw` makes, packet by packet."""

    def __init__(self, authority: Authority, behaviour: Quic, *, elsewhere: bool = False) -> None:
        self._stream, datagrams = bound_twice()
        self.port: int = datagrams.getsockname()[1]
        self.endpoint = f"127.0.0.1:{self.port}"
        self._other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._other.bind(("127.0.0.1", 0))
        used = _FromElsewhere(datagrams, self._other) if elsewhere else datagrams
        super().__init__(used, behaviour, authority.identity(HOST), (), "hostile")

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        super().__exit__(*details)
        self._stream.close()
        self._other.close()

    def _send(self, conversation: Conversation) -> None:
        super()._send(conversation)
        for datagram in getattr(conversation, "raw", ()):
            with contextlib.suppress(OSError):
                self._socket.sendto(datagram, conversation.address)
        conversation.raw = []  # type: ignore[attr-defined]


class _FromElsewhere:
    """Receives on one socket, and answers from another one."""

    def __init__(self, there: socket.socket, elsewhere: socket.socket) -> None:
        self._there = there
        self.sendto = elsewhere.sendto
        self.recvfrom = there.recvfrom
        self.setblocking = there.setblocking
        self.fileno = there.fileno
        self.close = there.close
        self.getsockname = there.getsockname


def over_quic(behaviour: Quic, *, elsewhere: bool = False, **more: object) -> Stage:
    """A scene with one such server, spoken to by HTTP/3."""

    def scene(stack: contextlib.ExitStack) -> Scene:
        authority = stack.enter_context(Authority())
        server = stack.enter_context(HostileQuic(authority, behaviour, elsewhere=elsewhere))
        resolve = (f"{HOST}:{server.port}:127.0.0.1",)
        wanted = options(
            server,  # type: ignore[arg-type]
            resolve=resolve,
            cacert=authority.cacert,
            http="3",
            **more,
        )
        return Scene(f"https://{HOST}:{server.port}/", wanted)

    return scene


def sends(*packets: bytes) -> Serve:
    """To a request: packets with these frames, in order."""

    def serve(conversation: Conversation, asked: Asked) -> None:
        made = [packet(conversation, frames) for frames in packets]
        conversation.raw = made  # type: ignore[attr-defined]

    return serve


def says(octets: bytes, *, fin: bool = True) -> Serve:
    """To a request: these octets on its stream."""

    def serve(conversation: Conversation, asked: Asked) -> None:
        conversation.quic.send_stream_data(asked.stream, octets, fin)

    return serve


def says_on(*streams: tuple[int, bytes]) -> Serve:
    """To a request: octets on streams of the server, each new."""
    return sends(*[stream(each, 0, octets) for each, octets in streams])
