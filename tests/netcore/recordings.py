"""Recordings made by hand: events as the client would have recorded them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netcore.options import Options
from netcore.trace import AnyEvent, Called, Completed, StageEnded, StageStarted, Trace

PEER = "192.0.2.1:80"


def moved(socket: str, call: str, pieces: Iterable[bytes], at: int = 0) -> list[AnyEvent]:
    """One call a piece."""
    channel = f"{socket}.{'sent' if call == 'send' else 'received'}"
    events: list[AnyEvent] = []
    offset = 0
    for number, piece in enumerate(pieces):
        events.append(
            Called(
                at + number * 1_000,
                socket,
                call,
                (len(piece),),
                len(piece),
                duration_ns=100,
                channel=channel,
                offset=offset,
                length=len(piece),
                data=piece,
            )
        )
        offset += len(piece)
    return events


def http_exchange(request: Sequence[bytes], response: Sequence[bytes]) -> list[AnyEvent]:
    """A plain HTTP/1.1 exchange on one connection, in these writes and reads."""
    return [
        StageStarted(0, "connect"),
        Called(10, "tcp:1", "connect", (PEER,), errno="EINPROGRESS"),
        Called(20, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0, duration_ns=5),
        StageEnded(30, "connect"),
        StageStarted(31, "request"),
        *moved("tcp:1", "send", request, 40),
        StageEnded(50_000, "request"),
        StageStarted(50_001, "response"),
        *moved("tcp:1", "recv", response, 60_000),
        StageEnded(90_000, "response"),
        Completed(90_001, 200, "OK"),
    ]


def tls_exchange(sent: Sequence[bytes], received: Sequence[bytes]) -> list[AnyEvent]:
    """A TLS connection in these writes and reads."""
    return [
        StageStarted(0, "connect"),
        Called(10, "tcp:1", "connect", ("192.0.2.1:443",), errno="EINPROGRESS"),
        Called(20, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0),
        StageEnded(30, "connect"),
        StageStarted(31, "tls"),
        *moved("tcp:1", "send", sent, 40),
        *moved("tcp:1", "recv", received, 60_000),
        StageEnded(90_000, "tls"),
    ]


def trace_of(events: Sequence[AnyEvent]) -> Trace:
    """A trace with these events."""
    return Trace("http://192.0.2.1/", "2026-01-02T03:04:05.000006Z", Options(), list(events))
