"""The server's side of HTTP/3: one UDP socket, and QUIC by the library."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from aioquic._buffer import Buffer
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, ProtocolNegotiated
from aioquic.quic.packet import (
    QuicHeader,
    QuicPacketType,
    QuicProtocolVersion,
    encode_quic_retry,
    encode_quic_version_negotiation,
    pull_quic_header,
)
from aioquic.tls import SessionTicket

from lab.authority import Identity
from lab.log import Log, LoggedDatagrams
from lab.streams import Asked
from lab.visit import SERVER, TEXT

V1: Final = int(QuicProtocolVersion.VERSION_1)
V2: Final = int(QuicProtocolVersion.VERSION_2)
_DATAGRAM: Final = 65_535
_CID_OCTETS: Final = 8
_MOST: Final = 64  # conversations; the oldest makes room
_TOKEN: Final = b"wiretale-lab "

Address = tuple[str, int]


@dataclass(frozen=True)
class Quic:
    """What a server does where the client speaks QUIC."""

    serve: ServeQuic
    retry: bool = False  # it wants to see first that an address is the client's
    versions: tuple[int, ...] = (V1, V2)
    lost: frozenset[int] = frozenset()  # its datagrams that never leave, counted from 1
    unheard: frozenset[int] = frozenset()  # the client's that it does not hear, counted from 1
    answers: Callable[[bytes], Sequence[bytes]] | None = None  # to each datagram, by hand
    early_data: bool = False
    settings: tuple[tuple[int, int], ...] = ()  # of HTTP/3, beyond those that the library sends


@dataclass
class Conversation:
    """One client's connection: what it asks on its streams, and the ways to answer."""

    quic: QuicConnection
    address: Address
    h3: H3Connection | None = None
    asked: dict[int, Asked] = field(default_factory=dict)
    datagrams: int = 0  # that were sent, those that were lost too
    heard: int = 0  # datagrams of the client's, those that were not listened to too
    after_sending: Callable[[], None] | None = None  # what is done once all that is there has left

    def respond(
        self, asked: Asked, status: int, body: bytes, fields: Sequence[tuple[str, str]] = ()
    ) -> None:
        """A complete response, none of its body for HEAD."""
        length = ("content-length", str(len(body)))
        content = b"" if asked.method == "HEAD" else body
        self.begin(asked, status, (("content-type", TEXT), length, *fields))
        self.send(asked, content, last=True)

    def begin(self, asked: Asked, status: int, fields: Sequence[tuple[str, str]]) -> None:
        """A head alone."""
        assert self.h3 is not None
        lines = [(":status", str(status)), ("server", SERVER), *fields]
        self.h3.send_headers(asked.stream, [(k.encode(), v.encode()) for k, v in lines])

    def send(self, asked: Asked, content: bytes, *, last: bool = False) -> None:
        """Content in a DATA frame."""
        assert self.h3 is not None
        self.h3.send_data(asked.stream, content, last)

    def take(self, event: H3Event) -> Asked | None:
        """A request that is whole with this event, None while it is not."""
        match event:
            case HeadersReceived(headers=lines, stream_id=stream, stream_ended=ended):
                fields = {k.decode("latin-1"): v.decode("latin-1") for k, v in lines}
                self.asked.setdefault(stream, Asked(stream, fields))
            case DataReceived(data=data, stream_id=stream, stream_ended=ended):
                self.asked[stream].body_octets += len(data)
                self.asked[stream].body_frames += 1
            case _:
                return None
        return self.asked[stream] if ended else None


class _Http3(H3Connection):
    """The library's side of HTTP/3, with settings that it would not send. In: those."""

    def __init__(self, quic: QuicConnection, settings: tuple[tuple[int, int], ...]) -> None:
        self._further = settings
        super().__init__(quic)

    def _get_local_settings(self) -> dict[int, int]:
        return super()._get_local_settings() | dict(self._further)


ServeQuic = Callable[[Conversation, Asked], None]


def bound_twice() -> tuple[socket.socket, socket.socket]:
    """A TCP and a UDP socket at the same port of 127.0.0.1, which the system picks."""
    while True:
        stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stream.bind(("127.0.0.1", 0))
        with contextlib.suppress(OSError):  # somebody else has that one
            datagrams.bind(stream.getsockname())
            return stream, datagrams
        stream.close()
        datagrams.close()


class QuicServer:
    """Serves on a UDP socket, in one thread for all clients.

    A context manager. In: the socket, bound; what it does; its identity, and those above it; where
    its calls are noted.
    """

    def __init__(
        self,
        bound: socket.socket,
        behaviour: Quic,
        identity: Identity,
        above: Sequence[Identity],
        name: str,
        log: Log | None = None,
    ) -> None:
        self._socket = bound
        self._logged = LoggedDatagrams(bound, log or Log())
        self._behaviour = behaviour
        self._configuration = QuicConfiguration(
            is_client=False, alpn_protocols=["h3"], supported_versions=list(behaviour.versions)
        )
        self._configuration.private_key = identity.key
        self._configuration.certificate = identity.certificate
        self._configuration.certificate_chain = [each.certificate for each in above]
        self._conversations: dict[Address, Conversation] = {}
        self._tickets: dict[bytes, SessionTicket] = {}
        self._waker, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name=f"lab {name} udp", daemon=True)

    def __enter__(self) -> Self:
        self._socket.setblocking(False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waker.send(b"\0")
        self._thread.join()
        for each in (self._waker, self._woken, self._socket):
            each.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            stop = selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = selector.select(self._patience_s())
                if any(key is stop for key, _ in ready):
                    return
                with contextlib.suppress(OSError):  # a client that is gone
                    self._take_datagrams()
                self._tick()

    def _patience_s(self) -> float | None:
        timers = (each.quic.get_timer() for each in self._conversations.values())
        due = min((each for each in timers if each is not None), default=None)
        return None if due is None else max(0.0, due - time.monotonic())

    def _tick(self) -> None:
        now_s = time.monotonic()
        for each in list(self._conversations.values()):
            due = each.quic.get_timer()
            if due is not None and due <= now_s:
                each.quic.handle_timer(now_s)
                self._proceed(each)

    def _take_datagrams(self) -> None:
        while True:
            try:
                datagram, address, noted = self._logged.recvfrom(_DATAGRAM)
            except BlockingIOError:
                return
            if self._behaviour.answers is not None:
                for answer in self._behaviour.answers(datagram):
                    self._logged.sendto(answer, address)
                continue
            conversation = self._conversations.get(address) or self._begin(datagram, address)
            if conversation is not None:
                conversation.heard += 1
                noted.lost = conversation.heard in self._behaviour.unheard
                if noted.lost:
                    continue
                conversation.quic.receive_datagram(datagram, address, time.monotonic())
                self._proceed(conversation)

    def _begin(self, datagram: bytes, address: Address) -> Conversation | None:
        """A conversation with a new client, or what has to come before one."""
        try:
            header = pull_quic_header(Buffer(data=datagram), host_cid_length=_CID_OCTETS)
        except ValueError:
            return None
        if header.version is not None and header.version not in self._behaviour.versions:
            self._logged.sendto(
                encode_quic_version_negotiation(
                    source_cid=header.destination_cid,
                    destination_cid=header.source_cid,
                    supported_versions=list(self._behaviour.versions),
                ),
                address,
            )
            return None
        if header.packet_type != QuicPacketType.INITIAL:
            return None
        if self._behaviour.retry and not header.token:
            self._retry(header, address)
            return None
        if len(self._conversations) >= _MOST:
            del self._conversations[next(iter(self._conversations))]
        conversation = Conversation(self._connection(header), address)
        self._conversations[address] = conversation
        return conversation

    def _connection(self, header: QuicHeader) -> QuicConnection:
        # A lab believes its tokens: they hold what the client first called the server.
        original = header.token.removeprefix(_TOKEN) if self._behaviour.retry else b""
        early = self._behaviour.early_data
        return QuicConnection(
            configuration=self._configuration,
            original_destination_connection_id=original or header.destination_cid,
            retry_source_connection_id=header.destination_cid if original else None,
            session_ticket_fetcher=self._tickets.get if early else None,
            session_ticket_handler=self._keep if early else None,
        )

    def _keep(self, ticket: SessionTicket) -> None:
        self._tickets[ticket.ticket] = ticket

    def _retry(self, header: QuicHeader, address: Address) -> None:
        assert header.version is not None
        self._logged.sendto(
            encode_quic_retry(
                version=header.version,
                source_cid=os.urandom(_CID_OCTETS),
                destination_cid=header.source_cid,
                original_destination_cid=header.destination_cid,
                retry_token=_TOKEN + header.destination_cid,
            ),
            address,
        )

    def _proceed(self, conversation: Conversation) -> None:
        """Serve what was asked, and send what there is to send."""
        while (event := conversation.quic.next_event()) is not None:
            if isinstance(event, ProtocolNegotiated):
                conversation.h3 = _Http3(conversation.quic, self._behaviour.settings)
            elif isinstance(event, ConnectionTerminated):
                self._conversations.pop(conversation.address, None)
            for each in conversation.h3.handle_event(event) if conversation.h3 else ():
                asked = conversation.take(each)
                if asked is not None:
                    self._behaviour.serve(conversation, asked)
        self._send(conversation)
        if conversation.after_sending is not None:
            do, conversation.after_sending = conversation.after_sending, None
            do()
            self._send(conversation)

    def _send(self, conversation: Conversation) -> None:
        for datagram, address in conversation.quic.datagrams_to_send(time.monotonic()):
            conversation.datagrams += 1
            lost = conversation.datagrams in self._behaviour.lost
            self._logged.sendto(datagram, address, lost=lost)
