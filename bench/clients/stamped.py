"""Small fetches, and what their traces say of when octets crossed, on the wall clock:
python -m bench.clients.stamped URL CA-FILE COUNT"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import netcore.client
from netcore import COMMAND_LINE_LIMITS, Options, fetch
from netcore.kernel_clock import ARRIVED, SENT
from netcore.recorder import Recorder
from netcore.trace import Called, KernelTimestamp, Trace

STARTS_NS: list[int] = []  # of each trace, on the monotonic clock


class Dated(Recorder):
    """Also tells when its trace began."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        STARTS_NS.append(self._start_ns)


def ahead_ns() -> int:
    """How far the wall clock is ahead of the monotonic one: the least disturbed look of many."""
    looks = []
    for _ in range(1_000):
        before, now, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        looks.append((after - before, now - (before + after) // 2))
    return min(looks)[1]


def told(trace: Trace, begun_ns: int) -> dict[str, Any]:
    """Our port, and the times of each kind: direction, where the octets end, nanoseconds."""
    port, times = 0, []
    for event in trace.events:
        if isinstance(event, KernelTimestamp):
            way = "received" if event.what == ARRIVED else "sent"
            times.append((event.what, way, event.offset, begun_ns + event.time_ns))
        elif isinstance(event, Called) and event.call == "getsockname":
            port = int(str(event.result).rpartition(":")[2])
        elif isinstance(event, Called) and event.length:
            end = event.offset + event.length
            if event.call == "send":
                times.append(("send() called", SENT, end, begun_ns + event.time_ns))
                times.append(("send() returned", SENT, end, begun_ns + event.end_ns))
            else:
                times.append(("recv() returned", "received", end, begun_ns + event.end_ns))
    return {"port": port, "times": times}


def main(url: str, cacert: str, count: str) -> None:
    """Fetch so many times and print what was told."""
    vars(netcore.client)["Recorder"] = Dated
    options = Options(allow_private=True, cacert=cacert, limits=COMMAND_LINE_LIMITS)
    traces = [fetch(url, options) for _ in range(int(count))]
    ahead = ahead_ns()
    said = [told(trace, begun + ahead) for trace, begun in zip(traces, STARTS_NS, strict=True)]
    sys.stdout.write(json.dumps({"fetches": said}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
