"""Where HTTP/2 frames begin and end, and what they carry together (RFC 9113 §4 and §8).

Theory of operation. Each direction is cut into the connection preface and frames. The fragments of
a field block, from HEADERS or PUSH_PROMISE and the CONTINUATION frames behind it, are one unit; it
stands in its frame, or was put together from several. From it the walk over the dynamic table
makes the field section, a unit of its own: the fields in the text form of HTTP/1.1, with the
block's octets as its origin. So every leaf keeps to its own bits, and what the table adds is in
another unit; `FieldBlock` ties the two together, line by line. The DATA frames of a stream are
ranges of a derived channel, "h2:1/3.received", and what it holds is the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from netcore.channels import Channel, Span, derive
from netcore.content_coding import Budget
from netcore.dissect.http2 import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    HEADER_OCTETS,
    HEADERS,
    PREFACE,
    PROTOCOLS,
    PUSH_PROMISE,
    SETTINGS_FRAME,
    FrameHeader,
    carried,
    frame_header,
    settings,
)
from netcore.framing.content import DECODED_OCTETS, inflated
from netcore.framing.hpack import TABLE_SIZE, Block, Decoder
from netcore.pdu import DE_FRAMED, DECOMPRESSED, MOST_UNITS, REASSEMBLED, SLICED, Pdu
from netcore.registries.hpack import Entry

HEADER_TABLE_SIZE: Final = 1  # a setting
_BEGINS: Final = PREFACE[:14]  # no request of HTTP/1 can begin like this
_AMBIGUOUS: Final = re.compile(r"[\r\n]|(?<=.):", re.S)  # in a name; in a value the line ends


class Frame(NamedTuple):
    """One frame."""

    direction: str  # "sent" or "received"
    header: FrameHeader
    pdu: Pdu

    @property
    def is_whole(self) -> bool:
        """Whether all of it came."""
        return self.pdu.size == HEADER_OCTETS + self.header.length

    @property
    def payload(self) -> bytes:
        """What is behind the header."""
        return self.pdu.octets[HEADER_OCTETS:]

    def has(self, flag: int) -> bool:
        """Whether a bit of the flags is set."""
        return bool(self.header.flags & flag)


class FieldBlock(NamedTuple):
    """A field block: its unit, and what it stands for."""

    direction: str
    stream: int  # whose fields they are: of a PUSH_PROMISE the stream that is promised
    pdu: Pdu
    section: Pdu
    block: Block

    def values(self, name: str) -> list[str]:
        """The members of all fields of that name, in lower case."""
        lines = [entry.value for entry in self.block.fields if entry.name == name]
        return [part.strip().lower() for line in lines for part in line.split(",")]


class Connection(NamedTuple):
    """Both directions of an HTTP/2 connection."""

    frames: list[Frame]  # of each direction in order, what was sent first
    blocks: list[FieldBlock]
    decoders: dict[str, Decoder]  # by direction: they know the entries of all tables
    upgrade: bytes | None  # settings in an HTTP/1.1 request that was switched; its stream is 1


class Framed(NamedTuple):
    """The units of one connection, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]
    connection: Connection


def begins_http2(channel: Channel | None) -> bool:
    """Whether a client that speaks HTTP/2 sent this."""
    return channel is not None and channel.octets.startswith(_BEGINS)


def answers_http2(channel: Channel | None) -> bool:
    """Whether a server sent this that speaks HTTP/2: its first frame is SETTINGS (§3.4)."""
    if channel is None or len(channel.octets) < HEADER_OCTETS:
        return False
    header = frame_header(channel.octets)
    return header[1:] == (SETTINGS_FRAME, 0, 0) and header.length % 6 == 0


def frame(
    sent: Channel | None,
    received: Channel | None,
    connection: str,
    starts: tuple[int, int] = (0, 0),
    upgrade: bytes | None = None,
) -> Framed:
    """Cut both directions of one connection.

    In: its number, for names; where HTTP/2 begins in each direction; what a request of HTTP/1.1
    that was switched had said of the client's settings.
    """
    cutters = [
        _Cutter(channel, start)
        for channel, start in zip((sent, received), starts, strict=True)
        if channel is not None
    ]
    allowed = {cutter.channel.direction: cutter.table_size for cutter in cutters}
    first = settings(upgrade or b"").get(HEADER_TABLE_SIZE, TABLE_SIZE)
    allowed["sent"] = max(first, allowed.get("sent", TABLE_SIZE))
    result = Framed([], [], Connection([], [], {}, upgrade))
    budget = Budget(DECODED_OCTETS)
    for cutter in cutters:
        direction = cutter.channel.direction
        other = "received" if direction == "sent" else "sent"
        reading = _Reading(cutter, allowed.get(other, TABLE_SIZE))
        reading.read()
        reading.bodies(f"h2:{connection}", budget)
        result.pdus.extend(reading.pdus)
        result.channels.extend(reading.channels)
        result.connection.frames.extend(cutter.frames)
        result.connection.blocks.extend(reading.blocks)
        result.connection.decoders[direction] = reading.decoder
    return result


class _Cutter:
    """Cuts one direction into the preface and frames."""

    def __init__(self, channel: Channel, start: int) -> None:
        self.channel = channel
        self.frames: list[Frame] = []
        self.before: list[Pdu] = []  # the preface
        self.behind: list[Pdu] = []  # what was not cut, or not kept
        self.table_size = TABLE_SIZE  # the most that this side has allowed the other
        self._view = memoryview(channel.octets)
        at = start
        if channel.direction == "sent" and at < len(self._view):
            end = min(at + len(PREFACE), len(self._view))
            self.before.append(self._unit("http2_connection_preface", at, end))
            at = end
        at = self._cut(at)
        if at < len(self._view):
            self.behind.append(self._unit("uncut", at, len(self._view)))
        if channel.missing:
            end = len(self._view)
            span = Span(channel.name, end, end)
            self.behind.append(Pdu("not_kept", b"", (span,), missing=channel.missing))

    def _unit(self, protocol: str, start: int, end: int) -> Pdu:
        return Pdu(protocol, self._view[start:end], (Span(self.channel.name, start, end),))

    def _cut(self, at: int) -> int:
        while at < len(self._view) and len(self.frames) < MOST_UNITS:
            header = frame_header(bytes(self._view[at : at + HEADER_OCTETS]))
            end = min(at + HEADER_OCTETS + header.length, len(self._view))
            protocol = PROTOCOLS.get(header.type, "http2_frame")
            one = Frame(self.channel.direction, header, self._unit(protocol, at, end))
            self.frames.append(one)
            if header.type == SETTINGS_FRAME and not one.has(ACK):
                size = settings(one.payload).get(HEADER_TABLE_SIZE, 0)
                self.table_size = max(self.table_size, size)
            at = end
        return at


class _Reading:
    """Puts together what the frames of one direction carry."""

    def __init__(self, cutter: _Cutter, table_size: int) -> None:
        self.cutter = cutter
        self.table_size = table_size  # the most that the other side has allowed
        self.pdus: list[Pdu] = []
        self.channels: list[Channel] = []
        self.blocks: list[FieldBlock] = []
        self.decoder = Decoder()
        self._open: list[Frame] = []  # the frames of a field block that has not ended
        self._data: dict[int, list[tuple[Span, memoryview]]] = {}

    def read(self) -> None:
        """All frames in order, and the field blocks behind the last frame of each."""
        self.pdus += self.cutter.before
        for one in self.cutter.frames:
            self._take(one)
        self._end_block("the block is not whole: END_HEADERS is missing")
        self.pdus += self.cutter.behind

    def _take(self, one: Frame) -> None:
        kind, stream = one.header.type, one.header.stream
        if self._open and (kind, stream) != (CONTINUATION, self._open[0].header.stream):
            self._end_block("the block is not whole: another frame stands inside it")
        self.pdus.append(one.pdu)
        if kind == DATA:
            self._data.setdefault(stream, []).extend(_pieces([one]))
        elif kind in (HEADERS, PUSH_PROMISE) or (kind == CONTINUATION and self._open):
            self._open.append(one)
            if one.has(END_HEADERS):
                self._end_block("")

    def _end_block(self, error: str) -> None:
        frames, self._open = self._open, []
        if not frames:
            return
        pieces = list(_pieces(frames))
        origin = tuple(span for span, _ in pieces) or (_nothing_in(frames[0]),)
        step = SLICED if len(origin) == 1 else REASSEMBLED
        unit = Pdu("hpack_field_block", b"".join(octets for _, octets in pieces), origin, step)
        block = self.decoder.decode(unit.fields(), self.table_size)
        if error and not self.decoder.error:
            self.decoder.error = error
        text, wrong = written(block.fields)
        unit.error = error or ("" if _has_error(unit) else block.error)
        section = Pdu("http2_field_section", text, origin, DECOMPRESSED, error=wrong)
        self.pdus.append(unit)
        if text or wrong:
            self.pdus.append(section)
        first, stream = frames[0], frames[0].header.stream
        if first.header.type == PUSH_PROMISE:
            stream = promised(first)
        self.blocks.append(FieldBlock(first.direction, stream, unit, section, block))

    def bodies(self, name: str, budget: Budget) -> None:
        """The body of each stream: what its DATA frames carried, and that without its codings."""
        heads = {block.stream: block for block in self.blocks if not _is_trailer(block)}
        for stream, pieces in self._data.items():
            content = derive(f"{name}/{stream}.{self.cutter.channel.direction}", pieces)
            if not content.octets:
                continue
            self.channels.append(content)
            body = Pdu("message_body", content.octets, tuple(s for s, _ in pieces), DE_FRAMED)
            body.carries = Span(content.name, 0, content.length)
            self.pdus.append(body)
            head = heads.get(stream)
            if head is not None:
                codings, status = head.values("content-encoding"), head.values(":status")
                made = inflated(body, body.carries, codings, "".join(status), budget)
                self.pdus += [made] if made is not None else []


def _pieces(frames: list[Frame]) -> Iterator[tuple[Span, memoryview]]:
    """What each frame carries, with its place; nothing for one that carries nothing."""
    for one in frames:
        view, span = one.pdu.view, one.pdu.origin[0]
        where = carried(one.header, view[HEADER_OCTETS:])
        if where:
            place = Span(span.channel, span.start + where.start, span.start + where.stop)
            yield place, view[where.start : where.stop]


def _nothing_in(one: Frame) -> Span:
    """Where a block without octets stands: at the end of its frame."""
    span = one.pdu.origin[0]
    return Span(span.channel, span.end, span.end)


def promised(one: Frame) -> int:
    """The stream that a PUSH_PROMISE promises (RFC 9113 §6.6)."""
    at = carried(one.header, one.pdu.view[HEADER_OCTETS:]).start
    return int.from_bytes(one.pdu.octets[at - 4 : at], "big") & 0x7FFFFFFF


def _has_error(unit: Pdu) -> bool:
    return any(field.error for field in unit.fields().walk())


def _is_trailer(block: FieldBlock) -> bool:
    """Interim responses are heads too; the final one comes after them."""
    return not any(entry.name.startswith(":") for entry in block.block.fields)


def written(fields: Iterable[Entry]) -> tuple[bytes, str]:
    """Fields as text, up to one that the text could not hold without looking like another."""
    text: list[str] = []
    for name, value in fields:
        if not name or _AMBIGUOUS.search(name) or {"\r", "\n"} & set(value):
            error = "h2.bad_field: a name or a value cannot be written in one line, from here on"
            return "".join(text).encode("latin-1"), error
        text.append(f"{name}: {value}\r\n")
    return "".join(text).encode("latin-1"), ""
