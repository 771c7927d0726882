"""A DNS server for one zone on loopback, over UDP and over TCP (RFC 1035, RFC 7766).

It is authoritative for `lab.test`: it knows the lab's hosts, denies every other name below that,
and refuses to speak of the rest of the world.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Final, Protocol, Self

from lab.log import Log, LoggedDatagrams, LoggedSocket
from lab.stop import Stop
from lab.zone import Zone

_DATAGRAM_OCTETS: Final = 65_535
_TRIES: Final = 20
_IDLE_S: Final = 5.0


class Answers(Protocol):
    """What knows a zone."""

    def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
        """The response to one query; b"" for none."""


class DnsServer:
    """Answers for `lab.test` on a port of 127.0.0.1 that the system picks.

    A context manager. `address` is "127.0.0.1:PORT", as `--dns-server` takes it.
    """

    def __init__(
        self,
        hosts: Collection[str] = (),
        address: str = "127.0.0.1",
        *,
        zone: Answers | None = None,
        listens: tuple[str, int] = ("127.0.0.1", 0),
        log: Log | None = None,
    ) -> None:
        """Bind the port.

        Args:
            hosts: Full names, "plain.lab.test", that have `address` as their A record.
            address: Of these.
            zone: What it knows instead of them.
            listens: Where, if the system is not to pick the port.
            log: Where it notes its calls.
        """
        self._zone = zone or Zone(hosts, address)
        self._udp, self._tcp = _bound(listens)
        self._log = log or Log()
        self._datagrams = LoggedDatagrams(self._udp, self._log)
        self._stop = Stop()
        self.port: int = self._udp.getsockname()[1]
        self.address = f"{listens[0]}:{self.port}"
        self._visitors: dict[socket.socket, threading.Thread] = {}
        self._thread = threading.Thread(target=self._run, name="lab dns", daemon=True)

    def __enter__(self) -> Self:
        self._tcp.listen()
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
        for connection, thread in list(self._visitors.items()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()
        self.release()

    def release(self) -> None:
        """Give the port back. Leaving the context does it; for a server that was never started."""
        self._udp.close()
        self._tcp.close()
        self._stop.close()

    def answer(self, untrusted: bytes) -> bytes:
        """The response to one datagram; b"" where it deserves none, not being a query."""
        return self._zone.answer(untrusted)

    def _run(self) -> None:
        while ready := self._stop.wait_for_one(self._udp, self._tcp):
            with contextlib.suppress(OSError):  # the asker may be gone: its next question is not
                if ready is self._tcp:
                    self._accept()
                    continue
                question, asker, _ = self._datagrams.recvfrom(_DATAGRAM_OCTETS)
                response = self.answer(question)
                if response:
                    self._datagrams.sendto(response, asker)

    def _accept(self) -> None:
        connection = LoggedSocket(self._tcp.accept(), self._log)
        connection.settimeout(_IDLE_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(target=self._visit, args=(connection,), daemon=True)
        self._visitors[connection] = thread
        thread.start()

    def _visit(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            converse(connection, self._zone)
        self._visitors.pop(connection, None)


class Stream(Protocol):
    """A connection, perhaps inside TLS."""

    def recv(self, most: int, /) -> bytes:
        """Some octets; b"" at the end."""

    def sendall(self, octets: bytes, /) -> None:
        """Send them all."""


def converse(stream: Stream, zone: Answers) -> None:
    """Answer the queries on a connection, each behind its length, until the client closes."""
    unread = b""
    while octets := stream.recv(_DATAGRAM_OCTETS):
        unread += octets
        while len(unread) >= 2 and len(unread) - 2 >= (due := int.from_bytes(unread[:2], "big")):
            response = zone.answer(unread[2 : 2 + due], in_datagram=False)
            unread = unread[2 + due :]
            if not response:
                return
            stream.sendall(len(response).to_bytes(2, "big") + response)


def _bound(listens: tuple[str, int]) -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket with one port. Raises: OSError if no port is free for both."""
    left = 1 if listens[1] else _TRIES
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            tcp.bind(listens)
            udp.bind(tcp.getsockname())
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()
            left -= 1
            if not left:
                raise
