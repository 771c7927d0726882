"""Frames of HTTP/2 written by hand, right or wrong."""

from __future__ import annotations

from collections.abc import Iterable

from hpack import Encoder

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)
END_STREAM, END_HEADERS, PADDED = 0x1, 0x4, 0x8
_MOST = 16_384


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame; a length that does not fit in three octets is cut."""
    head = (len(payload) & 0xFFFFFF).to_bytes(3, "big") + bytes((kind, flags))
    return head + stream.to_bytes(4, "big") + payload


def setting(*pairs: int) -> bytes:
    """A SETTINGS frame of identifiers and values in turn."""
    parts = zip(pairs[::2], pairs[1::2], strict=True)
    payload = b"".join(name.to_bytes(2, "big") + value.to_bytes(4, "big") for name, value in parts)
    return frame(SETTINGS, 0, 0, payload)


def hello() -> bytes:
    """What a server begins with."""
    return setting(3, 100)


def greeting(window: int) -> bytes:
    """What our client begins with, for a window of that size."""
    settings = setting(1, 4096, 2, 0, 4, window, 5, _MOST, 6, 65_536)
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings


def block(fields: Iterable[tuple[str, str]]) -> bytes:
    """A field block that uses no dynamic table."""
    encoder = Encoder()
    encoder.header_table_size = 0
    return bytes(encoder.encode(list(fields), huffman=False)).removeprefix(b"\x20")


def head(fields: Iterable[tuple[str, str]], stream: int, flags: int = 0) -> bytes:
    """HEADERS, and CONTINUATION where one frame does not hold it."""
    octets = block(fields)
    pieces = [octets[at : at + _MOST] for at in range(0, len(octets), _MOST)] or [b""]
    made = b""
    for number, piece in enumerate(pieces):
        end = END_HEADERS if number == len(pieces) - 1 else 0
        kind, own = (CONTINUATION, 0) if number else (HEADERS, flags)
        made += frame(kind, own | end, stream, piece)
    return made


def goaway(last: int, code: int = 0, debug: bytes = b"") -> bytes:
    """GOAWAY."""
    return frame(GOAWAY, 0, 0, last.to_bytes(4, "big") + code.to_bytes(4, "big") + debug)
