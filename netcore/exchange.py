"""Exchange: one request and its response on a connection, stage by stage."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from netcore.connection import Connection
from netcore.content_coding import Budget, ContentDecoder, content_decoder
from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http1 import Broken, Content, End, Head, Http1, HttpEvent, Interim
from netcore.recorder import Recorder
from netcore.request import Request
from netcore.target import Target

OnBody = Callable[[bytes], None]
OnHead = Callable[[Head], OnBody | None]
"""Is given the head of the response and says who wants its content."""


class Response(msgspec.Struct):
    """What came back: the head, and how many octets of content after decoding."""

    head: Head
    body_octets: int = 0


class Exchange:
    """One request and its response."""

    def __init__(
        self,
        recorder: Recorder,
        limits: Limits,
        connection: Connection,
        deadlines: Deadlines,
        budget: Budget,
        on_head: OnHead,
    ) -> None:
        self._recorder = recorder
        self._limits = limits
        self._connection = connection
        self._deadlines = deadlines
        self._budget = budget
        self._on_head = on_head
        self._http = Http1(limits)
        self._pending: list[HttpEvent] = []

    def run(self, request: Request, target: Target) -> Response:
        """Send the request and take the response, to its end.

        Raises: FetchError with a code of h1, http, chunk, limit, decode, tcp or tls.
        """
        with self._recorder.stage("request"):
            self._send(request, target)
        with self._recorder.stage("waiting"):
            broken = self._await_head()
        with self._recorder.stage("response"):
            if broken is not None:
                raise FetchError(broken.code, broken.message)
            return self._take_response()

    # The request

    def _send(self, request: Request, target: Target) -> None:
        fields = request.fields(target)
        path = target.path_and_query
        self._connection.queue(self._http.start(request.method, path, fields, request.content))
        self._deadlines.set(
            "write",
            self._limits.stall_s,
            "tcp.write_timeout",
            "The server took no octet of the request for {limit}.",
        )
        early = self._connection.receive(until_sent=True)
        if early is not None:
            self._recorder.chose(
                "status", "early", "The server answered before it had the whole request."
            )
            self._pending += self._http.receive(early)

    # The head

    def _await_head(self) -> Broken | None:
        """Take octets until the final head is there. Out: what is wrong with it, if anything."""
        limits = self._limits
        self._deadlines.set(
            "headers",
            limits.headers_s,
            "http.header_timeout",
            "The head of the response was not complete {limit} after the request.",
        )
        self._deadlines.set(
            "first octet",
            limits.first_byte_s,
            "http.first_byte_timeout",
            "The server took the request and sent no octet of a response for {limit}.",
        )
        while True:
            for at, event in enumerate(self._pending):
                if isinstance(event, Interim):
                    self._note_interim(event)
                    continue
                self._pending = self._pending[at:]
                return self._head_or_broken(event)
            self._pending = self._receive()

    def _head_or_broken(self, event: HttpEvent) -> Broken | None:
        self._deadlines.clear("headers", "first octet")
        if isinstance(event, Broken) and event.code != "tcp.closed_early":
            return event
        if isinstance(event, Broken):
            raise FetchError(event.code, event.message)
        return None

    def _receive(self, framing: str = "") -> list[HttpEvent]:
        """What the next octets make. In: `framing`, how the content is delimited, once known."""
        data = self._connection.receive() or b""
        if data:
            self._deadlines.clear("first octet")
        cut = "" if data else self._connection.ended
        if cut == "cut inside a record" or (cut == "cut" and framing == "close"):
            raise FetchError(
                "tls.truncated",
                "The connection ended without TLS's close_notify"
                + (", inside a record" if cut != "cut" else "")
                + ": anyone on the path could have cut the content here.",
            )
        return self._http.receive(data)

    def _note_interim(self, event: Interim) -> None:
        value = f"{event.status_code} {event.reason_phrase}".strip()
        self._recorder.chose("status", value, "An interim response: the final one follows.")

    # The content

    def _take_response(self) -> Response:
        head = self._pending.pop(0)
        assert isinstance(head, Head)
        self._note_framing(head)
        decoder = self._decoder(head)
        response = Response(head)
        on_body = self._on_head(head)
        clock = _BodyClock(self._limits, self._deadlines)
        self._deadlines.clear("write")
        while True:
            for event in self._pending:
                if isinstance(event, Content):
                    clock.received(len(event.data))
                    self._deliver(response, decoder, on_body, clock.within_limit(event.data))
                    clock.check_size()
                elif isinstance(event, End):
                    self._finish(head, decoder)
                    clock.stop()
                    return response
                elif isinstance(event, Broken):
                    raise FetchError(event.code, event.message)
            self._pending = self._receive(head.framing)

    def _deliver(
        self, response: Response, decoder: ContentDecoder, on_body: OnBody | None, data: bytes
    ) -> None:
        for part in decoder.decode(data):
            response.body_octets += len(part)
            if on_body is not None:
                on_body(part)

    def _decoder(self, head: Head) -> ContentDecoder:
        values = head.values("content-encoding") if head.framing != "none" else []
        decoder, codings, unknown = content_decoder(values, self._limits.codings, self._budget)
        if unknown:
            why = f"{unknown} is not decoded by this version: the content stays as received."
            self._recorder.chose("content coding", unknown, why)
        elif codings:
            listed = ", ".join(codings)
            self._recorder.chose("content coding", listed, "The content is decoded.")
        return decoder

    def _note_framing(self, head: Head) -> None:
        length = f"{head.length:,}" if head.length is not None else ""
        why = {
            "none": "This response has no content.",
            "length": f"Content-Length says {length} octets.",
            "chunked": "Transfer-Encoding is chunked: each chunk says its own length.",
            "close": "No length is given: the content ends when the server closes.",
        }[head.framing]
        self._recorder.chose("framing", head.framing, why)
        for note in head.notes:
            self._recorder.chose("framing", "note", note)

    def _finish(self, head: Head, decoder: ContentDecoder) -> None:
        decoder.finish()
        if decoder.surplus:
            self._recorder.chose(
                "content coding",
                "surplus",
                f"{decoder.surplus:,} octets behind the end of the coded content were not decoded.",
            )
        if self._connection.ended == "cut":
            self._recorder.chose("framing", "note", "The server closed without TLS's close_notify.")
        if self._http.surplus:
            self._recorder.chose(
                "framing",
                "surplus",
                f"{self._http.surplus:,} octets came behind the end of the response; "
                "they answer no request.",
            )


class _BodyClock:
    """The bounds on the content of one response, in time and octets."""

    def __init__(self, limits: Limits, deadlines: Deadlines) -> None:
        self._limits = limits
        self._deadlines = deadlines
        self._octets = 0
        self._window_octets: int | None = None  # None before the first octet
        deadlines.set(
            "body",
            limits.body_s,
            "limit.slow_body",
            "The content was not complete {limit} after the head.",
        )
        deadlines.set(
            "stall", limits.stall_s, "http.stall", "No octet of the content came for {limit}."
        )

    def received(self, count: int) -> None:
        """Octets of content came."""
        self._octets += count
        self._deadlines.restart("stall")
        window = self._limits.slow_window_s
        if window is None:
            return
        if self._window_octets is None:
            self._begin_window()
        self._window_octets = (self._window_octets or 0) + count
        if self._window_octets >= self._limits.slow_octets_per_s * window:
            self._begin_window()

    def within_limit(self, data: bytes) -> bytes:
        """The octets of `data`, the last that came, that the limit on size leaves."""
        most = self._limits.body_read_octets
        if most is None or self._octets <= most:
            return data
        return data[: len(data) - (self._octets - most)]

    def check_size(self) -> None:
        """Raises: FetchError limit.body once more has come than is read."""
        most = self._limits.body_read_octets
        if most is not None and self._octets > most:
            raise FetchError(
                "limit.body", f"The content is larger than the {most:,} octets that are read."
            )

    def stop(self) -> None:
        """The content is complete."""
        self._deadlines.clear("body", "stall", "window")

    def _begin_window(self) -> None:
        """So many octets have to come within the window; then the next one begins."""
        self._window_octets = 0
        self._deadlines.set(
            "window",
            self._limits.slow_window_s,
            "limit.slow_body",
            f"The content came more slowly than {self._limits.slow_octets_per_s:,} octets a "
            "second for {limit}.",
        )
