"""Connecting: from a target to a connection that carries requests: resolve, connect, secure."""

from __future__ import annotations

import msgspec

from netcore.connection import Connection
from netcore.deadline import Deadlines
from netcore.dial import dial
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.protocols.tls import OBSOLETE, Session, Tls
from netcore.protocols.tls_verdict import judge
from netcore.resolve import Resolver
from netcore.securing import Securing
from netcore.speaking import Speaking
from netcore.target import Target
from netcore.wire import Socket, Wire


class Link(msgspec.Struct, frozen=True):
    """A connection that is ready for a request, and what it was made for."""

    connection: Connection
    target: Target
    endpoints: tuple[Admitted, ...]  # all that the target's name came to
    speaking: Speaking

    def close(self, *, linger: bool) -> None:
        """Say goodbye and close, as `Connection.close` does."""
        self.connection.close(linger=linger, goodbye=self.speaking.goodbye())


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
        self.goal: Admitted | None = None  # whom we are connected to, or tried first

    def prepare(self, first: Target) -> None:
        """Check what the options ask of TLS, before anything is sent.

        Raises: FetchError tls.version or tls.bad_option.
        """
        self._securing.prepare(first)

    def open(self, target: Target) -> Link:
        """A connection to the target, as a stage for each step.

        Raises: FetchError with a code of dns, tcp or tls, Refused.
        """
        return self._open(target, self._resolve(target))

    def open_again(self, link: Link, session: Session | None = None) -> Link:
        """Another connection in place of one that was closed; the addresses are known already.

        In: `session`, one of TLS to resume.
        Raises: as `open`.
        """
        return self._open(link.target, link.endpoints, session)

    def _open(
        self, target: Target, endpoints: tuple[Admitted, ...], session: Session | None = None
    ) -> Link:
        connection = Connection(self._wire, self._connect(endpoints), self._deadlines)
        is_secure = target.scheme == "https"
        ready, alpn = not is_secure, ""
        try:
            if is_secure:
                alpn = self._secure(connection, target, session)
                ready = True
        finally:
            if not ready:
                connection.close(linger=False)
        self._resolver.take_late()
        speaking = self._speaking(alpn) if is_secure else self._speaking_in_the_clear()
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

    def _resolve(self, target: Target) -> tuple[Admitted, ...]:
        if target.address:
            return self._guard.vet_addresses(target, [target.address])
        with self._recorder.stage("dns"):
            self._deadlines.set(
                "stage",
                self._options.limits.dns_s,
                "dns.timeout",
                f"{target.server_name} was not resolved within {{limit}}.",
            )
            endpoints = self._resolver.resolve(target)
            for each in endpoints:
                self._recorder.chose("guard", each.address, each.why)
            return endpoints

    def _connect(self, endpoints: tuple[Admitted, ...]) -> Socket:
        with self._recorder.stage("connect"):
            self._deadlines.set(
                "stage",
                self._options.limits.connect_s,
                "tcp.timeout",
                "No address took the connection within {limit}.",
            )
            self.goal = endpoints[0]
            socket = dial(self._wire, self._guard, endpoints, self._deadlines)
            self._deadlines.clear("stage")
            self.goal = socket.admitted
            return socket

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
