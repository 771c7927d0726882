"""What explaining a finished trace takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from bench.caddy import SIZES, Caddy
from bench.server import PAGE, TEN_MB, Server
from bench.table import table
from netcore import COMMAND_LINE_LIMITS, Options, Trace, explain, fetch
from netcore.timeline import timeline
from netcore.trace import Completed

ROUNDS: Final = 15
_HEAD: Final = ("", "octets", "units ms", "trees ms", "timeline ms", "all ms", "MB/s")
ABOUT: Final = """\
EXPLAINING: a finished trace, from its events to all units, every field tree of which is made, and
to the timeline. In this process, the median of {rounds} times, each from the events anew, in CPU
time: it is one thread that waits for nothing."""


def explaining(server: Server) -> str:
    """The table."""
    rows = []
    for scheme in ("http", "https"):
        for name, octets in (("page", PAGE), ("ten", TEN_MB)):
            label = f"{name} over {scheme}"
            rows.append(_row(label, server.url(scheme, name), server.cacert, octets))
    goal = f"  a page over https takes {rows[2][5]} ms in all (goal: under 30)"
    return table(_HEAD, rows) + "\n" + goal


def over_streams(server: Caddy, rounds: int = ROUNDS) -> str:
    """The table of 2 MiB over HTTP/2, and over HTTP/3, where each datagram has units of its own."""
    octets, url = SIZES["medium"], server.url("medium")
    rows = [
        _row(f"medium over h{http}", url, server.cacert, octets, http=http, rounds=rounds)
        for http in ("2", "3")
    ]
    return table(_HEAD, rows)


def _row(
    label: str, url: str, cacert: str, octets: int, *, http: str = "auto", rounds: int = ROUNDS
) -> list[str]:
    options = Options(allow_private=True, cacert=cacert, http=http, limits=COMMAND_LINE_LIMITS)
    trace = fetch(url, options)
    assert isinstance(trace.outcome, Completed), trace.outcome
    took = [_explain(trace) for _ in range(rounds)]
    parts = [median(each[at] for each in took) for at in range(3)]
    whole = sum(parts)
    return [
        label,
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
    began = time.process_time()
    work()
    return time.process_time() - began
