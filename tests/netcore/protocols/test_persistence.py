"""When a connection carries another request, and why not (RFC 9112 §9.3)."""

from __future__ import annotations

import pytest

from netcore.options import Limits
from netcore.protocols.http1 import Head, Http1
from netcore.protocols.persistence import options, why_not_kept


def head(octets: bytes) -> Head:
    http = Http1(Limits())
    http.start("GET", "/", (("Host", "h"),))
    found = http.receive(octets + b"\r\n")[0]
    assert isinstance(found, Head)
    return found


LENGTH = b"Content-Length: 0\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
V1 = b"HTTP/1.1 200 OK\r\n"
V0 = b"HTTP/1.0 200 OK\r\n"
KEEP = b"Connection: Keep-Alive\r\n"


@pytest.mark.parametrize(
    ("version", "asked", "octets", "kept"),
    [
        ("1.1", "", V1 + LENGTH, True),
        ("1.1", "", V1 + CHUNKED, True),
        ("1.1", "", b"HTTP/1.1 204 No Content\r\n", True),
        ("1.1", "", V0 + LENGTH + KEEP, True),
        ("1.0", "keep-alive", V1 + LENGTH, True),
        ("1.0", "keep-alive", V0 + LENGTH + KEEP, True),
        ("1.1", "", V1, False),
        ("1.1", "", V1 + LENGTH + b"Connection: close\r\n", False),
        ("1.1", "", V1 + LENGTH + b"Connection: x\r\nConnection: y, Close\r\n", False),
        ("1.1", "close", V1 + LENGTH, False),
        ("1.1", "", V0 + LENGTH, False),
        ("1.0", "", V0 + LENGTH + KEEP, False),
        ("1.0", "", V1 + LENGTH, False),
        ("1.0", "keep-alive", V0 + LENGTH, False),
        ("1.1", "", V1 + LENGTH + CHUNKED, False),
        ("1.1", "", V0 + CHUNKED + KEEP, False),
    ],
)
def test_a_connection_is_kept_only_where_both_sides_say_so_and_nothing_is_in_doubt(
    version: str, asked: str, octets: bytes, kept: bool
) -> None:
    why = why_not_kept(version, options([asked]), head(octets))
    assert (not why) == kept
    assert not why or why.endswith(".")
