"""Captured packets in a pcapng file: which flows they stand for, and each as it passed.

A flow goes into the file once: as it was captured, if the capture is complete and has the flow's
beginning; else as packets made around the octets of its calls. Both together would look like every
segment sent twice, and a capture with holes like a connection that lost what it did not lose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from netcore.exports.flows import Packet
from netcore.exports.packets import Endpoint, Frame
from netcore.packet_ends import TCP, read_ends
from netcore.trace import AnyEvent, Captured, Chose

_SYN: Final = 0x02
_FLAGS_AT: Final = 13


class FlowEnds(NamedTuple):
    """Both ends of a flow; ours first."""

    protocol: int
    ours: Endpoint
    theirs: Endpoint


def captured_flows(events: Iterable[AnyEvent]) -> frozenset[FlowEnds]:
    """The flows that stand in the file as they were captured."""
    flows: set[FlowEnds] = set()
    complete = False
    for event in events:
        if isinstance(event, Chose) and event.what == "capture":
            complete = event.value == "complete"
        if isinstance(event, Captured):
            found = _flow(event)
            if found is not None and (found.protocol != TCP or _begins(event)):
                flows.add(found)
    return frozenset(flows) if complete else frozenset()


def interfaces(events: Iterable[AnyEvent]) -> list[str]:
    """The interfaces that packets passed, in order of appearance."""
    return list(dict.fromkeys(e.interface for e in events if isinstance(e, Captured)))


def captured_packets(
    events: Sequence[AnyEvent], flows: frozenset[FlowEnds]
) -> Iterator[tuple[str, Packet]]:
    """Every captured packet of these flows, with its interface."""
    for number, event in enumerate(events, start=1):
        if isinstance(event, Captured) and _flow(event) in flows:
            said = f"event {number}: captured on {event.interface}"
            if event.checksum_offloaded:
                said += ". Its checksum was left to the network card"
            if event.segmentation_offloaded:
                said += ". It crossed the link as several packets"
            frame = Frame(event.data, max(event.length, len(event.data)))
            packet = Packet(event.time_ns, frame, event.direction == "received", said)
            yield event.interface, packet


def _flow(event: Captured) -> FlowEnds | None:
    ends = read_ends(event.data)
    if ends is None:
        return None
    source, target = Endpoint(*ends.source), Endpoint(*ends.target)
    if event.direction == "sent":
        return FlowEnds(ends.protocol, source, target)
    return FlowEnds(ends.protocol, target, source)


def _begins(event: Captured) -> bool:
    """Whether it is our SYN."""
    ends = read_ends(event.data)
    at = ends.transport_at + _FLAGS_AT if ends else len(event.data)
    return event.direction == "sent" and len(event.data) > at and bool(event.data[at] & _SYN)
