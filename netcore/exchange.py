"""Exchange: one request and its response on a connection, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from netcore.body_clock import BodyClock
from netcore.connection import Connection
from netcore.content_coding import Budget, ContentDecoder, content_decoder
from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http1 import (
    Broken,
    Content,
    End,
    Head,
    Http1,
    HttpEvent,
    Interim,
    Switched,
)
from netcore.protocols.persistence import options, why_not_kept
from netcore.recorder import Recorder
from netcore.request import Request
from netcore.speaking import Speaking
from netcore.target import Target

if TYPE_CHECKING:
    from netcore.protocols.http2 import Http2
    from netcore.protocols.http3 import Http3
    from netcore.quic_connection import QuicConnection

OnBody = Callable[[bytes], None]


class Wanted(msgspec.Struct, frozen=True):
    """What is done with a response, decided when its head is there."""

    content: OnBody | None  # is given the content, decoded
    connection: bool  # whether another request is to follow on it


OnHead = Callable[[Head], Wanted]
WAITS = ("write", "window", "settings", "first octet", "headers")
"""The deadlines that an exchange sets until a head has come."""

_WAITED = "waited"  # no failure: the time to wait for 100 is over


class Response(msgspec.Struct):
    """What came back: the head, and how many octets of content after decoding."""

    head: Head
    body_octets: int = 0
    why_not_kept: str = ""  # why no other request may follow on the connection, "" if one may


class Exchange:
    """One request and its response."""

    def __init__(
        self,
        recorder: Recorder,
        limits: Limits,
        connection: Connection | QuicConnection,
        speaking: Speaking,
        deadlines: Deadlines,
        budget: Budget,
        on_head: OnHead,
    ) -> None:
        self._recorder = recorder
        self._limits = limits
        self._connection = connection
        self._speaking = speaking
        self._deadlines = deadlines
        self._budget = budget
        self._on_head = on_head
        self._http: Http1 | Http2 | Http3 = Http1(limits)
        self._pending: list[HttpEvent] = []
        self._interim = 0
        self._content_withheld = False  # until 100 comes, or for good
        self._is_early = False  # the server answered before it had the whole request

    @property
    def unanswered(self) -> bool:
        """Whether the server has sent no octet of a response."""
        return not self._http.started

    def run(self, request: Request, target: Target) -> Response:
        """Send the request and take the response, to its end.

        Raises: FetchError with a code of h1, h2, http, chunk, limit, decode, tcp or tls.
        """
        self._request = request
        self._http = self._speaking.begin(request)
        with self._recorder.stage("request"):
            self._send(request, target)
        with self._recorder.stage("waiting"):
            broken = self._await_head()
        with self._recorder.stage("response"):
            if broken is not None:
                raise FetchError(broken.code, broken.message)
            return self._take_response(request)

    # The request

    def _send(self, request: Request, target: Target) -> None:
        expects = bool(request.content) and request.expects_continue
        if expects and request.version == "1.0" and self._http is not self._speaking.http2:
            self._recorder.chose("expect", "ignored", "HTTP/1.0 has no 100 to wait for.")
            expects = False
        self._content_withheld = expects
        head, content = self._started(request, target)
        if expects:
            self._queue(head)
            self._content_withheld = not self._may_continue()
            if self._content_withheld:
                return
            head = b""
        self._queue(head + content)
        self._send_through_windows()

    def _started(self, request: Request, target: Target) -> tuple[bytes, bytes]:
        """The octets of the head; those of the content, as far as no window holds them back."""
        fields, path = request.fields(target), target.path_and_query
        http = self._http
        if isinstance(http, Http1):
            fields += self._speaking.upgrade_fields()
            return http.start(request.method, path, fields, request.content)
        http.start(request.method, path, fields, request.content, target.scheme)
        for name in http.left_out:
            why = f"{name} speaks of one connection, and HTTP/2 and 3 have no place for it."
            self._recorder.chose("field", name, why)
        return self._octets_of(http), b""

    def _octets_of(self, http: Http2 | Http3) -> bytes:
        """What HTTP/2 or 3 has to send, with as much content as may go."""
        if not self._content_withheld:
            http.send_content()
        return http.data_to_send()

    def _send_through_windows(self) -> None:
        """Send the rest of the content as the server opens its windows (RFC 9113 §5.2)."""
        http = self._http
        while not isinstance(http, Http1) and not (http.request_sent or self._answered):
            octets = self._octets_of(http)
            if octets:
                self._queue(octets)
                self._deadlines.restart("window")
                continue
            self._deadlines.keep(
                "window",
                self._limits.stall_s,
                "h2.timeout" if http is self._speaking.http2 else "quic.timeout",
                "The server opened no window for the content of the request for {limit}.",
            )
            self._pending += self._receive()
        self._deadlines.clear("window")

    @property
    def _answered(self) -> bool:
        return any(not isinstance(event, Interim) for event in self._pending)

    def _queue(self, octets: bytes) -> None:
        """Hand octets to the kernel; what the server says meanwhile is kept for later."""
        self._connection.queue(octets)
        self._deadlines.set(
            "write",
            self._limits.stall_s,
            "tcp.write_timeout",
            "The server took no octet of the request for {limit}.",
        )
        early = self._connection.receive(until_sent=True)
        if early is None:
            return
        self._pending += self._taken(early)
        if early and self._http.started and not self._is_early:
            self._is_early = True
            self._recorder.chose(
                "status", "early", "The server answered before it had the whole request."
            )

    def _may_continue(self) -> bool:
        """Wait for 100 Continue before the content goes out (RFC 9110 §10.1.1)."""
        seconds = self._limits.expect_s
        chose = self._recorder.chose
        chose("expect", "waiting", f"The head went ahead: the content waits {seconds:g} s for 100.")
        self._deadlines.set("expect", seconds, _WAITED, "")
        try:
            while not self._note_interim():
                if self._pending:
                    chose("expect", "refused", "The final answer came first: no content is sent.")
                    return False
                self._pending = self._receive()
        except FetchError as error:
            if error.code != _WAITED:
                raise
            chose("expect", "no answer", f"No 100 came within {seconds:g} s: the content follows.")
            return True
        finally:
            self._deadlines.clear("expect")
        chose("expect", "continue", "The server said 100: the content follows.")
        return True

    # The head

    def _await_head(self) -> Broken | None:
        """Take octets until the final head is there. Out: what is wrong with it, if anything."""
        limits = self._limits
        given = [s for s in (limits.first_byte_s, limits.headers_s) if s is not None]
        # Whichever limit is shorter, a server that is silent when it ends has begun no head.
        if (http2 := self._speaking.http2) is not None and not http2.greeted:
            self._deadlines.set(
                "settings",
                min(given, default=None),
                "h2.settings_timeout",
                "The server sent no SETTINGS for {limit}, with which HTTP/2 begins.",
            )
        if self.unanswered:
            self._deadlines.set(
                "first octet",
                min(given, default=None),
                "http.first_byte_timeout",
                "The server took the request and sent no octet of a response for {limit}.",
            )
        self._deadlines.set(
            "headers",
            limits.headers_s,
            "http.header_timeout",
            "The head of the response was not complete {limit} after the request.",
        )
        while True:
            self._note_interim()
            if self._pending:
                return self._head_or_broken(self._pending[0])
            self._pending = self._receive()

    def _head_or_broken(self, event: HttpEvent) -> Broken | None:
        self._deadlines.clear("headers", "first octet", "settings")
        self._speaking.note_answer()
        if isinstance(event, Broken) and event.code != "tcp.closed_early":
            return event
        if isinstance(event, Broken):
            raise FetchError(event.code, event.message)
        return None

    def _receive(self, framing: str = "") -> list[HttpEvent]:
        """What the next octets make. In: `framing`, how the content is delimited, once known."""
        data = self._connection.receive() or b""
        cut = "" if data else self._connection.ended
        if cut == "cut inside a record" or (cut == "cut" and framing == "close"):
            raise FetchError(
                "tls.truncated",
                "The connection ended without TLS's close_notify"
                + (", inside a record" if cut != "cut" else "")
                + ": anyone on the path could have cut the content here.",
            )
        return self._taken(data)

    def _taken(self, data: bytes) -> list[HttpEvent]:
        """What these octets make; what they call for is sent."""
        events = self._http.receive(data)
        last = events[-1] if events else None
        if isinstance(last, Switched):
            events.pop()
            self._http = self._speaking.switch(self._request)
            self._connection.queue(self._http.data_to_send())
            return events + (self._taken(last.rest) if last.rest else [])
        if not isinstance(self._http, Http1):
            self._connection.queue(self._octets_of(self._http))
            if self._http.greeted:
                self._deadlines.clear("settings")
            if self._http.inside_content:
                self._deadlines.restart("stall")
        if self._http.started:
            self._deadlines.clear("first octet")
        return events

    def _note_interim(self) -> bool:
        """Take the interim responses off what is pending. Out: whether 100 was among them."""
        continued = False
        while self._pending and isinstance(event := self._pending[0], Interim):
            del self._pending[0]
            self._interim += 1
            value = f"{event.status_code} {event.reason_phrase}".strip()
            why = f"Interim response {self._interim}: the final one follows."
            self._recorder.chose("status", value, why)
            continued = continued or event.status_code == 100
        return continued

    # The content

    def _take_response(self, request: Request) -> Response:
        head = self._pending.pop(0)
        assert isinstance(head, Head)
        self._note_framing(head)
        decoder = self._decoder(head)
        response = Response(head)
        wanted = self._on_head(head)
        clock = BodyClock(self._limits, self._deadlines)
        self._deadlines.clear("write")
        while True:
            for event in self._pending:
                if isinstance(event, Content):
                    clock.received(len(event.data))
                    self._deliver(response, decoder, wanted.content, clock.within_limit(event.data))
                    clock.check_size()
                elif isinstance(event, End):
                    self._finish(decoder)
                    clock.stop()
                    if wanted.connection:
                        response.why_not_kept = self._why_not_kept(request, head)
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
        if values and head.status_code == 206:
            why = "A part of coded content cannot be decoded by itself: it stays as received."
            self._recorder.chose("content coding", ", ".join(values), why)
            values = []
        decoder, codings, unknown = content_decoder(values, self._limits.codings, self._budget)
        if unknown:
            why = f"{unknown} is not decoded by this version: the content stays as received."
            self._recorder.chose("content coding", unknown, why)
        elif codings:
            self._recorder.chose("content coding", ", ".join(codings), "The content is decoded.")
        return decoder

    def _note_framing(self, head: Head) -> None:
        length = f"{head.length:,}" if head.length is not None else ""
        why = {
            "none": "This response has no content.",
            "length": f"Content-Length says {length} octets.",
            "chunked": "Transfer-Encoding is chunked: each chunk says its own length.",
            "close": "No length is given: the content ends when the server closes.",
            "end_stream": "No length is given: a frame with END_STREAM ends the content.",
        }[head.framing]
        self._recorder.chose("framing", head.framing, why)
        for note in head.notes:
            self._recorder.chose("framing", "note", note)

    def _finish(self, decoder: ContentDecoder) -> None:
        decoder.finish()
        if decoder.surplus:
            self._recorder.chose(
                "content coding",
                "surplus",
                f"{decoder.surplus:,} octets behind the end of the coded content were not decoded.",
            )
        if self._connection.ended == "cut":
            self._recorder.chose("framing", "note", "The server closed without TLS's close_notify.")
        if not isinstance(self._http, Http1):
            for note in self._http.notes:
                self._recorder.chose("framing", "note", note)
        elif self._http.surplus:
            self._recorder.chose(
                "framing",
                "surplus",
                f"{self._http.surplus:,} octets came behind the end of the response; "
                "they answer no request.",
            )

    def _why_not_kept(self, request: Request, head: Head) -> str:
        """Why no other request may follow; what has come meanwhile is taken to find out."""
        if not isinstance(self._http, Http1):
            return self._why_no_stream(self._http)
        given = [value for name, value in request.user_fields if name.lower() == "connection"]
        why = why_not_kept(request.version, options(given), head)
        if why:
            return why
        if self._content_withheld or self._connection.unsent:
            return "The request was not sent to its end."
        if self._http.surplus or self._connection.come() is not None:
            if self._connection.ended:
                return "The server closed the connection behind the response."
            return "Octets came behind the response that answer no request."
        return ""

    def _why_no_stream(self, http: Http2 | Http3) -> str:
        data = self._connection.come()
        if data:
            http.receive(data)
            self._connection.queue(http.data_to_send())
        ended = "The server closed the connection behind the response."
        return http.why_not_kept() or (ended if data == b"" else "")
