"""The options of the command line that are about the socket, with curl's names where it has one."""

from __future__ import annotations

import argparse
from typing import Any, Final

from netcore.socket_options import BY_NAME, parse_option, read_value

MOST_AT_ONCE: Final = 1 << 20
"""Octets that one recv() may be told to ask for."""


def add_socket_arguments(group: argparse._ArgumentGroup) -> None:
    """How the socket to the target is set, and how much is read at once."""
    add = group.add_argument
    nagle = group.add_mutually_exclusive_group()
    for option, value in (("--tcp-nodelay", "1"), ("--no-tcp-nodelay", "0")):
        nagle.add_argument(
            option,
            dest="tcp_nodelay",
            action="store_const",
            const=value,
            help="small writes leave at once, which is the default"
            if value == "1"
            else "Nagle's algorithm may hold a small write back",
        )
    _add_keep_alive(group)
    add(
        "--sockopt",
        metavar="NAME=VALUE",
        action="append",
        type=_option,
        help=f"set a socket option, one of {', '.join(BY_NAME)}; SO_LINGER in seconds. What the "
        "system refuses is told, and the fetch goes on",
    )
    add("--recv-size", metavar="N", type=read_size, help="octets that each recv() asks for")


def _add_keep_alive(group: argparse._ArgumentGroup) -> None:
    keep_alive = group.add_mutually_exclusive_group()
    keep_alive.add_argument(
        "--keepalive-time",
        metavar="S",
        type=_of("TCP_KEEPIDLE"),
        help="have TCP ask after the server when nothing was said for so many seconds, and as far "
        "apart",
    )
    keep_alive.add_argument(
        "--no-keepalive", action="store_true", help="not so, which is the default"
    )
    group.add_argument(
        "--keepalive-cnt",
        metavar="N",
        type=_of("TCP_KEEPCNT"),
        help="after how many unanswered questions the connection is given up",
    )


def socket_options(given: argparse.Namespace) -> dict[str, Any]:
    """The members of `Options` that these arguments set."""
    asked: dict[str, str] = {}
    if given.tcp_nodelay is not None:
        asked["TCP_NODELAY"] = given.tcp_nodelay
    if given.no_keepalive:
        asked["SO_KEEPALIVE"] = "0"
    if given.keepalive_time is not None:
        asked["SO_KEEPALIVE"] = "1"
        asked["TCP_KEEPIDLE"] = asked["TCP_KEEPINTVL"] = given.keepalive_time
    if given.keepalive_cnt is not None:
        asked["TCP_KEEPCNT"] = given.keepalive_cnt
    asked.update(given.sockopt or ())
    return {"socket_options": tuple(asked.items()), "recv_size": given.recv_size or 0}


def read_size(text: str) -> int:
    """How many octets a recv() asks for. Raises: argparse.ArgumentTypeError."""
    size = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < size <= MOST_AT_ONCE:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_AT_ONCE:,}")
    return size


def _option(text: str) -> tuple[str, str]:
    try:
        return parse_option(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _of(name: str) -> Any:
    """What reads the value of one option."""

    def read(text: str) -> str:
        try:
            return str(read_value(name, text))
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read
