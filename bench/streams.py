"""HTTP/2 and HTTP/3: small fetches, and one of 16 MiB, beside others over the same libraries."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from bench.caddy import SIZES, Caddy
from bench.run import Took, python, run
from bench.table import table

ROUNDS: Final = 5
COUNT: Final = 50
CURL: Final = "curl, h2"
HTTP2: Final = ("netcore, h2", "netcore, h2, recording off", "httpx, h2", "bare loop over h2")
HTTP3: Final = ("netcore, h3", "netcore, h3, recording off", "bare loop over aioquic")
CLIENTS: Final = (*HTTP2, *HTTP3)
ABOUT: Final = """\
STREAMS: caddy over loopback, each fetch on a connection of its own, with TLS 1.3 and a context
made for it. {rounds} rounds through all clients. Small: {count} fetches of 1 KiB in a row, median
and p99 in milliseconds, CPU of the client in milliseconds a fetch. Large: 16 MiB of zeros, thrown
away on arrival, in MB/s, 10^6 octets a second. "Recording off" is the same pump with a recorder
that records nothing. A bare loop speaks by the same library as netcore, and does nothing else.
curl is measured as a process; Debian's does not speak HTTP/3."""


def small(server: Caddy, rounds: int = ROUNDS, count: int = COUNT) -> str:
    """The table of small fetches."""
    took = _took(server, "small", CLIENTS, rounds, count)
    rows = []
    for client, runs in took.items():
        times = sorted(each / 1e6 for one in runs for each in one.said["took_ns"])
        cpu_ms = median(one.cpu_s for one in runs) / count * 1e3
        p99 = times[len(times) * 99 // 100]
        rows.append([client, f"{median(times):.2f}", f"{p99:.2f}", f"{cpu_ms:.2f}"])
    head = ("1 KiB, a connection each", "median ms", "p99 ms", "CPU ms")
    return table(head, rows) + "\n" + "\n".join(_ratios(took))


def large(server: Caddy, rounds: int = ROUNDS) -> str:
    """The table of the large fetch."""
    took = _took(server, "large", (*HTTP2, CURL, *HTTP3), rounds, 1)
    rows = []
    for client, runs in took.items():
        rates = [SIZES["large"] / one.wall_s / 1e6 for one in map(_timed, runs)]
        row = [client, f"{median(rates):,.0f}", f"{min(rates):,.0f}-{max(rates):,.0f}"]
        rows.append([*row, f"{_cpu(runs):.2f}", f"{median(one.peak_mb for one in runs):.0f}"])
    head = ("16 MiB", "MB/s", "range", "CPU s", "peak MB")
    return table(head, rows) + "\n" + "\n".join(_ratios(took))


def _took(
    server: Caddy, name: str, clients: Sequence[str], rounds: int, count: int
) -> dict[str, list[Took]]:
    took: dict[str, list[Took]] = {client: [] for client in clients}
    for _ in range(rounds):
        for client in clients:
            took[client].append(fetch(server, client, name, count))
    return took


def fetch(server: Caddy, client: str, name: str, count: int) -> Took:
    """One run of a client."""
    url = server.url(name)
    if client == CURL:
        options = ("--silent", "--fail", "--http2", "--cacert", server.cacert)
        return run("curl", *options, "--output", "/dev/null", url)
    arguments = (url, server.cacert, str(count), str(SIZES[name]))
    return python("bench.clients.streams", client, *arguments)


def _timed(one: Took) -> Took:
    """A run whose wall time is that of its one fetch, where the client told it."""
    if "took_ns" not in one.said:
        return one
    return Took(one.said["took_ns"][0] / 1e9, one.cpu_s, one.peak_mb, one.said)


def _cpu(runs: Sequence[Took]) -> float:
    return median(one.cpu_s for one in runs)


def _ratios(took: dict[str, list[Took]]) -> list[str]:
    cpu = {client: _cpu(runs) for client, runs in took.items()}
    lines = []
    for version, peer in (("h2", "bare loop over h2"), ("h3", "bare loop over aioquic")):
        ours, silent = cpu[f"netcore, {version}"], cpu[f"netcore, {version}, recording off"]
        lines.append(
            f"  {version}: recording costs {ours / silent - 1:+.0%} CPU; with it netcore takes "
            f"{ours / cpu[peer]:.2f} times the CPU of the bare loop"
        )
    httpx = cpu["netcore, h2"] / cpu["httpx, h2"]
    return [*lines, f"  netcore over h2 takes {httpx:.2f} times the CPU of httpx"]
