"""QUIC conversations of aioquic, both ends in memory, recorded as the client records datagrams."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from functools import cache
from typing import Any

from aioquic.buffer import Buffer
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, QuicEvent
from aioquic.quic.packet import (
    QuicProtocolVersion,
    encode_quic_retry,
    encode_quic_version_negotiation,
    pull_quic_header,
)
from aioquic.tls import CipherSuite, SessionTicket
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from netcore.options import Options
from netcore.pdus import Explanation, explain
from netcore.trace import AnyEvent, Called, SecretLogged, StageStarted, Trace

V1, V2 = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2
SERVER, CLIENT = ("192.0.2.1", 443), ("192.0.2.2", 50_000)
REQUEST = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", b"lab.test"),
    (b":path", b"/a"),
    (b"user-agent", b"wiretale"),
]
RESPONSE = [(b":status", b"200"), (b"content-type", b"text/plain"), (b"x-made-by", b"aioquic")]
_TRIP_S = 0.010  # from one end to the other
_PATIENCE_S = 5.0  # a timer that is due later is not one of loss
Fields = list[tuple[bytes, bytes]]


@cache
def identity() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A key and a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lab.test")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now - datetime.timedelta(1))
    builder = builder.not_valid_after(now + datetime.timedelta(1))
    return builder.sign(key, hashes.SHA256()), key


class Conversation:
    """A client and a server, and every datagram that crossed between them, as events."""

    def __init__(
        self,
        *,
        client: dict[str, Any] | None = None,
        server: dict[str, Any] | None = None,
        retry: bool = False,
        ticket: SessionTicket | None = None,
        fetch_ticket: Callable[[bytes], SessionTicket | None] | None = None,
        alpn: str = "h3",
    ) -> None:
        self.now = 1_000.0
        self.events: list[AnyEvent] = [StageStarted(0, "connect")]
        self.secrets_log = io.StringIO()
        self.tickets: list[SessionTicket] = []
        self.lose: Callable[[str, int], bool] = lambda direction, number: False
        self.headers: list[tuple[str, int, Fields]] = []  # as the library gives them out
        self.bodies: dict[tuple[str, int], bytes] = {}
        self.terminated: ConnectionTerminated | None = None
        self._lines = 0
        self._ends = {"sent": 0, "received": 0}
        self._counts = {"sent": 0, "received": 0}
        self._retry = retry
        self._fetch_ticket = fetch_ticket
        self._alpn = alpn
        settings = {"alpn_protocols": [alpn], "server_name": "lab.test", "verify_mode": 0}
        settings |= {"secrets_log_file": self.secrets_log, "session_ticket": ticket}
        self.client = QuicConnection(
            configuration=QuicConfiguration(**{**settings, **(client or {})}),
            session_ticket_handler=self.tickets.append,
        )
        self._server_settings = {"alpn_protocols": [alpn], "is_client": False, **(server or {})}
        self.server: QuicConnection | None = None
        self.server_tickets: dict[bytes, SessionTicket] = {}
        self.client_h3: H3Connection | None = None
        self.server_h3: H3Connection | None = None

    # Both ends

    def begin(self) -> None:
        """Send the first datagrams and carry what they call for."""
        self.connect()
        self.pump()

    def connect(self) -> None:
        self.client.connect(SERVER, self.now)
        if self._alpn == "h3":
            self.client_h3 = H3Connection(self.client)

    def _make_server(self, original: bytes, retry_source: bytes | None) -> QuicConnection:
        certificate, key = identity()
        configuration = QuicConfiguration(**self._server_settings)
        configuration.certificate, configuration.private_key = certificate, key
        server = QuicConnection(
            configuration=configuration,
            original_destination_connection_id=original,
            retry_source_connection_id=retry_source,
            session_ticket_fetcher=self._fetch_ticket or self.server_tickets.get,
            session_ticket_handler=self._keep,
        )
        if self._alpn == "h3":
            self.server_h3 = H3Connection(server)
        return server

    def _keep(self, ticket: SessionTicket) -> None:
        self.server_tickets[ticket.ticket] = ticket

    # Carrying

    def pump(self, rounds: int = 60) -> None:
        """Carry datagrams until neither end has more to say."""
        for _ in range(rounds):
            if not (self.carry("sent") | self.carry("received")):
                return

    def carry(self, direction: str) -> bool:
        """What one end has to say, to the other; whether that was anything."""
        source = self.client if direction == "sent" else self.server
        if source is None:
            return False
        datagrams = [data for data, _ in source.datagrams_to_send(self.now)]
        for data in datagrams:
            self.deliver(direction, data)
        self._log()
        return bool(datagrams)

    def deliver(self, direction: str, data: bytes) -> None:
        """One datagram crosses, or is lost on its way."""
        self._counts[direction] += 1
        lost = self.lose(direction, self._counts[direction])
        if direction == "sent":
            self.record("send", data)
        self.now += _TRIP_S
        if lost:
            return
        if direction == "sent":
            self._to_server(data)
        else:
            self.record("recv", data)
            self.client.receive_datagram(data, SERVER, self.now)
            self._take("received", self.client, self.client_h3)

    def _to_server(self, data: bytes) -> None:
        if self.server is None:
            header = pull_quic_header(Buffer(data=data), host_cid_length=8)
            supported = self._server_settings.get("supported_versions", [V1, V2])
            if header.version not in supported:
                refusal = encode_quic_version_negotiation(
                    source_cid=header.destination_cid,
                    destination_cid=header.source_cid,
                    supported_versions=supported,
                )
                self.deliver("received", refusal)
                return
            if self._retry and not header.token:
                self._original = header.destination_cid
                retry = encode_quic_retry(
                    header.version, b"RETRYCID", header.source_cid, self._original, b"token" * 9
                )
                self.deliver("received", retry)
                return
            original = self._original if self._retry else header.destination_cid
            self.server = self._make_server(original, b"RETRYCID" if self._retry else None)
        self.server.receive_datagram(data, CLIENT, self.now)
        self._take("sent", self.server, self.server_h3)

    def wait(self) -> None:
        """Let the timers of both ends run out, as after a loss."""
        for end in (self.client, self.server):
            due = end.get_timer() if end else None
            if end is not None and due is not None and due < self.now + _PATIENCE_S:
                self.now = max(self.now, due)
                end.handle_timer(self.now)

    def record(self, call: str, data: bytes) -> None:
        """One datagram, as the client's call moved it."""
        direction = "sent" if call == "send" else "received"
        self._log()
        self.events.append(
            Called(
                *(round((self.now - 1_000) * 1e9), "udp:1", call, (len(data),), len(data)),
                channel=f"udp:1.{direction}",
                offset=self._ends[direction],
                length=len(data),
                data=data,
            )
        )
        self._ends[direction] += len(data)

    def _log(self) -> None:
        lines = self.secrets_log.getvalue().splitlines()
        time_ns = round((self.now - 1_000) * 1e9)
        self.events += [SecretLogged(time_ns, line) for line in lines[self._lines :]]
        self._lines = len(lines)

    # What the library gives out

    def _take(self, direction: str, end: QuicConnection, h3: H3Connection | None) -> None:
        while (event := end.next_event()) is not None:
            if isinstance(event, ConnectionTerminated):
                self.terminated = event
            for http in self._http(h3, event):
                if isinstance(http, HeadersReceived):
                    self.headers.append((direction, http.stream_id, http.headers))
                elif isinstance(http, DataReceived):
                    key = direction, http.stream_id
                    self.bodies[key] = self.bodies.get(key, b"") + http.data

    def _http(self, h3: H3Connection | None, event: QuicEvent) -> list[H3Event]:
        return h3.handle_event(event) if h3 is not None else []

    # Requests

    def ask(self, fields: Fields = REQUEST, body: bytes = b"") -> int:
        """Send a request. Out: its stream."""
        assert self.client_h3 is not None
        stream = self.client.get_next_available_stream_id()
        self.client_h3.send_headers(stream, fields, end_stream=not body)
        if body:
            self.client_h3.send_data(stream, body, end_stream=True)
        return stream

    def answer(self, stream: int, body: bytes = b"hello", fields: Fields = RESPONSE) -> None:
        """Send a response."""
        assert self.server_h3 is not None
        self.server_h3.send_headers(stream, fields)
        self.server_h3.send_data(stream, body, end_stream=True)

    def exchange(self, body: bytes = b"hello", fields: Fields = REQUEST) -> None:
        """A request and its response."""
        stream = self.ask(fields)
        self.pump()
        self.answer(stream, body)
        self.pump()

    def close(self, code: int = 0x100, reason: str = "that was all") -> None:
        """The client ends the connection."""
        self.client.close(error_code=code, reason_phrase=reason)
        self.pump()

    # The recording

    def explained(self) -> Explanation:
        return explain(self.events)

    def trace(self) -> Trace:
        started = "2026-01-02T03:04:05.000006Z"
        return Trace("https://lab.test/a", started, Options(), list(self.events))

    def without(self, *labels: str) -> list[AnyEvent]:
        """The events without the secrets of these labels; without any, if none is named."""
        return [
            event
            for event in self.events
            if not isinstance(event, SecretLogged)
            or (labels and event.line.partition(" ")[0] not in labels)
        ]


def simple(body: bytes = b"hello", **given: Any) -> Conversation:
    """A request, its response, and the end."""
    talk = Conversation(**given)
    talk.begin()
    talk.exchange(body)
    talk.close()
    return talk


def with_retry() -> Conversation:
    return simple(retry=True)


def with_version_negotiation() -> Conversation:
    """The client speaks version 1 first, of which the server knows nothing."""
    return simple(
        client={"supported_versions": [V2, V1], "original_version": V1},
        server={"supported_versions": [V2]},
    )


def upgraded() -> Conversation:
    """The client begins with version 1 and the server goes on in version 2 (RFC 9368)."""
    return simple(
        client={"supported_versions": [V2, V1], "original_version": V1},
        server={"supported_versions": [V2, V1]},
    )


def with_key_updates() -> Conversation:
    talk = Conversation()
    talk.begin()
    talk.exchange()
    talk.client.request_key_update()
    talk.exchange()
    assert talk.server is not None
    talk.server.request_key_update()
    talk.exchange()
    talk.close()
    return talk


def resumed() -> Conversation:
    """A request in 0-RTT, with the ticket of a connection before."""
    first = simple()
    talk = Conversation(ticket=first.tickets[0], fetch_ticket=first.server_tickets.get)
    talk.connect()
    stream = talk.ask()
    talk.pump()
    talk.answer(stream)
    talk.pump()
    talk.close()
    return talk


def with_loss() -> Conversation:
    """Some datagrams of a larger body never arrive, and one of ours does not either."""
    talk = Conversation()
    talk.begin()
    stream = talk.ask()
    talk.pump()
    seen = talk._counts["received"]
    talk.lose = lambda direction, number: direction == "received" and number in (seen + 2, seen + 5)
    talk.answer(stream, b"0123456789" * 2_000)
    talk.pump()
    talk.lose = lambda direction, number: False
    for _ in range(4):
        talk.wait()
        talk.pump()
    talk.close()
    return talk


def with_our_loss() -> Conversation:
    """A datagram of a body that we send is lost, and sent again in another packet."""
    talk = Conversation()
    talk.begin()
    seen = talk._counts["sent"]
    talk.lose = lambda direction, number: direction == "sent" and number == seen + 2
    stream = talk.ask(body=b"0123456789" * 1_200)
    talk.pump()
    for _ in range(4):
        talk.wait()
        talk.pump()
    talk.answer(stream)
    talk.pump()
    talk.close()
    return talk


def with_reset() -> Conversation:
    """The server forgets the connection, and answers with its stateless reset token."""
    talk = Conversation()
    talk.begin()
    talk.exchange()
    assert talk.server is not None
    talk.ask()
    talk.carry("sent")
    token = talk.client._peer_cid.stateless_reset_token
    talk.deliver("received", b"\x4f" + b"unpredictable!!!!!!!!" + token)
    return talk


def with_suite(suite: CipherSuite) -> Conversation:
    return simple(client={"cipher_suites": [suite]})


STORIES: dict[str, Callable[[], Conversation]] = {
    "simple": simple,
    "retry": with_retry,
    "version_negotiation": with_version_negotiation,
    "upgraded": upgraded,
    "key_updates": with_key_updates,
    "resumed": resumed,
    "loss": with_loss,
    "our_loss": with_our_loss,
    "aes256": lambda: with_suite(CipherSuite.AES_256_GCM_SHA384),
    "chacha20": lambda: with_suite(CipherSuite.CHACHA20_POLY1305_SHA256),
}
