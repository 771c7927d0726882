"""Waker: a pipe by which one thread ends the wait of another.

A fetch waits in one place for its server. Whoever has something to say to it puts an octet into
the pipe, and the wait watches the other end beside the sockets.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress

_OCTETS = 64  # taken at one time; more were written only if nobody waited


class Waker:
    """Safe to be used by any thread. `release` gives the pipe back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._is_released = False

    @property
    def fileno(self) -> int:
        """What a wait watches: it can be read from once `wake` was called."""
        return self._read

    def wake(self) -> None:
        """End a wait, the one that goes on or the next one."""
        with self._lock:
            if not self._is_released:
                with suppress(BlockingIOError):  # full: whoever reads is awake
                    os.write(self._write, b"!")

    def rest(self) -> None:
        """The next wait goes on until `wake` is called again."""
        with self._lock:
            if not self._is_released:
                with suppress(BlockingIOError):
                    os.read(self._read, _OCTETS)

    def release(self) -> None:
        """Give the pipe back; nobody is woken any more."""
        with self._lock:
            if not self._is_released:
                self._is_released = True
                os.close(self._read)
                os.close(self._write)
