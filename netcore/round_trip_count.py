"""How many round trips to the server a response took, counted from the recording.

Theory of operation. What arrives can answer only what had left a round trip before. So each thing
sent stands one level above what had arrived by then, and each thing that arrived one level above
what had been sent a round trip earlier; the level of the response's first octet is the number of
round trips that were waited for one after the other, whatever the protocol. That holds where a
round trip is long beside what both ends take to think; nearer, nothing is said.

How long one takes is the least of what can only have been answered: connect(), the first octets of
each protocol, and what the kernel saw acknowledged. A busy machine makes each of them longer, none
shorter. Later octets may cross on their way, so the time between them says nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from netcore.figures import duration
from netcore.kernel_times import KernelTimes
from netcore.round_trips import asks_kernel, told_ns
from netcore.trace import AnyEvent, Called, StageStarted

LEAST_NS: Final = 5_000_000
"""A shorter round trip, in nanoseconds, cannot be told from the time that programs take."""

_APART: Final = 0.5  # of a round trip: nearer in time is the same flight, farther another one


class RoundTripCount(NamedTuple):
    """What the response of one hop had to wait for."""

    round_trips: int
    round_trip_ns: int  # the least that was measured on this connection
    waited_ns: int  # from the first thing that was sent to the response's first octet

    def __str__(self) -> str:
        """In words: "3 round trips of 302 ms"."""
        plural = "" if self.round_trips == 1 else "s"
        return f"{self.round_trips} round trip{plural} of {duration(self.round_trip_ns)}"


class _Fact(NamedTuple):
    time_ns: int
    is_sent: bool


def round_trips_before_response(events: Sequence[AnyEvent], hop: int = 1) -> RoundTripCount | None:
    """The round trips to the server of a hop before its response began; of DNS, none is counted.

    In: the events of a trace, and the number of the hop.
    Out: None where no response began, or where the server is too near for a count.
    """
    kernel = KernelTimes(events)
    calls = list(_of_hop(events, hop))
    socket = next((call.socket for call in reversed(calls) if _came(call)), "")
    facts = _facts(calls, socket, kernel)
    if not facts:
        return None
    on_socket = [call for call in _calls(events) if call.socket == socket]
    trip_ns = min((*_first_ns(facts), *_measured_ns(on_socket, kernel)), default=0)
    if trip_ns < LEAST_NS:
        return None
    waited_ns = facts[-1].time_ns - facts[0].time_ns
    return RoundTripCount(_level_of_last(facts, trip_ns), trip_ns, waited_ns)


def _calls(events: Iterable[AnyEvent]) -> Iterator[Called]:
    return (event for event in events if isinstance(event, Called))


def _came(call: Called) -> bool:
    return call.call == "recv" and call.length > 0


def _of_hop(events: Iterable[AnyEvent], hop: int) -> Iterator[Called]:
    """The calls of a hop from its beginning to the one that brought the response's first octet."""
    here, stage, calls = 1, "", list[Called]()
    for event in events:
        if isinstance(event, StageStarted):
            here, stage = event.hop, event.stage
            if here == hop and stage == "response":
                yield from calls
                return
        elif isinstance(event, Called) and here == hop and stage != "dns":
            calls.append(event)


def _facts(calls: Iterable[Called], socket: str, kernel: KernelTimes) -> list[_Fact]:
    """What left and what arrived on the socket that the response came by, the response last."""
    facts = [fact for call in calls if call.socket == socket for fact in _fact(call, kernel)]
    while facts and facts[-1].is_sent:
        facts.pop()
    return facts if facts and facts[0].is_sent else []


def _fact(call: Called, kernel: KernelTimes) -> Iterator[_Fact]:
    """What a call moved, at the kernel's own time where that is known."""
    seen_ns = kernel.crossed_ns(call)
    is_tcp = call.socket.startswith("tcp:")
    if call.call == "connect" and is_tcp:
        yield _Fact(call.time_ns, is_sent=True)
    elif call.call == "getsockopt" and call.arguments[1:2] == ("SO_ERROR",) and is_tcp:
        yield _Fact(call.time_ns, is_sent=False)
    elif call.call == "send" and call.length:
        yield _Fact(call.time_ns if seen_ns is None else seen_ns, is_sent=True)
    elif call.call == "recv" and call.length:
        yield _Fact(call.end_ns if seen_ns is None else seen_ns, is_sent=False)


def _first_ns(facts: Sequence[_Fact]) -> Iterator[int]:
    """The time from the first thing sent to the first that then arrived: nothing is quicker."""
    sent_ns = next((fact.time_ns for fact in facts if fact.is_sent), None)
    if sent_ns is not None:
        later = (fact.time_ns - sent_ns for fact in facts if not fact.is_sent)
        yield from islice((took_ns for took_ns in later if took_ns > 0), 1)


def _measured_ns(calls: Sequence[Called], kernel: KernelTimes) -> Iterator[int]:
    """What else was measured on a socket, in any hop, that one round trip at least went into."""
    moved = [call for call in calls if call.length]
    for exchange in (calls, moved):  # with connecting, and without
        yield from _first_ns([fact for call in exchange for fact in _fact(call, kernel)])
    for call in calls:
        rtt_ns = told_ns(call.result) if asks_kernel(call) else None
        if rtt_ns is not None:
            yield rtt_ns
        acknowledged_ns = kernel.of(call).acknowledged_ns if call.call == "send" else None
        if acknowledged_ns is not None:
            yield acknowledged_ns - call.time_ns


def _level_of_last(facts: Sequence[_Fact], trip_ns: int) -> int:
    sent_at, sent_level, level = list[int](), list[int](), 0
    for fact in facts:
        if fact.is_sent:
            sent_at.append(fact.time_ns)
            sent_level.append(level)
            continue
        place = bisect_right(sent_at, fact.time_ns - _APART * trip_ns)
        if place:
            level = max(level, 1 + sent_level[place - 1])
    return level
