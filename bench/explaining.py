"""What explaining a finished trace takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from bench.server import PAGE, TEN_MB, Server
from bench.table import table
from netcore import COMMAND_LINE_LIMITS, Options, Trace, explain, fetch
from netcore.timeline import timeline
from netcore.trace import Completed

ROUNDS: Final = 15
ABOUT: Final = """\
EXPLAINING: a finished trace, from its events to all units, every field tree of which is made, and
to the timeline. In this process, the median of {rounds} times, each from the events anew."""


def explaining(server: Server) -> str:
    """The table."""
    rows = []
    for scheme in ("http", "https"):
        for name, octets in (("page", PAGE), ("ten", TEN_MB)):
            rows.append(_row(server, scheme, name, octets))
    head = ("", "octets", "units ms", "trees ms", "timeline ms", "all ms", "MB/s")
    goal = f"  a page over https takes {rows[2][5]} ms in all (goal: under 30)"
    return table(head, rows) + "\n" + goal


def _row(server: Server, scheme: str, name: str, octets: int) -> list[str]:
    options = Options(allow_private=True, cacert=server.cacert, limits=COMMAND_LINE_LIMITS)
    trace = fetch(server.url(scheme, name), options)
    assert isinstance(trace.outcome, Completed), trace.outcome
    took = [_explain(trace) for _ in range(ROUNDS)]
    parts = [median(each[at] for each in took) for at in range(3)]
    whole = sum(parts)
    return [
        f"{name} over {scheme}",
        f"{octets:,}",
        *(f"{part * 1e3:.1f}" for part in parts),
        f"{whole * 1e3:.1f}",
        f"{octets / whole / 1e6:,.0f}",
    ]


def _explain(trace: Trace) -> tuple[float, float, float]:
    explanation = None

    def units() -> None:
        nonlocal explanation
        explanation = explain(trace.events)

    def trees() -> None:
        assert explanation is not None
        for pdu in explanation.pdus:
            explanation.tree(pdu)

    def drawn() -> None:
        assert explanation is not None
        timeline(trace, explanation)

    return _timed(units), _timed(trees), _timed(drawn)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
