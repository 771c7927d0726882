"""Captured marks: what a timeline draws of captured packets.

A packet becomes a mark where it shows what no call does: how a connection begins and ends, what is
acknowledged, what was sent again. Packets with octets in order are facts of the list of all events;
`send` and `recv` tell what was in them. While packets are captured, a call that begins or ends a
connection is no arrow: its packets are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netcore.losses import Losses
from netcore.marks import Direction, Kind, Lane, Mark, StageSpan
from netcore.segments import Connections, Segment, Told, read_segment
from netcore.trace import Captured, Chose

_BY_PACKETS: frozenset[Kind] = frozenset({"connect", "connected", "close"})


class CapturedMarks:
    """What is known of the packets while the events are read in order."""

    def __init__(self) -> None:
        self.is_on = False
        self.losses = Losses({}, {})
        self.quiet: dict[int, Mark] = {}  # packets that say nothing more than calls, by number
        self._connections = Connections()

    def decided(self, event: Chose) -> None:
        """A decision: perhaps the one that says that packets are captured."""
        self.is_on |= (event.what, event.value) == ("capture", "on")

    def direction(self, kind: Kind, direction: Direction) -> Direction:
        """The direction of a call's mark, "" where packets show what crossed."""
        return "" if self.is_on and kind in _BY_PACKETS else direction

    def mark(
        self,
        number: int,
        event: Captured,
        lanes: Iterable[Lane],
        stages: Sequence[StageSpan],
        pdus: tuple[int, ...],
    ) -> Mark | None:
        """The mark of a packet, None if it shows nothing that calls do not."""
        segment = read_segment(event)
        if segment is None:
            return None
        told = self._connections.take(segment, number)
        made = _mark(number, event, segment, told, lanes, stages, pdus)
        if not told.title:
            self.quiet[number] = made
            return None
        self._repeats(number, event, told)
        return made

    def _repeats(self, number: int, event: Captured, told: Told) -> None:
        """What our kernel sent again it took for lost; what the peer had twice was not."""
        if told.first:
            self.losses.firsts[number] = told.first
            if event.direction == "sent" and told.in_vain:
                self.losses.lost[told.first] = number
        for arrived in told.arrived:
            self.losses.lost.pop(arrived, None)


def _mark(
    number: int,
    event: Captured,
    segment: Segment,
    told: Told,
    lanes: Iterable[Lane],
    stages: Sequence[StageSpan],
    pdus: tuple[int, ...],
) -> Mark:
    stage, hop = stage_at(stages, event.time_ns)
    return Mark(
        number=number,
        members=(number,),
        kind="segment",
        layer="tcp",
        lane=_lane_of(segment, event, lanes),
        stage=stage,
        hop=hop,
        direction="sent" if event.direction == "sent" else "received",
        time_ns=event.time_ns,
        last_ns=event.time_ns,
        octets=segment.octets,
        title=told.title or f"segment, {segment.octets:,} bytes",
        detail=f"captured on {event.interface}",
        pdus=pdus,
        opaque=told.is_acknowledgement,
    )


def _lane_of(segment: Segment, event: Captured, lanes: Iterable[Lane]) -> str:
    """The lane of the other end: of a resolver and a server at one address, the newer."""
    peer = segment.target if event.direction == "sent" else segment.source
    return next((lane.key for lane in reversed(list(lanes)) if lane.note == peer), "client")


def stage_at(stages: Sequence[StageSpan], time_ns: int) -> tuple[str, int]:
    """The stage and hop that ran at a time, which may be over by now."""
    begun = [stage for stage in stages if stage.start_ns <= time_ns]
    return (begun[-1].name, begun[-1].hop) if begun else ("target", 1)
