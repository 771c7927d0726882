"""The times of a trace beside those of tcpdump, for the same packets on loopback."""

from __future__ import annotations

import os
import subprocess
import tempfile
from bisect import bisect_left
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from bench.run import python
from bench.server import Server
from bench.table import percentile, table
from tests.peers.process import program, running, wait_for_line

COUNT: Final = 1_000
ABOUT: Final = """\
TIMESTAMPS: {count} fetches of 1 KiB over https from the same nginx, while tcpdump captures them on
the loopback device with nanoseconds. Each time of the trace is compared with that of the packet
that carried the last of the octets that it speaks of ("acknowledged": the packet with the
acknowledgement). A FIN that follows on the last octets is one with them for Linux, so there the
nearer of the two packets counts. Microseconds; minus is before the packet. "Error" is without the
sign."""
_KERNEL: Final = ("handed over", "sent", "acknowledged", "arrived")
_PROGRAM: Final = ("send() called", "send() returned", "recv() returned")
_FIELDS: Final = (
    "frame.time_epoch",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq",
    "tcp.len",
    "tcp.ack",
    "tcp.flags.fin",
)

Ends = dict[tuple[str, int], list[tuple[int, int]]]
"""By direction and our port: where the octets of packets end (or what they acknowledge), when."""


def timestamps(server: Server, count: int = COUNT) -> str:
    """The table; a line that says why not where nothing may be captured."""
    if os.geteuid() != 0:
        return "  tcpdump captures as root only: nothing was measured"
    url = server.url("https", "small")
    port = urlsplit(url).port or 443
    with tempfile.TemporaryDirectory(prefix="wiretale-bench-") as name:
        file = Path(name) / "packets.pcap"
        command = [program("tcpdump", "tcpdump"), "-i", "lo", "-n", "-U", "--immediate-mode"]
        command += ["-Z", "root", "-s", "128", "--time-stamp-precision=nano", "-w", str(file)]
        with running([*command, f"tcp port {port}"], Path(name)) as process:
            wait_for_line(process, "listening on")
            said = python("bench.clients.stamped", url, server.cacert, str(count)).said
        ends, acknowledged = _packets(file, port)
    errors: dict[str, list[float]] = {what: [] for what in (*_KERNEL, *_PROGRAM)}
    for fetch in said["fetches"]:
        _compare(fetch, ends, acknowledged, errors)
    rows = [_row(what, errors[what]) for what in errors if errors[what]]
    head = ("time of the trace", "packets", "median", "p1", "p99", "error, p99")
    return table(head, rows) + "\n" + _goal(errors)


def _packets(file: Path, port: int) -> tuple[Ends, Ends]:
    tshark = program("tshark", "tshark")
    wanted = [argument for name in _FIELDS for argument in ("-e", name)]
    command = [tshark, "-n", "-r", str(file), "-T", "fields", *wanted]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603, our own words
    ends: Ends = {}
    acknowledged: Ends = {}
    for line in lines.splitlines():
        time, source, target, sequence, length, ack, fin = line.split("\t")
        seconds, _, fraction = time.partition(".")
        time_ns = int(seconds) * 1_000_000_000 + int(fraction.ljust(9, "0"))
        is_ours = int(target) == port
        key = ("sent", int(source)) if is_ours else ("received", int(target))
        if int(length) or fin in ("1", "True"):
            # tshark counts from the SYN, whose number is 0.
            ends.setdefault(key, []).append((int(sequence) - 1 + int(length), time_ns))
        if not is_ours and ack:
            acknowledged.setdefault(("sent", key[1]), []).append((int(ack) - 1, time_ns))
    for packets in (*ends.values(), *acknowledged.values()):
        packets.sort()
    return ends, acknowledged


def _compare(
    fetch: dict[str, Any], ends: Ends, acknowledged: Ends, errors: dict[str, list[float]]
) -> None:
    for what, way, end, time_ns in fetch["times"]:
        packets = (acknowledged if what == "acknowledged" else ends).get((way, fetch["port"]), [])
        at = bisect_left(packets, (end, 0))
        same = [seen_ns for seen, seen_ns in packets[at:] if seen == packets[at][0]]
        if same:
            nearest_ns = min(same, key=lambda seen_ns: abs(time_ns - seen_ns))
            errors[what].append((time_ns - nearest_ns) / 1_000)


def _row(what: str, errors: list[float]) -> list[str]:
    said = f"{what}, by the kernel" if what in _KERNEL else what
    worst = percentile((abs(each) for each in errors), 99)
    figures = (median(errors), percentile(errors, 1), percentile(errors, 99), worst)
    return [said, f"{len(errors):,}", *(f"{each:.1f}" for each in figures)]


def _goal(errors: dict[str, list[float]]) -> str:
    told = {what: [abs(each) for each in errors[what]] for what in ("sent", "arrived")}
    if not all(told.values()):
        return "  this system does not tell the kernel's times"
    worst = {what: percentile(each, 99) for what, each in told.items()}
    return (
        f"  99 of 100 are within {worst['sent']:.1f} µs (sent) and {worst['arrived']:.1f} µs "
        "(arrived) of the packet (goal: at most 10)"
    )
