"""One question on its way: over UDP, or over TCP where the answer did not fit into a datagram.

Both have the same shape: `start` sends the question, `wants` says what to wait for, `receive`
gives the messages that have arrived, and neither ever blocks. A question over TCP has a connection
of its own: servers may close one behind their first answer (RFC 7766 §6.2.4), so that a second
question on it would need another way all the same.
"""

from __future__ import annotations

from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.protocols.dns import MESSAGE_OCTETS, Messages, Question, prefixed
from netcore.wire import READ, WRITE, CallFailed, Wire

_DATAGRAM = 65_535  # more than any datagram has: none is cut
_STREAM = MESSAGE_OCTETS + 2
_DRAINED = 8  # calls on a socket that nobody waits for any more


class OverUdp:
    """A question in a datagram."""

    protocol = "UDP"
    wants = READ

    def __init__(self, wire: Wire, server: Admitted, question: Question) -> None:
        """Raises: CallFailed."""
        self.server = server
        self.question = question
        self.done = False  # whether its answer was taken
        self.socket = wire.udp(server)

    def start(self) -> None:
        """Send the question. Raises: CallFailed."""
        self.socket.connect()
        self.socket.local()
        self.socket.send(self.question.octets)

    def receive(self) -> list[bytes]:
        """The datagram that has arrived, if one has. Raises: CallFailed."""
        datagram = self.socket.recv(_DATAGRAM)
        return [] if datagram is None else [datagram]


class OverTcp:
    """A question on a connection of its own (RFC 7766)."""

    protocol = "TCP"

    def __init__(self, wire: Wire, guard: Guard, server: Admitted, question: Question) -> None:
        """Raises: CallFailed."""
        self.server = server
        self.question = question
        self.done = False
        self.socket = wire.tcp(server)
        self._guard = guard
        self._connected = False
        self._unsent = prefixed(question.octets)
        self._received = 0
        self._messages = Messages()

    @property
    def wants(self) -> int:
        """What the socket is waited for: READ or WRITE."""
        return WRITE if self._unsent else READ

    def start(self) -> None:
        """Begin to connect. Raises: FetchError dns.tcp_refused, Refused guard.peer_mismatch."""
        try:
            self.socket.send_at_once()
            connected = self.socket.connect()
            self.socket.local()  # now, so that the trace has the port also if it is refused
            if connected:
                self._proceed()
        except CallFailed as failed:
            raise self._refused(failed.errno) from failed

    def receive(self) -> list[bytes]:
        """Go on with connecting or sending, or take what has arrived: the messages whole by now.

        Raises: FetchError dns.tcp_refused, dns.tcp_closed, dns.malformed; Refused.
        """
        try:
            if not self._connected:
                self._connect_ended()
            return self._proceed()
        except CallFailed as failed:
            raise self._closed(f"broke the TCP connection ({failed.errno})") from failed

    def close(self) -> None:
        """Take what is there already, so that it is recorded, and close the socket."""
        try:
            for _ in range(_DRAINED):
                if not self.socket.recv(_STREAM):
                    break
        except CallFailed:
            pass  # the call that failed is in the trace
        self.socket.close()

    def _connect_ended(self) -> None:
        errno = self.socket.connect_error()
        if errno:
            raise self._refused(errno)

    def _proceed(self) -> list[bytes]:
        if not self._connected:
            self._guard.check_peer(self.server, self.socket.peer()[0])
            self._connected = True
        if self._unsent:
            self._unsent = self._unsent[self.socket.send(self._unsent) :]
            return []
        data = self.socket.recv(_STREAM)
        if data is None:
            return []
        if not data:
            raise self._closed("closed the TCP connection")
        return self._whole(data)

    def _whole(self, data: bytes) -> list[bytes]:
        self._received += len(data)
        if self._received > 2 * _STREAM:
            raise FetchError(
                "dns.malformed",
                f"{shown(self.server)} sent {self._received:,} octets over TCP, and no answer to "
                f"{_asked(self.question)} is among them.",
            )
        return self._messages.receive(data)

    def _refused(self, errno: str) -> FetchError:
        return FetchError(
            "dns.tcp_refused",
            f"The answer to {_asked(self.question)} did not fit into a datagram (TC=1), and no "
            f"TCP connection to {shown(self.server)} could be made for all of it ({errno}).",
        )

    def _closed(self, what: str) -> FetchError:
        there = self._messages.state
        when = f"when {there} of its answer had come" if there else "before it answered"
        return FetchError(
            "dns.tcp_closed", f"{shown(self.server)} {what} {when} to {_asked(self.question)}."
        )


def shown(server: Admitted) -> str:
    """The resolver as it is written for a reader: "192.0.2.1:53", "[2001:db8::1]:53"."""
    host = f"[{server.address}]" if ":" in server.address else server.address
    return f"{host}:{server.port}"


def _asked(question: Question) -> str:
    return f"the question {question.name} {question.rdtype}"
