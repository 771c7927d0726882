"""The program behind python -m netcore URL: fetch, draw, export, and say what failed."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from netcore.client import fetch
from netcore.command_line import STANDARD, complain, options, read
from netcore.dns_steps import dns_steps
from netcore.errors import INTERRUPTED, FetchError
from netcore.exports.curl_command import curl_command
from netcore.exports.har import har
from netcore.exports.one_page import one_page
from netcore.exports.pcapng import pcapng
from netcore.exports.python_script import python_script
from netcore.exports.qlog import qlog
from netcore.exports.units import units
from netcore.interruption import Interruption
from netcore.path import read_path
from netcore.pdus import explain
from netcore.saving import save
from netcore.terminal import draw
from netcore.timeline import timeline
from netcore.trace import AnyEvent, Completed, Failed, StageStarted, Trace, encode

_SHOWN_OCTETS = 1024
_FAILURE = 1
_log = logging.getLogger(__name__)

_EXPORTS: dict[str, Callable[[Trace], Iterable[bytes]]] = {
    "json": lambda trace: [encode(trace)],
    "explain": units,
    "html": one_page,
    "har": lambda trace: [har(trace)],
    "pcapng": pcapng,
    "qlog": lambda trace: [qlog(trace)],
    "python": python_script,
    "curl": curl_command,
}
"""Option -> what it writes."""

_FILES = ("output", *_EXPORTS)


def run(arguments: Sequence[str] | None, interruption: Interruption) -> int:
    """Fetch, draw, export. Out: the exit status, 0 for any response that came completely."""
    try:
        interruption.loaded()
        return _run(arguments, interruption)
    except KeyboardInterrupt:
        complain("interrupted before it had begun")
        return interruption.status


def _run(arguments: Sequence[str] | None, interruption: Interruption) -> int:
    logging.getLogger("netcore").addHandler(logging.NullHandler())  # a traceback helps nobody here
    if not sys.warnoptions:
        warnings.simplefilter(
            "ignore"
        )  # cryptography warns of serial numbers, also of hostile ones
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    given = read(arguments)
    body = _Body(given.output)
    return _report(_fetched(given, body, interruption), given, body, interruption)


def _fetched(given: argparse.Namespace, body: _Body, interruption: Interruption) -> Trace:
    """The trace of the fetch. No signal loses it, whenever it comes."""
    started, told, events = datetime.now(UTC).isoformat(), options(given), list[AnyEvent]()

    def note(_: int, event: AnyEvent) -> None:
        events.append(event)
        if isinstance(event, Completed | Failed):
            interruption.saving()

    try:
        return fetch(given.url, told, note, on_body=body.take)
    except KeyboardInterrupt:  # it hit a line of `fetch` that is not guarded against it
        interruption.saving()
        if not events or not isinstance(events[-1], Completed | Failed):
            events.append(_interrupted(events))
        return Trace(given.url, started, told, events)


def _interrupted(events: Sequence[AnyEvent]) -> Failed:
    """The outcome of a fetch that was torn off behind these events."""
    time_ns = events[-1].time_ns if events else 0
    begun = (event for event in reversed(events) if isinstance(event, StageStarted))
    last = next(begun, StageStarted(time_ns, "target"))
    message = "The fetch was interrupted."
    return Failed(time_ns, last.stage, INTERRUPTED, message, last.hop)


def _report(
    trace: Trace, given: argparse.Namespace, body: _Body, interruption: Interruption
) -> int:
    """Write what was asked for, and say in one line what failed."""
    failures: list[str] = []
    outcome = trace.outcome
    assert isinstance(outcome, Completed | Failed)
    if isinstance(outcome, Failed):
        failures.append(f"{outcome.message} ({outcome.code})")
    interrupted = isinstance(outcome, Failed) and outcome.code == INTERRUPTED
    missing = [option for option in _FILES if getattr(given, option) is not None]
    try:
        _write(trace, given, body, missing, failures)
        interruption.done()
    except KeyboardInterrupt:
        interruption.give_up()
        interrupted = True
        failures.append(_not_written(given, missing))
    if not failures:
        return 0
    complain("; ".join(failures))
    return interruption.status if interrupted else _FAILURE


def _write(
    trace: Trace,
    given: argparse.Namespace,
    body: _Body,
    missing: list[str],
    failures: list[str],
) -> None:
    """Write all that is missing, and draw where nothing else goes to standard output.

    What is done with is taken out of `missing`; what failed is put into `failures`.
    """
    drawn = STANDARD not in [getattr(given, option) for option in missing]
    failures += body.finish(trace)
    for option in list(missing):
        if option in _EXPORTS:
            failures += _export(option, getattr(given, option), trace)
        missing.remove(option)
    if drawn:
        failures += _draw(trace, bytes(body.start))


def _not_written(given: argparse.Namespace, missing: list[str]) -> str:
    """What to say where writing was interrupted."""
    _give_up_standard_output()
    listed = [f"--{option} {getattr(given, option)}" for option in missing]
    return f"interrupted before {', '.join(listed) or 'the drawing'} could be written"


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
    explanation = explain(trace.events)
    drawn, walk = timeline(trace, explanation), dns_steps(trace, explanation)
    try:
        path = read_path(trace.events)
        sys.stdout.write(draw(drawn, path, colour=colour, start_of_body=start_of_body, walk=walk))
        sys.stdout.flush()
    except OSError as error:
        return [_cannot_write(STANDARD, error)]
    return []


def _cannot_write(path: str, error: OSError) -> str:
    """What to say of it. What is still buffered for standard output is given up."""
    if path != STANDARD:
        return f"{path} cannot be written: {error.strerror}"
    _give_up_standard_output()
    return f"standard output cannot be written: {error.strerror}"


def _give_up_standard_output() -> None:
    """Python would try once more at exit, and complain in words of its own."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
            self._file = sys.stdout.buffer if path == STANDARD else open(path, "wb")  # noqa: SIM115 (closed with the output)
        return self._file
