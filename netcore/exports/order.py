"""Order: the calls of a trace in the order in which what they moved crossed the wire.

A call is recorded when it has returned, and the kernel may have seen its octets cross before or
after that. Within one direction of a socket nothing overtakes: octets stay behind those before
them, no octet stands before the connection is there, and none behind its end.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from netcore.kernel_times import KernelTimes
from netcore.trace import AnyEvent, Called

_BOTH = ("sent", "received")
_WAYS = {"send": _BOTH[:1], "shutdown": _BOTH[:1], "recv": _BOTH[1:]}


def in_order(events: Sequence[AnyEvent]) -> list[tuple[int, Called, bool]]:
    """The calls on sockets by their numbers in the trace.

    Out: of those that moved octets `time_ns` is the kernel's, if it said one: then the last
    member is True.
    """
    kernel = KernelTimes(events)
    latest: dict[tuple[str, str], int] = {}
    found: list[tuple[int, int, Called, bool]] = []
    for number, event in enumerate(events, start=1):
        if not isinstance(event, Called) or not event.socket:
            continue
        seen_ns = kernel.crossed_ns(event)
        keys = [(event.socket, way) for way in _WAYS.get(event.call, _BOTH)]
        at_ns = max(
            event.time_ns if seen_ns is None else seen_ns, *(latest.get(key, 0) for key in keys), 0
        )
        latest.update(dict.fromkeys(keys, at_ns))
        if seen_ns is not None:
            event = msgspec.structs.replace(event, time_ns=seen_ns)
        found.append((at_ns, number, event, seen_ns is not None))
    found.sort(key=lambda each: each[:2])
    return [each[1:] for each in found]
