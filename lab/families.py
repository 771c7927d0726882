"""One port at both loopback addresses, of IPv4 and, where the machine has it, of IPv6."""

from __future__ import annotations

import contextlib
import socket
from typing import Final

V4: Final = "127.0.0.1"
V6: Final = "::1"


def bound_of_both() -> tuple[socket.socket, socket.socket | None]:
    """TCP sockets at the same port, which the system picks; None where there is no `::1`."""
    while True:
        of_v4 = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        of_v4.bind((V4, 0))
        if not has_ipv6():
            return of_v4, None
        of_v6 = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        with contextlib.suppress(OSError):  # somebody else has that port there
            of_v6.bind((V6, of_v4.getsockname()[1]))
            return of_v4, of_v6
        of_v4.close()
        of_v6.close()


def has_ipv6() -> bool:
    """Whether this machine has the address `::1`."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((V6, 0))
    except OSError:
        return False
    return True
