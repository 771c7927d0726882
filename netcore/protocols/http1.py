"""HTTP/1.1 as a client speaks it: one request and its response (RFC 9112), without any I/O.

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

import re

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
    shown,
)


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


class Broken(msgspec.Struct, frozen=True):
    """The octets are not a response, or are more than the limits allow."""

    code: str
    message: str


HttpEvent = Interim | Head | Content | End | Broken

_LENGTH = re.compile(rb"[0-9]{1,18}")


class Http1:
    """One request and its response."""

    def __init__(self, limits: Limits) -> None:
        self.surplus = 0  # octets that came behind the response
        self.started = False  # whether the server has sent anything
        self._limits = limits
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
        self._method = ""
        self._interim = 0
        self._section = self._new_section()
        self._body: _Length | _UntilClose | Chunked | None = None
        self._done = False

    def start(
        self, method: str, target: str, fields: FieldLines, content: bytes | None = None
    ) -> bytes:
        """The octets of the request.

        Raises: FetchError http.bad_request if a part of it cannot be written as HTTP.
        """
        self._method = method
        try:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
            request = h11.Request(method=method, target=target, headers=headers)
            octets = self._h11.send(request) or b""
            if content:
                octets += self._h11.send(h11.Data(data=content)) or b""
            return octets + (self._h11.send(h11.EndOfMessage()) or b"")
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise FetchError(
                "http.bad_request", f"This request cannot be written as HTTP/1.1: {error}."
            ) from error

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
        if not isinstance(self._body, _UntilClose):
            raise FetchError("http.incomplete_body", self._body.incomplete())
        self._finish(events)

    def _finish(self, events: list[HttpEvent], trailers: FieldLines = ()) -> None:
        self._done = True
        events.append(End(trailers))

    def _take_content(
        self, body: _Length | _UntilClose | Chunked, data: bytes, events: list[HttpEvent]
    ) -> bytes:
        content: list[bytes] = []
        try:
            rest = body.take(data, content)
        finally:
            if content:
                events.append(Content(content[0] if len(content) == 1 else b"".join(content)))
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
            raise FetchError(
                "h1.unexpected_101",
                "The server switched protocols (101), which the request had not asked for.",
            )
        notes: list[str] = []
        framing, length = self._framing(octets, notes)
        message = self._parse(octets)
        reason = message.reason.decode("latin-1")
        if isinstance(message, h11.InformationalResponse):
            self._count_interim()
            events.append(Interim(message.status_code, reason))
            return rest
        version = message.http_version.decode("ascii")
        status = message.status_code
        fields = decoded(message)
        events.append(Head(status, reason, version, fields, framing, length, tuple(notes)))
        self._begin_content(framing, length, events)
        return rest

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

    def _begin_content(self, framing: str, length: int | None, events: list[HttpEvent]) -> None:
        if framing == "chunked":
            self._body = Chunked(self._limits)
        elif framing == "close":
            self._body = _UntilClose()
        elif framing == "length" and length:
            self._body = _Length(length)
        else:
            self._finish(events)

    def _framing(self, head: bytes, notes: list[str]) -> tuple[str, int | None]:
        """How the content is delimited (RFC 9112 §6.3), and its length if that is known."""
        codings = raw_values(head, b"transfer-encoding")
        length = _content_length(raw_values(head, b"content-length"))
        if codings and [each.lower() for each in codings] != [b"chunked"]:
            listed = ", ".join(shown(each) for each in codings)
            raise FetchError(
                "h1.bad_te", f"Transfer-Encoding is {listed}; a client can read 'chunked' only."
            )
        _note_oddities(head, bool(codings), length is not None, notes)
        status = head[head.index(b" ") + 1 :][:3]
        if self._has_no_content(status):
            if length and self._method != "HEAD" and status != b"304":
                notes.append(f"Content-Length is {length}, but {status.decode()} has no content.")
            return "none", None
        if codings:
            return "chunked", None
        return ("close", None) if length is None else ("length", length)

    def _has_no_content(self, status: bytes) -> bool:
        if self._method == "HEAD" or status in (b"204", b"304"):
            return True
        return self._method == "CONNECT" and status[:1] == b"2"


class _Length:
    """Content of a known number of octets."""

    trailers: FieldLines = ()

    def __init__(self, length: int) -> None:
        self._length = length
        self._left = length

    @property
    def done(self) -> bool:
        return not self._left

    def take(self, data: bytes, content: list[bytes]) -> bytes:
        piece = data if len(data) <= self._left else data[: self._left]
        content.append(piece)
        self._left -= len(piece)
        return data[len(piece) :]

    def incomplete(self) -> str:
        return (
            f"The server announced {self._length:,} octets of content and closed the connection "
            f"after {self._length - self._left:,}."
        )


class _UntilClose:
    """Content that ends with the stream."""

    trailers: FieldLines = ()
    done = False

    def take(self, data: bytes, content: list[bytes]) -> bytes:
        content.append(data)
        return b""


def _content_length(values: list[bytes]) -> int | None:
    """One length from all Content-Length fields; a list of equal ones counts as one."""
    parts = {part.strip(b" \t") for value in values for part in value.split(b",")}
    for part in sorted(parts):
        if not _LENGTH.fullmatch(part):
            raise FetchError("h1.bad_length", f"Content-Length is {shown(part)}, not a number.")
    lengths = {int(part) for part in parts}
    if len(lengths) > 1:
        listed = " and ".join(str(each) for each in sorted(lengths))
        raise FetchError(
            "h1.conflicting_length", f"The response has two values of Content-Length: {listed}."
        )
    return lengths.pop() if lengths else None


def _note_oddities(head: bytes, coded: bool, has_length: bool, notes: list[str]) -> None:
    if coded and has_length:
        notes.append(
            "The head has both Transfer-Encoding and Content-Length: chunked decides, as "
            "RFC 9112 §6.3 says. Two programs that decide differently can be played off."
        )
    if coded and head.startswith(b"HTTP/1.0"):
        notes.append("Chunks in an HTTP/1.0 response: HTTP/1.0 does not know them.")
    if b"\n " in head or b"\n\t" in head:
        notes.append("A field continues on the next line (obs-fold); the lines were joined.")
    if head.count(b"\n") != head.count(b"\r\n"):
        notes.append("Some lines of the head end in LF alone; CR LF is right.")
