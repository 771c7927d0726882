"""HTTP/3 as a client speaks it: one stream after the other (RFC 9114), without any I/O.

Theory of operation. One object serves one connection of QUIC, which takes and gives datagrams by
itself. `start` opens the next stream with a request. When something has come, `receive` asks QUIC
for it and makes of it the events of HTTP/1: an `Interim` for each 1xx response, one `Head`,
`Content` as it arrives, and `End`, or `Broken`. aioquic frames and packs, by pylsqpack, behind the
fences of `http3_fences`; field sections are held to the rules that HTTP/2 has, which are the same.

Content of a request is handed to QUIC in pieces, the next one when the one before has gone out;
QUIC itself keeps to the windows of the server.
"""

from __future__ import annotations

from typing import Final

from aioquic.h3.connection import ErrorCode
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.events import QuicEvent, StreamReset

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.head import FieldLines
from netcore.protocols.http1 import Broken, Content, End, Head, HttpEvent, Interim
from netcore.protocols.http2_errors import wrong_length
from netcore.protocols.http2_fields import Section, read_response, read_trailers, request_fields
from netcore.protocols.http3_errors import as_http3, code_of, explain
from netcore.protocols.http3_fences import FencedH3, ProtocolError
from netcore.protocols.quic import Quic
from netcore.protocols.quic_errors import error_name

_PIECE: Final = 131_072  # octets of content that QUIC is given at once


class Http3:
    """HTTP/3 on one connection, and the stream that is open on it."""

    def __init__(self, quic: Quic, limits: Limits) -> None:
        self.started = False  # whether the server has begun to answer on the stream
        self.inside_content = False  # content is given out as it comes, whole frame or not
        self.notes: list[str] = []  # what was odd behind the response and did no harm
        self.left_out: list[str] = []  # names of fields of the request that HTTP/3 has no place for
        self._quic = quic
        self._limits = limits
        self._h3: FencedH3 | None = None
        self._failed = False
        self._stream = 0
        self._reset()

    def _reset(self) -> None:
        """Be ready for a response."""
        self.started = False
        self.notes, self.left_out = [], []
        self._head: Head | None = None
        self._content = b""
        self._sent = 0  # octets of the content that QUIC was given
        self._received = 0
        self._interim = 0
        self._done = False

    # The request

    @property
    def greeted(self) -> bool:
        """Whether the server's SETTINGS have come."""
        return self._h3 is not None and self._h3.greeted

    @property
    def request_sent(self) -> bool:
        """Whether all of the request has gone out, or nobody asks for the rest of it any more."""
        if self._done or self._failed:
            return True
        return self._sent >= len(self._content) and not self._quic.unsent

    def start(
        self,
        method: str,
        target: str,
        fields: FieldLines,
        content: bytes | None = None,
        scheme: str = "https",
    ) -> None:
        """Open the next stream with a request, whose content `send_content` lets go.

        Raises: FetchError http.bad_request if a part of it cannot be written as HTTP.
        """
        self._reset()
        if self._h3 is None:
            self._h3 = FencedH3(self._quic.connection, self._limits.header_octets)
        try:
            lines, self.left_out = request_fields(method, scheme, target, fields)
        except UnicodeEncodeError as error:
            self._done = True
            text = f"This request cannot be written as HTTP/3: {error}."
            raise FetchError("http.bad_request", text) from error
        self._stream = self._quic.connection.get_next_available_stream_id()
        self._h3.send_headers(self._stream, lines, end_stream=not content)
        self._method = method
        self._content = content or b""

    def send_content(self) -> None:
        """Hand QUIC the next piece of the content, once the one before has gone out."""
        if self._sent >= len(self._content) or self.request_sent or self._quic.unsent:
            return
        assert self._h3 is not None
        piece = self._content[self._sent : self._sent + _PIECE]
        self._sent += len(piece)
        self._h3.send_data(self._stream, piece, end_stream=self._sent == len(self._content))

    def data_to_send(self) -> bytes:
        """Nothing: QUIC has it already."""
        return b""

    def why_not_kept(self) -> str:
        """Why no other request may follow on the connection, "" if one may."""
        if self._failed or self._quic.failure is not None:
            return "The connection failed behind the response."
        if self._h3 is not None and self._h3.goaway:
            return "The server said GOAWAY: it takes no new stream here."
        if self._sent < len(self._content):
            return "The request was not sent to its end."
        return ""

    # The response

    def receive(self, news: bytes) -> list[HttpEvent]:
        """Take what QUIC has for us. In: b"" says that no more will come."""
        events: list[HttpEvent] = []
        if self._failed:
            return events
        try:
            for event in self._quic.take_events():
                self._take(event, events)
            if not news and not self._done:
                text = "The connection ended before the response did."
                raise FetchError("quic.closed", text)
        except FetchError as error:
            self._fail(error, events)
        assert self._h3 is not None
        blocked = self._h3.is_blocked(self._stream)
        self.started = self.started or blocked
        self._quic.blocked = blocked and not self._done
        return events

    def _fail(self, error: FetchError, events: list[HttpEvent]) -> None:
        self._failed = True
        if self._done:
            self.notes.append(f"Behind the response: {error.message}")
        else:
            events.append(Broken(error.code, error.message))
        self._done = True
        self._quic.fail(error, code_of(error), None)

    def _take(self, event: QuicEvent, events: list[HttpEvent]) -> None:
        assert self._h3 is not None
        try:
            made = self._h3.take(event)
        except FetchError:
            self._take_events(self._h3.made, events)
            raise
        except ProtocolError as error:
            self._take_events(self._h3.made, events)
            raise explain(error) from error
        if isinstance(event, StreamReset) and event.stream_id == self._stream:
            self._take_reset(event.error_code)
        self._take_events(made, events)

    def _take_events(self, made: list[H3Event], events: list[HttpEvent]) -> None:
        for each in made:
            self._take_event(each, events)

    def _take_reset(self, code: int) -> None:
        name = error_name(code, application=True)
        if self._done:
            self.notes.append(f"Behind the response the server reset the stream: {name}.")
            return
        came = f" after {self._received:,} octets of content" if self._head else ""
        raise FetchError(
            "quic.reset", f"The server reset stream {self._stream}{came} (RESET_STREAM): {name}."
        )

    def _take_event(self, event: H3Event, events: list[HttpEvent]) -> None:
        try:
            match event:
                case HeadersReceived(headers=fields, stream_id=self._stream, stream_ended=ended):
                    self.started = True
                    self._take_fields(fields, ended, events)
                case DataReceived(data=data, stream_id=self._stream, stream_ended=ended):
                    self._take_data(data or b"", ended, events)
        except FetchError as error:
            if error.code.startswith("h2."):
                raise as_http3(error) from error
            raise

    def _take_fields(
        self, fields: list[tuple[bytes, bytes]], ended: bool, events: list[HttpEvent]
    ) -> None:
        if self._head is not None:
            self._finish(read_trailers(fields, self._limits), events)
            return
        section = read_response(fields, self._limits)
        if section.status_code < 200:
            self._take_interim(section, events)
        else:
            self._take_head(section, events)
        if ended:
            self._end(events)

    def _take_interim(self, section: Section, events: list[HttpEvent]) -> None:
        self._interim += 1
        if self._interim > self._limits.interim:
            raise FetchError(
                "limit.interim",
                f"The server sent more than {self._limits.interim} interim (1xx) responses.",
            )
        events.append(Interim(section.status_code, ""))

    def _take_head(self, section: Section, events: list[HttpEvent]) -> None:
        framing, length, notes = "end_stream", section.length, list(section.notes)
        status = section.status_code
        if self._method == "HEAD" or status in (204, 304):
            framing = "none"
            if length and self._method != "HEAD" and status == 204:
                notes.append(f"content-length is {length}, but 204 has no content.")
            length = None
        elif length is not None:
            framing = "length"
        self._head = Head(status, "", "3", section.fields, framing, length, tuple(notes))
        events.append(self._head)

    def _take_data(self, data: bytes, ended: bool, events: list[HttpEvent]) -> None:
        head = self._head
        self._received += len(data)
        if data and head is not None:
            if head.framing == "none" or self._received > (head.length or self._received):
                raise wrong_length(head.length, self._received)
            events.append(Content(data))
        if ended:
            self._end(events)

    def _end(self, events: list[HttpEvent]) -> None:
        if self._head is None:
            raise FetchError(
                "h3.protocol",
                f"Stream {self._stream} ended before the head of a response had come.",
            )
        self._finish((), events)

    def _finish(self, trailers: FieldLines, events: list[HttpEvent]) -> None:
        if self._done:
            return
        assert self._head is not None
        if self._head.length is not None and self._head.length != self._received:
            raise wrong_length(self._head.length, self._received)
        self._done = True
        if self._sent < len(self._content):
            self._quic.connection.reset_stream(self._stream, ErrorCode.H3_REQUEST_CANCELLED)
        events.append(End(trailers))
