"""Reached: which host a request was for, and where the connection went that carried it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

import ada_url
import msgspec

from netcore.exports.hops import Hop, hops
from netcore.options import Options
from netcore.trace import Called, Chose, Trace


class Reached(msgspec.Struct, frozen=True):
    """One connection that was made for a request."""

    socket: str  # "tcp:1", of QUIC "udp:3"
    host: str  # of the URL
    address: str
    port: int
    by_name: bool  # the system's resolver was asked for it, and may be asked again
    asked: bool  # whether something was sent behind the handshake


def reached(trace: Trace, transports: tuple[str, ...] = ("tcp:",)) -> list[Reached]:
    """The connections in order; without those that came to no handshake and no request.

    In: `transports`, "tcp:" and "udp:", which QUIC runs over.
    """
    found: dict[str, Reached] = {}
    for hop, host in _hops(trace):
        socket = hop.socket
        begun = any(hop.stage(name) is not None for name in ("request", "tls", "quic"))
        peer = _peer(trace, socket) if begun and socket.startswith(transports) else None
        if peer is None:
            continue
        asked = any(call.length for _, call in hop.moved("send"))
        before = found.get(socket)
        if before is None:
            by_name = is_by_name(host, trace.options)
            found[socket] = Reached(socket, host, *peer, by_name, asked)
        elif asked and not before.asked:
            found[socket] = msgspec.structs.replace(before, asked=True)
    return list(found.values())


def host_of(url: str) -> str:
    """The host of a URL, an address of IPv6 without brackets; "" if it has none."""
    try:
        return str(ada_url.URL(url.strip(" \t\r\n")).hostname).strip("[]")
    except ValueError:
        return ""


def is_address(host: str) -> bool:
    """Whether the host is an IP address."""
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _hops(trace: Trace) -> Iterator[tuple[Hop, str]]:
    """Each hop, with the host that its URL names."""
    host = host_of(trace.url)
    for hop in hops(trace.events):
        for event in trace.events[hop.first - 1 : hop.last]:
            if isinstance(event, Chose) and event.what in ("redirect", "url"):
                host = host_of(event.value) or host
        yield hop, host


def _peer(trace: Trace, socket: str) -> tuple[str, int] | None:
    for event in trace.events:
        if isinstance(event, Called) and (event.socket, event.call) == (socket, "connect"):
            address, _, port = str(next(iter(event.arguments), "")).rpartition(":")
            if port.isascii() and port.isdigit():
                return address.strip("[]"), int(port)
    return None


def is_by_name(host: str, options: Options) -> bool:
    """Whether the system's resolver was asked where the host is, and may be asked again."""
    name = host.rstrip(".")
    local = name in ("", "localhost") or name.endswith((".localhost", ".test"))
    return not (local or is_address(name) or options.resolve or options.dns_server)
