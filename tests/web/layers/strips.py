"""Strips made by hand, and a request in whose language they are told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from netcore.boundaries import Strip, boundaries
from netcore.options import Options
from netcore.trace import AnyEvent, Trace
from tests.netcore.recordings import http_exchange
from web.layers.naming import Namer, namer
from web.tale import Tale, tell

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def tale_of(events: Sequence[AnyEvent]) -> Tale:
    """A trace of these events, explained."""
    return tell(Trace("http://a/", "2026-01-02T03:04:05.000006Z", Options(), list(events)))


def answered(*reads: bytes) -> tuple[Tale, Strip, Namer]:
    """A trace whose answer came in these reads, what came, and the names of its units."""
    tale = tale_of(http_exchange([REQUEST], reads))
    strips = boundaries(tale.explanation, tale.trace.events, "tcp:1")
    return tale, strips[0], namer(tale, "/t/x", "tcp:1")


def chunked(sizes: Sequence[int], *cuts: int) -> tuple[Tale, Strip, Namer]:
    """An answer in chunks of these sizes, cut into reads at these octets of the stream."""
    octets = CHUNKED
    for size in sizes:
        octets += b"%x\r\n%s\r\n" % (size, b"x" * size)
    octets += b"0\r\n\r\n"
    edges = [0, *cuts, len(octets)]
    return answered(*(octets[low:high] for low, high in pairwise(edges)))
