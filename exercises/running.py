"""Running: a learner's script in a process of its own, against a practice server, and the facts.

Theory of operation. The script runs under `watcher.py` with Python's isolated mode, an empty
environment, a folder that is removed afterwards, standard input closed and no other descriptor.
Limits on time, memory, file size and processes are set before its first line; its process group
is ended after `LIMIT_S`. What it prints and calls goes to files, so nothing waits for a pipe.

That keeps a slip from doing harm. It is no sandbox: the script may do what its user may do. So it
must be the user's own script, on the user's own machine.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from exercises.conditions import Facts
from lab.practice import PracticeServer, RecordedSocket

LIMIT_S: Final = 5.0
SCRIPT_OCTETS: Final = 20_000
OUTPUT_OCTETS: Final = 4_096
REPORT_OCTETS: Final = 16 << 20
GAVE_UP_S: Final = 0.5
"""Who closes after so long a silence of the server's has not known that the response was over."""

_WATCHER: Final = Path(__file__).resolve().with_name("watcher.py")
_READS: Final = frozenset({"recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg"})
_WRITES: Final = frozenset({"send", "sendall", "sendmsg"})


class Call(msgspec.Struct, frozen=True, array_like=True):
    """A call on a socket, as the watcher wrote it down."""

    socket: int
    name: str
    asked: int  # octets: the most that a read takes, what a write offers
    moved: int  # octets; of connect the local port
    error: str  # name of the exception, "" if there was none
    seconds: float  # that it took, or of a time-out that was set


@dataclass(frozen=True)
class Run:
    """What became of a script."""

    connections: tuple[tuple[Call, ...], ...]  # in order of connect
    attempts: tuple[Facts, ...]  # facts of each connection; of none at all, of the script alone
    output: str
    status: int | None  # what it exited with, None if it was ended from here


def run(script: str, target: str, code: str, limit_s: float = LIMIT_S) -> Run:
    """Run a script of this machine's own user.

    Args:
        script: Python, as text.
        target: One of `lab.practice.TARGETS`.
        code: The server's size depends on it.
        limit_s: How long it may run.
    """
    with tempfile.TemporaryDirectory(prefix="wiretale-exercise-") as name:
        folder = Path(name)
        (folder / "script.py").write_text(script, "utf-8")
        with PracticeServer(target, code) as server:
            status = _run_watched(folder, server.port, limit_s)
        with (folder / "output").open("rb") as file:
            output = file.read(OUTPUT_OCTETS).decode("utf-8", "replace")
        with (folder / "report").open("rb") as file:
            calls = list(_read(file.read(REPORT_OCTETS)))
    connections = _by_connection(calls)
    ends = {end.peer_port: end for end in server.connections}
    known = [(each, ends[each[0].moved]) for each in connections if each[0].moved in ends]
    alone = _alone(status, limit_s)
    attempts = [{**alone, **_facts(each, end, status)} for each, end in known]
    return Run(tuple(connections), tuple(attempts or [alone]), output, status)


def _run_watched(folder: Path, port: int, limit_s: float) -> int | None:
    """Run script.py of the folder. Out: its exit status, None if its time was over."""
    report = folder / "report"
    report.touch()
    command = [sys.executable, "-I", "-B", "-u", "-X", "utf8", str(_WATCHER), str(report)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603, see above
            [*command, "script.py", "127.0.0.1", str(port)],
            cwd=folder,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(untrusted: bytes) -> Iterator[Call]:
    """The calls of a report, up to the first line that is none: the script could write there."""
    decoder = msgspec.json.Decoder(Call)
    for line in untrusted.splitlines():
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError:
            return


def _by_connection(calls: Sequence[Call]) -> list[tuple[Call, ...]]:
    """The calls of each socket from its connect on."""
    connections: list[list[Call]] = []
    current: dict[int, list[Call]] = {}
    for call in calls:
        if call.name.startswith("connect"):
            current[call.socket] = [call]
            connections.append(current[call.socket])
        elif call.socket in current:
            current[call.socket].append(call)
    return [tuple(each) for each in connections]


def _alone(status: int | None, limit_s: float) -> Facts:
    """What is known of a script that never connected."""
    return {
        "script.connected": False,
        "script.ended": status == 0,
        "script.end": _end(status, limit_s),
        "script.timed_out": False,
        "script.complete": False,
        "script.received": 0,
        "script.writes": 0,
        "lab.reads": 0,
        "lab.sent": 0,
    }


def _end(status: int | None, limit_s: float) -> str:
    if status is None:
        return f"was stopped after {limit_s:g} s"
    return "ended by itself" if status == 0 else "ended with an error"


def _facts(calls: Sequence[Call], end: RecordedSocket, status: int | None) -> Facts:
    """What both ends of a connection say."""
    reads = [call for call in calls if call.name in _READS]
    writes = [call for call in calls if call.name in _WRITES and not call.error]
    received = sum(call.moved for call in reads)
    gave_up_s = next((call.seconds for call in reads if call.error == "TimeoutError"), 0.0)
    if not gave_up_s and status is not None and (end.silent_s or 0) >= GAVE_UP_S:
        gave_up_s = end.silent_s or 0
    whole = status == 0 and 0 < received == end.sent
    return {
        "script.connected": True,
        "script.asked": max((call.asked for call in reads), default=0),
        "script.received": received,
        "script.writes": len(writes),
        "script.timed_out": gave_up_s > 0,
        "script.gave_up_s": f"{gave_up_s:.2g}",
        "script.complete": whole,
        "lab.reads": len(end.reads),
        "lab.read_sizes": ", ".join(map(str, end.reads[:10])) or "none",
        "lab.sent": end.sent,
    }
