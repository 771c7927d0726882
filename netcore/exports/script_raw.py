"""Octets that somebody typed, as the smallest client that there is: connect, send, print, close."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from netcore.exports.python_literals import comment, octets_literal, text_literal
from netcore.exports.reached import host_of, is_by_name
from netcore.exports.replay import CannotReplay
from netcore.pdus import explain
from netcore.trace import Called, Failed, StageStarted, Trace

MOST_OCTETS: Final = 1 << 20
"""Octets that are written down."""

_LISTEN: Final = """
try:
    while True:
        answer = conn.recv(65536)
        if not answer:
            break  # the other end has closed the connection
        sys.stdout.buffer.write(answer)
except socket.timeout:
    pass  # nothing says where an answer without a protocol ends: silence has to do
"""
_LISTEN_FOR_DATAGRAMS: Final = """
try:
    for _ in range(100):
        sys.stdout.buffer.write(conn.recv(65535))  # each call takes one datagram, also an empty one
except socket.timeout:
    pass  # UDP says neither where an answer ends nor whether ours arrived
except ConnectionRefusedError:
    sys.exit("The machine there says (ICMP) that nothing takes the datagram.")
"""


def raw_script(trace: Trace) -> str:
    """The script of a trace of tcp:// or udp://. Raises: CannotReplay."""
    return "".join(_lines(trace))


def _lines(trace: Trace) -> Iterator[str]:
    socket, address, port = _sent_by(trace)
    channel = explain(trace.events).channels.get(f"{socket}.sent")
    octets = bytes(channel.octets) if channel is not None else b""
    if channel is not None and channel.missing:
        raise CannotReplay(f"of {channel.length:,} octets the recording kept {len(octets):,}")
    if len(octets) > MOST_OCTETS:
        raise CannotReplay(f"it sent more than the {MOST_OCTETS:,} octets that are written down")
    host = host_of(trace.url.replace("tcp:", "http:", 1).replace("udp:", "http:", 1))
    by_name = is_by_name(host, trace.options)
    was = f" In the recording it was {address}." if by_name else ""
    there = f"({text_literal(host if by_name else address)}, {port})"
    yield "#!/usr/bin/env python3\n"
    yield "#\n".join(comment(each) for each in _about(trace))
    yield "\nimport socket\nimport sys\n\n"
    wait_s = f"{trace.options.limits.silence_s:g}"
    if socket.startswith("udp:"):
        family = "AF_INET6" if ":" in address else "AF_INET"
        yield comment(f"UDP (RFC 768): no connection, only where datagrams go.{was}")
        yield f"conn = socket.socket(socket.{family}, socket.SOCK_DGRAM)\n"
        yield f"conn.settimeout({wait_s})\nconn.connect({there})\n"
        yield _call("send", octets) + _LISTEN_FOR_DATAGRAMS
    else:
        yield comment(f"TCP (RFC 9293).{was}")
        yield f"conn = socket.create_connection({there}, timeout={wait_s})\n"
        yield (_call("sendall", octets) if octets else "") + _LISTEN
    yield "conn.close()\n"


def _about(trace: Trace) -> Iterator[str]:
    yield f"One recorded conversation without a protocol: {trace.url}"
    yield (
        f"Recorded {trace.started} by {trace.software}. Run it with Python 3.8 or later; it needs "
        "nothing else. The octets that are sent are those of the recording; what comes back goes "
        "to standard output."
    )
    if isinstance(trace.outcome, Failed):
        end = trace.outcome
        yield f"In the recording it failed: {end.message} ({end.code})"


def _sent_by(trace: Trace) -> tuple[str, str, int]:
    """The socket that the octets went out of, and where to. Raises: CannotReplay."""
    peers: dict[str, str] = {}
    inside = False
    for event in trace.events:
        if isinstance(event, StageStarted):
            inside = event.stage == "request"
        elif isinstance(event, Called) and event.call == "connect":
            peers[event.socket] = str(next(iter(event.arguments), ""))
        elif inside and isinstance(event, Called) and event.socket in peers:
            address, _, port = peers[event.socket].rpartition(":")
            if port.isascii() and port.isdigit():
                return event.socket, address.strip("[]"), int(port)
    end = trace.outcome
    because = f": {end.message} ({end.code})" if isinstance(end, Failed) else ""
    raise CannotReplay(f"nothing was sent{because}")


def _call(name: str, octets: bytes) -> str:
    literal = octets_literal(octets)
    return f"conn.{name}{literal}\n" if literal.startswith("(") else f"conn.{name}({literal})\n"
