"""Jobs: a bounded pool of threads that run fetches, with a bounded queue before it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from web.spoken import gettext as _

log = logging.getLogger(__name__)


class Busy(Exception):
    """The queue is full. `retry_after_s` says when to ask again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"The queue is full. Ask again in {retry_after_s} seconds.")
        self.retry_after_s = retry_after_s

    @property
    def said(self) -> str:
        """The same for whoever asked."""
        return _(
            "Too many fetches are waiting. Ask again in %(seconds)s seconds.",
            seconds=self.retry_after_s,
        )


class Jobs:
    """Runs at most `workers` jobs at once and lets at most `places` wait."""

    def __init__(self, workers: int = 8, places: int = 50, retry_after_s: int = 5) -> None:
        self._workers = workers
        self._places = places
        self._retry_after_s = retry_after_s
        self._waiting: deque[tuple[str, Callable[[], None]]] = deque()
        self._running = 0
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._changed = threading.Condition()

    def submit(self, key: str, job: Callable[[], None]) -> None:
        """Run `job` as soon as a worker is free.

        Raises:
            Busy: too many jobs are waiting, or no more are taken.
        """
        with self._changed:
            busy = self._running + len(self._waiting)
            if self._closed or busy >= self._workers + self._places:
                raise Busy(self._retry_after_s)
            self._waiting.append((key, job))
            if len(self._threads) < self._workers and busy >= len(self._threads):
                # A daemon: the end of the process does not wait for a slow server.
                thread = threading.Thread(target=self._work, name="fetch", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def ahead(self, key: str) -> int:
        """How many jobs wait before this one; 0 as well if it does not wait (any more)."""
        with self._changed:
            keys = [waiting for waiting, _ in self._waiting]
        return keys.index(key) if key in keys else 0

    def withdraw(self, key: str) -> bool:
        """Take a job that waits out of the queue. False: it does not wait (any more)."""
        with self._changed:
            kept = [(waiting, job) for waiting, job in self._waiting if waiting != key]
            withdrawn = len(kept) < len(self._waiting)
            self._waiting = deque(kept)
            return withdrawn

    def close(self, timeout_s: float = 5) -> None:
        """Take no more jobs, drop those that wait, and give those that run time to end."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout_s)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                _, job = self._waiting.popleft()
                self._running += 1
            try:
                job()
            except Exception:
                log.exception("a job failed")
            finally:
                with self._changed:
                    self._running -= 1
