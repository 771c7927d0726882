"""Practice servers: what a learner's own script talks to, and what the server saw of it.

Loopback hides what a network shows: there a large write mostly arrives in one read. So these
servers write as a network would deliver, 1,448 octets at a time and a little apart, or they read
late on purpose. Each keeps its own recording of every connection.
"""

from __future__ import annotations

import random
import socket
import time
from typing import Any, Final

from lab.behaviour import Behaviour
from lab.http import IDLE_S, LabServer
from lab.visit import READ_OCTETS, TEXT, Visit

SEGMENT_OCTETS: Final = 1_448  # what TCP carries in a frame of Ethernet, with its usual options
PACE_S: Final = 0.005
LATE_S: Final = 0.2
"""How long `echo` lets octets lie before it reads them."""
CONNECTIONS_KEPT: Final = 64

SIZES: Final = {"big": (40_000, 60_000), "keep-alive": (6_000, 12_000)}
"""The body of a server has so many octets, at least and at most."""
TARGETS: Final = (*SIZES, "echo")


class RecordedSocket(socket.socket):
    """The server's end of a connection, which notes each read and what was to be written.

    `reads` holds the octets of each read that brought some. `sent` counts what the server wrote,
    and what it meant to write when the client was gone already. `silent_s` is how long nothing had
    crossed when the client closed, None if it did not.
    """

    def __init__(self, connection: socket.socket) -> None:
        """Share `connection`, which stays open and its owner's when this one is closed."""
        super().__init__(fileno=connection.dup().detach())
        self.settimeout(IDLE_S)
        self.peer_port: int = connection.getpeername()[1]
        self.reads: list[int] = []
        self.sent = 0
        self.silent_s: float | None = None
        self._moved = time.monotonic()

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """As a socket does it, noted."""
        octets = super().recv(bufsize, flags)
        if octets:
            self.reads.append(len(octets))
            self._moved = time.monotonic()
        elif self.silent_s is None:
            self.silent_s = time.monotonic() - self._moved
        return octets

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As a socket does it, and the time is noted."""
        super().sendall(data, flags)
        self._moved = time.monotonic()

    def wait_for_octets(self) -> bool:
        """Wait until there is something to read, and read nothing. False: the client closed."""
        return bool(super().recv(1, socket.MSG_PEEK))


class PracticeServer(LabServer):
    """One of `TARGETS` on a port of its own. `connections` holds what it saw, oldest first."""

    def __init__(self, target: str, code: str) -> None:
        """Bind the port.

        Args:
            target: One of `TARGETS`.
            code: What decides the size of the body: another code, another size.
        """
        behaviour = Behaviour(target, "", self._respond)
        super().__init__(target, behaviour=behaviour)
        self.connections: list[RecordedSocket] = []
        least, most = SIZES.get(target, (0, 0))
        self._size = random.Random(code).randint(least, most)  # noqa: S311, it guards nothing

    def _converse(self, connection: socket.socket) -> None:
        with RecordedSocket(connection) as recorded:
            self.connections = [*self.connections, recorded][-CONNECTIONS_KEPT:]
            if self.name == "echo":
                self._echo(recorded)
            else:
                self._answer_all(recorded)

    def _echo(self, connection: RecordedSocket) -> None:
        """Send back what came, whatever it is. Each read comes late."""
        while connection.wait_for_octets():
            self.release.wait(LATE_S)
            octets = connection.recv(READ_OCTETS)
            connection.sent += len(octets)
            connection.sendall(octets)
        connection.recv(1)

    def _respond(self, visit: Visit) -> None:
        """A body of a known length, a segment at a time."""
        assert isinstance(visit.connection, RecordedSocket)
        headers = (f"Content-Type: {TEXT}", f"Content-Length: {self._size}")
        response = visit.head("200 OK", headers)
        if visit.request.method != "HEAD":
            response += _text(self._size)
        visit.connection.sent += len(response)
        for first in range(0, len(response), SEGMENT_OCTETS):
            visit.send(response[first : first + SEGMENT_OCTETS])
            visit.wait(PACE_S)


def _text(octets: int) -> bytes:
    """So many octets, of which each line says where it begins."""
    lines = (b"This line begins at octet %d of the body." % at for at in range(0, octets, 64))
    return b"".join(line.ljust(63, b".") + b"\n" for line in lines)[:octets]
