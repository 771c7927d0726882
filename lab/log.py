"""What the lab's servers note of their own calls: when octets came and went at their end.

Theory of operation. A client sees its own end alone. These servers run on the same machine, so
their monotonic clock is the client's: what both note can be laid side by side. A server notes what
it is about to send before it does, for the answer may be read, and asked about, before the call
has returned. What is noted is bounded, and the oldest connections are forgotten first.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

CONNECTIONS: Final = 256
CALLS: Final = 5_000
"""How many calls of one connection are noted."""

Key = tuple[str, str, str]
"""Protocol, the server's end and the client's: ("tcp", "127.0.0.1:80", "127.0.0.1:40000")."""


@dataclass(slots=True)
class Noted:
    """One call of a server's that moved octets, in nanoseconds of the monotonic clock."""

    call: Literal["recv", "send"]
    length: int
    start_ns: int
    end_ns: int = 0  # 0 while it goes on
    lost: bool = False  # on purpose: a datagram that was not sent, or was not listened to


class Log:
    """The calls of many servers, for whoever knows both ends of a connection. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: OrderedDict[Key, list[Noted]] = OrderedDict()

    def begin(self, key: Key) -> None:
        """A new connection: what was noted of an older one between the same ports is forgotten."""
        with self._lock:
            self._calls.pop(key, None)

    def note(self, key: Key, noted: Noted) -> None:
        """Keep a call, or nothing any more if the connection has had too many."""
        with self._lock:
            calls = self._calls.setdefault(key, [])
            self._calls.move_to_end(key)
            if len(calls) < CALLS:
                calls.append(noted)
            while len(self._calls) > CONNECTIONS:
                self._calls.popitem(last=False)

    def told(self, key: Key, since_ns: int) -> Sequence[Noted]:
        """The calls of a connection in order, as far as they began behind a moment."""
        with self._lock:
            return [each for each in self._calls.get(key, ()) if each.start_ns >= since_ns]


class LoggedSocket(socket.socket):
    """The server's end of a TCP connection, which notes what it reads and writes."""

    def __init__(self, accepted: tuple[socket.socket, Any], log: Log) -> None:
        """In: what accept() gave, whose socket is empty behind this."""
        connection, client = accepted
        self._key = "tcp", written(connection.getsockname()), written(client)
        self._log: Log | None = log
        super().__init__(fileno=connection.detach())
        log.begin(self._key)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """As a socket does it, noted."""
        start_ns = time.monotonic_ns()
        octets = super().recv(bufsize, flags)
        if octets and not flags:
            self._note(Noted("recv", len(octets), start_ns, time.monotonic_ns()))
        return octets

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As a socket does it, noted."""
        noted = Noted("send", len(data), time.monotonic_ns())
        self._note(noted)
        super().sendall(data, flags)
        noted.end_ns = time.monotonic_ns()

    def dup(self) -> socket.socket:  # type: ignore[override]
        """A plain socket for the same connection: nothing is noted from now on, by neither."""
        self._log = None
        with socket.socket(fileno=self.fileno()) as plain:
            try:
                return plain.dup()
            finally:
                plain.detach()

    def _note(self, noted: Noted) -> None:
        if self._log is not None and noted.length:
            self._log.note(self._key, noted)


class LoggedDatagrams:
    """A server's UDP socket, which notes each datagram."""

    def __init__(self, bound: socket.socket, log: Log) -> None:
        """In: the socket, which stays its owner's."""
        self._socket, self._log = bound, log
        self._own = written(bound.getsockname())

    def recvfrom(self, most: int) -> tuple[bytes, Any, Noted]:
        """As the socket does it. Out: octets, who sent them, and the note. Raises: OSError."""
        start_ns = time.monotonic_ns()
        octets, asker = self._socket.recvfrom(most)
        noted = Noted("recv", len(octets), start_ns, time.monotonic_ns())
        self._log.note(self._key(asker), noted)
        return octets, asker, noted

    def sendto(self, octets: bytes, asker: Any, *, lost: bool = False) -> None:
        """As the socket does it; in: `lost`, that it is noted and not sent. Raises: OSError."""
        noted = Noted("send", len(octets), time.monotonic_ns(), lost=lost)
        self._log.note(self._key(asker), noted)
        if not lost:
            self._socket.sendto(octets, asker)
        noted.end_ns = time.monotonic_ns()

    def _key(self, asker: Any) -> Key:
        return "udp", self._own, written(asker)


def written(address: Any) -> str:
    """An address with its port: "127.0.0.1:80", "[::1]:80"."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
