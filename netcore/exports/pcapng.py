"""A trace as a pcapng file, for Wireshark and its like: docs/pcapng.md says what is real in it.

Sockets show octets and not packets, so the packets are made around the octets. The secrets stand
first, because a reader needs them before the packets that they open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from netcore.exports.blocks import RAW, interface, packet, secrets, section_header
from netcore.exports.captured import FlowEnds, captured_flows, captured_packets, interfaces
from netcore.exports.flows import Allowance, Packet, TcpFlow, UdpFlow
from netcore.exports.order import in_order
from netcore.exports.packets import Endpoint, read_endpoint
from netcore.exports.quic_secrets import quic_connections, under_the_first_random
from netcore.framing.quic_connection import Connection
from netcore.packet_ends import TCP, UDP
from netcore.trace import AnyEvent, Called, SecretLogged, StageStarted, Trace

MOST_WITHOUT_OCTETS: Final = 65_536
"""Packets made for octets that were not kept, in one file: they stand for 4 GiB. A length that a
stranger's trace claims costs no more than that."""

_INTERFACE: Final = "synthesised from socket calls"
_KEY_LOG_LINE: Final = re.compile(r"[A-Z0-9_]{1,64} [0-9a-fA-F]{64} [0-9a-fA-F]{2,256}", re.ASCII)
_LINES: Final = 256  # of one block of secrets
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_NS: Final = (1 << 63) - 1
_FIRST_PORT: Final = 49_152  # of those that nobody has registered
_DNS: Final = 53


def pcapng(trace: Trace) -> Iterator[bytes]:
    """The file, block by block. Raises nothing, whatever the trace holds."""
    about = f"Wiretale's recording of {trace.url}. The octets are real; the packets are made up."
    yield section_header(trace.software, about)
    yield interface("wiretale", _INTERFACE)
    over_quic = quic_connections(trace.events)
    captured = captured_flows(trace.events)
    names = interfaces(trace.events) if captured else []
    for name in names:
        yield interface(name, f"captured on {name}, from the IP header on", RAW)
    yield from _secrets(trace.events, over_quic)
    started_ns = _started_ns(trace.started)
    last_ns = -1
    for name, each in _in_order(trace.events, over_quic, captured):
        last_ns = max(last_ns + 1, min(max(0, started_ns + each.time_ns), _LATEST_NS))
        number = names.index(name) + 1 if name else 0
        yield packet(
            last_ns, *each.frame, inbound=each.inbound, comment=each.comment, interface=number
        )


def _secrets(events: Iterable[AnyEvent], over_quic: Mapping[str, Connection]) -> Iterator[bytes]:
    """All secrets; a line that is none of a key log is left out."""
    lines = [
        event.line
        for event in events
        if isinstance(event, SecretLogged) and _KEY_LOG_LINE.fullmatch(event.line)
    ]
    lines += under_the_first_random(lines, over_quic.values())
    for at in range(0, len(lines), _LINES):
        yield secrets(lines[at : at + _LINES])


def _in_order(
    events: list[AnyEvent], over_quic: Mapping[str, Connection], captured: frozenset[FlowEnds]
) -> Iterator[tuple[str, Packet]]:
    """All packets, each with the interface that it was captured on, "" if it is made up."""
    made = (("", each) for each in _packets(events, over_quic, captured))
    if not captured:
        yield from made
        return
    # Packets are recorded when they are learnt, which is later than they passed.
    both = [*made, *captured_packets(events, captured)]
    yield from sorted(both, key=lambda each: each[1].time_ns)


def _packets(
    events: list[AnyEvent], over_quic: Mapping[str, Connection], captured: frozenset[FlowEnds]
) -> Iterator[Packet]:
    ours, left = _own_endpoints(events), _octets_that_left(events)
    flows: dict[str, TcpFlow | UdpFlow] = {}
    quic = _connected_in("quic", events) | _connected_in("path", events)
    allowance = Allowance(MOST_WITHOUT_OCTETS)
    for number, event, by_kernel in in_order(events):
        if event.call == "connect":
            is_quic = event.socket in over_quic or event.socket in quic
            flow = _flow(event, ours.get(event.socket), len(flows), allowance, is_quic=is_quic)
            if _ends(event, ours.get(event.socket)) in captured:
                continue
            if isinstance(flow, TcpFlow):
                flow.left = left.get(event.socket)
            if flow is not None:
                flows[event.socket] = flow
        if event.socket in flows:
            for each in flows[event.socket].packets(number, event):
                yield _by_kernel(each) if by_kernel else each


def _by_kernel(made: Packet) -> Packet:
    """A packet whose time is not that of a call."""
    return made._replace(comment=f"{made.comment}. The time is the kernel's.")


def _own_endpoints(events: Iterable[AnyEvent]) -> dict[str, Endpoint]:
    """Our end of each socket. It is known only once `connect` was called: so, read ahead."""
    found: dict[str, Endpoint] = {}
    for event in events:
        if isinstance(event, Called) and event.call == "getsockname":
            endpoint = read_endpoint(event.result)
            if endpoint is not None:
                found[event.socket] = endpoint
    return found


def _connected_in(stage: str, events: Iterable[AnyEvent]) -> set[str]:
    """The sockets that were connected while the fetch was in a stage."""
    found, here = set(), ""
    for event in events:
        if isinstance(event, StageStarted):
            here = event.stage
        elif isinstance(event, Called) and event.call == "connect" and here == stage:
            found.add(event.socket)
    return found


def _octets_that_left(events: Iterable[AnyEvent]) -> dict[str, int]:
    """Of sockets that broke: how many octets TCP had sent of those that it had been given."""
    return {
        event.socket: event.result
        for event in events
        if isinstance(event, Called)
        and event.arguments[1:] == ("TCP_INFO", "tcpi_bytes_sent")
        and isinstance(event.result, int)
    }


def _flow(
    connect: Called, ours: Endpoint | None, before: int, allowance: Allowance, *, is_quic: bool
) -> TcpFlow | UdpFlow | None:
    """The flow that a `connect` begins; None if it goes nowhere that a packet could."""
    theirs = read_endpoint(connect.arguments[0] if connect.arguments else None)
    if theirs is None:
        return None
    note = ""
    if ours is None or len(ours.address) != len(theirs.address):
        ours = Endpoint(bytes(len(theirs.address)), _FIRST_PORT + before % (65_536 - _FIRST_PORT))
        note = "Our address and port were not recorded; these stand in for them."
    if connect.socket.startswith("tcp:"):
        return TcpFlow(ours, theirs, allowance, note)
    if not connect.socket.startswith("udp:"):
        return None
    if theirs.port != _DNS and not is_quic:  # QUIC is found at any port
        note += f" DNS at an unusual port: tshark needs -d udp.port=={theirs.port},dns"
    return UdpFlow(ours, theirs, note.strip())


def _ends(connect: Called, ours: Endpoint | None) -> FlowEnds | None:
    """Both ends of the flow that a `connect` begins, where they are known."""
    theirs = read_endpoint(connect.arguments[0] if connect.arguments else None)
    if theirs is None or ours is None:
        return None
    protocol = TCP if connect.socket.startswith("tcp:") else UDP
    return FlowEnds(protocol, ours, theirs)


def _started_ns(text: str) -> int:
    """ISO 8601 as nanoseconds since 1970; 0 for what is none."""
    try:
        started = datetime.fromisoformat(text)
        since = started.replace(tzinfo=started.tzinfo or UTC) - _EPOCH
    except (ValueError, OverflowError):
        return 0
    return since // timedelta(microseconds=1) * 1_000
