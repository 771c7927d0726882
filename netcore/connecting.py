"""Connecting: from a target to a connection that carries requests: resolve, connect, secure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from netcore.address_family import of_family
from netcore.alternatives import Alternatives
from netcore.connection import Connection
from netcore.deadline import Deadlines
from netcore.dial import dial
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.loading import load_http2
from netcore.options import Options
from netcore.protocols.http1 import Head
from netcore.protocols.tls import OBSOLETE, Session, Tls
from netcore.protocols.tls_verdict import judge
from netcore.quic_opening import QuicOpener
from netcore.resolve import Resolver
from netcore.securing import Securing
from netcore.services import Resolved
from netcore.speaking import Speaking
from netcore.target import Target
from netcore.wire import Socket, Wire

if TYPE_CHECKING:
    from netcore.protocols.quic_session import QuicSession
    from netcore.quic_connection import QuicConnection


class Link(msgspec.Struct, frozen=True):
    """A connection that is ready for a request, and what it was made for."""

    connection: Connection | QuicConnection
    target: Target
    endpoints: tuple[Admitted, ...]  # all that the target's name came to
    speaking: Speaking

    def close(self, *, linger: bool) -> None:
        """Say goodbye and close, as `Connection.close` does."""
        self.connection.close(linger=linger, goodbye=self.speaking.goodbye())


class Goal(NamedTuple):
    """Whom a fetch is connected to, or tried first, and over what: "tcp" or "udp"."""

    endpoint: Admitted
    protocol: str


class Connector:
    """Makes the connections of one fetch."""

    def __init__(
        self, wire: Wire, guard: Guard, options: Options, deadlines: Deadlines, resolver: Resolver
    ) -> None:
        self._wire = wire
        self._recorder = wire.recorder
        self._guard = guard
        self._options = options
        self._deadlines = deadlines
        self._resolver = resolver
        self._securing = Securing(options, wire.recorder)
        self._quic = QuicOpener(wire, guard, options, deadlines, self._securing)
        self._alternatives = Alternatives(wire.recorder, guard, options, resolver, self._quic)
        self.goal: Goal | None = None

    def prepare(self, first: Target) -> None:
        """Check what the options ask of TLS, before anything is sent.

        Raises: FetchError tls.version or tls.bad_option.
        """
        self._securing.prepare(first)

    def note_alternatives(self, head: Head, here: Target) -> None:
        """Take what a response says of other ways to its origin."""
        self._alternatives.note(head, here)

    def open(self, target: Target) -> Link:
        """A connection to the target, as a stage for each step.

        Raises: FetchError with a code of dns, tcp or tls, Refused.
        """
        load_http2(self._options.http, secure=target.is_secure)
        resolved = self._resolve(target)
        if self._options.http in ("auto", "3"):
            self._alternatives.note_services(target, resolved.services)
        return self._open(target, resolved.endpoints)

    def resolve(self, target: Target) -> tuple[Admitted, ...]:
        """The endpoints of a target. Raises: FetchError with a code of dns, Refused."""
        return self._resolve(target).endpoints

    def connect_bare(self, endpoints: tuple[Admitted, ...]) -> Connection:
        """A TCP connection that nothing is spoken on. Raises: FetchError with a code of tcp."""
        socket = self._connect(endpoints)
        self._resolver.take_late()
        return Connection(self._wire, socket, self._deadlines, self._options.recv_size)

    def open_again(self, link: Link, session: Session | QuicSession | None = None) -> Link:
        """Another connection in place of one that was closed; the addresses are known already.

        In: `session`, one of TLS to resume.
        Raises: as `open`.
        """
        return self._open(link.target, link.endpoints, session)

    def _open(
        self,
        target: Target,
        endpoints: tuple[Admitted, ...],
        session: Session | QuicSession | None = None,
    ) -> Link:
        if self._options.http == "3":
            if target.scheme != "https":
                text = "HTTP/3 is spoken over QUIC, never without TLS: the URL has to say https."
                raise FetchError("http.unsupported_scheme", text)
            return self._open_quic(target, self._alternatives.endpoints(target, endpoints), session)
        assert session is None or isinstance(session, Session)
        found = self._alternatives.open(target, endpoints) if session is None else None
        if found is not None:
            return self._over_quic(found, target, endpoints)
        connection = Connection(
            self._wire, self._connect(endpoints), self._deadlines, self._options.recv_size
        )
        is_secure = target.is_secure
        alpn = self._secured(connection, target, session) if is_secure else ""
        self._resolver.take_late()
        if target.is_websocket:
            speaking = Speaking(self._recorder, self._options.limits, websocket=True)
        else:
            speaking = self._speaking(alpn) if is_secure else self._speaking_in_the_clear()
        return Link(connection, target, endpoints, speaking)

    def _open_quic(
        self,
        target: Target,
        endpoints: tuple[Admitted, ...],
        session: Session | QuicSession | None,
    ) -> Link:
        assert session is None or not isinstance(session, Session)
        self.goal = Goal(endpoints[0], "udp")
        return self._over_quic(self._quic.open(target, endpoints, session), target, endpoints)

    def _over_quic(
        self, connection: QuicConnection, target: Target, endpoints: tuple[Admitted, ...]
    ) -> Link:
        from netcore.protocols.http3 import Http3

        self.goal = Goal(connection.admitted, "udp")
        self._resolver.take_late()
        speaking = Speaking(
            self._recorder,
            self._options.limits,
            http3=Http3(connection.quic, self._options.limits),
        )
        return Link(connection, target, endpoints, speaking)

    def _speaking(self, alpn: str) -> Speaking:
        return Speaking(self._recorder, self._options.limits, http2=alpn == "h2")

    def _speaking_in_the_clear(self) -> Speaking:
        http = self._options.http
        if http == "2":
            why = "Without TLS nobody is asked: HTTP/2 begins at once (prior knowledge)."
            self._recorder.chose("http version", "2", why)
        upgrade = http == "h2c-upgrade"
        return Speaking(self._recorder, self._options.limits, http2=http == "2", upgrade=upgrade)

    def _resolve(self, target: Target) -> Resolved:
        if target.address:
            resolved = Resolved(self._guard.vet_addresses(target, [target.address]))
            return of_family(resolved, target, self._options.family)
        with self._recorder.stage("dns"):
            self._deadlines.set(
                "stage",
                self._options.limits.dns_s,
                "dns.timeout",
                f"{target.server_name} was not resolved within {{limit}}.",
            )
            resolved = self._resolver.resolve(target)
            for each in resolved.endpoints:
                self._recorder.chose("guard", each.address, each.why)
            self._deadlines.clear("stage")  # with UDP no stage follows that sets another
            return resolved

    def _connect(self, endpoints: tuple[Admitted, ...]) -> Socket:
        with self._recorder.stage("connect"):
            self._deadlines.set(
                "stage",
                self._options.limits.connect_s,
                "tcp.timeout",
                "No address took the connection within {limit}.",
            )
            self.goal = Goal(endpoints[0], "tcp")
            socket = dial(self._wire, self._guard, endpoints, self._deadlines)
            self._deadlines.clear("stage")
            self.goal = Goal(socket.admitted, "tcp")
            return socket

    def _secured(self, connection: Connection, target: Target, session: Session | None) -> str:
        """As `_secure`; where that fails, the connection is closed."""
        linger, done = False, False
        try:
            alpn = self._secure(connection, target, session)
            done = True
        except FetchError as failed:
            # Only then has the handshake been whole, and the server says goodbye to ours.
            linger = failed.code == "tls.unsupported_alpn"
            raise
        finally:
            if not done:
                connection.close(linger=linger)
        return alpn

    def _secure(self, connection: Connection, target: Target, session: Session | None) -> str:
        """Out: what ALPN agreed on, "" if nothing."""
        name = target.address or target.server_name
        with self._recorder.stage("tls"):
            self._deadlines.set(
                "stage",
                self._options.limits.tls_s,
                "tls.timeout",
                "The TLS handshake was not done within {limit}.",
            )
            tls = self._securing.begin(target, name, session)
            try:
                connection.secure(tls)
            finally:
                connection.note_trust_anchor(tls.trust_anchor)
            self._deadlines.clear("stage")
            self._note_tls(tls)
            self._note_certificate(connection, tls, name)
            self._securing.note(tls, session)
            return tls.alpn

    def _note_tls(self, tls: Tls) -> None:
        chose = self._recorder.chose
        suite, bits = tls.cipher_suite
        obsolete = f" {OBSOLETE}" if tls.obsolete else ""
        chose("tls version", tls.version, f"The highest that both sides speak.{obsolete}")
        chose("cipher suite", suite, f"The server's choice; its key has {bits} bits.")

    def _note_certificate(self, connection: Connection, tls: Tls, name: str) -> None:
        chose, sent = self._recorder.chose, tls.certificates
        if tls.resumed and self._options.verify:
            chose("certificate", "not sent", "The session holds what was proven when it began.")
            return
        if tls.resumed:
            chose("certificate", "not verified", "None was sent, and checking was switched off.")
            return
        if self._options.verify:
            chose("certificate", "verified", f"{len(sent)} sent; the chain holds, for {name}.")
            return
        verdict = judge(sent, name, cacert=self._options.cacert, lowest=self._options.tls_min)
        connection.note_trust_anchor(verdict.anchor)
        why = f"{len(sent)} sent; checking was switched off. {verdict.sentence}"
        chose("certificate", "not verified", why)
