"""HTTP/1 as a client speaks it: one request and its response (RFC 9112), without any I/O.

Theory of operation. `start` gives the octets of the request. What the server sends goes into
`receive`, cut anywhere, and comes out as events: an `Interim` for each 1xx response, one `Head`,
`Content` as it arrives, and `End`, or at any place `Broken`, behind which nothing comes.
`receive(b"")` is the end of the stream. Octets behind `End` are counted in `surplus` and read by
nobody.

A response passes through three states. In *head* the octets are kept until an empty line; each
line is held against the limits as soon as it is there, then h11 reads the whole head. The head
decides how the content is delimited (RFC 9112 §6.3), and in *content* a small reader for that one
way takes over: nothing, a number of octets, chunks, or everything up to the end of the stream.
In *done* there is only surplus. h11 writes the request and reads heads and trailer sections. It
does not read the content: it cannot tell apart the faults that chunks can have, and passing each
octet through it costs several times the recording.

Every decision is made at a fixed octet of the stream, never at the end of what happened to
arrive together, so the outcome does not depend on how the octets were cut.
"""

from __future__ import annotations

import h11
import msgspec

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.chunked import Chunked
from netcore.protocols.head import (
    FieldLines,
    SectionReader,
    bad_header,
    decoded,
    raw_values,
)
from netcore.protocols.message_body import Length, UntilClose, framing


class Interim(msgspec.Struct, frozen=True):
    """A 1xx response: another one follows."""

    status_code: int
    reason_phrase: str


class Head(msgspec.Struct, frozen=True):
    """The head of the final response."""

    status_code: int
    reason_phrase: str
    http_version: str
    fields: FieldLines  # names as they stood on the wire, values without white space around
    framing: str  # how the content is delimited: "none", "length", "chunked" or "close"
    length: int | None  # octets of content, where the head says it
    notes: tuple[str, ...]  # what was odd and accepted, one sentence each

    def values(self, name: str) -> list[str]:
        """The values of all field lines of that name (lower case), in order."""
        return [value for key, value in self.fields if key.lower() == name]


class Content(msgspec.Struct, frozen=True):
    """Octets of content, after the transfer coding was undone."""

    data: bytes


class End(msgspec.Struct, frozen=True):
    """The response is complete."""

    trailers: FieldLines


class Switched(msgspec.Struct, frozen=True):
    """101, as was asked for: what follows is of another protocol."""

    rest: bytes  # what has come of it already
    head: Head


class Broken(msgspec.Struct, frozen=True):
    """The octets are not a response, or are more than the limits allow."""

    code: str
    message: str


HttpEvent = Interim | Head | Content | End | Switched | Broken
_LARGE = 4_096


class Http1:
    """One request and its response.

    In: `version` of the request, "1.0" or "1.1"; `switches`, the protocol that it asks to switch
    to, "h2c" or "websocket", "" if it asks for none.
    """

    def __init__(self, limits: Limits, version: str = "1.1", *, switches: str = "") -> None:
        self.surplus = 0  # octets that came behind the response
        self.started = False  # whether the server has sent anything
        self._limits = limits
        self._version = version
        self._switches = switches
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
        self._method = ""
        self._interim = 0
        self._section = self._new_section()
        self._body: Length | UntilClose | Chunked | None = None
        self._done = False

    def start(
        self, method: str, target: str, fields: FieldLines, content: bytes | None = None
    ) -> tuple[bytes, bytes]:
        """The octets of the request: its head, and its content as it is framed.

        Raises: FetchError http.bad_request if a part of it cannot be written as HTTP.
        """
        self._method = method
        try:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
            request = h11.Request(method=method, target=target, headers=headers)
            head = self._h11.send(request) or b""
            framed = (self._h11.send(h11.Data(data=content)) or b"") if content else b""
            framed += self._h11.send(h11.EndOfMessage()) or b""
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise FetchError(
                "http.bad_request",
                f"This request cannot be written as HTTP/{self._version}: {error}.",
            ) from error
        return self._in_version(head, fields), framed

    def _in_version(self, head: bytes, fields: FieldLines) -> bytes:
        """The head as h11 wrote it, for 1.1, or with the version that was asked for."""
        if self._version == "1.1":
            return head
        if any(name.lower() == "transfer-encoding" for name, _ in fields):
            raise FetchError(
                "http.bad_request",
                "HTTP/1.0 has no transfer codings, so its content cannot be sent in chunks.",
            )
        return head.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)

    def receive(self, data: bytes) -> list[HttpEvent]:
        """Take octets from the server; b"" says that no more will come."""
        events: list[HttpEvent] = []
        try:
            if data:
                self.started = True
                self._take(data, events)
            elif not self._done:
                self._end_of_stream(events)
        except FetchError as error:
            self._done = True
            events.append(Broken(error.code, error.message))
        return events

    def _take(self, data: bytes, events: list[HttpEvent]) -> None:
        while data and not self._done:
            if self._body is None:
                data = self._take_head(data, events)
            else:
                data = self._take_content(self._body, data, events)
        self.surplus += len(data)

    def _end_of_stream(self, events: list[HttpEvent]) -> None:
        if not self.started:
            raise FetchError(
                "tcp.closed_early", "The server closed the connection before it sent an octet."
            )
        if self._body is None:
            raise FetchError("h1.incomplete_header", self._section.incomplete())
        if not isinstance(self._body, UntilClose):
            raise FetchError("http.incomplete_body", self._body.incomplete())
        self._finish(events)

    def _finish(self, events: list[HttpEvent], trailers: FieldLines = ()) -> None:
        self._done = True
        events.append(End(trailers))

    def _take_content(
        self, body: Length | UntilClose | Chunked, data: bytes, events: list[HttpEvent]
    ) -> bytes:
        content: list[bytes] = []
        try:
            rest = body.take(data, content)
        finally:
            events.extend(map(Content, _worth_an_event(content)))
        if body.done:
            self._finish(events, body.trailers)
        return rest

    # Heads

    def _new_section(self) -> SectionReader:
        limits = self._limits
        return SectionReader(limits.header_line_octets, limits.header_octets, limits.header_count)

    def _take_head(self, data: bytes, events: list[HttpEvent]) -> bytes:
        octets, rest = self._section.take(data)
        if octets is None:
            return rest
        self._section = self._new_section()
        if octets.startswith(b"101", octets.index(b" ") + 1):
            self._take_switch(octets, rest, events)
            return b""
        notes: list[str] = []
        delimited, length = framing(octets, self._method, notes)
        message = self._parse(octets)
        reason = message.reason.decode("latin-1")
        if isinstance(message, h11.InformationalResponse):
            self._count_interim()
            events.append(Interim(message.status_code, reason))
            return rest
        version = message.http_version.decode("ascii")
        status = message.status_code
        fields = decoded(message)
        events.append(Head(status, reason, version, fields, delimited, length, tuple(notes)))
        self._begin_content(delimited, length, events)
        return rest

    def _take_switch(self, octets: bytes, rest: bytes, events: list[HttpEvent]) -> None:
        named = [value.lower() for value in raw_values(octets, b"upgrade")]
        # Of a WebSocket the whole head is judged, by who has the key.
        if not self._switches or (self._switches == "h2c" and named != [b"h2c"]):
            raise FetchError(
                "h1.unexpected_101",
                "The server switched protocols (101), which the request had not asked for.",
            )
        message = self._parse(octets)
        reason, version = message.reason.decode("latin-1"), message.http_version.decode("ascii")
        self._done = True
        head = Head(101, reason, version, decoded(message), "none", None, ())
        events.append(Switched(rest, head))

    def _parse(self, octets: bytes) -> h11.InformationalResponse | h11.Response:
        try:
            self._h11.receive_data(octets)
            message = self._h11.next_event()
        except h11.RemoteProtocolError as error:
            raise bad_header("The head of the response", octets) from error
        assert isinstance(message, h11.InformationalResponse | h11.Response)
        return message

    def _count_interim(self) -> None:
        self._interim += 1
        if self._interim > self._limits.interim:
            raise FetchError(
                "limit.interim",
                f"The server sent more than {self._limits.interim} interim (1xx) responses.",
            )

    def _begin_content(self, delimited: str, length: int | None, events: list[HttpEvent]) -> None:
        if delimited == "chunked":
            self._body = Chunked(self._limits)
        elif delimited == "close":
            self._body = UntilClose()
        elif delimited == "length" and length:
            self._body = Length(length)
        else:
            self._finish(events)


def _worth_an_event(pieces: list[bytes]) -> list[bytes]:
    """Small pieces joined, since each event costs some; large ones as they are, since copies do."""
    if len(pieces) < 2 or sum(map(len, pieces)) >= _LARGE * len(pieces):
        return pieces
    return [b"".join(pieces)]
