"""The command line: python -m netcore URL. It keeps to curl's names and habits."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from netcore.client import fetch
from netcore.command_line import STANDARD, complain, options, read
from netcore.errors import FetchError
from netcore.exports.har import har
from netcore.exports.pcapng import pcapng
from netcore.exports.units import units
from netcore.pdus import explain
from netcore.saving import save
from netcore.terminal import draw
from netcore.timeline import timeline
from netcore.trace import Completed, Failed, Trace, encode

_SHOWN_OCTETS = 1024
_FAILURE, _INTERRUPTED = 1, 130
_log = logging.getLogger("netcore.command")  # __name__ would be "__main__"

_EXPORTS: dict[str, Callable[[Trace], Iterable[bytes]]] = {
    "json": lambda trace: [encode(trace)],
    "explain": units,
    "har": lambda trace: [har(trace)],
    "pcapng": pcapng,
}
"""Option -> what it writes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, draw, export. Out: the exit status, 0 for any response that came completely."""
    logging.getLogger("netcore").addHandler(logging.NullHandler())  # a traceback helps nobody here
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    given = read(arguments)
    body = _Body(given.output)
    try:
        trace = fetch(given.url, options(given), on_body=body.take)
        return _report(trace, given, body)
    except KeyboardInterrupt:
        complain("The program was interrupted while it wrote what it had recorded.")
        return _INTERRUPTED


def _report(trace: Trace, given: argparse.Namespace, body: _Body) -> int:
    """Write what was asked for, and say in one line what failed."""
    failures: list[str] = []
    outcome = trace.outcome
    assert isinstance(outcome, Completed | Failed)
    if isinstance(outcome, Failed):
        failures.append(f"{outcome.message} ({outcome.code})")
    failures += body.finish(trace)
    wanted = {option: getattr(given, option) for option in _EXPORTS}
    for option in _EXPORTS:
        if wanted[option] is not None:
            failures += _export(option, wanted[option], trace)
    if STANDARD not in (given.output, *wanted.values()):
        failures += _draw(trace, bytes(body.start))
    if not failures:
        return 0
    complain("; ".join(failures))
    interrupted = isinstance(outcome, Failed) and outcome.code == "fetch.interrupted"
    return _INTERRUPTED if interrupted else _FAILURE


def _export(option: str, path: str, trace: Trace) -> list[str]:
    """Write one export. Out: why it could not be written, if so."""
    try:
        save(path, _EXPORTS[option](trace))
    except OSError as error:
        return [_cannot_write(path, error)]
    except Exception:
        _log.exception("an export met a bug")
        return [f"--{option} {path}: a fault of this program, nothing was written"]
    return []


def _draw(trace: Trace, start_of_body: bytes) -> list[str]:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    drawn = timeline(trace, explain(trace.events))
    try:
        sys.stdout.write(draw(drawn, colour=colour, start_of_body=start_of_body))
        sys.stdout.flush()
    except OSError as error:
        return [_cannot_write(STANDARD, error)]
    return []


def _cannot_write(path: str, error: OSError) -> str:
    """What to say of it. What is still buffered for standard output is given up."""
    if path != STANDARD:
        return f"{path} cannot be written: {error.strerror}"
    # Python would try once more at exit, and complain in words of its own.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return f"standard output cannot be written: {error.strerror}"


class _Body:
    """Where the content goes: to a file as it arrives, or its start to the terminal."""

    def __init__(self, path: str | None) -> None:
        self.start = bytearray()
        self._path = path
        self._file: BinaryIO | None = None

    def take(self, data: bytes) -> None:
        """Take octets of content. Raises: FetchError output.failed."""
        if self._path is None:
            self.start += data[: _SHOWN_OCTETS - len(self.start)]
            return
        try:
            self._open(self._path).write(data)
        except OSError as error:
            raise FetchError("output.failed", f"{_cannot_write(self._path, error)}.") from error

    def finish(self, trace: Trace) -> list[str]:
        """The fetch is over: a response without content still makes an empty file.

        Out: why the end could not be written, if so.
        """
        if self._path is None or (self._file is None and isinstance(trace.outcome, Failed)):
            return []
        try:
            file = self._open(self._path)
            file.flush() if self._path == STANDARD else file.close()
        except OSError as error:
            failure = _cannot_write(self._path, error)
            told = isinstance(trace.outcome, Failed) and trace.outcome.code == "output.failed"
            return [] if told else [failure]
        return []

    def _open(self, path: str) -> BinaryIO:
        if self._file is None:
            self._file = sys.stdout.buffer if path == STANDARD else open(path, "wb")  # noqa: SIM115
        return self._file


if __name__ == "__main__":
    sys.exit(main())
