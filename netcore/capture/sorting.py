"""Sorting: which packets are of this fetch, and whether its connections have ended.

Before a socket's own port is known, the filter lets through what anybody here exchanges with the
same endpoint. Such packets wait, and those of other ports are thrown away unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from netcore.capture.filter import Flow
from netcore.capture.ring import Frame
from netcore.packet_ends import TCP, read_ends

MOST_FLOWS: Final = 64
_MOST_WAITING: Final = 256
_FIN: Final = 1
_RST: Final = 4
_ACK: Final = 16


class Sorted(NamedTuple):
    """A packet of this fetch."""

    frame: Frame
    sent: bool


class _Ending:
    """How far a TCP connection has come."""

    def __init__(self) -> None:
        self.fins: set[bool] = set()  # the directions that a FIN went
        self.answered = False
        self.over = False


class Sorter:
    """The flows of a fetch, and what has been seen of them."""

    def __init__(self) -> None:
        self.flows: list[Flow] = []
        self._waiting: list[Frame] = []
        self._interfaces: dict[tuple[Flow, bool], int] = {}
        self._endings: dict[Flow, _Ending] = {}
        self.thrown_away = 0  # waiting packets that found no place

    def watch(self, flow: Flow) -> None:
        """Expect packets of a flow whose own port is not known yet."""
        self.flows.append(flow)

    def own(self, flow: Flow) -> Iterator[Sorted]:
        """Its own port is known. Out: those of its packets that waited."""
        unknown = flow._replace(own_port=0)
        if unknown in self.flows:
            self.flows[self.flows.index(unknown)] = flow
        waiting, self._waiting = self._waiting, []
        for frame in waiting:
            yield from self.take(frame)

    def take(self, frame: Frame) -> Iterator[Sorted]:
        """The packet, if it is one of this fetch and not seen before."""
        ends = read_ends(frame.octets)
        if ends is None:
            return
        source, source_port = ends.source
        target, target_port = ends.target
        for sent in (True, False):
            theirs, port, own = (
                (target, target_port, source_port) if sent else (source, source_port, target_port)
            )
            flow = Flow(ends.protocol, theirs, port, own)
            if flow in self.flows:
                if self._interfaces.setdefault((flow, sent), frame.interface) == frame.interface:
                    self._note(flow, _flags(frame.octets, ends.transport_at), sent)
                    yield Sorted(frame, sent)
                return
        if any(not flow.own_port for flow in self.flows):
            if len(self._waiting) < _MOST_WAITING:
                self._waiting.append(frame)
            else:
                self.thrown_away += 1

    @property
    def over(self) -> bool:
        """Whether every TCP connection that was answered has ended on both sides."""
        return all(each.over for each in self._endings.values() if each.answered)

    def _note(self, flow: Flow, flags: int, sent: bool) -> None:
        if flow.protocol != TCP:
            return
        ending = self._endings.setdefault(flow, _Ending())
        ending.answered |= not sent
        ending.over |= bool(flags & _RST) or (len(ending.fins) == 2 and bool(flags & _ACK))
        if flags & _FIN:
            ending.fins.add(sent)


def _flags(octets: bytes, at: int) -> int:
    """Of the TCP header that begins at an octet."""
    return octets[at + 13] if len(octets) > at + 13 else 0
