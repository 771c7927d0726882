"""HTTP/2 as a client speaks it: one stream after the other (RFC 9113), without any I/O.

Theory of operation. One object serves one connection. `start` opens the next stream with a request;
`data_to_send` gives what has to go to the server now, and has to be asked for after each step. What
the server sends goes into `receive`, cut anywhere, and comes out as the events of HTTP/1: an
`Interim` for each 1xx response, one `Head`, `Content` as it arrives, and `End`, or `Broken`.
`receive(b"")` is the end of the connection. Behind `End` what still comes is read, so that the
connection is in order for the next stream, but it ends no response any more.

`http2_frames` cuts and counts the frames, and each goes to h2 alone: what frames say before a
fault is kept, and the outcome does not depend on how the octets were cut. h2 keeps the states of
streams, the tables of HPACK and the windows, and answers SETTINGS and PING. GOAWAY is not shown to
it: it would take no frame behind one, and a response may well go on there.

Windows. Where content has a bound, a stream's window is that bound and one octet, and is never
opened further but for padding: a server that keeps to it cannot send more than is read, and one
that overruns it is found out. Without a bound it is 16 MiB and opened as content comes.
"""

from __future__ import annotations

from typing import Final

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings
from h2.errors import ErrorCodes

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols import http2_frames as frames
from netcore.protocols.head import FieldLines
from netcore.protocols.http1 import Broken, Content, End, Head, HttpEvent, Interim
from netcore.protocols.http2_errors import (
    TOO_FAR,
    code_of,
    error_name,
    explain,
    goaway_sentence,
    wrong_length,
)
from netcore.protocols.http2_fields import Section, read_response, read_trailers, request_fields

_WINDOW: Final = 16 << 20
_DEFAULT_WINDOW: Final = 65_535
_AT_ONCE: Final = 131_072  # octets of content that are handed out between two looks at the server


class Http2:
    """One connection, and the stream that is open on it."""

    def __init__(self, limits: Limits) -> None:
        self.started = False  # whether the server has begun to answer on the stream
        self.notes: list[str] = []  # what was odd behind the response and did no harm
        self.left_out: list[str] = []  # names of fields of the request that HTTP/2 has no place for
        self._limits = limits
        most = limits.body_read_octets
        self._bounded = most is not None and most < _WINDOW
        self._window = most + 1 if most is not None and self._bounded else _WINDOW
        self._reader = frames.FrameReader(limits)
        self._h2 = self._new_connection()
        self._begun = False
        self._failed = False
        self._credit = 0  # octets that the connection's window has not got back
        self._goaway: tuple[int, int, bytes] | None = None  # last stream, error code, debug data
        self._stream = 0
        self._reset()

    def _new_connection(self) -> h2.connection.H2Connection:
        config = h2.config.H2Configuration(
            client_side=True,
            header_encoding=None,
            validate_inbound_headers=False,  # they are, with a sentence for each fault
            normalize_inbound_headers=False,
        )
        connection = h2.connection.H2Connection(config)
        codes = h2.settings.SettingCodes
        connection.local_settings = h2.settings.Settings(
            client=True,
            initial_values={
                codes.ENABLE_PUSH: 0,
                codes.INITIAL_WINDOW_SIZE: self._window,
                codes.MAX_HEADER_LIST_SIZE: self._limits.header_octets,
            },
        )
        del connection.local_settings[codes.ENABLE_CONNECT_PROTOCOL]  # a server's to say
        connection.decoder.max_header_list_size = self._limits.header_octets
        return connection

    def _reset(self) -> None:
        """Be ready for a response."""
        self.started = False
        self.notes, self.left_out = [], []
        self._head: Head | None = None
        self._content = b""
        self._sent = 0  # octets of the content that were handed out
        self._received = 0  # octets of content
        self._interim = 0
        self._done = False

    # The request

    @property
    def greeted(self) -> bool:
        """Whether the server's SETTINGS have come."""
        return self._reader.greeted

    @property
    def inside_content(self) -> bool:
        """Whether a part of a DATA frame has come, which is given out when it is whole."""
        return self._reader.inside_data

    @property
    def request_sent(self) -> bool:
        """Whether all of the request was handed out, or nobody asks for the rest of it any more."""
        return self._sent >= len(self._content) or self._done or self._failed

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
        try:
            if not self._begun:
                self._begin()
            elif self._credit:
                self._h2.increment_flow_control_window(self._credit)
                self._credit = 0
            lines, self.left_out = request_fields(method, scheme, target, fields)
            self._stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(self._stream, lines, end_stream=not content)
        except (h2.exceptions.H2Error, UnicodeEncodeError) as error:
            self._done = True
            said = str(error).rstrip(".")
            raise FetchError(
                "http.bad_request", f"This request cannot be written as HTTP/2: {said}."
            ) from error
        self._method = method
        self._content = content or b""

    def _begin(self) -> None:
        self._begun = True
        self._h2.initiate_connection()
        self._open_connection_window()

    def _open_connection_window(self) -> None:
        if self._window > _DEFAULT_WINDOW:
            self._h2.increment_flow_control_window(self._window - _DEFAULT_WINDOW)

    def offer_upgrade(self) -> str:
        """The value of HTTP2-Settings in a request that asks to switch (RFC 7540 §3.2.1)."""
        self._begun = True
        settings = self._h2.initiate_upgrade_connection() or b""
        return settings.decode("ascii").rstrip("=")

    def upgraded(self, method: str) -> None:
        """The server has switched: it answers that request on stream 1."""
        self._open_connection_window()
        self._stream, self._method = 1, method
        self._h2.streams[1].request_method = method.encode("latin-1")

    def send_content(self) -> None:
        """Hand out as much of the content as the server's windows let through."""
        left = _AT_ONCE
        while left > 0 and not self.request_sent:
            room = self._h2.local_flow_control_window(self._stream)
            size = min(room, self._h2.max_outbound_frame_size, left)
            if size <= 0:
                return
            piece = self._content[self._sent : self._sent + size]
            self._sent += len(piece)
            left -= len(piece)
            self._reader.content += len(piece)
            last = self._sent == len(self._content)
            self._h2.send_data(self._stream, piece, end_stream=last)

    def data_to_send(self) -> bytes:
        """Octets for the server."""
        return self._h2.data_to_send() if self._begun else b""

    def close(self) -> bytes:
        """The last octets for the server: what is still to be sent, and GOAWAY."""
        if not self._begun or self._failed:
            return self.data_to_send()
        if self._stream and not self._done:
            self._cancel()
        self._failed = True
        self._h2.close_connection()
        return self._h2.data_to_send()

    def _cancel(self) -> None:
        try:
            self._h2.reset_stream(self._stream, ErrorCodes.CANCEL)
        except h2.exceptions.H2Error:
            return  # it is closed already

    def why_not_kept(self) -> str:
        """Why no other request may follow on the connection, "" if one may."""
        if self._failed:
            return "The connection failed behind the response."
        if self._goaway is not None:
            return "The server said GOAWAY: it takes no new stream here."
        if self._sent < len(self._content):
            return "The request was not sent to its end."
        if self._h2.remote_settings.max_concurrent_streams < 1:
            return "The server allows no stream at the moment."
        return ""

    # The response

    def receive(self, data: bytes) -> list[HttpEvent]:
        """Take octets from the server; b"" says that no more will come."""
        events: list[HttpEvent] = []
        if self._failed:
            return events
        try:
            if data:
                self._reader.add(data)
                while (frame := self._reader.next()) is not None:
                    self._take(frame, events)
            elif not self._done:
                self._end_of_stream()
        except FetchError as error:
            self._fail(error, events)
        return events

    def _fail(self, error: FetchError, events: list[HttpEvent]) -> None:
        self._failed = True
        if self._done:
            self.notes.append(f"Behind the response: {error.message}")
        else:
            events.append(Broken(error.code, error.message))
        self._done = True
        self._h2.clear_outbound_data_buffer()
        if error.code.startswith(("h2.", "limit.")) and error.code != "h2.bad_preface":
            self._h2.close_connection(code_of(error))

    def _end_of_stream(self) -> None:
        inside = self._reader.end()
        if self._goaway is not None:
            raise FetchError("h2.goaway", goaway_sentence(*self._goaway, "and closed"))
        if not self._reader.octets:
            raise FetchError(
                "tcp.closed_early", "The server closed the connection before it sent an octet."
            )
        if self._head is None:
            raise FetchError(
                "tcp.closed_early",
                f"The server closed the connection {inside or 'behind a frame'}, before it had "
                f"answered on stream {self._stream}.",
            )
        announced = "" if self._head.length is None else f"{self._head.length:,} octets of "
        raise FetchError(
            "http.incomplete_body",
            f"The server {f'announced {announced}content and ' if announced else ''}closed the "
            f"connection after {self._received:,}, without END_STREAM.",
        )

    def _take(self, frame: frames.Frame, events: list[HttpEvent]) -> None:
        if frame.type == frames.GOAWAY:
            self._take_goaway(frame.payload)
            return
        if frame.type == frames.PUSH_PROMISE:
            raise FetchError(
                "h2.protocol", "The server promised a push, which our SETTINGS had switched off."
            )
        self._check_stream(frame)
        if frame.type == frames.RST_STREAM and frame.stream == self._stream:
            self._take_reset(int.from_bytes(frame.payload, "big"))
        if frame.type == frames.HEADERS and frame.stream == self._stream:
            self.started = True
        for event in self._fed(frame):
            self._take_event(event, events)

    def _check_stream(self, frame: frames.Frame) -> None:
        """A stream is the client's to open: odd, and none above the last (RFC 9113 §5.1.1)."""
        if frame.type == frames.PRIORITY or frame.type > frames.CONTINUATION:
            return
        if frame.stream > self._stream or (frame.stream and frame.stream % 2 == 0):
            raise FetchError(
                "h2.protocol",
                f"A {frames.name_of(frame.type)} frame came on stream {frame.stream}, which "
                "nobody had opened.",
            )

    def _take_goaway(self, payload: bytes) -> None:
        last = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        self._goaway = (last, int.from_bytes(payload[4:8], "big"), payload[8:])
        if not self._done and last < self._stream:
            raise FetchError("h2.goaway", goaway_sentence(*self._goaway, "before this request"))

    def _take_reset(self, code: int) -> None:
        name = error_name(code)
        if not self._done:
            raise FetchError(
                "h2.rst_stream",
                f"The server ended stream {self._stream} with RST_STREAM: {name}.",
            )
        self.notes.append(f"Behind the response the server sent RST_STREAM: {name}.")

    def _fed(self, frame: frames.Frame) -> list[h2.events.Event]:
        try:
            return self._h2.receive_data(frame.octets)
        except h2.exceptions.H2Error as error:
            raise explain(error, frame.type, self._window, self._limits.header_octets) from error

    def _take_event(self, event: h2.events.Event, events: list[HttpEvent]) -> None:
        match event:
            case h2.events.InformationalResponseReceived(headers=fields):
                self._take_interim(read_response(fields, self._limits), events)
            case h2.events.ResponseReceived(headers=fields, stream_ended=ended):
                self._take_head(read_response(fields, self._limits), events)
                if ended is not None:
                    self._finish((), events)
            case h2.events.TrailersReceived(headers=fields):
                self._finish(read_trailers(fields, self._limits), events)
            case h2.events.DataReceived():
                self._take_data(event, events)
            case h2.events.StreamReset(remote_reset=False):
                raise FetchError("h2.flow_control", TOO_FAR)

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
            # h2 would hold the content, of which there is none, to a length that is another's.
            self._h2.streams[self._stream]._expected_content_length = None
            if length and self._method != "HEAD" and status == 204:
                notes.append(f"content-length is {length}, but 204 has no content.")
            length = None
        elif length is not None:
            framing = "length"
        self._head = Head(status, "", "2", section.fields, framing, length, tuple(notes))
        events.append(self._head)

    def _take_data(self, event: h2.events.DataReceived, events: list[HttpEvent]) -> None:
        data, head = event.data or b"", self._head
        if head is None:
            raise FetchError("h2.protocol", "A DATA frame came before the head of the response.")
        self._received += len(data)
        if data and head.framing == "none":
            raise self._wrong_length(self._received)
        self._open_windows(event, len(data))
        if data:
            events.append(Content(data))
        if event.stream_ended is not None:
            self._finish((), events)

    def _open_windows(self, event: h2.events.DataReceived, content: int) -> None:
        octets = event.flow_controlled_length or 0
        if not self._bounded:
            self._h2.acknowledge_received_data(octets, self._stream)
            return
        self._credit += octets
        if self._credit >= self._window // 2:
            self._h2.increment_flow_control_window(self._credit)
            self._credit = 0
        if octets > content and event.stream_ended is None:  # padding is no content
            self._h2.increment_flow_control_window(octets - content, self._stream)

    def _finish(self, trailers: FieldLines, events: list[HttpEvent]) -> None:
        assert self._head is not None
        if self._head.length is not None and self._head.length != self._received:
            raise self._wrong_length(self._received)
        self._done = True
        if self._sent < len(self._content):
            self._cancel()
        events.append(End(trailers))

    def _wrong_length(self, actual: int) -> FetchError:
        return wrong_length(self._head.length if self._head else None, actual)
