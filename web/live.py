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
from typing import Any, NamedTuple

import msgspec
from flask import Blueprint, Response, abort, current_app, request, stream_with_context

from web.cuts import cut_line
from web.feed import QUEUED, RUNNING, Feed, Standing
from web.parts import Parts, parts_of
from web.spoken import gettext as _
from web.tale import Tale, beginning, tell
from web.tracing import Tracing
from web.views import opening, queue_line, status_line

RETRY_MS = 2_000
QUIET_S = 1.0  # without an event, before the running stage is drawn longer once more
QUIET_STEPS = 10  # the first time it is drawn so after this part of that, then less and less often
SAID_FIRST = 3  # times QUIET_S, after which it is said what is waited for,
SAID_EVERY = 5  # and after which it is said again
QUEUE_S = 1.0  # between two messages about the queue
FLUSH_S = 0.05  # at most one message in this long
DIGITS = 9  # of the number of an event; Python refuses to read thousands of them
EFFORT = 4  # and at most one part in so many of a viewer's time is spent on explaining

live = Blueprint("live", __name__)


@live.get("/t/<trace_id>/events")
def events(trace_id: str) -> Response:
    """The stream. `after` says what the page already shows; Last-Event-ID wins over it.

    `part=1` answers at once, with the messages that there are by now: for a page between which
    and us something breaks streams.
    """
    tracing: Tracing = current_app.extensions["tracing"]
    seen = _seen()
    feed = tracing.feeds.get(trace_id) or _finished(tracing, trace_id)
    if feed is None:
        abort(404, _("There is no trace of that name."))
    stream = Stream(tracing, trace_id, feed, seen)
    if request.args.get("part") == "1":
        by_now = [{"name": name, "id": last, "data": data} for name, data, last in stream.by_now()]
        return Response(msgspec.json.encode(by_now), mimetype="application/json")
    # The request is over before its stream is, which needs the templates, and speaks its language.
    told = stream_with_context(stream.messages())
    response = Response(told, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _seen() -> int:
    text = request.headers.get("Last-Event-ID") or request.args.get("after", "0")
    plain = text.isascii() and text.isdigit() and len(text) <= DIGITS
    return int(text) if plain else 0


def _finished(tracing: Tracing, trace_id: str) -> Feed | None:
    """A finished trace as a feed in which nothing more will come."""
    trace = tracing.store.load(trace_id)
    if trace is None:
        return None
    feed = Feed(trace.url, trace.options, trace.started)
    feed.finish(trace)
    return feed


class Message(NamedTuple):
    """What a viewer is told at one time."""

    name: str
    data: dict[str, Any]
    number: int | None = None  # of the last event that is in it


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
    _cut_told: bool = field(default=False, init=False)

    def by_now(self) -> Iterator[Message]:
        """The messages that there are without waiting."""
        if self.feed.state == QUEUED:
            yield self._ahead()
            return
        finished, standing = self.feed.finished, Standing(self.feed.state)
        if not finished:
            standing = Standing(RUNNING, elapsed_ns=self.feed.elapsed_ns())
        yield from self._wire(standing)
        if finished:
            yield self._done()

    def messages(self) -> Iterator[str]:
        """The messages as they are streamed, until the trace has ended."""
        yield f"retry: {RETRY_MS}\n\n"
        yield from map(_text, self._told())

    def _told(self) -> Iterator[Message]:
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

    def _queue(self) -> Iterator[Message]:
        """Say how many are ahead until a worker is free."""
        begun = self.feed.state != QUEUED
        while not begun:
            yield self._ahead()
            begun = self.feed.wait_begun(QUEUE_S)

    def _ahead(self) -> Message:
        standing = Standing(QUEUED, self.tracing.jobs.ahead(self.trace_id))
        tale = self.tracing.tale_of(self.trace_id, self.feed)
        told = {"ahead": standing.ahead, "status": queue_line(standing.ahead)}
        regions = parts_of(tale, self.trace_id, standing).regions
        return Message("queue", told | {"regions": {"summary": regions["summary"]}})

    def _quiet(self, before_s: float, waited_s: float) -> Iterator[Message]:
        """Nothing has come for a while: time goes on, and now and then we say what we wait for.

        It also keeps proxies from closing a stream that says nothing.
        """
        yield from self._wire(Standing(RUNNING, elapsed_ns=self.feed.elapsed_ns()))
        period_s, early_s = SAID_EVERY * self.quiet_s, (SAID_EVERY - SAID_FIRST) * self.quiet_s
        if (before_s + early_s) // period_s < (waited_s + early_s) // period_s:
            stages = self.tracing.tale_of(self.trace_id, self.feed).timeline.stages
            status = waiting_line(stages[-1].name if stages else "", int(waited_s))
            yield Message("quiet", {"status": status})

    def _wire(self, standing: Standing) -> Iterator[Message]:
        """The difference between what the viewer has and what there is now, if there is one."""
        tale = self.tracing.tale_of(self.trace_id, self.feed)
        if self._shown is None:
            before = tell(beginning(tale.trace, self.seen))
            self._shown = parts_of(before, self.trace_id, Standing(RUNNING))
        now = parts_of(tale, self.trace_id, standing)
        if now == self._shown:
            return
        status = self._status(tale, now.stage != self._shown.stage)
        difference = now.since(self._shown) | {
            "state": standing.state,
            "status": status,
            "open": self._opening(tale),
        }
        self._shown, self.seen = now, len(tale.trace.events)
        yield Message("wire", difference, self.seen)

    def _status(self, tale: Tale, is_new_stage: bool) -> str:
        """What is said aloud: each stage once, and once that recording stopped."""
        cut = "" if self._cut_told else cut_line(tale)
        self._cut_told = self._cut_told or bool(cut)
        stage = status_line(tale, Standing(RUNNING)) if is_new_stage else ""
        return f"{stage} {cut}".strip()

    def _opening(self, tale: Tale) -> str:
        """The address of what the page opens by itself, "" for nothing."""
        opened = opening(tale)
        return opened.address(f"/t/{self.trace_id}") if opened.event else ""

    def _done(self) -> Message:
        tale = self.tracing.tale_of(self.trace_id, self.feed)
        return Message(
            "done",
            {
                "state": self.feed.state,
                "last": len(tale.trace.events),
                "open": self._opening(tale),
                "status": status_line(tale, Standing(self.feed.state)),
            },
        )


def waiting_line(stage: str, seconds: int) -> str:
    """What is said to somebody who has seen nothing happen for so long."""
    if stage == "messages":
        return _(
            "The WebSocket is open. Nothing was said for %(seconds)s seconds.", seconds=seconds
        )
    if stage == "dns":
        return _("Still waiting for the resolver, %(seconds)s seconds.", seconds=seconds)
    return _("Still waiting for the server, %(seconds)s seconds.", seconds=seconds)


def _text(message: Message) -> str:
    """A message as it is sent. JSON has no raw line feed, so the data is one line."""
    number = "" if message.number is None else f"id: {message.number}\n"
    data = msgspec.json.encode(message.data).decode()
    return f"event: {message.name}\n{number}data: {data}\n\n"
