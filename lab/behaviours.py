"""What the lab's servers do, by name. A new behaviour is a function and a row of the table."""

from __future__ import annotations

import gzip as gzip_format
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from lab.authority import EXPIRED, VALID, Authority, Identity, Validity, issue
from lab.visit import TEXT, Visit

Serve = Callable[[Visit], None]


@dataclass(frozen=True)
class Tls:
    """How a server secures a connection, right or wrong on purpose."""

    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    validity: Validity = VALID
    certified_host: str = ""  # "" means the server's own name
    self_signed: bool = False

    def context(self, authority: Authority, host: str) -> ssl.SSLContext:
        """The server's context, with a certificate that is made now."""
        name = self.certified_host or host
        identity: Identity = (
            issue(None, name, (name,)) if self.self_signed else authority.identity(name)
        )
        if self.validity is not VALID:
            identity = authority.identity(name, validity=self.validity)
        return authority.server_context(identity, minimum=self.minimum, maximum=self.maximum)


@dataclass(frozen=True)
class Behaviour:
    """One row of the table: what a server does, and what the home page says of it."""

    title: str
    about: str
    serve: Serve | None  # None: the port is taken, but nobody listens
    tls: Tls | None = None

    @property
    def scheme(self) -> Literal["http", "https"]:
        """The scheme of the server's URL."""
        return "https" if self.tls else "http"


PLAIN_BODY: Final = b"""\
Hello from the lab.

You are reading the body of an HTTP/1.1 response. The empty line above it
ended the head, and Content-Length said how many octets would follow: 286.
When the last of them had arrived, the response was over, although the
connection stayed open for the next request.
"""


def plain(visit: Visit) -> None:
    """One body of a known length."""
    visit.respond("200 OK", PLAIN_BODY)


CHUNKS: Final = (
    b"The length of this body was not known when its head was sent.\n",
    b"So it comes in chunks. ",
    b"Each begins with its own size, in hexadecimal, on a line of its own.\n",
    b"!\n",
    b"A chunk of size 0 ends the body. Fields may follow it: the trailer section.\n" * 4,
)
DRIP_S: Final = 0.04


def chunked(visit: Visit) -> None:
    """A body in chunks of several sizes, each sent on its own, and a trailer field."""
    headers = (f"Content-Type: {TEXT}", "Transfer-Encoding: chunked", "Trailer: Chunk-Count")
    visit.send(visit.head("200 OK", headers))
    if visit.request.method == "HEAD":
        return
    for chunk in CHUNKS:
        visit.wait(DRIP_S)
        visit.send(b"%x\r\n" % len(chunk), chunk, b"\r\n")
    visit.send(b"0\r\n", b"Chunk-Count: %d\r\n" % len(CHUNKS), b"\r\n")


GZIP_BODY: Final = (
    b"""\
This text says the same thing again and again, and gzip likes that.
"""
    + b"Again and again, the same words travel as a distance and a length.\n" * 12
)


def gzip(visit: Visit) -> None:
    """A body that is shorter on the wire than on the page."""
    body = gzip_format.compress(GZIP_BODY, mtime=0)
    visit.respond("200 OK", body, ("Content-Encoding: gzip", "Vary: Accept-Encoding"))


def redirect(visit: Visit) -> None:
    """Two redirects: to another path of this server, then to another server."""
    if visit.request.target == "/second":
        location = visit.links.get("plain", "/arrived")
    elif visit.request.target == "/arrived":
        plain(visit)
        return
    else:
        location = "/second"
    body = f"What you asked for is at {location}\n".encode()
    visit.respond("302 Found", body, (f"Location: {location}",))


SLOW_BODY: Final = b"The head came at once. This line was held back.\n"


def slow(visit: Visit) -> None:
    """The head at once, the body when the server feels like it."""
    headers = (f"Content-Type: {TEXT}", f"Content-Length: {len(SLOW_BODY)}")
    visit.send(visit.head("200 OK", headers))
    if visit.request.method != "HEAD":
        visit.wait(visit.hold_s)
        visit.send(SLOW_BODY)


def secure(visit: Visit) -> None:
    """One body of a known length, for servers whose point is the handshake."""
    visit.respond("200 OK", b"Between the two of us this line was readable, elsewhere not.\n")


PROMISED_OCTETS: Final = 18_204
RESET_LINE: Final = b"This body will not be whole. "


def resets(visit: Visit) -> None:
    """Promise a body, send two thirds of it, and hang up without a goodbye."""
    headers = (f"Content-Type: {TEXT}", f"Content-Length: {PROMISED_OCTETS}")
    body = (RESET_LINE * PROMISED_OCTETS)[: PROMISED_OCTETS * 2 // 3]
    visit.send(visit.head("200 OK", headers), body)
    # A linger time of 0 makes the kernel send RST in place of FIN when the socket is closed.
    linger = struct.pack("ii", 1, 0)
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    visit.is_open = False


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "plain": Behaviour("Hello, HTTP/1.1", "one request, one answer, nothing hidden", plain),
    "tls13": Behaviour(
        "Hello, TLS 1.3",
        "the same over TLS 1.3: one round trip, then all is encrypted",
        secure,
        Tls(minimum=ssl.TLSVersion.TLSv1_3),
    ),
    "tls12": Behaviour(
        "Hello, TLS 1.2",
        "two round trips, and a certificate that everyone on the way can read",
        secure,
        Tls(maximum=ssl.TLSVersion.TLSv1_2),
    ),
    "chunked": Behaviour("Chunked drip", "a body that comes in pieces, with a trailer", chunked),
    "gzip": Behaviour("Compressed", "fewer octets on the wire than on the page", gzip),
    "redirect": Behaviour("Redirect chain", "two answers that say: ask elsewhere", redirect),
    "slow": Behaviour("Slow server", "the head at once, the body after three seconds", slow),
    "expired": Behaviour(
        "Expired certificate", "it ended yesterday", secure, Tls(validity=EXPIRED)
    ),
    "wrong-host": Behaviour(
        "Wrong certificate",
        "it is for another name",
        secure,
        Tls(certified_host="another.lab.test"),
    ),
    "self-signed": Behaviour(
        "Self-signed certificate", "nobody else vouches for it", secure, Tls(self_signed=True)
    ),
    "port-closed": Behaviour("Port closed", "the machine is there, and nobody listens", None),
    "resets": Behaviour("Resets you", "promises 18,204 octets and hangs up early", resets),
}
