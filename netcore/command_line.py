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

from netcore.dns_arguments import add_dns_arguments, dns_options
from netcore.errors import FetchError
from netcore.name_servers import parse_resolve
from netcore.options import COMMAND_LINE_LIMITS, HTTP_VERSIONS, Options
from netcore.raw_arguments import add_raw_arguments, check_raw, raw_options
from netcore.raw_target import is_raw
from netcore.request import parse_field
from netcore.socket_arguments import add_socket_arguments, socket_options
from netcore.terminal import visible
from netcore.tls_arguments import add_tls_arguments, check_together, tls_options
from netcore.websocket_arguments import (
    add_websocket_arguments,
    check_messages,
    content,
    messages,
    websocket_limits,
)

PROGRAM = "python -m netcore"
STANDARD = "-"  # standard output, as the name of a file
MOST_TIMES = 1_000
USAGE = 2  # the exit status for wrong usage

_FILES = ("output", "json", "explain", "html", "har", "pcapng", "qlog", "python", "curl")


def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, checked as far as that goes without a fetch.

    Out: `url`, `output`, the files of the exports and what `options` reads.
    Raises: SystemExit 2 after one line on standard error, 0 after --help.
    """
    parser = _parser()
    given = parser.parse_intermixed_args(arguments)
    asked = [url for url in given.urls for _ in range(given.repeat)]
    given.url, given.further_urls = asked[0], tuple(asked[1:])
    if given.head and given.data:
        parser.error("-I asks for the head alone, so that -d has no place beside it")
    if given.resume_session and given.data:
        parser.error("--resume-session sends the request twice, so that -d has no place beside it")
    why_not = check_together(given) or check_messages(given)
    if why_not:
        parser.error(why_not)
    to_standard = [f"--{name}" for name in _FILES if getattr(given, name) == STANDARD]
    if len(to_standard) > 1:
        parser.error(f"{' and '.join(to_standard)}: standard output takes only one of them")
    _refuse_one_file_for_two(parser, given)
    why_not = check_raw(given)
    if why_not:
        parser.error(why_not)
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
        steps = dict.fromkeys(("dns_s", "connect_s", "tls_s", "quic_s"), seconds)
        limits = msgspec.structs.replace(limits, **steps)
    if given.max_time is not None:
        limits = msgspec.structs.replace(limits, total_s=given.max_time)
    limits = websocket_limits(given, limits)
    body = content(given.data, given.url)
    usual = "HEAD" if given.head else "GET" if body is None else "POST"
    return Options(
        **raw_options(given),
        method=given.request or usual,
        headers=tuple(given.header or ()),
        body=None if is_raw(given.url) else body,
        messages=messages(given),
        further_urls=given.further_urls,
        follow_redirects=given.location,
        http=given.http,
        resolve=tuple(given.resolve or ()),
        allow_private=given.allow_private,
        capture=given.capture,
        path=given.path,
        limits=limits,
        **dns_options(given),
        **socket_options(given),
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
    parser.add_argument(
        "urls",
        metavar="URL",
        nargs="+",
        type=_text,
        help="several are fetched one after the other in one trace, those of one origin over one "
        "connection; the first failure ends it",
    )
    group = parser.add_argument_group
    _request_options(group("the request"))
    add_raw_arguments(group("octets by hand, for tcp://HOST:PORT and udp://HOST:PORT"))
    _file_options(group("what becomes of the answer"))
    _connection_options(group("the connection"))
    add_websocket_arguments(group("WebSocket"), _seconds)
    add_socket_arguments(group("the socket"))
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
    add("--repeat", metavar="N", type=_count, default=1, help="fetch each URL N times in a row")
    _field_option(group, "-A", "--user-agent", "NAME", "User-Agent", "")
    _field_option(group, "-e", "--referer", "URL", "Referer", "")
    _field_option(group, "-r", "--range", "RANGE", "Range", "bytes=")
    add(
        "-d",
        "--data",
        metavar="DATA",
        action="append",
        type=_data,
        help="content of a form; @FILE reads it from a file; several are joined by &. To a ws:// "
        "or wss:// URL: a message of text, each one by itself, in order",
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
    add(
        "-o",
        "--output",
        metavar="FILE",
        help="write the content of the last response there, as it arrives",
    )
    add("--json", metavar="FILE", help="write the trace as JSON lines, to be read again")
    add("--explain", metavar="FILE", help="write every unit with its fields, as JSON")
    add("--html", metavar="FILE", help="write one HTML page that tells it all and needs no server")
    add("--har", metavar="FILE", help="write an HTTP archive (HAR 1.2)")
    add("--pcapng", metavar="FILE", help="write packets for Wireshark, with the TLS secrets")
    add("--qlog", metavar="FILE", help="write what QUIC did, as qlog 0.3 for qvis")
    add("--python", metavar="FILE", help="write a script of plain sockets that sends the same")
    add("--curl", metavar="FILE", help="write the command that makes curl send the same")
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
        "from the first octet), h2c-upgrade (without TLS, 1.1 that asks to switch to 2), 3 "
        "(over QUIC at once)",
    )
    add(
        "--resolve",
        metavar="HOST:PORT:ADDR",
        action="append",
        type=_resolve,
        help="use this address for a host and port",
    )
    add_dns_arguments(group)
    add("--path", action="store_true", help="probe the way to the server too, router by router")
    add("-m", "--max-time", metavar="S", type=_seconds, help="seconds for everything")
    add(
        "--connect-timeout",
        metavar="S",
        type=_seconds,
        help="seconds for each of resolving, connecting and the handshake of TLS or QUIC",
    )
    add(
        "--allow-private",
        action="store_true",
        help="let private addresses and all ports through",
    )


def _http_version(text: str) -> str:
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


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MOST_TIMES):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_TIMES:,}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds
