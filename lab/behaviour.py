"""What a row of the lab's table holds: a server's one function, its words, its TLS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

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
    alpn: tuple[str, ...] | None = None  # what is offered, if not what is spoken
    sni: str | None = None  # whom the ClientHello names, if not the URL's host
    socket_options: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None  # for udp://: exactly these octets are sent
    public: bool = False  # the rules for the public hold, whatever this process allows

    def options(self, url: str) -> dict[str, Any]:
        """What it asks for, under the names of `netcore.options.Options`. In: the target's URL."""
        wishes: dict[str, Any] = {
            "method": self.method,
            "headers": self.headers,
            "body": self.body,
            "resume_session": self.resume_session,
            "messages": self.messages,
            "further_urls": (url,) * (self.times - 1),
            "dns_trace": self.dns_trace,
        }
        further: dict[str, Any] = {
            "http": None if self.http == "auto" else self.http,
            "alpn": self.alpn,
            "sni": self.sni,
            "socket_options": self.socket_options or None,
            "raw": self.raw,
            "allow_private": False if self.public else None,
        }
        return wishes | {name: value for name, value in further.items() if value is not None}


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
    ipv6: Literal["", "answers", "silent"] = ""  # what is at `::1`, where the machine has that
    reads: bool = True  # False: it serves a connection before a request has come, and no other
    full: bool = False  # its queue of connections is full, and nobody takes one out
    kept_octets: int = 0  # that its kernel takes in for it (SO_RCVBUF); 0: the default

    @property
    def scheme(self) -> Literal["http", "https", "ws", "wss"]:
        """The scheme of the server's URL."""
        if self.websocket:
            return "wss" if self.tls else "ws"
        return "https" if self.tls or self.pretends else "http"


@dataclass(frozen=True)
class Named:
    """A target that is a name or an address, with no server of its own behind it."""

    name: str
    title: str
    about: str
    url: str = "http://{name}.lab.test/"  # with the ports of `Lab.places` by their names
    ask: Ask = GET


@dataclass(frozen=True)
class Shelf:
    """Rows that belong together, under a title for the home page."""

    name: str
    title: str
    about: str
    rows: dict[str, Behaviour]
    named: tuple[Named, ...] = ()  # behind them
