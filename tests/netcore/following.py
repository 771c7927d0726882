"""A fetch under the tripwire whose first hop is a server on loopback, an endpoint of the lab.

A packet to anywhere else trips the wire, which writes down where it was to go and answers like an
unreachable network. So a target that is allowed ends in tcp.unreachable, with its address tripped.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Final

from netcore import Options, Trace, fetch
from netcore.options import Lab, Limits
from netcore.trace import Called, Completed, Failed
from tests.faults.hostile import Converse, HostileServer, receive_request
from tests.netcore.ssrf import SELF_HOST, SELF_PUBLIC_IPV4
from tests.tripwire import tripwire

LIMITS: Final = Limits(dns_s=3, dns_try_s=1.5, connect_s=2, first_byte_s=3, total_s=6)
PUBLIC_IPV4: Final = "93.184.216.34"
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Origin:
    """A server for the first hop; it gives `first` for the first request and 200 for others."""

    def __init__(self, first: bytes, wrap: Callable[[Converse], Converse] = lambda c: c) -> None:
        self.requests: list[bytes] = []
        self._first = first
        self.server = HostileServer(wrap(self._converse))

    def _converse(self, connection: socket.socket) -> None:
        while True:
            self.requests.append(receive_request(connection))
            connection.sendall(self._first if len(self.requests) == 1 else OK)
            if hasattr(connection, "unwrap"):
                return


def response(status: int, *fields: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status} Hop", f"Content-Length: {len(body)}", *fields, "", body]
    return "\r\n".join(lines).encode()


def visit(first: bytes, *, url: str = "http://{}/", **more: Any) -> tuple[Trace, list[str], Origin]:
    """Fetch from an origin on loopback and follow. Out: the trace, what tripped, the origin."""
    origin = Origin(first)
    with origin.server as server:
        return *follow(url.format(server.endpoint), server, **more), origin


def follow(url: str, *servers: HostileServer, **more: Any) -> tuple[Trace, list[str]]:
    endpoints = tuple(server.endpoint for server in servers)
    options = Options(
        follow_redirects=True,
        lab=Lab(endpoints=endpoints),
        limits=LIMITS,
        self_hosts=(SELF_HOST, SELF_PUBLIC_IPV4),
        **more,
    )
    with tripwire(*endpoints, options.dns_server) as tried:
        trace = fetch(url, options)
    end = trace.events[-1]
    assert not (isinstance(end, Failed) and end.code == "fetch.bug")
    return trace, tried


def failure(trace: Trace) -> Failed:
    end = trace.events[-1]
    assert isinstance(end, Failed)
    assert end.message.isprintable()
    return end


def completed(trace: Trace) -> Completed:
    end = trace.events[-1]
    assert isinstance(end, Completed)
    return end


def connections(trace: Trace) -> int:
    calls = [event for event in trace.events if isinstance(event, Called)]
    return sum(event.call == "connect" and event.socket.startswith("tcp") for event in calls)
