"""A queue of connections that is full, so that who connects hears nothing.

The kernel takes connections for a program and keeps them in a queue until it accepts them. While
the queue is full, Linux drops each further SYN without a word, and the client sends it again.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Final

_MOST: Final = 8  # the shortest queue has room for one, or on some systems for a few more
_FULL_S: Final = 0.2  # a connection over loopback that is not made by then waits for room


class FullQueue:
    """Listens with the shortest queue that there is and fills it. In: a socket that is bound."""

    def __init__(self, bound: socket.socket) -> None:
        bound.listen(0)
        self._held: list[socket.socket] = []
        for _ in range(_MOST):
            client = socket.socket(bound.family, socket.SOCK_STREAM)
            client.settimeout(_FULL_S)
            self._held.append(client)
            with contextlib.suppress(TimeoutError):
                client.connect(bound.getsockname())
                continue
            break

    @property
    def held(self) -> int:
        """How many connections it took to fill it; the last of them is not made."""
        return len(self._held)

    def close(self) -> None:
        """Let those connections go."""
        for client in self._held:
            client.close()
