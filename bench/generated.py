"""Generated traces: a talk over a WebSocket of any length, for what no lab is patient enough to do.

The octets are real ones: a name is looked up, a connection made, HTTP upgraded, and then texts go
both ways, some alone, some in bursts. The same length always gives the same events.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from lab.frames import TEXT, accept_value, frame
from netcore.options import Options
from netcore.trace import (
    AnyEvent,
    Called,
    Chose,
    Completed,
    StageEnded,
    StageStarted,
    Trace,
)

URL: Final = "ws://talk.example/"
STARTED: Final = "2026-01-02T03:04:05.000006Z"
LEAST: Final = 24
"""Events of the shortest trace: all that comes before the talk and after it, and one text."""
_MS = 1_000_000
_SEED = 6455
_SITE = ("netcore/wire.py:200 send", "netcore/client.py:100 fetch")
_RESOLVER, _SERVER = "192.0.2.53:53", "192.0.2.1:80"
_NAME = bytes.fromhex("0474616c6b076578616d706c650000010001")
_QUERY = bytes.fromhex("1a2b01000001000000000000") + _NAME
_ANSWER = (
    bytes.fromhex("1a2b81800001000100000000")
    + _NAME
    + bytes.fromhex("c00c00010001000000050004c0000201")
)
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
_REQUEST = (
    "GET / HTTP/1.1\r\nHost: talk.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()
_UPGRADED = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Accept: {accept_value(_KEY)}\r\n\r\n"
).encode()
_WORDS = "The bytes are the interface, and every one of them has a name and a reason. " * 8


def generated(count: int) -> Trace:
    """A finished trace of so many events, at least `LEAST`."""
    talk = _Talk()
    opening = list(talk.opening())
    texts = list(talk.texts(count - len(opening) - 2))
    return Trace(URL, STARTED, Options(), [*opening, *texts, *talk.end()])


class _Talk:
    """What has been said, in octets, and when it is."""

    def __init__(self) -> None:
        self.now = 0
        self.said: dict[str, int] = {}  # octets of each channel
        self.chance = random.Random(_SEED)  # noqa: S311 (no secret)

    def call(self, socket: str, name: str, *arguments: str, errno: str = "") -> Called:
        self.now += 20_000
        return Called(self.now, socket, name, arguments, 0, errno, 900, _SITE)

    def moved(self, socket: str, name: str, data: bytes) -> Called:
        channel = f"{socket}.{'sent' if name == 'send' else 'received'}"
        offset = self.said.get(channel, 0)
        self.said[channel] = offset + len(data)
        return Called(
            self.now,
            socket,
            name,
            (len(data),),
            len(data),
            duration_ns=4_000,
            site=_SITE,
            channel=channel,
            offset=offset,
            length=len(data),
            data=data,
        )

    def after(self, ns: int) -> int:
        self.now += ns
        return self.now

    def opening(self) -> Iterator[AnyEvent]:
        yield StageStarted(self.after(0), "dns")
        yield self.call("udp:1", "socket", "AF_INET", "SOCK_DGRAM")
        yield self.call("udp:1", "connect", _RESOLVER)
        yield self.moved("udp:1", "send", _QUERY)
        self.after(3 * _MS)
        yield self.moved("udp:1", "recv", _ANSWER)
        yield StageEnded(self.after(_MS), "dns")
        yield StageStarted(self.now, "connect")
        yield Chose(self.now, "address", _SERVER, "It is the only address of the answer.")
        yield self.call("tcp:1", "connect", _SERVER, errno="EINPROGRESS")
        self.after(6 * _MS)
        yield self.call("tcp:1", "getsockopt", "SOL_SOCKET", "SO_ERROR")
        yield StageEnded(self.after(40_000), "connect")
        yield StageStarted(self.now, "request")
        self.after(100_000)
        yield self.moved("tcp:1", "send", _REQUEST)
        yield StageEnded(self.after(40_000), "request")
        yield StageStarted(self.now, "waiting")
        self.after(9 * _MS)
        yield self.moved("tcp:1", "recv", _UPGRADED)
        yield StageEnded(self.after(40_000), "waiting")
        yield StageStarted(self.now, "messages")

    def texts(self, count: int) -> Iterator[AnyEvent]:
        mask = b"abcd"
        for _ in range(count - 1):
            self.after(self.chance.choice((60_000, 200_000, 700_000, 4 * _MS)))
            text = _WORDS[: self.chance.randint(4, 400)].encode()
            if self.chance.random() < 0.4:
                yield self.moved("tcp:1", "send", frame(TEXT, text, mask=mask))
            else:
                yield self.moved("tcp:1", "recv", frame(TEXT, text))
        yield StageEnded(self.after(_MS), "messages")

    def end(self) -> Iterator[AnyEvent]:
        yield self.call("tcp:1", "close")
        yield Completed(self.after(40_000), 101, "Switching Protocols")
