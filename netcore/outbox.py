"""Outbox: what somebody types while a WebSocket is open, on its way to the fetch that sends it.

One thread runs the fetch and waits in one place for its server; whoever types wakes it there.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from netcore.waker import Waker

PLACES: Final = 16
"""Messages that may wait to be sent."""
MESSAGE_OCTETS: Final = 16_384


class Outbox:
    """Bounded, and safe to be used by any thread. `release` gives the pipe back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[str] = deque()
        self._is_open = False  # whether a WebSocket is there to send
        self._is_closing = False
        self._waker = Waker()

    @property
    def fileno(self) -> int:
        """What a wait watches: it can be read from once there is something to take."""
        return self._waker.fileno

    @property
    def is_open(self) -> bool:
        """Whether what is put in will be sent."""
        return self._is_open and not self._is_closing

    def open(self) -> None:
        """The WebSocket is open."""
        self._is_open = True

    def shut(self) -> None:
        """It is not open any more."""
        self._is_open = False

    def put(self, text: str) -> bool:
        """A message to be sent. Out: False if it will not be, as the box is full or shut."""
        with self._lock:
            if not self.is_open or len(self._waiting) >= PLACES:
                return False
            self._waiting.append(text)
            self._waker.wake()
            return True

    def close(self) -> None:
        """Ask for the WebSocket to be closed, behind what waits."""
        with self._lock:
            self._is_closing = True
            self._waker.wake()

    def take(self) -> tuple[list[str], bool]:
        """What waits to be sent, and whether to close behind it."""
        with self._lock:
            self._waker.rest()
            texts = list(self._waiting)
            self._waiting.clear()
            return texts, self._is_closing

    def release(self) -> None:
        """Give the pipe back; nothing is sent any more."""
        with self._lock:
            self._is_open = False
            self._waker.release()
