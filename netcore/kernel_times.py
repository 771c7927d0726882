"""Kernel times: what the kernel said of the octets of each call.

One note of the kernel may speak of several sends, and each read has a time of its own at most. So
what was sent is matched by offset: the first note that reaches the end of a call's octets counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from netcore.kernel_clock import ACKNOWLEDGED, ARRIVED, HANDED_OVER, SENT
from netcore.trace import AnyEvent, Called, KernelTimestamp


class Times(NamedTuple):
    """Of the last octet of a call, in nanoseconds since the trace began; None is not known."""

    handed_over_ns: int | None = None
    sent_ns: int | None = None
    acknowledged_ns: int | None = None
    arrived_ns: int | None = None


NOTHING = Times()


class KernelTimes:
    """All that the kernel said in a trace."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        said: dict[tuple[str, str], dict[int, int]] = {}
        for event in events:
            if isinstance(event, KernelTimestamp):
                said.setdefault((event.channel, event.what), {})[event.offset] = event.time_ns
        self._said = {
            key: (sorted(times), [times[offset] for offset in sorted(times)])
            for key, times in said.items()
        }

    def of(self, call: Called) -> Times:
        """What is known of a call. A moment that cannot have been is put where it can."""
        if not self._said or not call.length:
            return NOTHING
        end = call.offset + call.length
        if call.call == "recv":
            arrived_ns = self._at(call.channel, ARRIVED, end, exactly=True)
            return Times(arrived_ns=None if arrived_ns is None else min(arrived_ns, call.end_ns))
        return Times(
            *(
                None
                if (said_ns := self._at(call.channel, what, end)) is None
                # The two clocks are read one after the other, so they differ by that little.
                else max(said_ns, call.time_ns)
                for what in (HANDED_OVER, SENT, ACKNOWLEDGED)
            )
        )

    def _at(self, channel: str, what: str, end: int, *, exactly: bool = False) -> int | None:
        offsets, times = self._said.get((channel, what), ((), ()))
        at = bisect_left(offsets, end)
        if at == len(offsets) or (exactly and offsets[at] != end):
            return None
        return times[at]

    def crossed_ns(self, call: Called) -> int | None:
        """When the call's octets left or arrived, as the kernel saw it; None if it did not say."""
        times = self.of(call)
        return times.arrived_ns if call.call == "recv" else times.sent_ns

    def told(self, event: AnyEvent, *, came: bool) -> tuple[int, int, int, bool]:
        """When the first and the last call moved something, how many they were, and whether what
        they moved was kept.

        That is when the kernel saw it cross. Where it does not say so, what was sent left when it
        was called, and what arrived was there when the call returned.
        In: `came`, whether it arrived.
        """
        if not isinstance(event, Called):
            return event.time_ns, event.time_ns, 1, True
        first_ns = event.end_ns if came and event.calls == 1 else event.time_ns
        last_ns = event.end_ns if came or event.calls > 1 else event.time_ns
        seen_ns = self.crossed_ns(event)
        if seen_ns is not None:
            first_ns = last_ns = seen_ns
        return first_ns, last_ns, event.calls, bool(event.data) or not event.length

    def waited_ns(self, call: Called) -> int:
        """How long the octets of a read lay in the kernel before the read gave them out."""
        arrived_ns = self.of(call).arrived_ns
        return 0 if arrived_ns is None else call.end_ns - arrived_ns
