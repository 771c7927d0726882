"""Tracing: from "trace this" to a saved trace. It joins jobs, feeds and the store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from netcore.errors import BUG, INTERRUPTED
from netcore.options import Options
from netcore.outbox import Outbox
from netcore.recorder import OtherEnds
from netcore.stop import NEVER, Stop
from netcore.trace import AnyEvent, Failed, Trace
from netcore.websocket_opening import is_websocket
from web.examples import example
from web.feed import Feed, Feeds, Standing, state_of
from web.jobs import Busy, Jobs
from web.store import Store, TraceTooLarge, new_id
from web.tale import Tale, Tales

log = logging.getLogger(__name__)

STOP_S = 2.0  # how long who stops a fetch waits for its end: it takes milliseconds

OnEvent = Callable[[int, AnyEvent], None]


class Fetch(Protocol):
    """`netcore.client.fetch`, or a stand-in that never touches the network."""

    def __call__(
        self,
        url: str,
        options: Options,
        on_event: OnEvent | None = None,
        *,
        outbox: Outbox | None = None,
        stop: Stop = NEVER,
        other_ends: OtherEnds | None = None,
    ) -> Trace: ...


class Tracing:
    """Starts fetches and finds what they recorded, running or finished."""

    def __init__(
        self, fetch: Fetch, jobs: Jobs, store: Store, other_ends: OtherEnds | None = None
    ) -> None:
        """In: `other_ends`, what tells of servers on this machine, where there are any."""
        self._other_ends = other_ends
        self._fetch = fetch
        self.jobs = jobs
        self.store = store
        self.feeds = Feeds()
        self._tales = Tales()

    def start(self, url: str, options: Options) -> str:
        """Queue a fetch and return the id of its trace.

        Raises:
            Busy: the queue is full.
        """
        trace_id = new_id()
        feed = Feed(url, options, datetime.now(UTC).isoformat(timespec="microseconds"))
        feed.outbox = Outbox() if is_websocket(url) else None
        feed.stop = Stop()
        self.feeds.add(trace_id, feed)
        try:
            self.jobs.submit(trace_id, lambda: self._run(trace_id, feed, url, options))
        except Busy:
            self.feeds.remove(trace_id)
            _release(feed)
            raise
        return trace_id

    def find(self, trace_id: str) -> tuple[Tale, Standing] | None:
        """The tale of that id and how its fetch stands; None if there is none."""
        feed = self.feeds.get(trace_id)
        if feed is not None and feed.finished and self.store.gone(trace_id) is not None:
            feed = None  # in memory it may outlive its day
        if feed is not None:
            # In this order: what has ended has all its events.
            standing = Standing(feed.state, self.jobs.ahead(trace_id), feed.elapsed_ns())
            return self._tales.of_feed(trace_id, feed), standing
        shown = example(trace_id)
        if shown is None and not self.store.ends(trace_id):  # its tale may outlive it in memory
            return None
        tale = self._tales.of_stored(trace_id, lambda: shown or self.store.load(trace_id))
        if tale is None:
            return None
        return tale, Standing(
            state_of(tale.trace.outcome), brought=self.store.was_brought(trace_id)
        )

    def delete(self, trace_id: str) -> None:
        """Forget a finished trace here and on disk. One that runs is left alone."""
        feed = self.feeds.get(trace_id)
        if feed is not None and not feed.finished:
            return
        self.feeds.remove(trace_id)
        self._tales.forget(trace_id)
        self.store.delete(trace_id)

    def say(self, trace_id: str, text: str) -> bool:
        """Send a message on the WebSocket of a trace. False: there is none that takes it now."""
        feed = self.feeds.get(trace_id)
        return feed is not None and feed.outbox is not None and feed.outbox.put(text)

    def hang_up(self, trace_id: str) -> None:
        """Ask for the WebSocket of a trace to be closed; nothing happens if it is."""
        feed = self.feeds.get(trace_id)
        if feed is not None and feed.outbox is not None:
            feed.outbox.close()

    def stop(self, trace_id: str) -> None:
        """End a fetch that waits or runs, and wait a moment for its end; else nothing happens."""
        feed = self.feeds.get(trace_id)
        if feed is not None and feed.stop is not None:
            self._ask_to_end(trace_id, feed)
            feed.wait_finished(STOP_S)

    def _ask_to_end(self, trace_id: str, feed: Feed) -> None:
        """What waits for a worker has ended then; what runs will."""
        if self.jobs.withdraw(trace_id):
            self._end(trace_id, feed, _unbegun(feed))
        elif feed.stop is not None:
            feed.stop.ask()

    def bring(self, trace: Trace) -> str:
        """Keep a trace that was recorded elsewhere, and return its id here.

        Raises:
            TraceTooLarge: it is not kept.
        """
        trace_id = new_id()
        self.store.save(trace_id, trace, brought=True)
        return trace_id

    def tale_of(self, trace_id: str, feed: Feed) -> Tale:
        """The tale of a feed that the caller holds, as it is now."""
        return self._tales.of_feed(trace_id, feed)

    def close(self) -> None:
        """Stop taking fetches, end those that wait or run, and close the store."""
        for trace_id, feed in self.feeds.unfinished():
            self._ask_to_end(trace_id, feed)
        self.jobs.close()
        self.store.close()

    def _run(self, trace_id: str, feed: Feed, url: str, options: Options) -> None:
        feed.begin()
        try:
            trace = self._fetched(feed, url, options)
        except Exception:
            log.exception("the fetch of trace %s raised", trace_id)
            trace = _broken_off(feed)
        self._end(trace_id, feed, trace)

    def _end(self, trace_id: str, feed: Feed, trace: Trace) -> None:
        """Keep what was recorded, and say that nothing more will come."""
        _release(feed)
        try:
            self.store.save(trace_id, trace)
        except TraceTooLarge as error:
            log.warning("trace %s stays in memory only: %s", trace_id, error)
        finally:
            feed.finish(trace)

    def _fetched(self, feed: Feed, url: str, options: Options) -> Trace:
        stop = feed.stop or NEVER
        ends = self._other_ends
        if feed.outbox is None:
            return self._fetch(url, options, feed.put, stop=stop, other_ends=ends)
        return self._fetch(url, options, feed.put, outbox=feed.outbox, stop=stop, other_ends=ends)


def _release(feed: Feed) -> None:
    """Nothing is said to the fetch any more."""
    for each in (feed.outbox, feed.stop):
        if each is not None:
            each.release()


def _unbegun(feed: Feed) -> Trace:
    """What there is of a fetch that was stopped before it left the queue."""
    trace = feed.snapshot()
    message = "The fetch was interrupted before it had begun."
    trace.events.append(Failed(0, "target", INTERRUPTED, message))
    return trace


def _broken_off(feed: Feed) -> Trace:
    """What was recorded before our own fault, with a last event that says so."""
    trace = feed.snapshot()
    time_ns = trace.events[-1].time_ns if trace.events else 0
    message = "Wiretale failed while it fetched this. The fault is ours and is in our log."
    trace.events.append(Failed(time_ns, "close", BUG, message))
    return trace
