"""Many fetches of 1 KiB, each on a fresh connection."""

from __future__ import annotations

from statistics import median
from typing import Final

from bench.run import python
from bench.server import Server
from bench.table import percentile, table

ROUNDS: Final = 5
COUNT: Final = 200
CLIENTS: Final = ("netcore", "http.client", "requests")
ABOUT: Final = """\
SMALL: 1 KiB from the same nginx, a fresh connection each time: {rounds} rounds of {count}
fetches by each client in turn, in milliseconds. For https every client makes a TLS context for
each fetch, as it does by itself for a script that fetches once, and trusts one certificate."""


def small(server: Server, scheme: str) -> str:
    """The table of one scheme."""
    took: dict[str, list[float]] = {client: [] for client in CLIENTS}
    for _ in range(ROUNDS):
        for client in CLIENTS:
            one = python(
                "bench.clients.small",
                client,
                server.url(scheme, "small"),
                server.cacert,
                str(COUNT),
            )
            took[client] += [each / 1e6 for each in one.said["took_ns"]]
    rows = [
        [client, f"{median(times):.2f}", f"{percentile(times, 99):.2f}"]
        for client, times in took.items()
    ]
    ratio = median(took["netcore"]) / median(took["http.client"])
    goal = f"  netcore takes {ratio:.2f} times as long as http.client (goal: at most 1.5)"
    return table((f"1 KiB over {scheme}", "median ms", "p99 ms"), rows) + "\n" + goal
