"""Guesses: how many codes that do not exist somebody may try."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 60.0
EACH: Final = 30  # of one address in a window: a class behind one address mistypes too
ALL: Final = 300  # of everybody


class Guesses:
    """Wrong codes of the last minute. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def may(self, address: str) -> bool:
        """Whether somebody at that address may try one more."""
        with self._lock:
            self._forget()
            own = sum(each == address for _, each in self._wrong)
            return own < EACH and len(self._wrong) < ALL

    def wrong(self, address: str) -> None:
        """Somebody at that address tried one that does not exist."""
        with self._lock:
            self._wrong.append((self._clock(), address))

    def _forget(self) -> None:
        while self._wrong and self._wrong[0][0] <= self._clock() - WINDOW_S:
            self._wrong.popleft()
