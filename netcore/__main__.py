"""The command line: python -m netcore URL. It keeps to curl's names and habits."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec

from netcore.client import fetch
from netcore.errors import FetchError
from netcore.options import COMMAND_LINE_LIMITS, Options
from netcore.pdus import explain
from netcore.request import parse_field
from netcore.name_servers import parse_resolve, parse_server
from netcore.terminal import draw, visible
from netcore.timeline import timeline
from netcore.trace import Completed, Failed, Trace, encode

_PROGRAM = "python -m netcore"
_SHOWN_OCTETS = 1024
_STANDARD = "-"
_USAGE, _FAILURE, _INTERRUPTED = 2, 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, draw, export. Out: the exit status, 0 for any response that came completely."""
    logging.getLogger("netcore").addHandler(logging.NullHandler())  # a traceback helps nobody here
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    given = _parser().parse_args(arguments)
    body = _Body(given.output)
    try:
        trace = fetch(given.url, _options(given), on_body=body.take)
        body.finish(trace)
        return _report(trace, given, body)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILURE
    finally:
        body.close()


def _report(trace: Trace, given: argparse.Namespace, body: _Body) -> int:
    """Write what was asked for, and say in one line what failed."""
    failures: list[str] = []
    outcome = trace.outcome
    assert isinstance(outcome, Completed | Failed)
    if isinstance(outcome, Failed):
        failures.append(f"{outcome.message} ({outcome.code})")
    if given.json:
        failures += _save(given.json, encode(trace))
    if _STANDARD not in (given.output, given.json):
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        drawn = timeline(trace, explain(trace.events))
        sys.stdout.write(draw(drawn, colour=colour, start_of_body=bytes(body.start)))
    sys.stdout.flush()
    if not failures:
        return 0
    _complain("; ".join(failures))
    interrupted = isinstance(outcome, Failed) and outcome.code == "fetch.interrupted"
    return _INTERRUPTED if interrupted else _FAILURE


def _complain(message: str) -> None:
    sys.stderr.write(visible(f"{_PROGRAM}: {message}") + "\n")


def _save(path: str, octets: bytes) -> list[str]:
    try:
        if path == _STANDARD:
            sys.stdout.buffer.write(octets)
        else:
            Path(path).write_bytes(octets)
    except BrokenPipeError:
        raise
    except OSError as error:
        return [f"{path} cannot be written: {error.strerror}"]
    return []


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
        except BrokenPipeError:
            raise FetchError("output.failed", "Nobody reads the output any more.") from None
        except OSError as error:
            raise FetchError(
                "output.failed", f"{self._path} cannot be written: {error.strerror}."
            ) from error

    def finish(self, trace: Trace) -> None:
        """The fetch is over: a response without content still makes an empty file."""
        if self._path is not None and isinstance(trace.outcome, Completed):
            with contextlib.suppress(OSError):
                self._open(self._path).flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None and self._path != _STANDARD:
            self._file.close()

    def _open(self, path: str) -> BinaryIO:
        if self._file is None:
            self._file = sys.stdout.buffer if path == _STANDARD else open(path, "wb")  # noqa: SIM115
        return self._file


def _options(given: argparse.Namespace) -> Options:
    limits = COMMAND_LINE_LIMITS
    if given.connect_timeout is not None:
        seconds = given.connect_timeout
        limits = msgspec.structs.replace(limits, dns_s=seconds, connect_s=seconds, tls_s=seconds)
    if given.max_time is not None:
        limits = msgspec.structs.replace(limits, total_s=given.max_time)
    content = b"&".join(given.data) if given.data else None
    return Options(
        method=given.request or ("GET" if content is None else "POST"),
        headers=tuple(given.header or ()),
        body=content,
        follow_redirects=given.location,
        verify=not given.insecure,
        cacert=given.cacert or "",
        resolve=tuple(given.resolve or ()),
        dns_server=given.dns_server or "",
        allow_private=given.allow_private,
        limits=limits,
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _complain(f"{message} (--help lists the options)")
        sys.exit(_USAGE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM,
        description="Fetch a URL over plain sockets and draw what went over the wire.",
        epilog="Exit status: 0 for any complete response, 1 for a failure, 2 for wrong usage.",
        allow_abbrev=False,
    )
    parser.add_argument("url", metavar="URL", type=_text)
    _exchange_options(parser)
    _connection_options(parser)
    return parser


def _exchange_options(parser: argparse.ArgumentParser) -> None:
    """What is asked for, and what becomes of the answer."""
    add = parser.add_argument
    add("-X", "--request", metavar="METHOD", type=_text, help="GET, or POST with -d, if not given")
    add(
        "-H",
        "--header",
        metavar="LINE",
        action="append",
        type=_header,
        help="'Name: value' adds a field or replaces a default, 'Name:' removes one, 'Name;' "
        "sends it empty",
    )
    add(
        "-d",
        "--data",
        metavar="DATA",
        action="append",
        type=_data,
        help="content of a form; @FILE reads it from a file; several are joined by &",
    )
    add("-o", "--output", metavar="FILE", help="write the content there; - is standard output")
    add("-L", "--location", action="store_true", help="follow redirects")
    add("--json", metavar="FILE", help="write the trace as JSON lines; - is standard output")


def _connection_options(parser: argparse.ArgumentParser) -> None:
    """Whom to connect to, whom to trust, and how long to wait."""
    add = parser.add_argument
    add("-k", "--insecure", action="store_true", help="do not verify the certificate")
    add("--cacert", metavar="FILE", type=_file, help="trust these certificates and no others")
    add(
        "--resolve",
        metavar="HOST:PORT:ADDR",
        action="append",
        type=_resolve,
        help="use this address for a host and port",
    )
    add("--dns-server", metavar="ADDR[:PORT]", type=_server, help="ask this resolver")
    add("-m", "--max-time", metavar="S", type=_seconds, help="seconds for everything")
    add(
        "--connect-timeout",
        metavar="S",
        type=_seconds,
        help="seconds for each of resolving, connecting and the TLS handshake",
    )
    add(
        "--allow-private",
        action="store_true",
        help="let private addresses and all ports through",
    )


def _header(text: str) -> tuple[str, str]:
    try:
        return parse_field(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _data(text: str) -> bytes:
    if not text.startswith("@"):
        return os.fsencode(text)
    try:
        octets = sys.stdin.buffer.read() if text == "@-" else Path(text[1:]).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text[1:]}: {error.strerror}") from error
    return octets.replace(b"\r", b"").replace(b"\n", b"")  # as curl does


def _text(text: str) -> str:
    if not text.isprintable() and any("\ud800" <= each <= "\udfff" for each in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not UTF-8")
    return text


def _file(text: str) -> str:
    _text(text)
    try:
        with open(text, "rb"):
            return text
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from error


def _resolve(text: str) -> str:
    _text(text)
    try:
        parse_resolve(text)
    except FetchError as error:
        raise argparse.ArgumentTypeError(error.message) from error
    return text


def _server(text: str) -> str:
    try:
        parse_server(text)
    except FetchError as error:
        raise argparse.ArgumentTypeError(error.message) from error
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
