"""Outbox: what somebody types while a WebSocket is open, on its way to the fetch that sends it.

One thread runs the fetch and waits in one place for its server. A pipe wakes it there: a writer
puts an octet in, and the wait watches the other end beside the socket.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from typing import Final

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
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._is_released = False

    @property
    def fileno(self) -> int:
        """What a wait watches: it can be read from once there is something to take."""
        return self._read

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
            self._wake()
            return True

    def close(self) -> None:
        """Ask for the WebSocket to be closed, behind what waits."""
        with self._lock:
            self._is_closing = True
            self._wake()

    def take(self) -> tuple[list[str], bool]:
        """What waits to be sent, and whether to close behind it."""
        with self._lock:
            if not self._is_released:
                with suppress(BlockingIOError):
                    os.read(self._read, PLACES * 2)
            texts = list(self._waiting)
            self._waiting.clear()
            return texts, self._is_closing

    def release(self) -> None:
        """Give the pipe back; nothing is sent any more."""
        with self._lock:
            self._is_open = False
            if not self._is_released:
                self._is_released = True
                os.close(self._read)
                os.close(self._write)

    def _wake(self) -> None:
        if not self._is_released:
            with suppress(BlockingIOError):  # full: whoever reads is awake
                os.write(self._write, b"!")
