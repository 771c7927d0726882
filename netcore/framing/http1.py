"""Where HTTP/1.1 heads, chunks and bodies begin and end (RFC 9112 §6 and §7).

Theory of operation. The requests of one connection are cut first; then the responses are cut
with the request that each one answers at hand, because the length of a response depends on its
request's method. Octets behind the last expected message are one unit, `surplus`. Framing here
is as lenient as it can be without guessing: whatever was received is shown, also where the
client refused it, and the dissector says what was wrong with it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from netcore.channels import Channel, Span, derive
from netcore.content_coding import Budget, content_decoder
from netcore.errors import FetchError
from netcore.field import Field, find
from netcore.pdu import DE_CHUNKED, INFLATED, MOST_UNITS, Pdu

DECODED_OCTETS = 5_242_880  # the same bound as the client's own decoding has in the web application
CODINGS = 2  # codings over each other that are undone, as in the client
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_EMPTY_HEAD = re.compile(rb"\r?\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;[^\r\n]*)?\r?\n")


class Head(NamedTuple):
    """What framing needs to know of a head."""

    start_line: tuple[str, str]  # method and target, or version and status code
    field_lines: tuple[tuple[str, str], ...]  # names in lower case

    def values(self, name: str) -> list[str]:
        """The members of all field lines of that name, in lower case."""
        lines = [value for key, value in self.field_lines if key == name]
        return [part.strip().lower() for line in lines for part in line.split(",")]


class Framed(NamedTuple):
    """The units of one connection, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]


def frame(sent: Channel | None, received: Channel | None, connection: str) -> Framed:
    """Cut both directions of one connection; `connection` is its number, for names."""
    result = Framed([], [])
    methods: list[str] = []
    if sent is not None:
        cutter = _Cutter(sent, result)
        while cutter.at < len(sent.octets):
            head = cutter.head("http1_request_head")
            methods.append(head.start_line[0])
            cutter.body(head, _request_length(head), f"http1:{connection}/{len(methods)}.sent")
        cutter.not_kept()
    if received is not None:
        cutter = _Cutter(received, result)
        for number, method in enumerate(methods or ["GET"], start=1):
            cutter.response(method, f"http1:{connection}/{number}.received")
        cutter.rest("surplus")
        cutter.not_kept()
    return result


class _Cutter:
    """Moves through one channel and cuts it."""

    def __init__(self, channel: Channel, result: Framed) -> None:
        self.channel = channel
        self.octets = channel.octets
        self.view = memoryview(channel.octets)  # a body is cut without a copy
        self.at = 0
        self.count = 0
        self.result = result

    def cut(self, protocol: str, end: int) -> Pdu:
        """One unit from here to `end`; all that is left if there were too many before it."""
        self.count += 1
        if self.count > MOST_UNITS:
            protocol, end = "uncut", len(self.octets)
        span = Span(self.channel.name, self.at, min(end, len(self.octets)))
        pdu = Pdu(protocol, self.view[span.start : span.end], (span,))
        self.result.pdus.append(pdu)
        self.at = span.end
        return pdu

    def rest(self, protocol: str) -> None:
        if self.at < len(self.octets):
            self.cut(protocol, len(self.octets))

    def not_kept(self) -> None:
        """What crossed behind the cap: a unit without octets."""
        if self.channel.missing:
            end = len(self.octets)
            span = Span(self.channel.name, end, end)
            self.result.pdus.append(Pdu("not_kept", b"", (span,), missing=self.channel.missing))

    def head(self, protocol: str) -> Head:
        empty = _EMPTY_HEAD.match(self.octets, self.at)
        found = empty or _HEAD_END.search(self.octets, self.at)
        pdu = self.cut(protocol, found.end() if found else len(self.octets))
        return _read_head(pdu.fields())

    def response(self, method: str, name: str) -> None:
        while self.at < len(self.octets):
            head = self.head("http1_response_head")
            status = head.start_line[1]
            if status.startswith("1") and status != "101":
                continue
            self.body(head, _response_length(head, method), name)
            return

    def body(self, head: Head, length: int | str, name: str) -> None:
        """Cut the body; `length` is a number of octets, "chunked" or "close"."""
        if length == "chunked":
            content = derive(name, self.chunks())
            if content.pieces:
                self.result.channels.append(content)
                spans = tuple(piece.below for piece in content.pieces if piece.below)
                pdu = Pdu("message_body", content.octets, spans, DE_CHUNKED)
                pdu.carries = Span(name, 0, len(content.octets))
                self.result.pdus.append(pdu)
                self.decoded(head, pdu, pdu.carries)
            return
        end = len(self.octets) if length == "close" else self.at + int(length)
        if end > self.at and self.at < len(self.octets):
            pdu = self.cut("message_body", end)
            self.decoded(head, pdu, pdu.origin[0])

    def chunks(self) -> list[tuple[Span, memoryview]]:
        """Cut chunks and the trailer section; returns the ranges of chunk-data."""
        data: list[tuple[Span, memoryview]] = []
        while self.at < len(self.octets):
            line = _CHUNK_SIZE.match(self.octets, self.at)
            if line is None:
                self.rest("http1_chunk")
                break
            size = int(line[1], 16)
            if not size:
                self.cut("http1_chunk", line.end())
                self.trailer_section()
                break
            start, end = line.end(), min(line.end() + size, len(self.octets))
            self.cut("http1_chunk", end + _line_end(self.octets, end))
            if end > start:
                span = Span(self.channel.name, start, end)
                data.append((span, self.view[start:end]))
        return data

    def trailer_section(self) -> None:
        empty = _EMPTY_HEAD.match(self.octets, self.at)
        found = empty or _HEAD_END.search(self.octets, self.at)
        if self.at < len(self.octets):
            self.cut("http1_trailer_section", found.end() if found else len(self.octets))

    def decoded(self, head: Head, body: Pdu, origin: Span) -> None:
        """The content with its content codings undone, as far as that goes."""
        codings = head.values("content-encoding")
        # A part of coded content, as in a 206, cannot be decoded by itself.
        if not codings or head.start_line[1] == "206":
            return
        content = _decoded(body.octets, codings)
        if content:
            self.result.pdus.append(Pdu("message_body", content, (origin,), INFLATED))


def _line_end(octets: bytes, at: int) -> int:
    """How many octets of CRLF stand here: 2, 1 at the end of what was received, or 0."""
    there = octets[at : at + 2]
    if there == b"\r\n":
        return 2
    return 1 if there in (b"\r", b"\n") or there[:1] == b"\n" else 0


def _decoded(octets: bytes, codings: list[str]) -> bytes:
    """What comes out of the codings before a fault or the bound; b"" where there are none."""
    content = bytearray()
    try:
        decoder, names, unknown = content_decoder(codings, CODINGS, Budget(DECODED_OCTETS))
        if names and not unknown:
            for part in decoder.decode(octets):
                content += part
    except FetchError:
        pass  # the trace has the failure; here is what stood before it
    return bytes(content)


def _read_head(tree: Field) -> Head:
    first = find(tree, "method") or find(tree, "http_version")
    second = find(tree, "request_target") or find(tree, "status_code")
    field_lines = []
    for line in tree.walk():
        if line.name != "field_line":
            continue
        name, value = find(line, "field_name"), find(line, "field_value")
        field_lines.append((_text(name).lower(), _text(value)))
    return Head((_text(first), _text(second)), tuple(field_lines))


def _text(field: Field | None) -> str:
    return "" if field is None or field.value is None else str(field.value)


def _request_length(head: Head) -> int | str:
    if head.values("transfer-encoding")[-1:] == ["chunked"]:
        return "chunked"
    return _content_length(head) or 0


def _response_length(head: Head, method: str) -> int | str:
    """RFC 9112 §6.3."""
    status = head.start_line[1]
    if method == "HEAD" or status in ("204", "304") or status == "101":
        return 0
    if method == "CONNECT" and status.startswith("2"):
        return 0  # what follows is a tunnel's (RFC 9110 §9.3.6)
    codings = head.values("transfer-encoding")
    if codings:
        return "chunked" if codings[-1] == "chunked" else "close"
    length = _content_length(head)
    return "close" if length is None else length


def _content_length(head: Head) -> int | None:
    values = head.values("content-length")
    return int(values[0]) if values and re.fullmatch("[0-9]{1,18}", values[0]) else None
