"""Other ends: what the peers noted of the octets of each of our calls.

Theory of operation. TCP keeps no calls apart: one write may be taken by two reads, and three writes
by one. So calls of both ends are matched by the octets that they share. A datagram stays whole, so
there a call of the other end counts only if it moved exactly the same octets: anything else says
that one was lost on its way, and that the places behind it are not known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from netcore.trace import AnyEvent, Called, PeerCalled

MOST_PARTS = 12  # calls of the other end that are told apart for one of ours


class FarEnd(msgspec.Struct, frozen=True):
    """A call of the other end that moved octets of one of ours."""

    number: int  # of its event
    call: str  # "recv" or "send"
    time_ns: int  # when they were there, or began to leave
    octets: int  # those that both calls moved
    whole: int  # all that it moved


class OtherEnds:
    """All that the peers noted in a trace."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        said: dict[str, list[tuple[int, PeerCalled]]] = {}
        self.lost: set[int] = set()  # numbers of datagrams that were lost on purpose
        for number, event in enumerate(events, start=1):
            if not isinstance(event, PeerCalled):
                continue
            if event.lost:
                self.lost.add(number)
            if event.call == "recv" or not event.lost:  # what was never sent has no place
                said.setdefault(event.channel, []).append((number, event))
        self._said = said
        self._offsets = {key: [event.offset for _, event in each] for key, each in said.items()}

    def of(self, call: AnyEvent) -> tuple[FarEnd, ...]:
        """The calls that moved its octets, in their order; none where that is not known."""
        if not isinstance(call, Called) or not call.length or call.channel not in self._said:
            return ()
        end = call.offset + call.length
        said = self._said[call.channel]
        at = max(0, bisect_right(self._offsets[call.channel], call.offset) - 1)
        found: list[FarEnd] = []
        reached = call.offset
        while at < len(said) and said[at][1].offset < end:
            number, event = said[at]
            shared = min(end, event.offset + event.length) - max(call.offset, event.offset)
            if shared > 0:
                far = FarEnd(number, event.call, event.moment_ns, shared, event.length)
                found.append(far)
                reached += shared
            at += 1
        if reached < end or not _fits(call, found):
            return ()
        return tuple(found) if len(found) <= MOST_PARTS else (*found[: MOST_PARTS - 1], found[-1])


def _fits(call: Called, found: list[FarEnd]) -> bool:
    """Whether a datagram is the same at both ends; octets of a stream always are."""
    if not call.socket.startswith("udp:"):
        return True
    return len(found) == 1 and found[0].octets == found[0].whole == call.length
