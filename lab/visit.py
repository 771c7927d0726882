"""One request as a lab server meets it, and how it answers: octets written by hand.

No HTTP library takes part, so that what a behaviour sends can be read off its source.
"""

from __future__ import annotations

import email.utils
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

HEAD_OCTETS: Final = 65_536
BODY_OCTETS: Final = 1 << 20
READ_OCTETS: Final = 65_536
SERVER: Final = "wiretale-lab"
TEXT: Final = "text/plain; charset=utf-8"
_CLIENT_HELLO: Final = b"\x16"
"""Its first octet: the type of a record that carries a handshake."""


class BadRequest(Exception):
    """The client sent what is not a request that we can answer: the status says in what way."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Connection(Protocol):
    """What a server reads from and writes to: a socket, or TLS."""

    def recv(self, most: int, /) -> bytes:
        """Some octets; b"" at the end."""

    def sendall(self, octets: bytes, /) -> None:
        """Send them all."""


@dataclass(frozen=True)
class Request:
    """A request, its body read to the end."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]  # names in lower case
    minor: int = 1  # of HTTP/1.1
    body_octets: int = 0
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value of a field, "" if it is not there."""
        return next((value for known, value in self.headers if known == name), "")


@dataclass
class Visit:
    """One client's connection: what it asked last, and the ways to answer."""

    connection: Connection
    release: threading.Event  # set: do not hold anything back
    links: Mapping[str, str]  # URLs of other lab servers by their names
    hold_s: float
    request: Request = Request("", "", ())
    requests: int = 0  # how many this connection has brought so far
    asked_first: bool = False  # the client announced its body, and was told to go on
    is_open: bool = True  # False: this connection takes no further request
    _unread: bytes = b""

    def receive_request(self) -> bool:
        """Read the next request. False: the client closed instead of asking.

        Raises:
            BadRequest: it is none, or one with a body that we cannot find the end of.
            OSError: the connection broke, or the client said nothing for too long.
        """
        head = self._receive_head()
        if not head:
            return False
        self.request = _parse(head)
        if self.request.header("transfer-encoding"):
            raise BadRequest("411 Length Required")
        length = self.request.header("content-length") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > BODY_OCTETS:
            raise BadRequest("413 Content Too Large")
        self.request = replace(self.request, body_octets=int(length))
        self.requests += 1
        self._invite()
        self.request = replace(self.request, body=self._take(int(length)))
        self.is_open = self._stays_open()
        return True

    def send(self, *parts: bytes) -> None:
        """Send the parts as they are, in one call."""
        self.connection.sendall(b"".join(parts))

    def respond(
        self, status: str, body: bytes, headers: Sequence[str] = (), *, media_type: str = TEXT
    ) -> None:
        """Send a complete response whose body has a Content-Length, none of it for HEAD."""
        length = f"Content-Length: {len(body)}"
        head = self.head(status, (f"Content-Type: {media_type}", length, *headers))
        self.send(head, b"" if self.request.method == "HEAD" else body)

    def begin(self, status: str, headers: Sequence[str]) -> bool:
        """Send a head alone. True: a body may follow it, which it may not after HEAD."""
        self.send(self.head(status, headers))
        return self.request.method != "HEAD"

    def head(
        self, status: str, headers: Sequence[str], *, version: str = "1.1", interim: bool = False
    ) -> bytes:
        """A status line and header fields, the ones that every final answer has put in front."""
        date = email.utils.formatdate(usegmt=True)
        ours = () if interim else (f"Date: {date}", f"Server: {SERVER}")
        lines = (f"HTTP/{version} {status}", *ours, *headers, *self._connection(interim))
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")

    def wait(self, seconds: float) -> None:
        """Hold back what follows for so long, or until `release` is set."""
        self.release.wait(seconds)

    def hear_out(self) -> None:
        """Answer nothing until the client closes, or says nothing either for too long."""
        while self.connection.recv(READ_OCTETS):
            pass

    def _invite(self) -> None:
        """Say 100 to who asks first, unless its body has begun to come (RFC 9110, 10.1.1)."""
        expects = self.request.header("expect").lower() == "100-continue"
        self.asked_first = expects and self.request.minor > 0 and not self._unread
        if self.asked_first:
            self.send(self.head("100 Continue", (), interim=True))

    def _connection(self, interim: bool) -> tuple[str, ...]:
        """The Connection field, where what it says is not what the version means by itself."""
        if interim:
            return ()
        if not self.is_open:
            return ("Connection: close",)
        return ("Connection: keep-alive",) if self.request.minor == 0 else ()

    def _stays_open(self) -> bool:
        wanted = self.request.header("connection").lower()
        return wanted == "keep-alive" if self.request.minor == 0 else wanted != "close"

    def _receive_head(self) -> bytes:
        while b"\r\n\r\n" not in self._unread:
            if len(self._unread) > HEAD_OCTETS:
                raise BadRequest("431 Request Header Fields Too Large")
            octets = self.connection.recv(READ_OCTETS)
            if not octets:
                return b""
            self._unread += octets
            if self._unread.startswith(_CLIENT_HELLO):  # behind it comes nothing before an answer
                raise BadRequest("400 Bad Request")
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        return head

    def _take(self, length: int) -> bytes:
        while len(self._unread) < length:
            octets = self.connection.recv(READ_OCTETS)
            if not octets:
                raise ConnectionAbortedError("the client closed in the middle of its request")
            self._unread += octets
        body, self._unread = self._unread[:length], self._unread[length:]
        return body


def _parse(head: bytes) -> Request:
    request_line, *field_lines = head.decode("latin-1").split("\r\n")
    words = request_line.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest("400 Bad Request")
    headers = []
    for line in field_lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest("400 Bad Request")
        headers.append((name.lower(), value.strip()))
    return Request(words[0], words[1], tuple(headers), minor=int(words[2][-1]))
