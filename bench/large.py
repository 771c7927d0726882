"""One GiB from nginx, by each client in turn, several rounds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from bench.run import Took, python, run
from bench.server import LARGE, MEDIUM, Server
from bench.table import table

ROUNDS: Final = 7
CLIENTS: Final = (
    "netcore",
    "netcore, recording off",
    "netcore, command line",
    "bare socket loop",
    "curl",
    "requests",
)
ABOUT: Final = """\
LARGE: 1 GiB of zeros from nginx (one worker, sendfile) over loopback, thrown away on arrival.
Each client is a process of its own; rounds go through all clients in turn, so that a noisy
moment hits all of them. MB/s is 10^6 octets a second, the median and the range of {rounds} rounds.
Python's clients measure wall and CPU around the fetch, without start and imports; curl and the
command line are measured as whole processes. CPU is user and system time of the client alone.
Peak is the process's largest resident set, at 1 GiB and, for comparison, at 64 MiB.
"Recording off" is the same pump with a recorder that records nothing. The command line is
`python -m netcore -o /dev/null URL`: it also explains what it recorded and draws it."""


def large(server: Server, scheme: str) -> str:
    """The table of one scheme."""
    took: dict[str, list[Took]] = {client: [] for client in CLIENTS}
    for number in range(ROUNDS + 1):
        for client in CLIENTS:
            one = _fetch(client, server, scheme, "large", LARGE)
            if number:  # the first round only warms up
                took[client].append(one)
    medium = {client: _fetch(client, server, scheme, "medium", MEDIUM) for client in CLIENTS}
    rows = [_row(client, runs, medium[client]) for client, runs in took.items()]
    head = ("1 GiB over " + scheme, "MB/s", "range", "CPU s", "peak MB", "at 64 MiB")
    return table(head, rows) + "\n" + "\n".join(_goals(took, medium))


def _fetch(client: str, server: Server, scheme: str, name: str, octets: int) -> Took:
    url = server.url(scheme, name)
    if client == "curl":
        return run("curl", "--silent", "--cacert", server.cacert, "--output", "/dev/null", url)
    if client == "netcore, command line":
        trusted = ("--cacert", server.cacert, "--allow-private")
        return python("netcore", *trusted, "-o", "/dev/null", url)
    return python("bench.clients.large", client, url, server.cacert, str(octets))


def _row(client: str, runs: Sequence[Took], medium: Took) -> list[str]:
    rates = [LARGE / one.wall_s / 1e6 for one in runs]
    return [
        client,
        f"{median(rates):,.0f}",
        f"{min(rates):,.0f}-{max(rates):,.0f}",
        f"{_cpu(runs):.2f}",
        f"{median(one.peak_mb for one in runs):.0f}",
        f"{medium.peak_mb:.0f}",
    ]


def _cpu(runs: Sequence[Took]) -> float:
    return median(one.cpu_s for one in runs)


def _goals(took: dict[str, list[Took]], medium: dict[str, Took]) -> list[str]:
    recording, silent = took["netcore"], took["netcore, recording off"]
    cost = _cpu(recording) / _cpu(silent) - 1
    wall = {client: median(one.wall_s for one in runs) for client, runs in took.items()}
    grown = median(one.peak_mb for one in recording) - medium["netcore"].peak_mb
    return [
        f"  recording costs {cost:+.0%} CPU over the same pump without it (goal: at most +15%)",
        f"  throughput is {wall['requests'] / wall['netcore']:.2f} times that of requests "
        "(goal: at least 1)",
        f"  peak memory at 1 GiB is {grown:+.1f} MB over that at 64 MiB (goal: flat)",
    ]
