"""Tripwire: what a test is about to send leaves this machine never, and goes only where it may.

It is an audit hook of the interpreter, so it sees every call in the process, whichever module
makes it, before the kernel does. Under `tripwire` a refused call raises OSError, as an unreachable
network would, and is written down: what the code under test makes of the error cannot hide it.
Without it, a packet to anywhere but loopback fails the test.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import sys
import threading
from collections.abc import Iterator
from typing import Any

_LOOK_UPS = (
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
)
_PACKETS = ("socket.connect", "socket.sendto", "socket.sendmsg")


class _Armed:
    def __init__(self, let_through: tuple[str, ...]) -> None:
        self.let_through = let_through
        self.tried: list[str] = []
        # Servers that the test has started already may answer who asks them.
        self.bystanders = {each.ident for each in threading.enumerate()} - {threading.get_ident()}


_armed: list[_Armed] = []


@contextlib.contextmanager
def tripwire(*let_through: str) -> Iterator[list[str]]:
    """Refuse every connect, datagram and name look-up but to the endpoints in `let_through`.

    Opening /etc/hosts counts as a look-up.

    Out: what was tried and refused, "192.0.2.1:443", in order. Threads that run already are not
    watched: a test's servers answer from theirs.
    """
    wire = _Armed(let_through)
    _armed.append(wire)
    try:
        yield wire.tried
    finally:
        _armed.remove(wire)


def watch() -> None:
    """Hook the tripwire into the interpreter. Call it once: an audit hook stays for ever."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _armed and _watched(event, arguments):
        what = _endpoint(arguments[1]) if event in _PACKETS else f"{event} {arguments[0]}"
        _refuse(what)
    if event in _PACKETS and isinstance(arguments[1], tuple):
        host = str(arguments[1][0]).partition("%")[0]
        assert ipaddress.ip_address(host).is_loopback, f"{event} to {arguments[1]}"


def _refuse(what: str) -> None:
    for wire in _armed:
        if threading.get_ident() in wire.bystanders or what in wire.let_through:
            continue
        wire.tried.append(what)
        raise OSError(errno.ENETUNREACH, "the tripwire refuses it")


def _watched(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return bool(arguments[0] == "/etc/hosts")
    return event in _PACKETS or event in _LOOK_UPS


def _endpoint(address: Any) -> str:
    if not isinstance(address, tuple):
        return str(address)
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
