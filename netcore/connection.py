"""Connection: a stream of octets to and from the server, plain or under TLS.

What the caller queues is sent as the kernel takes it, and what arrives is given back as plaintext.
There is one place where a fetch waits for its server: `receive`.
"""

from __future__ import annotations

from contextlib import suppress

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.protocols.tls import Session, Tls
from netcore.trace import TrustAnchorFound
from netcore.wire import READ, WRITE, CallFailed, Socket, Wire

_RECV = 65_536
_LARGE_RECV = 262_144  # once a stream runs; the C library maps and unmaps memory for each of these
_STEP = 65_536
_DRAIN_RECV = 65_536
_DRAIN_RECVS = 64
_LINGER_S = 0.25
_BROKEN = {
    "ECONNRESET": ("tcp.reset", "The server reset the connection."),
    "EPIPE": ("tcp.reset", "The server had closed the connection and took nothing more."),
    "ETIMEDOUT": ("tcp.timeout", "The server stopped answering; TCP gave up sending again."),
}


class Connection:
    """One TCP connection. `ended` says how the server's side of it ended, "" while it has not:
    "closed" (in order), "cut" (TLS without close_notify) or "cut inside a record"."""

    def __init__(
        self, wire: Wire, socket: Socket, deadlines: Deadlines, recv_size: int = 0
    ) -> None:
        """In: `recv_size`, how many octets each recv() asks for; 0 for what suits the stream."""
        self.ended = ""
        self.started = False  # whether an octet has arrived
        self._wire = wire
        self._socket = socket
        self._deadlines = deadlines
        self._tls: Tls | None = None
        self._early = b""  # plaintext that came with the end of the handshake
        self._plain = bytearray()  # queued, not encrypted yet
        self._unsent = b""  # as it goes on the wire
        self._sending_failed: CallFailed | None = None
        self._recv_size = recv_size or _RECV
        self._may_grow = not recv_size
        self._is_dry = False  # the last recv() emptied the kernel's queue: wait before another

    def secure(self, tls: Tls) -> None:
        """Make the TLS handshake. Raises: FetchError with a code of tls or tcp."""
        self._tls = tls
        tls.start()
        self._collect(tls)
        while not tls.established:
            self._flush()
            data = self._recv()
            if data is None:
                self._wait()
            else:
                self._early += self._decrypt(tls, data)
        self._flush()

    def note_trust_anchor(self, certificate: bytes) -> None:
        """Record the trust anchor that the server's chain ends at, in DER; b"" if it has none."""
        if certificate:
            recorder = self._wire.recorder
            recorder.record(TrustAnchorFound(recorder.now_ns(), self._socket.name, certificate))

    def queue(self, data: bytes) -> None:
        """Send these octets, as soon as the kernel takes them."""
        self._plain += data

    @property
    def session(self) -> Session | None:
        """What the server gave to resume its session of TLS with, None if nothing."""
        return self._tls.session if self._tls is not None else None

    @property
    def unsent(self) -> bool:
        """Whether queued octets wait for the kernel."""
        return bool(self._plain or self._unsent)

    def wake_by(self, descriptor: int | None) -> None:
        """What ends a wait of `receive` from outside, a file descriptor; None: nothing does."""
        self._wire.wake_by(descriptor)

    def receive(self, *, until_sent: bool = False, until_woken: bool = False) -> bytes | None:
        """Send what is queued and wait for plaintext.

        Out: plaintext, b"" at the end of the stream; or None, with `until_sent`, once the kernel
        has taken all that was queued, and with `until_woken` once a wait ended for
        another reason than that something came.
        Raises: FetchError with a code of tcp or tls, or of a deadline that passed.
        """
        while not self.ended:
            self._deadlines.remaining_s()
            if self._plain or self._unsent:
                self._flush()
            if self._early:
                return self._take_early()
            if until_sent and not self.unsent:
                return None
            self._check_tls()
            data = None if self._is_dry else self._recv()
            if data is None:
                if not self._wait() and until_woken:
                    return None
                continue
            plaintext = self._arrived(data)
            if plaintext:
                return plaintext
        return b""

    def _check_tls(self) -> None:
        if self._tls is not None and self._tls.failure is not None:
            raise self._tls.failure

    def _take_early(self) -> bytes:
        early, self._early = self._early, b""
        return early

    def come(self) -> bytes | None:
        """Take what has come by itself.

        Out: plaintext; b"" if the stream is over or broken; None if it goes on and nothing came.
        """
        if self.ended or self._early:
            return self._take_early()
        try:
            data = self._recv()
            plaintext = b"" if data is None else self._arrived(data)
        except FetchError:
            return b""
        return plaintext or (b"" if self.ended else None)

    def close(self, *, linger: bool, goodbye: bytes | None = None) -> None:
        """Say goodbye, take what has arrived, and close.

        In: `linger`, whether to wait a quarter of a second at most for the server to close too,
        so that its last octets are recorded as well; `goodbye`, what the protocol says last, after
        all that was queued. Without one, what is unsent is part of a request and given up.
        """
        try:
            # Part of a request; under TLS part of a record, perhaps.
            abandoned = self.unsent and goodbye is None
            if abandoned:
                self._plain.clear()
            elif self._say(goodbye or b""):
                self._flush()
            if linger:
                with suppress(CallFailed):  # the server has closed: what it said is still there
                    self._socket.shutdown_write()
            self._drain(_LINGER_S if linger else 0)
        except (CallFailed, FetchError):
            pass  # the trace has the call that failed, and the fetch has its outcome already
        finally:
            self._socket.close()
            if self._tls is not None:
                self._tls.release()

    def _say(self, goodbye: bytes) -> bool:
        """Queue the last octets, under TLS with close_notify in the same call. Out: if any."""
        self.queue(goodbye)
        if self._tls is not None:
            while self._plain and self._tls.failure is None:
                self._encrypt()
            self._plain.clear()
            self._tls.close()
            self._collect(self._tls)
        return self.unsent

    def _drain(self, linger_s: float) -> None:
        until_s = self._wire.recorder.now_s() + linger_s
        for _ in range(_DRAIN_RECVS):
            if self.ended == "closed" and self._tls is None:
                return
            data = self._socket.recv(_DRAIN_RECV)
            if data == b"":
                return
            left = until_s - self._wire.recorder.now_s()
            if data is None and (left <= 0 or not self._wire.wait([(self._socket, READ)], left)):
                return

    def _arrived(self, data: bytes) -> bytes:
        if self._tls is None:
            if not data:
                self.ended = "closed"
            return data
        plaintext = self._decrypt(self._tls, data)
        if self._tls.ended:
            self.ended = "closed" if self._tls.ended == "close_notify" else self._tls.ended
        return plaintext

    def _decrypt(self, tls: Tls, data: bytes) -> bytes:
        try:
            parts = tls.receive(data)
        except FetchError:
            self._collect(tls)
            self._flush()  # the alert that tells the server why
            raise
        self._collect(tls)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _collect(self, tls: Tls) -> None:
        self._unsent += tls.data_to_send()
        if not tls.settled:
            self._wire.recorder.secrets(tls.new_secrets())

    def _flush(self) -> None:
        """Send until everything is sent or the kernel takes no more."""
        while self.unsent and self._sending_failed is None:
            if not self._unsent:
                self._encrypt()
            try:
                count = self._socket.send(self._unsent)
            except CallFailed as failed:
                # What the server said before it closed may still be there to be read.
                self._sending_failed = failed
                self._socket.sent_by_tcp()
                break
            if not count:
                return
            self._unsent = self._unsent[count:]
            self._deadlines.restart("write")
        if self._sending_failed is not None:
            self._plain.clear()
            self._unsent = b""
        self._deadlines.clear("write")

    def _encrypt(self) -> None:
        if self._tls is None:
            self._unsent = bytes(self._plain[:_STEP])
            del self._plain[:_STEP]
            return
        count = self._tls.write(bytes(self._plain[:_STEP]))
        del self._plain[:count]
        self._collect(self._tls)

    def _recv(self) -> bytes | None:
        try:
            data = self._socket.recv(self._recv_size)
        except CallFailed as failed:
            self._socket.sent_by_tcp()
            raise self._broken(failed) from failed
        if data:
            self.started = True
            self._is_dry = len(data) < self._recv_size
            if len(data) == _RECV and self._may_grow:
                self._recv_size = _LARGE_RECV
        elif data == b"" and self._sending_failed is not None:
            # The send was told of the reset; behind that the kernel says no more than "the end".
            raise self._broken(self._sending_failed) from self._sending_failed
        return data

    def _broken(self, failed: CallFailed) -> FetchError:
        unknown = ("tcp.unreachable", f"The network failed: {failed.errno}.")
        code, message = _BROKEN.get(failed.errno, unknown)
        when = "" if self.started else " It had not sent an octet."
        return FetchError(code, message + when)

    def _wait(self) -> bool:
        """Out: whether the socket is ready."""
        interest = READ | WRITE if self.unsent else READ
        self._is_dry = False
        return bool(self._wire.wait([(self._socket, interest)], self._deadlines.remaining_s()))
