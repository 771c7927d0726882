"""What decrypting and dissecting recorded TLS takes, beside tshark on the same connections."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from msgspec.structs import replace

from bench.run import Took, run
from bench.server import BULK, Server
from bench.table import table
from netcore import COMMAND_LINE_LIMITS, Options, Trace, explain, fetch
from netcore.exports.pcapng import pcapng
from netcore.trace import Completed
from tests.peers.process import program

ROUNDS: Final = 7
COUNT: Final = 200
ABOUT: Final = """\
DECRYPTING: {octets:,} octets over TLS 1.3 (AES-256-GCM) from nginx, recorded whole, and {count}
fetches of 1 KiB, each with its handshake. netcore, in this process: from the events to all units
and every field tree, each tag verified. tshark, a process of its own: the exported pcapng of the
same connections, secrets inside, in a single pass. What it takes for a file without a packet, its
start, is taken off. Each is one thread, so rates are by its CPU time, user and system. Rounds go
through all in turn: the median and the range of {rounds}."""

Work = Callable[[], Took]
_PHS: Final = ("-q", "-z", "io,phs")
_LENGTHS: Final = ("-T", "fields", "-e", "tls.record.length")
_NO_BODY: Final = ("-o", "http.desegment_body:FALSE")
_TYPES: Final = ("-T", "fields", "-e", "tls.handshake.type")


def decrypting(server: Server, octets: int = BULK, count: int = COUNT, rounds: int = ROUNDS) -> str:
    """Both tables."""
    path = "bulk" if octets == BULK else "small"
    bulk = [_fetch(server, path, octets)]
    nothing = [replace(bulk[0], events=[])]
    handshakes = [_fetch(server, "small") for _ in range(count)]
    with tempfile.TemporaryDirectory(prefix="wiretale-bench-") as name:
        directory = Path(name)
        empty, large, small = (
            _write(directory / f"{kind}.pcapng", traces)
            for kind, traces in (("empty", nothing), ("large", bulk), ("small", handshakes))
        )
        took = _rounds(
            {
                "start": _tshark(empty, *_PHS),
                "bulk": lambda: _explain(bulk),
                "bulk phs": _tshark(large, *_PHS),
                "bulk fields": _tshark(large, *_LENGTHS),
                "bulk no body": _tshark(large, *_LENGTHS, *_NO_BODY),
                "handshakes": lambda: _explain(handshakes),
                "handshakes fields": _tshark(small, *_TYPES),
                "handshakes -V": _tshark(small, "-V"),
            },
            rounds,
        )
    return _bulk(took, octets) + "\n\n" + _handshakes(took, count)


def _fetch(server: Server, path: str, octets: int = 0) -> Trace:
    limits = replace(COMMAND_LINE_LIMITS, kept_octets=max(octets * 2, 1 << 20))
    options = Options(allow_private=True, cacert=server.cacert, limits=limits)
    trace = fetch(server.url("https", path), options)
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace


def _write(file: Path, traces: Sequence[Trace]) -> Path:
    """A file with the exports of these traces, one behind the other."""
    file.write_bytes(b"".join(block for each in traces for block in pcapng(each)))
    return file


def _rounds(works: dict[str, Work], rounds: int) -> dict[str, list[Took]]:
    took: dict[str, list[Took]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            one = work()
            if number:  # the first round only warms up
                took[name].append(one)
    return took


def _explain(traces: Sequence[Trace]) -> Took:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for trace in traces:
        explanation = explain(trace.events)
        for pdu in explanation.pdus:
            explanation.tree(pdu)
    return Took(time.perf_counter() - wall_s, time.process_time() - cpu_s, 0, {})


def _tshark(file: Path, *options: str) -> Work:
    """One run on a file, to be timed, without the settings of whoever runs it."""
    calm = ("env", f"WIRESHARK_CONFIG_DIR={file.parent}")
    return lambda: run(*calm, program("tshark", "tshark"), "-n", "-r", str(file), *options)


def _bulk(took: dict[str, list[Took]], octets: int) -> str:
    start = _cpu(took["start"])
    rows = [
        _rate("netcore, units and trees", took["bulk"], octets, 0),
        _rate("tshark -q -z io,phs", took["bulk phs"], octets, start),
        _rate("tshark -T fields -e tls.record.length", took["bulk fields"], octets, start),
        _rate("the same, HTTP bodies not put together", took["bulk no body"], octets, start),
    ]
    usual = min(_cpu(took[name]) for name in ("bulk phs", "bulk fields")) - start
    ratio, other = (
        each / _cpu(took["bulk"]) for each in (usual, _cpu(took["bulk no body"]) - start)
    )
    goal = f"  netcore is {ratio:.1f} times as fast as tshark as it comes (goal: at least 1), "
    goal += f"{other:.1f} times\n  as fast as tshark that does not put the body together"
    head = ("bulk", "s in all", "CPU s", "MB per CPU s", "range")
    return table(head, rows) + "\n" + goal


def _cpu(took: Sequence[Took]) -> float:
    return median(one.cpu_s for one in took)


def _rate(name: str, took: Sequence[Took], octets: int, start: float) -> list[str]:
    rates = [octets / max(one.cpu_s - start, 1e-6) / 1e6 for one in took]
    wall = median(one.wall_s for one in took)
    spread = f"{min(rates):,.0f}-{max(rates):,.0f}"
    return [name, f"{wall:.2f}", f"{_cpu(took):.2f}", f"{median(rates):,.0f}", spread]


def _handshakes(took: dict[str, list[Took]], count: int) -> str:
    start = took["start"]
    rows = [
        _each("netcore, units and trees", took["handshakes"], count, 0),
        _each(
            "tshark -T fields -e tls.handshake.type", took["handshakes fields"], count, _cpu(start)
        ),
        _each("tshark -V", took["handshakes -V"], count, _cpu(start)),
    ]
    told = f"  before the first of them tshark takes {_cpu(start) * 1e3:.0f} ms of CPU to start"
    return table(("a handshake and 1 KiB", "CPU ms each", "range"), rows) + "\n" + told


def _each(name: str, took: Sequence[Took], count: int, start: float) -> list[str]:
    times = [(one.cpu_s - start) / count * 1e3 for one in took]
    return [name, f"{median(times):.2f}", f"{min(times):.2f}-{max(times):.2f}"]
