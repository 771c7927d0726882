"""What the command line has for a WebSocket: what -d means there, and how long it stays open."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import msgspec

from netcore.options import Limits
from netcore.websocket_opening import is_websocket


def add_websocket_arguments(
    group: argparse._ArgumentGroup, seconds: Callable[[str], float]
) -> None:
    """The options. In: what reads a number of seconds."""
    group.add_argument(
        "--quiet-time",
        metavar="S",
        type=seconds,
        help="close a WebSocket once no message has crossed for S seconds (2, if not given)",
    )
    group.add_argument(
        "--open-time",
        metavar="S",
        type=seconds,
        help="close a WebSocket S seconds after it opened, whatever comes (30, if not given)",
    )


def websocket_limits(given: argparse.Namespace, limits: Limits) -> Limits:
    """The limits with the times that were given."""
    if given.quiet_time is not None:
        limits = msgspec.structs.replace(limits, quiet_s=given.quiet_time)
    if given.open_time is not None:
        limits = msgspec.structs.replace(limits, websocket_s=given.open_time)
    return limits


def messages(given: argparse.Namespace) -> tuple[str, ...]:
    """What -d gave, as messages to be sent, in order; none where the URL opens no WebSocket."""
    return tuple(each.decode() for each in given.data or ()) if is_websocket(given.url) else ()


def content(data: Sequence[bytes] | None, url: str) -> bytes | None:
    """What -d gave, as the content of a request; None if that has none."""
    return b"&".join(data) if data and not is_websocket(url) else None


def check_messages(given: argparse.Namespace) -> str:
    """Why the options do not go together, "" if they do."""
    if not is_websocket(given.url):
        return ""
    try:
        messages(given)
    except UnicodeDecodeError:
        return "-d gives a message of text here, and what it gave is not UTF-8"
    return "-I asks for a head alone, and a WebSocket begins with one" if given.head else ""
