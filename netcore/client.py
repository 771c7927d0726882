"""Client: one fetch, from a URL to a trace, read from top to bottom.

A hop is: resolve, connect, secure, exchange, close. A redirect makes another one, and so does each
further URL: on the same connection if that leads to the same origin and both sides let it go on. So
does asking for a session of TLS to be resumed: the last request is sent once more, on another
connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from netcore.capture.capturing import Capturing
from netcore.connecting import Connector, Link
from netcore.content_coding import Budget
from netcore.deadline import Deadlines
from netcore.errors import BUG, INTERRUPTED, FetchError
from netcore.exchange import WAITS, Exchange, OnBody, Response, Wanted
from netcore.guard import Guard
from netcore.kept import Kept
from netcore.loading import load_for
from netcore.options import Options
from netcore.outbox import Outbox
from netcore.probing import Probing
from netcore.protocols.http1 import Head
from netcore.raw import Raw
from netcore.raw_target import is_raw
from netcore.recorder import OnEvent, OtherEnds, Recorder
from netcore.redirect import location, next_request, next_target, why_followed
from netcore.request import Request, first_request
from netcore.resolve import Resolver
from netcore.stop import NEVER, Stop
from netcore.target import Target, parse
from netcore.trace import Completed, Failed, Trace
from netcore.websocket_opening import (
    Talk,
    check_kind,
    check_opening,
    websocket_options,
)
from netcore.wire import Wire

_log = logging.getLogger(__name__)
_NOT_REACHED = (
    *("tcp.timeout", "tcp.unreachable", "tcp.refused", "tcp.reset"),
    *("quic.timeout", "quic.unreachable", "quic.refused"),
)
_CLOSED = ("tcp.closed_early", "tcp.reset", "h2.goaway")


def fetch(
    url: str,
    options: Options | None = None,
    on_event: OnEvent | None = None,
    *,
    on_body: Callable[[bytes], None] | None = None,
    outbox: Outbox | None = None,
    stop: Stop = NEVER,
    other_ends: OtherEnds | None = None,
) -> Trace:
    """Fetch a URL and record how.

    Args:
        url: as a person typed it.
        options: what to send, and the limits that hold.
        on_event: is given each event with its number as soon as it is recorded.
        on_body: is given the content of the last response, decoded, as it arrives; of a WebSocket
            its messages, a text with a line feed behind it.
        outbox: what is put in there while a WebSocket is open is sent on it.
        stop: by which another thread can end the fetch at any time, as Ctrl-C does.
        other_ends: is asked at the end what the servers noted, where they are of this machine.

    Returns:
        The trace. Its last event is `Completed`, or `Failed` with the reason: nothing that the
        network or the URL does raises.
    """
    # A text from outside can hold halves of surrogate pairs, which no file can.
    url = url.encode("utf-8", "backslashreplace").decode()
    options = options or Options()
    load_for(url, options)
    trace = Trace(url, datetime.now(UTC).isoformat(), options, [])
    recorder = Recorder(trace, on_event)
    recorder.end(_ended(trace, recorder, on_body, outbox, stop), other_ends)
    return trace


def _ended(
    trace: Trace, recorder: Recorder, on_body: OnBody | None, outbox: Outbox | None, stop: Stop
) -> Completed | Failed:
    """Run the fetch, and say how it ended."""
    try:
        return _run(trace, recorder, on_body, outbox, stop)
    except FetchError as error:
        return _failed(recorder, error.code, error.message)
    except KeyboardInterrupt:
        return _failed(recorder, INTERRUPTED, "The fetch was interrupted.")
    except Exception:
        _log.exception("a fetch met a bug")
        message = "The fetch ended in a fault of this program, not the server's."
        return _failed(recorder, BUG, message)


def _run(
    trace: Trace, recorder: Recorder, on_body: OnBody | None, outbox: Outbox | None, stop: Stop
) -> Completed:
    """Raises: FetchError."""
    options = trace.options
    capturing = Capturing(options.limits) if options.capture else None
    with Wire(recorder, options.socket_options, capturing, stop) as wire:
        if is_raw(trace.url):
            return Raw(trace.url, options, recorder, wire, on_body).run()
        return _Fetch(trace, recorder, wire, on_body, outbox).run()


def _failed(recorder: Recorder, code: str, message: str) -> Failed:
    return Failed(recorder.now_ns(), recorder.stage_name, code, message, recorder.hop)


class _Fetch:
    """What the hops of one fetch share."""

    def __init__(
        self,
        trace: Trace,
        recorder: Recorder,
        wire: Wire,
        on_body: OnBody | None,
        outbox: Outbox | None,
    ) -> None:
        self._url = trace.url
        self._options = options = websocket_options(trace.url, trace.options)
        self._talk = Talk(options.messages, outbox, options.follow_redirects)
        self._recorder = recorder
        self._wire = wire
        self._on_body = on_body
        self._guard = Guard(options)
        self._deadlines = Deadlines(recorder.now_s)
        self._resolver = resolver = Resolver(wire, self._guard, options, self._deadlines)
        self._connector = Connector(wire, self._guard, options, self._deadlines, resolver)
        self._budget = Budget(options.limits.decoded_octets)
        self._kept = Kept()
        self._later: list[Target] = []  # the further URLs that were not fetched yet
        self._before = 0  # hops that belong to the URLs before this one
        self._last: Link | None = None  # the connection of the last response
        self._resumed: Link | None = None  # the one whose session the next hop resumes
        self._is_to_repeat = options.resume_session

    def run(self) -> Completed:
        """All hops. Raises: FetchError."""
        self._deadlines.set(
            "total",
            self._options.limits.total_s,
            "limit.total",
            "The fetch was given {limit} in all, and they were over.",
        )
        with self._recorder.stage("target"):
            if self._wire.capturing is not None:
                self._wire.capturing.begin(self._recorder)
            request = first_request(self._options)
            target = self._vet(parse(self._url))
            self._later = self._vet_further(target)
            if target.is_websocket:
                check_opening(request, self._options)
            self._connector.prepare(target)
        try:
            while True:
                response = self._hop(target, request)
                following = self._following(response, target, request)
                if following is not None:
                    target, request = following
                elif self._later:
                    target, request = self._next(response), first_request(self._options)
                elif not self._repeats(target, request):
                    self._probe_path()
                    return self._completed(response)
        finally:
            self._kept.close()
            self._resolver.close()

    def _vet(self, target: Target) -> Target:
        self._guard.vet_target(target)
        self._recorder.chose("guard", target.authority, "The name and the port are allowed.")
        return target

    def _vet_further(self, first: Target) -> list[Target]:
        """The URLs that are asked for after the first one. Raises: FetchError."""
        later = [parse(url) for url in self._options.further_urls]
        if later and any(each.is_websocket for each in (first, *later)):
            why = "A WebSocket is opened alone: give its URL without others, and once."
            raise FetchError("http.bad_request", why)
        for origin, each in {each.origin: each for each in later}.items():
            if origin != first.origin:
                self._vet(each)
        return later

    def _hop(self, target: Target, request: Request) -> Response:
        """One request and its response, on the connection of the hop before or on a new one."""
        kept = self._kept.take(target) if self._resumed is None else None
        if kept is None:
            link = self._open(target)
            return self._over(link, self._exchange(link, target, request), request, target)
        exchange = self._exchange(kept, target, request)
        try:
            return self._over(kept, exchange, request, target)
        except FetchError as error:
            idle = exchange.unanswered and error.code in _CLOSED
            if not (idle and request.may_be_repeated):
                raise
        self._deadlines.clear(*WAITS)
        self._recorder.chose(
            "connection",
            "new",
            "The server had closed the other one before it answered; a "
            f"{request.method} without content may be sent again.",
        )
        link = self._connector.open_again(kept)
        return self._over(link, self._exchange(link, target, request), request, target)

    def _open(self, target: Target) -> Link:
        before, self._resumed = self._resumed, None
        if before is None:
            try:
                return self._connector.open(target)
            except FetchError as error:
                if error.code in _NOT_REACHED:
                    self._probe_path()
                raise
        return self._connector.open_again(before, before.connection.session)

    def _probe_path(self) -> None:
        """The way to the last endpoint that there was, if it was asked for. A stage of its own."""
        goal = self._connector.goal
        if not self._options.path or goal is None:
            return
        stage = self._recorder.stage_name
        with self._recorder.stage("path"):
            left_s = self._deadlines.left_s("total")
            Probing(self._wire, *goal, left_s).run()
        self._recorder.stage_name = stage  # the fetch ends in the one before

    def _over(self, link: Link, exchange: Exchange, request: Request, target: Target) -> Response:
        """One exchange, behind which the connection is kept for the next hop, or closed."""
        self._last, complete = link, False
        try:
            response = exchange.run(request, target)
            complete = True
        finally:
            if not complete:
                link.close(linger=False)
        self._connector.note_alternatives(response.head, target)
        if self._stays(response.head, target):
            if not response.why_not_kept:
                self._kept.put(target, link)
                return response
            self._kept.ended(target, response.why_not_kept)
        with self._recorder.stage("close"):
            link.close(linger=True)
        return response

    def _exchange(self, link: Link, target: Target, request: Request) -> Exchange:
        def wanted(head: Head) -> Wanted:
            # The content of a response that is not the last is recorded and not given out.
            moves = self._options.follow_redirects and location(head)[0]
            again = self._is_to_repeat and not _why_once(target, request)
            leads_on = moves or self._later or again
            return Wanted(None if leads_on else self._on_body, self._stays(head, target))

        given = (
            self._recorder,
            self._options.limits,
            link.connection,
            link.speaking,
            self._deadlines,
            self._budget,
            wanted,
        )
        if not target.is_websocket:
            return Exchange(*given)
        from netcore.websocket_exchange import WebSocketExchange

        made = WebSocketExchange(*given)
        made.talk = self._talk
        return made

    def _stays(self, head: Head, here: Target) -> bool:
        """Whether another request at the same origin follows, by the response or as was asked."""
        if any(each.origin == here.origin for each in self._later):
            return True
        value = location(head)[0] if self._options.follow_redirects else ""
        if not value or self._has_moved_enough:
            return False
        try:
            return next_target(value, here).origin == here.origin
        except FetchError:
            return False

    @property
    def _has_moved_enough(self) -> bool:
        return self._recorder.hop - self._before > self._options.limits.hops

    def _following(
        self, response: Response, here: Target, request: Request
    ) -> tuple[Target, Request] | None:
        """The next hop, None if this response is the last. Raises: FetchError."""
        head = response.head
        if not self._options.follow_redirects:
            return None
        value, why_not = location(head)
        if why_not:
            self._recorder.chose("redirect", "stopped", why_not)
        if not value:
            return None
        self._recorder.chose("status", _status(head), "Not the last response: it leads elsewhere.")
        too_many = self._has_moved_enough
        self._recorder.hop += not too_many
        with self._recorder.stage("redirect"):
            if too_many:
                raise FetchError(
                    "redirect.too_many",
                    f"The server redirected more than {self._options.limits.hops} times.",
                )
            there = self._vet(next_target(value, here))
            check_kind(here, there)
            following = next_request(request, head.status_code, here, there)
            self._recorder.chose("redirect", there.url, why_followed(head, here, there, request))
            self._note_connection(there)
        return there, following

    def _next(self, response: Response) -> Target:
        """The next of the URLs that were asked for."""
        left = len(self._later)
        more = "one more was" if left == 1 else f"{left:,} more were"
        why = f"Not the last response: {more} asked for."
        self._recorder.chose("status", _status(response.head), why)
        target = self._later.pop(0)
        self._before = self._recorder.hop
        self._recorder.hop += 1
        with self._recorder.stage("target"):
            of = len(self._options.further_urls) + 1
            why = f"URL {of - left + 1:,} of {of:,} that were asked for."
            self._recorder.chose("url", target.url, why)
            self._note_connection(target)
        return target

    def _repeats(self, target: Target, request: Request) -> bool:
        """Whether the last request is sent once more, to resume the session it was sent in."""
        if not self._is_to_repeat:
            return False
        self._is_to_repeat = False
        why_not = _why_once(target, request)
        if why_not:
            self._recorder.chose("session", "not tried", why_not)
            return False
        assert self._last is not None
        session = self._last.connection.session
        if session is None:
            value, why = "none", "The server gave nothing to resume: another whole handshake."
        else:
            value, why = "offered", f"The server gave a {session.form}: now to use it."
        self._recorder.chose("session", value, f"{why} The request is sent once more.")
        self._recorder.hop += 1
        self._resumed = self._last
        return True

    def _note_connection(self, there: Target) -> None:
        if self._kept.has(there):
            why = f"It leads to {there.origin} again, and both sides let the connection go on."
            self._recorder.chose("connection", "reused", why)
        else:
            self._recorder.chose("connection", "new", self._kept.why_new(there))

    def _completed(self, response: Response) -> Completed:
        head = response.head
        return Completed(
            self._recorder.now_ns(),
            head.status_code,
            head.reason_phrase,
            head.http_version,
            self._recorder.hop,
            response.body_octets,
        )


def _status(head: Head) -> str:
    return f"{head.status_code} {head.reason_phrase}".strip()


def _why_once(target: Target, request: Request) -> str:
    """Why a request is not sent again to resume a session, "" if it is."""
    if target.is_websocket:
        return "What is said on a WebSocket may ask for more than one: it is opened once."
    if not target.is_secure:
        return "Only TLS has sessions, and this was plain HTTP."
    if not request.may_be_repeated:
        return f"A {request.method} sent twice may ask for more than one: it is sent once."
    return ""
