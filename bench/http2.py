"""Small fetches over HTTP/2, and 16 MiB."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from bench.run import Took, python, run
from bench.server import SIXTEEN, SMALL, Server
from bench.table import table

ROUNDS: Final = 5
COUNT: Final = 100
LARGE_COUNT: Final = 5
CLIENTS: Final = ("netcore", "netcore, recording off", "bare loop over h2", "httpx")
ABOUT: Final = """\
HTTP2: from the same nginx over TLS 1.3, a fresh connection and a new TLS context each time:
{rounds} rounds of {count} fetches of 1 KiB and {large} of 16 MiB by each client in turn. "Recording
off" is the same pump with a recorder that records nothing; "bare" is a socket, ssl and h2 in a
loop, with a window like ours. curl is a process for each 16 MiB, start included."""


def http2(server: Server) -> str:
    """Both tables."""
    return f"{_small(server)}\n\n{_large(server)}"


def _small(server: Server) -> str:
    runs = _rounds(server, "small", COUNT, SMALL)
    rows = [
        [client, f"{median(_ms(each)):.2f}", f"{_percentile(_ms(each), 99):.2f}", _cpu_ms(each)]
        for client, each in runs.items()
    ]
    head = ("1 KiB over h2", "median ms", "p99 ms", "CPU ms")
    return table(head, rows) + "\n" + _ratios(runs, "httpx")


def _large(server: Server) -> str:
    runs = _rounds(server, "sixteen", LARGE_COUNT, SIXTEEN)
    rows = [
        [client, f"{_rate(median(_ms(each))):,.0f}", _cpu_ms(each)] for client, each in runs.items()
    ]
    curl = [_curl(server) for _ in range(ROUNDS)]
    wall_ms, cpu_ms = (median(each) * 1e3 for each in _of_processes(curl))
    rows.append(["curl", f"{_rate(wall_ms):,.0f}", f"{cpu_ms:.2f}"])
    head = ("16 MiB over h2", "MB/s", "CPU ms")
    return table(head, rows) + "\n" + _ratios(runs, "httpx")


def _rounds(server: Server, name: str, count: int, octets: int) -> dict[str, list[Took]]:
    took: dict[str, list[Took]] = {client: [] for client in CLIENTS}
    for _ in range(ROUNDS):
        for client in CLIENTS:
            took[client].append(fetch(client, server, name, count, octets))
    return took


def fetch(client: str, server: Server, name: str, count: int, octets: int) -> Took:
    """One client, in a process of its own."""
    given = (server.http2 + name, server.cacert, str(count), str(octets))
    return python("bench.clients.http2", client, *given)


def _curl(server: Server) -> Took:
    options = ("--silent", "--http2", "--cacert", server.cacert, "--output", "/dev/null")
    return run("curl", *options, f"{server.http2}sixteen")


def _of_processes(runs: Sequence[Took]) -> tuple[list[float], list[float]]:
    return [one.wall_s for one in runs], [one.cpu_s for one in runs]


def _ms(runs: Sequence[Took]) -> list[float]:
    return [each / 1e6 for one in runs for each in one.said["took_ns"]]


def _cpu_ms(runs: Sequence[Took]) -> str:
    return f"{_cpu(runs):.2f}"


def _cpu(runs: Sequence[Took]) -> float:
    """Milliseconds of CPU for one fetch."""
    return median(one.cpu_s / len(one.said["took_ns"]) for one in runs) * 1e3


def _rate(ms: float) -> float:
    return SIXTEEN / ms / 1e3


def _ratios(runs: dict[str, list[Took]], peer: str) -> str:
    ours, silent = runs["netcore"], runs["netcore, recording off"]
    return (
        f"  recording costs {_cpu(ours) / _cpu(silent) - 1:+.0%} CPU over the same pump without "
        f"it; in time netcore takes {median(_ms(ours)) / median(_ms(runs[peer])):.2f} times as "
        f"long as {peer}, {median(_ms(ours)) / median(_ms(runs[CLIENTS[2]])):.2f} times the bare "
        "loop"
    )


def _percentile(times: list[float], percent: int) -> float:
    return sorted(times)[len(times) * percent // 100]
