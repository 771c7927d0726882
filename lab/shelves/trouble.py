"""Servers that break off, break a rule, or never end."""

from __future__ import annotations

import gzip
import socket
import struct
from functools import cache
from typing import Final

from lab.behaviour import Ask, Behaviour, Shelf
from lab.visit import TEXT, Visit


def early_close(visit: Visit) -> None:
    """Take the request and hang up."""
    visit.is_open = False


def silence(visit: Visit) -> None:
    """Take the request and say nothing, until the client has had enough."""
    visit.is_open = False
    visit.hear_out()


PROMISED_OCTETS: Final = 18_204
RESET_LINE: Final = b"This body will not be whole. "


def resets(visit: Visit) -> None:
    """Promise a body, send two thirds of it, and hang up without a goodbye."""
    headers = (f"Content-Type: {TEXT}", f"Content-Length: {PROMISED_OCTETS}")
    body = (RESET_LINE * PROMISED_OCTETS)[: PROMISED_OCTETS * 2 // 3]
    visit.send(visit.head("200 OK", headers), body)
    # A linger time of 0 makes the kernel send RST in place of FIN when the socket is closed.
    linger = struct.pack("ii", 1, 0)
    assert isinstance(visit.connection, socket.socket)
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    visit.is_open = False


SHORT_BODY: Final = b"The head says 120 octets. Count these.\n"


def wrong_length(visit: Visit) -> None:
    """Say a Content-Length that is too long for the body, and close in good order."""
    visit.is_open = False
    if visit.begin("200 OK", (f"Content-Type: {TEXT}", "Content-Length: 120")):
        visit.send(SHORT_BODY)


COUNTED_BODY: Final = b"Content-Length covers this line.\n"
SURPLUS: Final = b"This line is behind the end.\n"


def surplus(visit: Visit) -> None:
    """Say a Content-Length that is too short, so that octets are left over."""
    visit.is_open = False
    headers = (f"Content-Type: {TEXT}", f"Content-Length: {len(COUNTED_BODY)}")
    if visit.begin("200 OK", headers):
        visit.send(COUNTED_BODY, SURPLUS)


GOOD_CHUNK: Final = b"The next chunk has no size that anybody can read.\n"


def bad_chunk(visit: Visit) -> None:
    """A chunk, then one whose size is no hexadecimal number."""
    visit.is_open = False
    if visit.begin("200 OK", (f"Content-Type: {TEXT}", "Transfer-Encoding: chunked")):
        visit.send(b"%x\r\n" % len(GOOD_CHUNK), GOOD_CHUNK, b"\r\n")
        visit.send(b"a dozen\r\nHello again.\r\n0\r\n\r\n")


ENDLESS_LINES: Final = 50_000
_AT_ONCE: Final = 20
_PAUSE_S: Final = 0.002
"""Without it a whole megabyte would be under way before the client can say that it is enough."""


def endless_headers(visit: Visit) -> None:
    """A head without end: lines until the client goes, or until even we have had enough."""
    visit.is_open = False
    visit.send(b"HTTP/1.1 200 OK\r\n")
    for first in range(1, ENDLESS_LINES, _AT_ONCE):
        lines = (b"Line-%d: there is more\r\n" % n for n in range(first, first + _AT_ONCE))
        visit.send(*lines)
        visit.wait(_PAUSE_S)


BOMB_OCTETS: Final = 16 << 20


@cache
def bomb_body() -> bytes:
    """16 MiB of zeros, packed: about 16 kB."""
    return gzip.compress(bytes(BOMB_OCTETS), mtime=0)


def bomb(visit: Visit) -> None:
    """A body that is small on the wire and more than the page unpacks."""
    visit.respond("200 OK", bomb_body(), ("Content-Encoding: gzip",))


def redirect_loop(visit: Visit) -> None:
    """Two paths that point at each other."""
    location = "/tails" if visit.request.target != "/tails" else "/heads"
    body = f"What you asked for is at {location}\n".encode()
    visit.respond("302 Found", body, (f"Location: {location}",))


SSH: Final = b"SSH-2.0-OpenSSH_10.0\r\n"


def not_http(visit: Visit) -> None:
    """Answer as a server of SSH does, and hang up."""
    visit.send(SSH)
    visit.is_open = False


TWO_LENGTHS_BODY: Final = b"Is this all, or is more to come?\n"


def two_lengths(visit: Visit) -> None:
    """Say twice how long the body is, and not the same."""
    length = len(TWO_LENGTHS_BODY)
    headers = (f"Content-Length: {length}", f"Content-Length: {length + 10}")
    visit.send(visit.head("200 OK", headers), TWO_LENGTHS_BODY)


def bad_header(visit: Visit) -> None:
    """A header line with a space before its colon."""
    visit.send(visit.head("200 OK", ("Content-Length : 0",)))


def bad_gzip(visit: Visit) -> None:
    """Announce gzip and send a text."""
    visit.respond("200 OK", b"This was never compressed.\n", ("Content-Encoding: gzip",))


SHELF: Final = Shelf(
    "trouble",
    "Trouble",
    "They break off, break a rule, or never end. What arrived until then is kept.",
    {
        "port-closed": Behaviour("Port closed", "the machine is there, and nobody listens", None),
        "early-close": Behaviour(
            "Hangs up first", "takes the request, answers nothing", early_close
        ),
        "silence": Behaviour(
            "Silence", "says nothing at all; we give up after ten seconds", silence
        ),
        "resets": Behaviour("Resets you", "promises 18,204 bytes and hangs up early", resets),
        "wrong-length": Behaviour(
            "Promises too much", "120 bytes announced, 39 sent", wrong_length
        ),
        "surplus": Behaviour("Says too much", "a line more than its length allows", surplus),
        "bad-chunk": Behaviour("Bad chunk", "its size is “a dozen”", bad_chunk),
        "not-http": Behaviour("Not HTTP at all", "SSH answers at this port", not_http),
        "two-lengths": Behaviour(
            "Two lengths", "says twice how long its body is, and not the same", two_lengths
        ),
        "bad-header": Behaviour("Bad header", "a space before the colon", bad_header),
        "bad-gzip": Behaviour("No gzip", "announces gzip and sends a text", bad_gzip),
        "endless-headers": Behaviour(
            "Endless head", "one header line after another", endless_headers
        ),
        "bomb": Behaviour("Decompression bomb", "16 kB that unpack to 16 MiB", bomb),
        "redirect-loop": Behaviour(
            "Redirect loop",
            "two pages that point at each other",
            redirect_loop,
            ask=Ask(follow=True),
        ),
    },
)
