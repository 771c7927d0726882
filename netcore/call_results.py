"""Call results: what a socket call came to, as the trace writes it: a plain value and an error."""

from __future__ import annotations

import errno
import sys
from typing import Any, Final

from netcore.trace import Plain


class CallFailed(Exception):
    """A call on a socket failed; `errno` is the error's name, "ECONNREFUSED"."""

    def __init__(self, call: str, error: OSError) -> None:
        super().__init__(f"{call}: {error.strerror}")
        self.errno = errno.errorcode.get(error.errno or 0, str(error.errno))


Outcome = tuple[Plain, str]

# Members of Linux's struct tcp_info; a kernel that does not know the last ones gives fewer octets.
_RTT: Final = slice(68, 72)  # tcpi_rtt: smoothed, in microseconds
_BYTES_SENT: Final = slice(200, 208)  # repeated ones included
_BYTES_RETRANS: Final = slice(208, 216)


def zero(_: object) -> Outcome:
    """A call that says no more than that it went well."""
    return 0, ""


def nothing(_: object) -> Outcome:
    """A call that says nothing."""
    return None, ""


def descriptor(opened: Any) -> Outcome:
    """The file descriptor of a socket."""
    return opened.fileno(), ""


def end_point(address: tuple[Any, ...]) -> Outcome:
    """An address and a port."""
    return written(address), ""


def so_error(number: int) -> Outcome:
    """What SO_ERROR holds: a number, and the name of that error."""
    return number, errno.errorcode.get(number, str(number)) if number else ""


def rtt(info: bytes) -> Outcome:
    """The round-trip time out of TCP_INFO."""
    return int.from_bytes(info[_RTT], sys.byteorder), ""


def bytes_sent(info: bytes) -> Outcome:
    """The octets out of TCP_INFO that were sent, repeated ones not counted; None if unknown."""
    if len(info) < _BYTES_RETRANS.stop:
        return None, ""
    sent, again = (int.from_bytes(info[at], sys.byteorder) for at in (_BYTES_SENT, _BYTES_RETRANS))
    return sent - again, ""


def written(address: tuple[Any, ...]) -> str:
    """ "192.0.2.1:443" or "[2001:db8::1]:443"."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
