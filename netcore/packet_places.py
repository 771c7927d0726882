"""In which captured packets the octets of a socket's channel crossed, and where in them.

Theory of operation. A connection is known by both its ends, which `connect` and `getsockname` told.
Of TCP the place of an octet is its sequence number, counted from behind the SYN, or from the first
segment where the SYN was not captured. What was sent again is there again. Of UDP nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netcore.channels import Span
from netcore.packet_ends import read_ends
from netcore.segments import SYN, Segment, read_segment
from netcore.trace import AnyEvent, Called, Captured

_ALL = 1 << 32
_HALF = 1 << 31


class Carried(NamedTuple):
    """Octets `start` to `end` of the packet of an event."""

    event: int
    start: int
    end: int


def packets_of(events: Sequence[AnyEvent], ground: Span) -> list[Carried]:
    """The packets that carried octets of a TCP socket's channel; none where none were captured.

    In: `ground`, octets of a channel such as "tcp:1.sent".
    """
    socket, _, direction = ground.channel.rpartition(".")
    ends = _ends(events, socket)
    if ends is None or not socket.startswith("tcp:"):
        return []
    wanted = ends if direction == "sent" else ends[::-1]
    segments = [
        (number, event, segment)
        for number, event in enumerate(events, start=1)
        if isinstance(event, Captured)
        and (segment := read_segment(event)) is not None
        and (segment.source, segment.target) == wanted
    ]
    return list(_overlapping(segments, ground))


def _overlapping(
    segments: Sequence[tuple[int, Captured, Segment]], ground: Span
) -> Iterator[Carried]:
    if not segments:
        return
    begins = next((each for _, _, each in segments if each.flags & SYN), None)
    base = segments[0][2].sequence if begins is None else begins.sequence + 1
    for number, event, segment in segments:
        offset = (segment.sequence - base + _HALF) % _ALL - _HALF
        start, end = max(ground.start, offset), min(ground.end, offset + segment.octets)
        if start < end and not segment.flags & SYN:
            behind = _data_at(event) - offset
            yield Carried(number, start + behind, end + behind)


def _data_at(event: Captured) -> int:
    """Where in a packet with a TCP segment its data begin."""
    ends = read_ends(event.data)
    assert ends is not None, "a segment was read from it"
    return ends.transport_at + (event.data[ends.transport_at + 12] >> 4) * 4


def _ends(events: Sequence[AnyEvent], socket: str) -> tuple[str, str] | None:
    """Our end of a socket and the other; None where they were not recorded."""
    ours = theirs = ""
    for event in events:
        if not isinstance(event, Called) or event.socket != socket:
            continue
        if event.call == "connect" and event.arguments:
            theirs = str(event.arguments[0])
        elif event.call == "getsockname":
            ours = str(event.result)
    return (ours, theirs) if ours and theirs else None
