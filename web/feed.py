"""Feed: the events of a running fetch, for whoever watches it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from netcore.errors import INTERRUPTED
from netcore.options import Options
from netcore.outbox import Outbox
from netcore.stop import Stop
from netcore.trace import AnyEvent, Completed, Failed, Trace

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"


def state_of(outcome: Completed | Failed | None) -> str:
    """The state of what has ended so: DONE, FAILED, or CANCELLED if somebody ended it."""
    if isinstance(outcome, Completed):
        return DONE
    stopped = outcome is not None and outcome.code == INTERRUPTED
    return CANCELLED if stopped else FAILED


@dataclass(frozen=True)
class Standing:
    """How a fetch stands at this moment."""

    state: str  # QUEUED, RUNNING, DONE, FAILED or CANCELLED
    ahead: int = 0  # fetches that wait before it, while it is queued
    elapsed_ns: int = 0  # since it began, while it runs; 0 if that does not matter
    brought: bool = False  # recorded elsewhere, and brought along as a file

    @property
    def live(self) -> bool:
        """Whether more will come."""
        return self.state in (QUEUED, RUNNING)


class Feed:
    """The events so far. One thread puts them in, any number wait for more."""

    def __init__(self, url: str, options: Options, started: str) -> None:
        self.outbox: Outbox | None = None  # what is typed for a WebSocket, while one can be open
        self.stop: Stop | None = None  # what ends the fetch, of one that can be ended
        self._trace = Trace(url, started, options, [])
        self._changed = threading.Condition()
        self._running = False
        self._finished = False
        self._put_ns = 0  # on the monotonic clock, when the last event came

    def begin(self) -> None:
        """The fetch has left the queue."""
        with self._changed:
            self._running = True
            self._changed.notify_all()

    def put(self, number: int, event: AnyEvent) -> None:
        """Take the event with the next number; it has the form of fetch's `on_event`."""
        with self._changed:
            assert number == len(self._trace.events) + 1, "an event was lost"
            self._trace.events.append(event)
            self._put_ns = time.monotonic_ns()
            self._changed.notify_all()

    def finish(self, trace: Trace | None = None) -> None:
        """Nothing more will come. `trace`: what the fetch returned, which holds from now on."""
        with self._changed:
            if trace is not None:
                self._trace = trace
            self._finished = True
            self._changed.notify_all()

    @property
    def count(self) -> int:
        """How many events there are."""
        return len(self._trace.events)

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self._finished

    @property
    def state(self) -> str:
        """QUEUED, RUNNING, DONE, FAILED or CANCELLED."""
        if not self._finished:
            return RUNNING if self._running else QUEUED
        return state_of(self._trace.outcome)

    def elapsed_ns(self) -> int:
        """How long the fetch has run by now; 0 before its first event."""
        with self._changed:
            if not self._trace.events:
                return 0
            return self._trace.events[-1].time_ns + time.monotonic_ns() - self._put_ns

    def snapshot(self) -> Trace:
        """The trace as it is now; later events are not in it."""
        with self._changed:
            live = self._trace
            return Trace(live.url, live.started, live.options, list(live.events), live.software)

    def wait(self, seen: int, timeout_s: float) -> bool:
        """Wait until there are more than `seen` events or nothing more will come.

        Returns:
            False if the time ran out first.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._finished or self.count > seen, timeout_s)

    def wait_finished(self, timeout_s: float) -> bool:
        """Wait until nothing more will come. False if the time ran out first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._finished, timeout_s)

    def wait_begun(self, timeout_s: float) -> bool:
        """Wait until the fetch has left the queue. False if the time ran out first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._running or self._finished, timeout_s)


class Feeds:
    """The feeds of this process by trace id: all that run, and the latest that have finished."""

    def __init__(self, finished_kept: int = 16) -> None:
        self._finished_kept = finished_kept
        self._feeds: OrderedDict[str, Feed] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, trace_id: str, feed: Feed) -> None:
        """Keep a feed, and let go of the oldest finished ones beyond the bound."""
        with self._lock:
            self._feeds[trace_id] = feed
            finished = [key for key, kept in self._feeds.items() if kept.finished]
            for key in finished[: max(0, len(finished) - self._finished_kept)]:
                del self._feeds[key]

    def remove(self, trace_id: str) -> None:
        """Forget a feed whose fetch was never started."""
        with self._lock:
            self._feeds.pop(trace_id, None)

    def unfinished(self) -> list[tuple[str, Feed]]:
        """Those in which more will come, each with its id."""
        with self._lock:
            return [(key, feed) for key, feed in self._feeds.items() if not feed.finished]

    def get(self, trace_id: str) -> Feed | None:
        """The feed of that id, or None."""
        with self._lock:
            return self._feeds.get(trace_id)
