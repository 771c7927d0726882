"""A connection of QUIC over a UDP socket, for what is above it like one over TCP.

QUIC itself takes the datagrams and gives them, each sent and received by a call of its own. There
is one place where a fetch waits for its server: `receive`. What it gives back is no octets of the
wire, it only says that there is news, which HTTP/3 asks QUIC for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.guard import Admitted
from netcore.protocols.quic import Quic
from netcore.protocols.quic_session import QuicSession
from netcore.trace import TrustAnchorFound
from netcore.wire import READ, WRITE, CallFailed, Socket, Wire

NEWS: Final = b"\0"
"""There is something to ask QUIC for."""

_DATAGRAM: Final = 65_535  # more than any datagram has: none is cut
_AT_ONCE: Final = 64  # datagrams that are taken before anything is sent
_HELD_OCTETS: Final = 1 << 20  # that the kernel is asked to hold
_LINGER_S: Final = 0.25
_LEAST_LINGER_S: Final = 0.001
_UNKNOWN_LINGER_S: Final = 0.005  # where no round trip was measured
_REFUSED: Final = "ECONNREFUSED"


class QuicConnection:
    """One connection. `ended` is "closed" once nothing more will come, else ""."""

    def __init__(self, wire: Wire, socket: Socket, deadlines: Deadlines, quic: Quic) -> None:
        self.quic = quic
        self.socket = socket
        self.ended = ""
        self.on_established: Callable[[], None] | None = None  # called once, when that is so
        self._wire = wire
        self._deadlines = deadlines
        self._now_s = wire.recorder.now_s
        self._datagrams: list[bytes] = []  # that the kernel has not taken yet
        self._told = 0  # octets of requests that had gone out when it was last looked at
        self._ping_s = 0.0  # when to ask for a sign of life
        self._idle_s = quic.connection.configuration.idle_timeout

    @property
    def admitted(self) -> Admitted:
        """Whom it leads to."""
        return self.socket.admitted

    def begin(self) -> None:
        """Send the first flight. Raises: FetchError quic.refused, quic.unreachable."""
        try:
            self.socket.connect()
            self.socket.local()
            self.socket.hold_octets(_HELD_OCTETS)
        except CallFailed as failed:
            raise self._broken(failed) from failed
        self.quic.start(self._now_s())
        self.proceed()

    def proceed(self) -> None:
        """Take what has come, let time pass, and send what has to be sent.

        Raises: FetchError with a code of quic if the network failed.
        """
        self._note_blocked()
        self._take()
        self.quic.handle_timer(self._now_s())
        self._flush()
        if self.on_established is not None and self.quic.established:
            tell, self.on_established = self.on_established, None
            tell()

    def _check(self) -> None:
        if self.quic.failure is not None:
            raise self.quic.failure

    def note_trust_anchor(self, certificate: bytes) -> None:
        """Record the trust anchor that the server's chain ends at, in DER; b"" if it has none."""
        if certificate:
            recorder = self._wire.recorder
            recorder.record(TrustAnchorFound(recorder.now_ns(), self.socket.name, certificate))

    # What HTTP/3 needs

    def queue(self, data: bytes) -> None:
        """Nothing is queued here: HTTP/3 writes to the streams of QUIC."""

    @property
    def session(self) -> QuicSession | None:
        """What the server gave to resume from, None if nothing."""
        return self.quic.session

    @property
    def unsent(self) -> bool:
        """Whether a part of a request has not gone out yet."""
        return bool(self.quic.unsent or self._datagrams)

    def receive(self, *, until_sent: bool = False) -> bytes | None:
        """Send what there is to send and wait for news.

        Out: NEWS, also once the rest of a request has gone out; b"" at the end; or None, with
        `until_sent`, once all of it has.
        Raises: FetchError with a code of quic or tls, or of a deadline that passed.
        """
        sending = self.unsent
        self.proceed()
        while not self.quic.has_events:
            self._deadlines.remaining_s()
            self._check()
            if self.quic.closed:
                self.ended = "closed"
                return b""
            if not self.unsent and (until_sent or sending):
                return None if until_sent else NEWS
            self._wait()
            self.proceed()
        return NEWS

    def come(self) -> bytes | None:
        """Take what has come by itself. Out: NEWS; b"" if it is over; None for nothing."""
        try:
            self.proceed()
        except FetchError:
            return b""
        if self.quic.failure is not None or self.quic.closed:
            return b""
        return NEWS if self.quic.has_events else None

    def close(self, *, linger: bool, goodbye: bytes | None = None) -> None:
        """Say goodbye, take what has arrived, and close.

        In: `linger`, whether to wait for what is on its way: a round trip and a half, and a
        quarter of a second at most. Once it has read our goodbye a server is silent, or says it
        once more (RFC 9000 §10.2.2).
        """
        try:
            if self.quic.failure is None:
                self.quic.close()
            self._flush()
            self._drain(linger)
        except (CallFailed, FetchError):
            pass  # the trace has the call that failed, and the fetch has its outcome already
        finally:
            self.socket.close()

    def _drain(self, linger: bool) -> None:
        patience_s = _patience_s(self.quic.round_trip_s)
        until_s = self._now_s() + (patience_s if linger else 0)
        for _ in range(_AT_ONCE):
            if self.socket.recv(_DATAGRAM) is not None:
                continue
            left = until_s - self._now_s()
            if left <= 0 or not self._wire.wait([(self.socket, READ)], left):
                return

    # Datagrams

    def _take(self) -> None:
        """Take the datagrams that are there, so many at once."""
        for _ in range(_AT_ONCE):
            try:
                datagram = self.socket.recv(_DATAGRAM)
            except CallFailed as failed:
                raise self._broken(failed) from failed
            if datagram is None:
                return
            now_s = self._now_s()
            self._ping_s = now_s + self._idle_s / 2
            self.quic.receive(datagram, now_s)
            self._note_secrets()

    def _flush(self) -> None:
        """Send until everything is sent or the kernel takes no more."""
        self._datagrams += self.quic.datagrams_to_send(self._now_s())
        self._note_secrets()
        try:
            while self._datagrams and self.socket.send(self._datagrams[0]):
                del self._datagrams[0]
        except CallFailed as failed:
            self._datagrams.clear()
            raise self._broken(failed) from failed
        left = self.quic.unsent
        if left < self._told:
            self._deadlines.restart("write")
            self._deadlines.restart("window")
        self._told = left
        if not self.unsent:
            self._deadlines.clear("write")

    def _note_secrets(self) -> None:
        self._wire.recorder.secrets(self.quic.new_secrets())

    def _note_blocked(self) -> None:
        if not self.quic.blocked:
            self._deadlines.clear("fields")
            return
        self._deadlines.keep(
            "fields",
            self._idle_s / 2,
            "h3.qpack",
            "The fields of the response need entries of the dynamic table, which did not come for "
            "{limit}.",
        )

    def wants(self) -> int:
        """What the socket is waited for."""
        return READ | WRITE if self._datagrams else READ

    def patience_s(self) -> float | None:
        """How long to wait before something is due, None for ever."""
        left, now_s = self._deadlines.remaining_s(), self._now_s()
        due = [each for each in (self.quic.timer_s, self._next_ping(now_s)) if each is not None]
        waits = [max(0.0, each - now_s) for each in due]
        return min([*waits, *([] if left is None else [left])], default=None)

    def _next_ping(self, now_s: float) -> float | None:
        """A server that is alive answers a PING, however long it works on a request."""
        if not self.quic.established or not self._ping_s:
            return None
        if now_s >= self._ping_s:
            self.quic.ping()
            self._ping_s = now_s + self._idle_s / 2
            return now_s
        return self._ping_s

    def _wait(self) -> None:
        self._wire.wait([(self.socket, self.wants())], self.patience_s())

    def _broken(self, failed: CallFailed) -> FetchError:
        self.quic.closed = True  # nobody there hears a goodbye
        where = f"UDP port {self.admitted.port} of {self.admitted.address}"
        if failed.errno == _REFUSED:
            when = " any more" if self.quic.datagrams else ""
            text = f"Nothing listens on {where}{when}: an ICMP message said so."
            return FetchError("quic.refused", text)
        return FetchError("quic.unreachable", f"{where} cannot be reached: {failed.errno}.")


def _patience_s(round_trip_s: float) -> float:
    """How long what a server sent before it read our goodbye can be on its way."""
    if not round_trip_s:
        return _UNKNOWN_LINGER_S
    return min(max(1.5 * round_trip_s, _LEAST_LINGER_S), _LINGER_S)
