"""Examples: finished traces that come with the program, for a first visit without lab or worker.

They were recorded from the lab by `tools/record_examples.py` and are told as examples, with their
date. Each is opened at the address of a trace whose id is its name: /t/example-http1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from netcore.trace import Trace, decode

FOLDER: Final = Path(__file__).resolve().parent.parent / "content" / "examples"
TARGETS: Final = {
    "example-http1": "again",
    "example-tls13": "tls13",
    "example-http2": "h2-again",
}
"""The ids of the examples, and the servers of the lab that they were recorded from."""


@dataclass(frozen=True)
class Recorded:
    """When an example was recorded, and from which server of the lab."""

    day: datetime
    server: str


@cache
def example(trace_id: str) -> Trace | None:
    """The example of that id; None if there is none."""
    if trace_id not in TARGETS:
        return None
    return decode((FOLDER / f"{trace_id}.jsonl").read_bytes())


def recorded(trace_id: str) -> Recorded | None:
    """What is said of an example beside it; None for what is none."""
    trace = example(trace_id)
    if trace is None:
        return None
    started = datetime.fromisoformat(trace.started).astimezone(UTC)
    return Recorded(started, f"{TARGETS[trace_id]}.lab.test")
