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
        return self.wait_for_one(server) is not None

    def wait_for_one(self, *servers: socket.socket) -> socket.socket | None:
        """Wait until one of them has something to read; None means that it is time to stop."""
        with selectors.DefaultSelector() as selector:
            for server in servers:
                selector.register(server, selectors.EVENT_READ, server)
            selector.register(self._woken, selectors.EVENT_READ)
            ready = selector.select()
        found: list[socket.socket] = [key.data for key, _ in ready if key.data is not None]
        return None if self._set or not found else found[0]

    def close(self) -> None:
        """Close both ends. No thread may be waiting any more."""
        self._waker.close()
        self._woken.close()
