"""The options of the command line, with curl's names and habits, and what they come to."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

from netcore.errors import FetchError
from netcore.name_servers import parse_resolve, parse_server
from netcore.options import COMMAND_LINE_LIMITS, HTTP_VERSIONS, Options
from netcore.request import parse_field
from netcore.terminal import visible
from netcore.tls_arguments import add_tls_arguments, check_together, tls_options

PROGRAM = "python -m netcore"
STANDARD = "-"  # standard output, as the name of a file
USAGE = 2  # the exit status for wrong usage

_LATER = {"3": "HTTP/3"}
_FILES = ("output", "json", "explain", "har", "pcapng")


def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, checked as far as that goes without a fetch.

    Out: `url`, `output`, the files of the exports and what `options` reads.
    Raises: SystemExit 2 after one line on standard error, 0 after --help.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.head and given.data:
        parser.error("-I asks for the head alone, so that -d has no place beside it")
    if given.resume_session and given.data:
        parser.error("--resume-session sends the request twice, so that -d has no place beside it")
    why_not = check_together(given)
    if why_not:
        parser.error(why_not)
    to_standard = [f"--{name}" for name in _FILES if getattr(given, name) == STANDARD]
    if len(to_standard) > 1:
        parser.error(f"{' and '.join(to_standard)}: standard output takes only one of them")
    _refuse_one_file_for_two(parser, given)
    return given


def _refuse_one_file_for_two(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """A file holds one output: the last one written would be all that is left."""
    taken: dict[object, str] = {}
    for name in _FILES:
        path = getattr(given, name)
        if path is None:
            continue
        file = _identity(path)
        if file in taken:
            parser.error(f"--{taken[file]} and --{name}: both would go to {path}, which takes one")
        if file != _identity(os.devnull):
            taken[file] = name


def _identity(path: str) -> object:
    """What is the same for all names of one file, also where it is not there yet."""
    with suppress(OSError, ValueError, AttributeError):  # one without a number, or not there
        status = os.fstat(sys.stdout.fileno()) if path == STANDARD else os.stat(path)
        return status.st_dev, status.st_ino
    return STANDARD if path == STANDARD else os.path.realpath(path)


def options(given: argparse.Namespace) -> Options:
    """What the fetch is told."""
    limits = COMMAND_LINE_LIMITS
    if given.connect_timeout is not None:
        seconds = given.connect_timeout
        limits = msgspec.structs.replace(limits, dns_s=seconds, connect_s=seconds, tls_s=seconds)
    if given.max_time is not None:
        limits = msgspec.structs.replace(limits, total_s=given.max_time)
    content = b"&".join(given.data) if given.data else None
    usual = "HEAD" if given.head else "GET" if content is None else "POST"
    return Options(
        method=given.request or usual,
        headers=tuple(given.header or ()),
        body=content,
        follow_redirects=given.location,
        http=given.http,
        resolve=tuple(given.resolve or ()),
        dns_server=given.dns_server or "",
        allow_private=given.allow_private,
        capture=given.capture,
        path=given.path,
        limits=limits,
        **tls_options(given),
    )


def complain(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(visible(f"{PROGRAM}: {message}") + "\n")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        complain(f"{message} (--help lists the options)")
        sys.exit(USAGE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Fetch a URL over plain sockets and draw what went over the wire.",
        epilog="For a FILE, - is standard output; one of them can go there. "
        "Each FILE is written after a failure too, but not after wrong usage, when nothing is "
        "fetched. Exit status: 0 for any complete response, 1 for a failure, 2 for wrong usage, "
        "130 or 143 if Ctrl-C or SIGTERM ended it.",
        allow_abbrev=False,
    )
    parser.add_argument("url", metavar="URL", type=_text)
    group = parser.add_argument_group
    _request_options(group("the request"))
    _file_options(group("what becomes of the answer"))
    _connection_options(group("the connection"))
    add_tls_arguments(group("TLS"))
    return parser


def _request_options(group: argparse._ArgumentGroup) -> None:
    """What is asked for."""
    add = group.add_argument
    add("-X", "--request", metavar="METHOD", type=_text, help="GET, or POST with -d, if not given")
    add("-I", "--head", action="store_true", help="ask with HEAD: for the head, without content")
    add(
        "-H",
        "--header",
        metavar="LINE",
        action="append",
        type=_header,
        help="'Name: value' adds a field or replaces a default, 'Name:' removes one, 'Name;' "
        "sends it empty",
    )
    _field_option(group, "-A", "--user-agent", "NAME", "User-Agent", "")
    _field_option(group, "-e", "--referer", "URL", "Referer", "")
    _field_option(group, "-r", "--range", "RANGE", "Range", "bytes=")
    add(
        "-d",
        "--data",
        metavar="DATA",
        action="append",
        type=_data,
        help="content of a form; @FILE reads it from a file; several are joined by &",
    )
    add(
        "--data-binary",
        metavar="DATA",
        dest="data",
        action="append",
        type=_octets,
        help="the same, with line ends as they are in the file",
    )


def _field_option(
    group: argparse._ArgumentGroup, short: str, long: str, metavar: str, name: str, prefix: str
) -> None:
    """An option that is short for -H with the field of that name."""
    group.add_argument(
        short,
        long,
        metavar=metavar,
        dest="header",
        action="append",
        type=_header_of(name, prefix),
        help=f"-H '{name}: {prefix}{metavar}'",
    )


def _header_of(name: str, prefix: str) -> Callable[[str], tuple[str, str]]:
    return lambda text: _header(f"{name}: {prefix}{text}")


def _file_options(group: argparse._ArgumentGroup) -> None:
    """What becomes of the answer, and of the trace."""
    add = group.add_argument
    add("-L", "--location", action="store_true", help="follow redirects")
    add("-o", "--output", metavar="FILE", help="write the content there, as it arrives")
    add("--json", metavar="FILE", help="write the trace as JSON lines, to be read again")
    add("--explain", metavar="FILE", help="write every unit with its fields, as JSON")
    add("--har", metavar="FILE", help="write an HTTP archive (HAR 1.2)")
    add("--pcapng", metavar="FILE", help="write packets for Wireshark, with the TLS secrets")
    add(
        "--capture",
        action="store_true",
        help="record the packets of the fetch too, where CAP_NET_RAW is there (Linux)",
    )


def _connection_options(group: argparse._ArgumentGroup) -> None:
    """Whom to connect to, how, and how long to wait."""
    add = group.add_argument
    add(
        "--http",
        metavar="VERSION",
        type=_http_version,
        default="auto",
        help="the version of HTTP: auto (HTTP/2 or 1.1, as ALPN agrees), 1.0, 1.1, 2 (without TLS "
        "from the first octet), h2c-upgrade (without TLS, 1.1 that asks to switch to 2)",
    )
    add(
        "--resolve",
        metavar="HOST:PORT:ADDR",
        action="append",
        type=_resolve,
        help="use this address for a host and port",
    )
    add("--dns-server", metavar="ADDR[:PORT]", type=_server, help="ask this resolver")
    add("--path", action="store_true", help="probe the way to the server too, router by router")
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


def _http_version(text: str) -> str:
    if text in _LATER:
        raise argparse.ArgumentTypeError(
            f"{_LATER[text]} comes with a later version of this program"
        )
    if text not in HTTP_VERSIONS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(HTTP_VERSIONS)}")
    return text


def _header(text: str) -> tuple[str, str]:
    try:
        return parse_field(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _data(text: str) -> bytes:
    octets = _octets(text)
    if not text.startswith("@"):
        return octets
    return octets.replace(b"\r", b"").replace(b"\n", b"")  # as curl does


def _octets(text: str) -> bytes:
    if not text.startswith("@"):
        return os.fsencode(text)
    try:
        return sys.stdin.buffer.read() if text == "@-" else Path(text[1:]).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text[1:]}: {error.strerror}") from error


def _text(text: str) -> str:
    if not text.isprintable() and any("\ud800" <= each <= "\udfff" for each in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not UTF-8")
    return text


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
