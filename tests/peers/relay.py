"""A relay of datagrams that loses some: between our client and a server that we did not write."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from typing import Final, Self

_DATAGRAM: Final = 65_535
_JOIN_S: Final = 5


class Relay:
    """Passes the datagrams of one client on to a port of 127.0.0.1, and back.

    A context manager. In: the port, and which of the server's datagrams are lost, counted from 1.
    """

    def __init__(self, port: int, loses: Callable[[int], bool]) -> None:
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.bind(("127.0.0.1", 0))
        self._far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._far.connect(("127.0.0.1", port))
        self.port: int = self._near.getsockname()[1]
        self.lost = 0
        self._loses = loses
        self._waker, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waker.send(b"\0")
        self._thread.join(_JOIN_S)
        for each in (self._near, self._far, self._waker, self._woken):
            each.close()

    def _run(self) -> None:
        client, passed = ("", 0), 0
        with selectors.DefaultSelector() as selector:
            for each in (self._near, self._far, self._woken):
                selector.register(each, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._woken:
                        return
                    if key.fileobj is self._near:
                        datagram, client = self._near.recvfrom(_DATAGRAM)
                        self._far.send(datagram)
                        continue
                    datagram, passed = self._far.recv(_DATAGRAM), passed + 1
                    if self._loses(passed):
                        self.lost += 1
                    else:
                        self._near.sendto(datagram, client)
