"""The options of the command line for octets that are typed by hand."""

from __future__ import annotations

import argparse
from typing import Any

from netcore.escapes import read_escapes
from netcore.raw_target import is_raw


def add_raw_arguments(group: argparse._ArgumentGroup) -> None:
    """What is sent over a bare connection."""
    group.add_argument(
        "--raw",
        metavar="TEXT",
        type=_raw,
        help="send exactly this, where \\r \\n \\t \\0 \\\\ and \\xHH stand for octets: "
        "'GET / HTTP/1.0\\r\\n\\r\\n'; -d sends octets as they are. The answer is over when the "
        "other end closes, or is silent for two seconds",
    )


def check_raw(given: argparse.Namespace) -> str:
    """What does not go together, in a sentence; "" if all does."""
    if not is_raw(given.url):
        return "" if given.raw is None else "--raw is for tcp:// and udp://, which have no protocol"
    if given.raw is not None and given.data:
        return "--raw and -d both say what is sent: one of them is too many"
    if given.head or given.header or given.request:
        return "tcp:// and udp:// send octets and no request: -X, -I and -H have no place there"
    return ""


def raw_options(given: argparse.Namespace) -> dict[str, Any]:
    """The members of `Options` that a bare connection sets."""
    if not is_raw(given.url):
        return {}
    typed = given.raw if given.raw is not None else b"".join(given.data or ())
    return {"raw": typed, "any_port": True}


def _raw(text: str) -> bytes:
    try:
        return read_escapes(text)
    except (ValueError, UnicodeEncodeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
