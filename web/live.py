"""Live: the events of a running trace as a stream of server-sent events.

Theory of operation. What a viewer has is a function of how many events he has seen, so the server
computes the page's parts for that many and for all there are now, and sends what differs. That
makes resuming exact: the id of a message is the number of the last event in it, and the browser
sends it back as Last-Event-ID.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, current_app, request

from web.feed import QUEUED, RUNNING, Feed, Standing
from web.language import language, speaking
from web.layers.spoken import gettext as _
from web.parts import Parts, parts_of
from web.tale import Tale, beginning, tell
from web.tracing import Tracing
from web.views import opening, queue_line, status_line

RETRY_MS = 2_000
QUIET_S = 1.0  # without an event, before the running stage is drawn longer once more
QUIET_STEPS = 10  # the first time it is drawn so after this part of that, then less and less often
SAID_EVERY = 5  # times QUIET_S, after which it is said what is waited for
QUEUE_S = 1.0  # between two messages about the queue
FLUSH_S = 0.1  # at most one message in this long
EFFORT = 4  # and at most one part in so many of a viewer's time is spent on explaining

live = Blueprint("live", __name__)


@live.get("/t/<trace_id>/events")
def events(trace_id: str) -> Response:
    """The stream. `after` says what the page already shows; Last-Event-ID wins over it."""
    tracing: Tracing = current_app.extensions["tracing"]
    seen = _seen()
    feed = tracing.feeds.get(trace_id) or _finished(tracing, trace_id)
    if feed is None:
        abort(404, _("There is no trace of that name."))
    stream = Stream(tracing, trace_id, feed, seen)
    # The template environment is needed after the request is over.
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    spoken = language()

    def messages() -> Iterator[str]:
        with speaking(spoken), app.app_context():
            yield from stream.messages()

    response = Response(messages(), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _seen() -> int:
    text = request.headers.get("Last-Event-ID") or request.args.get("after", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _finished(tracing: Tracing, trace_id: str) -> Feed | None:
    """A finished trace as a feed in which nothing more will come."""
    trace = tracing.store.load(trace_id)
    if trace is None:
        return None
    feed = Feed(trace.url, trace.options, trace.started)
    feed.finish(trace)
    return feed


@dataclass
class Stream:
    """What one viewer is sent."""

    tracing: Tracing
    trace_id: str
    feed: Feed
    seen: int
    quiet_s: float = QUIET_S
    flush_s: float = FLUSH_S
    _shown: Parts | None = field(default=None, init=False)

    def messages(self) -> Iterator[str]:
        """The messages, until the trace has ended."""
        yield f"retry: {RETRY_MS}\n\n"
        yield from self._queue()
        waited_s = 0.0
        while not self.feed.finished:
            step_s = min(self.quiet_s, max(self.quiet_s / QUIET_STEPS, waited_s))
            if not self.feed.wait(self.seen, step_s):
                yield from self._quiet(waited_s, waited_s + step_s)
                waited_s += step_s
                continue
            waited_s = 0.0
            began = time.monotonic()
            yield from self._wire(Standing(RUNNING))
            # Events gather meanwhile; the end of the trace ends the pause.
            spent = time.monotonic() - began
            self.feed.wait(1 << 62, max(self.flush_s, EFFORT * spent))
        yield from self._wire(Standing(self.feed.state))
        yield self._done()

    def _queue(self) -> Iterator[str]:
        """Say how many are ahead until a worker is free."""
        begun = self.feed.state != QUEUED
        while not begun:
            ahead = self.tracing.jobs.ahead(self.trace_id)
            yield _message("queue", {"ahead": ahead, "status": queue_line(ahead)})
            begun = self.feed.wait_begun(QUEUE_S)

    def _quiet(self, before_s: float, waited_s: float) -> Iterator[str]:
        """Nothing has come for a while: time goes on, and now and then we say what we wait for.

        It also keeps proxies from closing a stream that says nothing.
        """
        yield from self._wire(Standing(RUNNING, elapsed_ns=self.feed.elapsed_ns()))
        period_s = SAID_EVERY * self.quiet_s
        if before_s // period_s < waited_s // period_s:
            stages = self.tracing.tale_of(self.trace_id, self.feed).timeline.stages
            stage = stages[-1].name if stages else ""
            yield _message("quiet", {"status": _waiting(stage, f"{waited_s:.0f} seconds")})

    def _wire(self, standing: Standing) -> Iterator[str]:
        """The difference between what the viewer has and what there is now, if there is one."""
        tale = self.tracing.tale_of(self.trace_id, self.feed)
        if self._shown is None:
            before = tell(beginning(tale.trace, self.seen))
            self._shown = parts_of(before, self.trace_id, Standing(RUNNING))
        now = parts_of(tale, self.trace_id, standing)
        if now == self._shown:
            return
        status = status_line(tale, Standing(RUNNING)) if now.stage != self._shown.stage else ""
        difference = now.since(self._shown) | {
            "state": standing.state,
            "status": status,
            "open": self._opening(tale),
        }
        self._shown, self.seen = now, len(tale.trace.events)
        yield _message("wire", difference, self.seen)

    def _opening(self, tale: Tale) -> str:
        """The address of what the page opens by itself, "" for nothing."""
        opened = opening(tale)
        return opened.address(f"/t/{self.trace_id}") if opened.event else ""

    def _done(self) -> str:
        tale = self.tracing.tale_of(self.trace_id, self.feed)
        return _message(
            "done",
            {
                "state": self.feed.state,
                "last": len(tale.trace.events),
                "open": self._opening(tale),
                "status": status_line(tale, Standing(self.feed.state)),
            },
        )


def _waiting(stage: str, time: str) -> str:
    if stage == "messages":
        return _("The WebSocket is open. Nothing was said for %(time)s.", time=time)
    if stage == "dns":
        return _("Still waiting for the resolver, %(time)s.", time=time)
    return _("Still waiting for the server, %(time)s.", time=time)


def _message(name: str, data: dict[str, Any], number: int | None = None) -> str:
    """One message. JSON has no raw line feed, so the data is one line."""
    head = f"event: {name}\n" + (f"id: {number}\n" if number is not None else "")
    return f"{head}data: {msgspec.json.encode(data).decode()}\n\n"
