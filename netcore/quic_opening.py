"""Opening a connection of QUIC: the stage of that name, and what is told of it.

Its handshake is that of TLS, and connects at the same time: there is no stage before it. The
datagrams of a UDP socket whose first ones crossed in this stage are QUIC's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.protocols.tls_verdict import judge
from netcore.securing import Securing
from netcore.target import Target
from netcore.wire import Wire

if TYPE_CHECKING:
    from netcore.protocols.quic import Quic
    from netcore.protocols.quic_session import QuicSession
    from netcore.quic_connection import QuicConnection

_H3: Final = "h3"


def load() -> None:
    """Load what speaks HTTP/3, which takes 130 ms, before anything is timed."""
    import netcore.protocols.http3
    import netcore.quic_dial  # noqa: F401


class QuicOpener:
    """Makes the connections of QUIC of one fetch."""

    def __init__(
        self, wire: Wire, guard: Guard, options: Options, deadlines: Deadlines, securing: Securing
    ) -> None:
        self._wire = wire
        self._recorder = wire.recorder
        self._guard = guard
        self._options = options
        self._deadlines = deadlines
        self._securing = securing

    def open(
        self,
        target: Target,
        endpoints: Sequence[Admitted],
        session: QuicSession | None = None,
    ) -> QuicConnection:
        """A connection over which HTTP/3 can be spoken to the target, as the stage "quic".

        In: `endpoints` that the guard has admitted for the target, or for an alternative of it:
        the certificate has to be for the target all the same.
        Raises: FetchError with a code of quic or tls, Refused.
        """
        with self._recorder.stage("quic"):
            return self.open_here(target, endpoints, self._options.limits.quic_s, session)

    def open_here(
        self,
        target: Target,
        endpoints: Sequence[Admitted],
        seconds: float | None,
        session: QuicSession | None = None,
    ) -> QuicConnection:
        """The same within a stage that is open, in so many seconds."""
        # Loaded when it is needed, as few fetches do.
        from netcore.quic_dial import dial_quic

        name = target.address or target.server_name
        self._deadlines.set(
            "stage",
            seconds,
            "quic.timeout",
            f"No handshake was made with UDP port {endpoints[0].port} within {{limit}}.",
        )
        connection = dial_quic(
            self._wire,
            self._guard,
            endpoints,
            self._deadlines,
            lambda: self._securing.begin_quic(target, name, session),
        )
        self._deadlines.clear("stage")
        if not connection.quic.established:
            why = "The ticket allows it: the request goes out in the first flight."
            self._recorder.chose("early data", "sent", why)
            connection.on_established = lambda: self._note(connection, name, session, early=True)
            return connection
        try:
            self._note(connection, name, session)
        except FetchError:
            connection.close(linger=False)
            raise
        return connection

    def _note(
        self,
        connection: QuicConnection,
        name: str,
        session: QuicSession | None,
        *,
        early: bool = False,
    ) -> None:
        chose, quic = self._recorder.chose, connection.quic
        connection.note_trust_anchor(quic.trust_anchor)
        if quic.retried:
            why = "The server wanted to see first that our address is ours: one round trip more."
            chose("retry", "followed", why)
        chose("quic version", quic.version, "The version of QUIC that both sides speak.")
        chose("tls version", "TLS 1.3", "QUIC has no other.")
        suite, bits = quic.cipher_suite
        chose("cipher suite", suite, f"The server's choice; its key has {bits} bits.")
        self._note_certificate(connection, name)
        if session is not None:
            self._note_session(quic)
        if early:
            self._note_early(quic)
        self._note_protocol(quic)

    def _note_certificate(self, connection: QuicConnection, name: str) -> None:
        chose, quic = self._recorder.chose, connection.quic
        if quic.resumed:
            chose("certificate", "not sent", "The session holds what was proven when it began.")
            return
        sent = quic.certificates
        if self._options.verify:
            chose("certificate", "verified", f"{len(sent)} sent; the chain holds, for {name}.")
            return
        verdict = judge(sent, name, cacert=self._options.cacert)
        connection.note_trust_anchor(verdict.anchor)
        why = f"{len(sent)} sent; checking was switched off. {verdict.sentence}"
        chose("certificate", "not verified", why)

    def _note_session(self, quic: Quic) -> None:
        if quic.resumed:
            self._recorder.chose("session", "resumed", "The server took the ticket.")
        else:
            why = "The server did not take the ticket and made a whole handshake."
            self._recorder.chose("session", "not resumed", why)

    def _note_early(self, quic: Quic) -> None:
        if quic.early_data_accepted:
            self._recorder.chose("early data", "accepted", "The server took the request at once.")
        else:
            why = "The server did not take it: the request goes out again behind the handshake."
            self._recorder.chose("early data", "refused", why)

    def _note_protocol(self, quic: Quic) -> None:
        self._recorder.chose("alpn", quic.alpn or "none", "The server's choice.")
        if quic.alpn != _H3:
            said = f"chose {quic.alpn}" if quic.alpn else "chose nothing by ALPN"
            raise FetchError("tls.unsupported_alpn", f"The server {said}, and h3 is spoken here.")
