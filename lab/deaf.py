"""UDP ports that answer nothing: one takes every datagram, one has the system refuse them."""

from __future__ import annotations

import socket


class Deaf:
    """Both, on ports of 127.0.0.1 that the system picks; each is held, and nobody reads.

    `silent` is a port whose datagrams are taken and never answered, `refusing` one for which the
    system answers by ICMP that nothing takes them: its socket is connected to another port, so
    that for everybody else there is none.
    """

    def __init__(self) -> None:
        self._sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for each in self._sockets:
            each.bind(("127.0.0.1", 0))
        taking, refusing = self._sockets
        refusing.connect(taking.getsockname())
        self.silent: int = taking.getsockname()[1]
        self.refusing: int = refusing.getsockname()[1]

    def close(self) -> None:
        """Give the ports back."""
        for each in self._sockets:
            each.close()
