"""Servers that do one wrong thing: a function on a raw socket each, on a port of loopback."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from lab.stop import Stop

Converse = Callable[[socket.socket], None]
PATIENCE_S: Final = 10.0
"""How long a hostile server waits for its victim; a test that needs more of it has failed."""


@dataclass(frozen=True)
class Datagram:
    """What a resolver sends, from its own port or from another one."""

    octets: bytes
    from_elsewhere: bool = False


Answer = Callable[[bytes], Iterable[Datagram]]


class Noted(socket.socket):
    """A socket that remembers what was sent on it."""

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self._sent = bytearray()

    @property
    def sent(self) -> bytes:
        """All of it, in order."""
        return bytes(self._sent)

    def sendall(self, octets: bytes, flags: int = 0, /) -> None:  # type: ignore[override]
        self._sent += octets
        super().sendall(octets, flags)


class HostileServer:
    """Accepts on 127.0.0.1 and lets `converse` have each connection, which is then closed.

    `sent` has what each connection was to be sent, in the order of their opening.
    """

    def __init__(self, converse: Converse, *, listening: bool = True) -> None:
        self._converse = converse
        self._listening = listening
        self._stop = Stop()
        self._lock = threading.Lock()
        self._open: dict[Noted, threading.Thread] = {}
        self._accepted: list[Noted] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.endpoint = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        if self._listening:
            self._socket.listen()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        with self._lock:
            still_open = dict(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in still_open.values():
            thread.join()
        self._socket.close()
        self._stop.close()

    @property
    def sent(self) -> list[bytes]:
        """What was sent, connection by connection."""
        return [connection.sent for connection in self._accepted]

    def _accept(self) -> None:
        while self._listening and self._stop.wait_readable(self._socket):
            connection = Noted(self._socket.accept()[0])
            connection.settimeout(PATIENCE_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._run, args=(connection,), daemon=True)
            with self._lock:
                self._open[connection] = thread
                self._accepted.append(connection)
            thread.start()

    def _run(self, connection: Noted) -> None:
        try:
            with contextlib.suppress(OSError):  # the victim hung up, which is its right
                self._converse(connection)
        finally:
            with self._lock:
                del self._open[connection]
            connection.close()


class HostileResolver:
    """Answers each datagram with whatever `answer` returns for it."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._answer = answer
        self._stop = Stop()
        self.queries: list[bytes] = []
        self.delivered: list[bytes] = []  # the responses that come from where they should
        self._elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._elsewhere.bind(("127.0.0.1", 0))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()
        self._elsewhere.close()
        self._stop.close()

    def _run(self) -> None:
        while self._stop.wait_readable(self._socket):
            with contextlib.suppress(OSError):
                query, asker = self._socket.recvfrom(65535)
                self.queries.append(query)
                for datagram in self._answer(query):
                    if datagram.from_elsewhere:
                        self._elsewhere.sendto(datagram.octets, asker)
                        continue
                    self.delivered.append(datagram.octets)
                    self._socket.sendto(datagram.octets, asker)


def receive_request(connection: socket.socket) -> bytes:
    """Read up to the end of a request's head."""
    octets = b""
    while b"\r\n\r\n" not in octets:
        received = connection.recv(65536)
        if not received:
            raise ConnectionAbortedError("the client closed")
        octets += received
    return octets


def hold(connection: socket.socket) -> None:
    """Do nothing until the client closes."""
    while connection.recv(65536):
        pass


def reset(connection: socket.socket) -> None:
    """Have the connection end with RST in place of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def finish(connection: socket.socket) -> None:
    """Send FIN and go on reading, so that nothing unread turns it into RST."""
    connection.shutdown(socket.SHUT_WR)
    hold(connection)


def reply(*parts: bytes) -> Converse:
    """Read a request, send these octets in one go, then wait for the client to close."""

    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(b"".join(parts))
        hold(connection)

    return converse


def reply_and_finish(*parts: bytes) -> Converse:
    """Read a request, send these octets, then FIN."""

    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(b"".join(parts))
        finish(connection)

    return converse


def repeat(first: bytes, again: bytes, *, every_s: float = 0.0) -> Converse:
    """Read a request, send `first`, then `again` without end, at this pace."""
    pace = threading.Event()  # never set: its wait is the pace

    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(first)
        while True:
            if every_s:
                pace.wait(every_s)
            connection.sendall(again)

    return converse


def drip(octets: bytes, *, every_s: float) -> Converse:
    """Read a request, then send these octets one by one at this pace."""
    pace = threading.Event()

    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        for octet in octets:
            connection.sendall(bytes((octet,)))
            pace.wait(every_s)
        hold(connection)

    return converse


def over_tls(context: ssl.SSLContext, converse: Converse) -> Converse:
    """The conversation inside TLS, ended with close_notify."""

    def secured(connection: socket.socket) -> None:
        duplicate = socket.socket(fileno=os.dup(connection.fileno()))
        duplicate.settimeout(PATIENCE_S)
        with context.wrap_socket(
            duplicate, server_side=True, do_handshake_on_connect=False
        ) as inside:
            inside.do_handshake()
            converse(inside)
            inside.unwrap()

    return secured
