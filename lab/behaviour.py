"""What a row of the lab's table holds: a server's one function, its words, its TLS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from lab.quic import Quic
from lab.streams import ServeStream
from lab.tls import Tls
from lab.visit import Visit

Serve = Callable[[Visit], None]


@dataclass(frozen=True)
class Ask:
    """The request that shows best what a server does."""

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    http: str = "auto"  # the version of HTTP that is spoken, as the command line has it
    messages: tuple[str, ...] = ()  # what to say on a WebSocket
    follow: bool = False  # its redirects are the point
    resume_session: bool = False  # that the request comes twice is the point
    times: int = 1  # how often it is asked, on one connection
    dns_trace: bool = False  # that its name is walked to from the root is the point
    try_with: str = ""  # an option of the command line that shows its other side


GET: Final = Ask()


@dataclass(frozen=True)
class Behaviour:
    """One row of the table: what a server does, and what the home page says of it."""

    title: str
    about: str
    serve: Serve | None  # None: the port is taken, but nobody listens
    tls: Tls | None = None
    ask: Ask = GET
    pretends: bool = False  # its URL says https, and it has no TLS
    streams: ServeStream | None = None  # what it does where the client takes HTTP/2
    window: int = 0  # octets that a stream may send before it has to wait; 0: the default
    quic: Quic | None = None  # what it does over UDP, at the same port
    websocket: bool = False  # its URL opens a WebSocket

    @property
    def scheme(self) -> Literal["http", "https", "ws", "wss"]:
        """The scheme of the server's URL."""
        if self.websocket:
            return "wss" if self.tls else "ws"
        return "https" if self.tls or self.pretends else "http"


@dataclass(frozen=True)
class Shelf:
    """Rows that belong together, under a title for the home page."""

    name: str
    title: str
    about: str
    rows: dict[str, Behaviour]
