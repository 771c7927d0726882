"""Frames of HTTP/2 written by hand, right or wrong, and what our client makes of them."""

from __future__ import annotations

from collections.abc import Iterable

from hpack import Encoder

from netcore.options import Limits
from netcore.protocols.http1 import Broken, Content, End, HttpEvent
from netcore.protocols.http2 import Http2

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)
END_STREAM, END_HEADERS, PADDED = 0x1, 0x4, 0x8
_MOST = 16_384

HOST = (("Host", "a.test"), ("Accept", "*/*"))
LIMITS = Limits(interim=3)


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


def receive(
    octets: bytes,
    cuts: list[int] | None = None,
    method: str = "GET",
    limits: Limits = LIMITS,
    content: bytes | None = None,
) -> list[HttpEvent]:
    """All events of one response, with adjoining content joined."""
    client = Http2(limits)
    client.start(method, "/", HOST, content)
    client.send_content()
    events: list[HttpEvent] = []
    at = 0
    for end in [*sorted(cuts or []), len(octets)]:
        if end > at:
            events += client.receive(octets[at:end])
            at = end
    if not any(isinstance(each, End | Broken) for each in events):
        events += client.receive(b"")
    joined: list[HttpEvent] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Content) and isinstance(last, Content):
            joined[-1] = Content(last.data + event.data)
        else:
            joined.append(event)
    return joined


def code_of(octets: bytes, method: str = "GET", content: bytes | None = None) -> str:
    last = receive(octets, method=method, content=content)[-1]
    return last.code if isinstance(last, Broken) else "ok"
