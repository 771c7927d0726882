"""Ways to send a body: how its end is known, and how it is packed."""

from __future__ import annotations

import gzip as gzip_format
import re
from typing import Final

from lab.behaviour import Ask, Behaviour, Shelf
from lab.visit import TEXT, BadRequest, Visit

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
    if not visit.begin("200 OK", headers):
        return
    for chunk in CHUNKS:
        visit.wait(DRIP_S)
        visit.send(b"%x\r\n" % len(chunk), chunk, b"\r\n")
    visit.send(b"0\r\n", b"Chunk-Count: %d\r\n" % len(CHUNKS), b"\r\n")


TRAILERS_BODY: Final = b"What is known only at the end stands behind the last chunk.\n"
TRAILERS: Final = b"Lines-Sent: 1\r\nNobody-Announced: this field\r\n"


def trailers(visit: Visit) -> None:
    """A chunked body, then two fields, of which the head announced only the first."""
    headers = (f"Content-Type: {TEXT}", "Transfer-Encoding: chunked", "Trailer: Lines-Sent")
    if visit.begin("200 OK", headers):
        visit.send(b"%x\r\n" % len(TRAILERS_BODY), TRAILERS_BODY, b"\r\n0\r\n", TRAILERS, b"\r\n")


CLOSING_BODY: Final = b"""\
Nothing told you how long this body is. It is over because I hang up now.
If I had crashed instead, it would have looked the same to you.
"""


def close_delimited(visit: Visit) -> None:
    """An answer as HTTP/1.0 knew it: the end of the connection is the end of the body."""
    visit.is_open = False
    headers = (f"Content-Type: {TEXT}",)
    visit.send(visit.head("200 OK", headers, version="1.0"))
    if visit.request.method != "HEAD":
        visit.send(CLOSING_BODY)


TRICKLE_BODY: Final = b"A few octets at a time, and each few are a packet.\n"
TRICKLE_OCTETS: Final = 3


def trickle(visit: Visit) -> None:
    """A body of a known length, a few octets at a time."""
    headers = (f"Content-Type: {TEXT}", f"Content-Length: {len(TRICKLE_BODY)}")
    if not visit.begin("200 OK", headers):
        return
    for start in range(0, len(TRICKLE_BODY), TRICKLE_OCTETS):
        visit.wait(DRIP_S / 2)
        visit.send(TRICKLE_BODY[start : start + TRICKLE_OCTETS])


BIG_OCTETS: Final = 3 << 20
"""More than a trace on the page keeps of a channel, less than the page reads: 2 and 5 MiB."""
BIG_LIMIT: Final = 1 << 30
BLOCK_OCTETS: Final = 65_536
_LINE: Final = (
    b"One line of many: it repeats, so that a body costs no memory.".ljust(63, b".") + b"\n"
)
_BLOCK: Final = _LINE * (BLOCK_OCTETS // len(_LINE) - 1)
_SIZE: Final = re.compile(r"/[^?]*\?size=(\d{1,10})([KMG]?)", re.ASCII)
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def big(visit: Visit) -> None:
    """A body of 3 MiB, or of `?size=` octets (64K, 300M, 1G), made while it is sent."""
    octets = _size(visit.request.target)
    headers = (f"Content-Type: {TEXT}", f"Content-Length: {octets}")
    if visit.begin("200 OK", headers):
        for first in range(0, octets, BLOCK_OCTETS):
            place = b"This is octet %d of the body." % first
            block = place.ljust(len(_LINE) - 1) + b"\n" + _BLOCK
            visit.send(block[: octets - first])


def _size(target: str) -> int:
    """What `?size=` asks for.

    Raises:
        BadRequest: it is no size, or more than 1 GiB.
    """
    if "?" not in target:
        return BIG_OCTETS
    asked = _SIZE.fullmatch(target)
    octets = int(asked[1]) * _UNITS[asked[2]] if asked else 0
    if not asked or octets > BIG_LIMIT:
        raise BadRequest("400 Bad Request")
    return octets


PACKED_BODY: Final = (
    b"This text says the same thing again and again, and every coding likes that.\n"
    + b"Again and again, the same words travel as a distance and a length.\n" * 12
)
BR: Final = bytes.fromhex(
    "1b6f0320046a73dd928e2e866e8a8f82585c19e4e2807d0f83855d062126e2e90dcba95f5b23c9e1425115d0"
    "c2e4d664b6725888c78d9c16f57a6f2014f2d40f4b800911557c217cc4f5620bcddf8905"
)
"""`PACKED_BODY` by brotli.compress(), quality 11, of Brotli 1.2."""
ZSTD: Final = bytes.fromhex(
    "28b52ffd607002f5020032061211a0ed7c27647683af36f69a60cb4055c608a84fdbf52d4d9b93b99ef56ba1"
    "be3e9be7e200a215f579555a3f2d19573edfc20da6e95bd2a33f2da1fe32e52feaf3547ecbed7342240600e0"
    "8c508d52c74461b346d5c3a589172b4f"
)
"""`PACKED_BODY` by zstd.compress(), level 19, of zstd 1.5."""


def _packed(visit: Visit, coding: str, body: bytes) -> None:
    visit.respond("200 OK", body, (f"Content-Encoding: {coding}", "Vary: Accept-Encoding"))


def gzip(visit: Visit) -> None:
    """A body that is shorter on the wire than on the page."""
    _packed(visit, "gzip", gzip_format.compress(PACKED_BODY, mtime=0))


def br(visit: Visit) -> None:
    """The same text, packed by Brotli."""
    _packed(visit, "br", BR)


def zstd(visit: Visit) -> None:
    """The same text, packed by Zstandard."""
    _packed(visit, "zstd", ZSTD)


SHELF: Final = Shelf(
    "bodies",
    "Ways to send a body",
    "How long is it, when does it end, and how is it packed?",
    {
        "chunked": Behaviour("Chunked drip", "a body in pieces, each with its size", chunked),
        "trailers": Behaviour(
            "Trailers", "fields behind the body, one of them a surprise", trailers
        ),
        "close-delimited": Behaviour(
            "Ends by hanging up", "HTTP/1.0: the body ends with the connection", close_delimited
        ),
        "trickle": Behaviour("Trickle", "three bytes at a time", trickle),
        "big": Behaviour(
            "Big body",
            "3 MiB, of which a trace here keeps the first 2 MiB",
            big,
            ask=Ask(try_with="?size=1G, as a part of the address"),
        ),
        "gzip": Behaviour("gzip", "880 bytes of text, 122 on the wire", gzip),
        "br": Behaviour("Brotli", "the same text in 80 bytes", br),
        "zstd": Behaviour("Zstandard", "the same text in 104 bytes", zstd),
    },
)
