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
from netcore.dissect.http2 import PREFACE
from netcore.field import Field, find
from netcore.framing.content import inflated
from netcore.framing.websocket import begins_frame
from netcore.pdu import DE_CHUNKED, MOST_UNITS, Pdu

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

    def first(self, name: str) -> str:
        """The value of the first field line of that name, "" if there is none."""
        return next((value for key, value in self.field_lines if key == name), "")


class Switched(NamedTuple):
    """A connection that went on in another protocol after a 101."""

    sent: int  # where that begins in each direction, in octets
    received: int
    protocol: str  # "h2c" (RFC 7540 §3.2) or "websocket" (RFC 6455 §4)
    request: Head  # what asked for it
    answer: Head


class Framed(NamedTuple):
    """The units of one connection, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]
    switched: Switched | None = None


def frame(sent: Channel | None, received: Channel | None, connection: str) -> Framed:
    """Cut both directions of one connection; `connection` is its number, for names.

    Where it switches to another protocol the octets behind are left to others.
    """
    result = Framed([], [])
    heads: list[Head] = []
    ends = {"sent": 0, "received": 0}
    switched = ""
    answer = Head(("", ""), ())
    if sent is not None:
        cutter = _Cutter(sent, result)
        while cutter.at < len(sent.octets) and not (heads and (switched := cutter.switches())):
            head = cutter.head("http1_request_head")
            heads.append(head)
            cutter.body(head, _request_length(head), f"http1:{connection}/{len(heads)}.sent")
        ends["sent"] = cutter.end()
    if received is not None:
        cutter = _Cutter(received, result)
        methods = [head.start_line[0] for head in heads]
        for number, method in enumerate(methods or ["GET"], start=1):
            answer = cutter.response(method, f"http1:{connection}/{number}.received") or answer
            switched = switched or _switch(answer)
        if not switched:
            cutter.rest("surplus")
        ends["received"] = cutter.end()
    if not switched:
        return result
    request = heads[-1] if heads else Head(("", ""), ())
    return Framed(
        result.pdus,
        result.channels,
        Switched(**ends, protocol=switched, request=request, answer=answer),
    )


def _switch(answer: Head) -> str:
    """Which protocol follows an answer, "" if HTTP/1.1 goes on."""
    named = answer.values("upgrade") if answer.start_line[1] == "101" else []
    return next((name for name in ("h2c", "websocket") if name in named), "")


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

    def switches(self) -> str:
        """Which protocol a client goes on in here, "" if it is a request of HTTP/1.1."""
        if self.octets.startswith(PREFACE, self.at):
            return "h2c"
        return "websocket" if begins_frame(self.octets[self.at : self.at + 2]) else ""

    def end(self) -> int:
        """Where cutting has ended; what crossed behind the cap becomes a unit without octets."""
        if self.channel.missing and self.at == len(self.octets):
            span = Span(self.channel.name, self.at, self.at)
            self.result.pdus.append(Pdu("not_kept", b"", (span,), missing=self.channel.missing))
        return self.at

    def head(self, protocol: str) -> Head:
        empty = _EMPTY_HEAD.match(self.octets, self.at)
        found = empty or _HEAD_END.search(self.octets, self.at)
        pdu = self.cut(protocol, found.end() if found else len(self.octets))
        return _read_head(pdu.fields())

    def response(self, method: str, name: str) -> Head | None:
        """Cut one answer with its body; its final head, None if there is none."""
        while self.at < len(self.octets):
            head = self.head("http1_response_head")
            status = head.start_line[1]
            if status.startswith("1") and status != "101":
                continue
            self.body(head, _response_length(head, method), name)
            return head
        return None

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
        content = inflated(body, origin, codings, head.start_line[1])
        if content is not None:
            self.result.pdus.append(content)


def _line_end(octets: bytes, at: int) -> int:
    """How many octets of CRLF stand here: 2, 1 at the end of what was received, or 0."""
    there = octets[at : at + 2]
    if there == b"\r\n":
        return 2
    return 1 if there in (b"\r", b"\n") or there[:1] == b"\n" else 0


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
