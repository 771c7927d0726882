"""Echo: a TCP and a UDP server that send back what they get (RFC 862), for octets typed by hand."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Final, Self

from lab.log import Log, LoggedDatagrams, LoggedSocket
from lab.stop import Stop

IDLE_S: Final = 15.0
MOST_OCTETS: Final = 1 << 20  # that one connection gets back
_READ: Final = 65_536


class Echo:
    """Both servers, on ports of 127.0.0.1 that the system picks.

    A context manager: every thread has ended when its block ends.
    """

    def __init__(self, log: Log | None = None) -> None:
        """Bind the ports. In: where calls are noted."""
        self._log = log or Log()
        self._stop = Stop()
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for each in (self._tcp, self._udp):
            each.bind(("127.0.0.1", 0))
        self.tcp = f"127.0.0.1:{self._tcp.getsockname()[1]}"
        self.udp = f"127.0.0.1:{self._udp.getsockname()[1]}"
        self._datagrams = LoggedDatagrams(self._udp, self._log)
        self._lock = threading.Lock()
        self._visitors: dict[socket.socket, threading.Thread] = {}
        self._threads = [
            threading.Thread(target=run, name="lab echo", daemon=True)
            for run in (self._accept, self._answer)
        ]

    def __enter__(self) -> Self:
        self._tcp.listen()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        with self._lock:
            visitors = dict(self._visitors)
        for connection in visitors:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in visitors.values():
            thread.join()
        self._tcp.close()
        self._udp.close()
        self._stop.close()

    def _answer(self) -> None:
        while self._stop.wait_readable(self._udp):
            with contextlib.suppress(OSError):  # whoever asked may be gone
                datagram, asker, _ = self._datagrams.recvfrom(_READ)
                self._datagrams.sendto(datagram, asker)

    def _accept(self) -> None:
        while self._stop.wait_readable(self._tcp):
            with contextlib.suppress(OSError):
                connection = LoggedSocket(self._tcp.accept(), self._log)
                thread = threading.Thread(
                    target=self._echo, args=(connection,), name="lab echo", daemon=True
                )
                with self._lock:
                    self._visitors[connection] = thread
                thread.start()

    def _echo(self, connection: socket.socket) -> None:
        given = 0
        with connection, contextlib.suppress(OSError):
            connection.settimeout(IDLE_S)
            while given < MOST_OCTETS:
                octets = connection.recv(_READ)
                if not octets:
                    break
                given += len(octets)
                connection.sendall(octets)
        with self._lock:
            del self._visitors[connection]
