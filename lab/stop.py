"""How a server's thread waits for its socket and yet ends at once when it is told to."""

from __future__ import annotations

import selectors
import socket


class Stop:
    """A flag that also wakes a thread that waits for a socket."""

    def __init__(self) -> None:
        self._waker, self._woken = socket.socketpair()
        self._set = False

    @property
    def is_set(self) -> bool:
        """Was `set` called."""
        return self._set

    def set(self) -> None:
        """End every wait, now and from now on."""
        self._set = True
        self._waker.send(b"\0")

    def wait_readable(self, server: socket.socket) -> bool:
        """Wait until `server` has something to read; False means that it is time to stop."""
        with selectors.DefaultSelector() as selector:
            selector.register(server, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            selector.select()
        return not self._set

    def close(self) -> None:
        """Close both ends. No thread may be waiting any more."""
        self._waker.close()
        self._woken.close()
