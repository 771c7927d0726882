"""The program around a learner's script: it sets limits, counts socket calls, runs the script.

    python -I -B -u exercises/watcher.py REPORT SCRIPT HOST PORT

It is a program of its own and is imported by nothing: what it changes in `socket` stays here.
Each call on a socket becomes a line of REPORT, [socket, call, asked, moved, error, seconds], so
that whoever ends this process has all lines until then. Nothing here keeps a script from lying;
who learns has no reason to.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

CALLS: Final = 100_000
LIMITS: Final = (
    (resource.RLIMIT_CPU, 5),  # seconds
    (resource.RLIMIT_AS, 512 << 20),
    (resource.RLIMIT_FSIZE, 16 << 20),
    (resource.RLIMIT_NPROC, 0),  # so that ending this process ends everything; root is exempt
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_CORE, 0),
)
ALARM_S: Final = 30
"""The end of this process, whatever has become of the one that started it."""

READS: Final = ("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg")
WRITES: Final = ("send", "sendall", "sendmsg")


class WatchedSocket(socket.socket):
    """A socket whose calls are written down."""


class Report:
    """Where calls are written down."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "wb", buffering=0)  # noqa: SIM115, the end of the process closes it
        self._left = CALLS

    def write(self, sock: socket.socket, call: str, asked: int, *result: Any) -> None:
        """One call. Raises SystemExit when there are too many."""
        self._left -= 1
        if self._left < 0:
            raise SystemExit(f"stopped: more than {CALLS:,} calls on sockets")
        with contextlib.suppress(OSError):  # a full disk is no reason to fail in the script
            self._file.write(json.dumps([id(sock), call, asked, *result]).encode() + b"\n")


def main() -> None:
    """Run the script that the command line names."""
    report, script, *arguments = sys.argv[1:]
    for limit, most in LIMITS:
        with contextlib.suppress(ValueError, OSError):  # a system that has another ceiling
            resource.setrlimit(limit, (most, most))
    signal.alarm(ALARM_S)
    watch(Report(report))
    sys.argv = [script, *arguments]
    run(script)


def watch(report: Report) -> None:
    """Have every socket that is made from now on written down."""
    for name in READS:
        setattr(WatchedSocket, name, _watched(report, name, _asked, _moved))
    for name in WRITES:
        setattr(WatchedSocket, name, _watched(report, name, _offered, _moved))
    for name in ("connect", "connect_ex"):
        setattr(WatchedSocket, name, _watched(report, name, lambda *_: 0, _local_port))
    setattr(socket, "socket", WatchedSocket)  # noqa: B010, mypy sees a type that may not change


def run(script: str) -> None:
    """The script, as `python script` would run it; its traceback without our own lines."""
    with open(script, encoding="utf-8") as file:
        source = file.read()
    module = ModuleType("__main__")
    module.__file__ = script
    sys.modules["__main__"] = module
    linecache.checkcache(script)
    try:
        exec(compile(source, script, "exec"), vars(module))  # noqa: S102, this is what it is for
    except Exception as error:
        told = traceback.TracebackException.from_exception(error)
        theirs = [frame for frame in told.stack if frame.filename != __file__]
        told.stack = traceback.StackSummary.from_list(theirs)
        print(*told.format(), sep="", end="", file=sys.stderr)  # noqa: T201, for who wrote the script
        raise SystemExit(1) from None


def _watched(
    report: Report,
    name: str,
    asked: Callable[..., int],
    moved: Callable[[socket.socket, Any, int], int],
) -> Callable[..., Any]:
    original = getattr(socket.socket, name)

    def call(self: socket.socket, *given: Any, **named: Any) -> Any:
        begun = time.monotonic()
        wanted = 0
        with contextlib.suppress(TypeError):  # what is wrong with it, the call itself says better
            wanted = asked(*given)
        try:
            result = original(self, *given, **named)
        except OSError as error:
            gave_up = self.gettimeout() if isinstance(error, TimeoutError) else None
            seconds = gave_up if gave_up is not None else time.monotonic() - begun
            report.write(self, name, wanted, 0, type(error).__name__, seconds)
            raise
        report.write(self, name, wanted, moved(self, result, wanted), "", time.monotonic() - begun)
        return result

    return call


def _asked(size: Any, *_: Any) -> int:
    """How much a read takes at most; of a buffer that is to be filled, its length."""
    return size if isinstance(size, int) else memoryview(size).nbytes


def _offered(data: Any, *_: Any) -> int:
    parts = data if isinstance(data, list | tuple) else [data]
    return sum(memoryview(part).nbytes for part in parts)


def _moved(_: socket.socket, result: Any, offered: int) -> int:
    """How many octets a call moved, by what it returned."""
    first = result[0] if isinstance(result, tuple) else result
    if first is None:  # sendall
        return offered
    return first if isinstance(first, int) else len(first)


def _local_port(sock: socket.socket, *_: Any) -> int:
    name = sock.getsockname()
    return name[1] if isinstance(name, tuple) else 0


if __name__ == "__main__":
    main()
