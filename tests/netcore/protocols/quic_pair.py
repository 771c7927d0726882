"""Our client of QUIC against the library's server, with nothing between them but memory."""

from __future__ import annotations

from collections.abc import Iterable

from aioquic.h3.connection import H3Connection
from aioquic.h3.events import H3Event
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ProtocolNegotiated
from aioquic.tls import SessionTicket

from lab import Authority
from lab.authority import Identity
from netcore.options import Limits
from netcore.protocols.http3 import Http3
from netcore.protocols.quic import Quic
from netcore.protocols.quic_session import QuicSession
from netcore.protocols.tls_context import Offer

HOST = "secure.example.com"
LIMITS = Limits()
CLIENT = ("client", 1)


def client(authority: Authority | None = None, **more: object) -> Quic:
    """Our side, that trusts this authority and no other; it has begun."""
    more.setdefault("offer", Offer(alpn=("h3",)))
    more.setdefault("cacert", authority.cacert if authority else "")
    made = Quic(HOST, sni=HOST, **more)  # type: ignore[arg-type]
    made.start(0)
    return made


class Pair:
    """Both sides, and a clock that goes on with each step. `sent` has the client's datagrams."""

    def __init__(
        self,
        quic: Quic,
        identity: Identity,
        tickets: dict[bytes, SessionTicket] | None = None,
        alpn: Iterable[str] = ("h3",),
    ) -> None:
        self.client = quic
        self.now_s = 0.0
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        self.h3: H3Connection | None = None
        self.asked: list[H3Event] = []
        self.tickets = {} if tickets is None else tickets
        configuration = QuicConfiguration(is_client=False, alpn_protocols=list(alpn))
        configuration.private_key = identity.key
        configuration.certificate = identity.certificate
        self.server = QuicConnection(
            configuration=configuration,
            original_destination_connection_id=quic.connection.original_destination_connection_id,
            session_ticket_fetcher=self.tickets.get,
            session_ticket_handler=lambda ticket: self.tickets.update({ticket.ticket: ticket}),
        )

    def step(self) -> None:
        """What the client has to send goes to the server, and what that answers comes back."""
        self.now_s += 0.01
        for datagram in self.client.datagrams_to_send(self.now_s):
            self.sent.append(datagram)
            self.server.receive_datagram(datagram, CLIENT, self.now_s)
        while (event := self.server.next_event()) is not None:
            if isinstance(event, ProtocolNegotiated):
                self.h3 = H3Connection(self.server)
            if self.h3:
                self.asked += self.h3.handle_event(event)
        self.answer()

    def answer(self) -> None:
        """What the server has to send comes to the client."""
        for datagram, _ in self.server.datagrams_to_send(self.now_s):
            self.received.append(datagram)
            self.client.receive(datagram, self.now_s)

    def shake(self) -> None:
        """The handshake, to its end or its failure."""
        for _ in range(6):
            self.step()

    def asks(self, method: str = "GET", limits: Limits = LIMITS) -> Http3:
        """A request that has come to the server."""
        http = Http3(self.client, limits)
        http.start(method, "/", (("Host", HOST),))
        self.step()
        self.step()
        http.receive(b"\0")
        return http


def pair(authority: Authority, session: QuicSession | None = None, **more: object) -> Pair:
    """Both sides of a connection whose handshake is done."""
    made = Pair(client(authority, session=session, **more), authority.identity(HOST))
    made.shake()
    assert made.client.established
    return made
