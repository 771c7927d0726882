"""Boundary segments: which octets of a channel each captured segment of TCP brought.

A segment's sequence number, counted from that of the SYN, says where its octets stand. Without a
SYN nobody can say it, and there are none. What was sent again counts where it came first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netcore.channels import Channel
from netcore.segments import SYN, Segment, read_segment
from netcore.trace import AnyEvent, Called, Captured

Range = tuple[int, int]
_ALL = 1 << 32


def segments(
    events: Sequence[AnyEvent], channel: Channel
) -> tuple[list[tuple[int, list[Range]]], int]:
    """The segments with new octets of a channel, and how many had none that are new.

    Out: of each its event's number and the ranges of the channel that it brought first.
    """
    ends = _ends(events, channel.socket)
    if not ends or not channel.socket.startswith("tcp:"):
        return [], 0
    source, target = ends if channel.direction == "sent" else (ends[1], ends[0])
    wanted, missing = _Missing(len(channel.octets)), 0
    first: int | None = None
    found: list[tuple[int, list[Range]]] = []
    for number, segment in _read(events):
        if (segment.source, segment.target) != (source, target):
            continue
        if segment.flags & SYN:
            first = (segment.sequence + 1) % _ALL
        elif first is not None and segment.octets:
            start = (segment.sequence - first) % _ALL
            new = wanted.take(start, start + segment.octets)
            if new:
                found.append((number, new))
            elif start < len(channel.octets):
                missing += 1
    return found, missing


def _ends(events: Iterable[AnyEvent], socket: str) -> tuple[str, str] | None:
    """Our end and the other one of a connection; None where they were not recorded."""
    ours = theirs = ""
    for event in events:
        if not isinstance(event, Called) or event.socket != socket:
            continue
        if event.call == "connect" and event.arguments:
            theirs = str(event.arguments[0])
        elif event.call == "getsockname" and event.result:
            ours = str(event.result)
    return (ours, theirs) if ours and theirs else None


def _read(events: Iterable[AnyEvent]) -> Iterable[tuple[int, Segment]]:
    for number, event in enumerate(events, start=1):
        if isinstance(event, Captured):
            segment = read_segment(event)
            if segment is not None:
                yield number, segment


class _Missing:
    """What no segment has brought yet, as ranges in order."""

    def __init__(self, octets: int) -> None:
        self._ranges: list[Range] = [(0, octets)] if octets else []

    def take(self, start: int, end: int) -> list[Range]:
        """Those of the octets that are new."""
        new: list[Range] = []
        left: list[Range] = []
        for low, high in self._ranges:
            both = (max(low, start), min(high, end))
            if both[0] >= both[1]:
                left.append((low, high))
                continue
            new.append(both)
            left += [each for each in ((low, both[0]), (both[1], high)) if each[0] < each[1]]
        self._ranges = left
        return new
