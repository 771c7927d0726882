"""A whole fetch as events, made by hand: a name, a connection, a request, its answer."""

from __future__ import annotations

from itertools import pairwise

from netcore.kernel_clock import ARRIVED
from netcore.trace import (
    AnyEvent,
    Called,
    Chose,
    Completed,
    Failed,
    KernelTimestamp,
    StageEnded,
    StageStarted,
)

MS = 1_000_000
SITE = ("netcore/trace.py:20 send", "netcore/trace.py:10 fetch")
QUERY = bytes.fromhex("1a2b0100000100000000000005706c61696e076578616d706c650000010001")
ANSWER = bytes.fromhex(
    "1a2b8180000100010000000005706c61696e076578616d706c650000010001"
) + bytes.fromhex("c00c000100010000000500045db8d822")
REQUEST = b"GET / HTTP/1.1\r\nHost: plain.example\r\nAccept: */*\r\n\r\n"
RESOLVER = "192.0.2.53:53"
SERVER = "192.0.2.1:80"


def name_lookup() -> list[AnyEvent]:
    """The stage dns: one question, one answer."""
    return [
        StageStarted(MS, "dns"),
        Called(MS, "udp:1", "socket", ("AF_INET", "SOCK_DGRAM"), 3, duration_ns=900, site=SITE),
        Called(MS + 900, "udp:1", "connect", (RESOLVER,), 0, duration_ns=900, site=SITE),
        moved(MS + 1_800, "udp:1", "send", QUERY),
        Called(MS + 41_800, "udp:1", "select", ("udp:1", "read", 2.0), "read", duration_ns=MS),
        moved(3 * MS, "udp:1", "recv", ANSWER),
        StageEnded(4 * MS, "dns"),
    ]


def read_late() -> list[AnyEvent]:
    """An exchange whose first answer was in the kernel before we decided something, and read it."""
    events = exchange()
    read = next(
        at for at, event in enumerate(events) if isinstance(event, Called) and event.call == "recv"
    )
    events.insert(read, Chose(2 * MS, "guard", "plain.example", "It is allowed."))
    arrived = KernelTimestamp(MS + 900_000, "udp:1.received", len(ANSWER), ARRIVED)
    events.insert(read + 2, arrived)
    return events


def connection(errno: str = "") -> list[AnyEvent]:
    """The stage connect, up to what getsockopt says."""
    return [
        StageStarted(4 * MS, "connect"),
        Chose(4 * MS, "address", SERVER, "It is the only address of the answer."),
        Called(4 * MS + 10, "tcp:1", "connect", (SERVER,), None, "EINPROGRESS", 900, SITE),
        Called(
            4 * MS + 920, "tcp:1", "select", ("tcp:1", "write", 9.0), "write", duration_ns=MS - 920
        ),
        Called(5 * MS, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0, errno, 900, SITE),
    ]


def exchange(head: bytes = b"", body: bytes = b"<p>Hello.</p>\n") -> list[AnyEvent]:
    """A fetch that receives a complete response; `head` ends with its empty line."""
    head = head or b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    return [
        *name_lookup(),
        *connection(),
        StageEnded(5 * MS + 900, "connect"),
        StageStarted(5 * MS + 900, "request"),
        moved(6 * MS, "tcp:1", "send", REQUEST),
        StageEnded(6 * MS + 40_000, "request"),
        StageStarted(6 * MS + 40_000, "waiting"),
        moved(18 * MS, "tcp:1", "recv", head),
        StageEnded(18 * MS + 40_000, "waiting"),
        StageStarted(18 * MS + 40_000, "response"),
        *(
            moved(19 * MS + start, "tcp:1", "recv", body[start:end], len(head) + start)
            for start, end in pairwise([*range(0, len(body), 4_000), len(body)])
        ),
        StageEnded(20 * MS, "response"),
        Completed(20 * MS, 200, "OK", body_octets=len(body)),
    ]


def refused() -> list[AnyEvent]:
    """A fetch whose connection nobody takes."""
    return [
        *name_lookup(),
        *connection("ECONNREFUSED"),
        StageEnded(5 * MS + 900, "connect", error="tcp.refused"),
        Failed(5 * MS + 900, "connect", "tcp.refused", "The connection was refused."),
    ]


def moved(time_ns: int, socket: str, call: str, data: bytes, offset: int = 0) -> Called:
    """A send or recv of these octets."""
    sent = call == "send"
    return Called(
        time_ns,
        socket,
        call,
        (len(data) if sent else 65_536,),
        len(data),
        duration_ns=40_000,
        site=SITE,
        channel=f"{socket}.{'sent' if sent else 'received'}",
        offset=offset,
        length=len(data),
        data=data,
    )
