"""What the streams of an HTTP/3 connection carry (RFC 9114 §6 and §7).

Theory of operation. A stream that goes both ways holds one request and its response as frames; one
that goes one way begins with its type. The encoder stream of each direction is read first, for the
field sections of that direction refer to what it added; `framing.qpack` resolves them. From each
section a unit is made that is text: the fields in the form of HTTP/1.1, with the section's octets
as its origin. The DATA frames of a stream are ranges of a derived channel, "h3:1/0.received", and
what it holds is the body.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from netcore.channels import Channel, Span, derive
from netcore.content_coding import Budget
from netcore.dissect.http3 import (
    CONTROL_STREAM,
    DATA,
    DECODER_STREAM,
    ENCODER_STREAM,
    HEADERS,
    PROTOCOLS,
    PUSH_PROMISE,
    PUSH_STREAM,
    QPACK_MAX_TABLE_CAPACITY,
    SETTINGS,
    frame_header,
    settings,
)
from netcore.dissect.qpack import instruction_end
from netcore.dissect.quic_varint import varint
from netcore.framing.content import DECODED_OCTETS, inflated
from netcore.framing.http2 import written
from netcore.framing.qpack import Decoder, Instruction, Section
from netcore.pdu import DE_FRAMED, DECOMPRESSED, MOST_UNITS, Pdu

_OTHER: Final = {"sent": "received", "received": "sent"}
_REQUEST = -1  # the type of a stream that has none


class Frame(NamedTuple):
    """One frame."""

    type: int
    stream: int
    direction: str
    pdu: Pdu
    payload_at: int  # octets from the beginning of the unit


class FieldBlock(NamedTuple):
    """A field section: its unit, and what it stands for."""

    direction: str
    stream: int
    pdu: Pdu  # as it crossed
    section: Pdu  # the fields as text
    block: Section
    promised: int | None = None  # of a PUSH_PROMISE: the push id

    def values(self, name: str) -> list[str]:
        """The members of all fields of that name, in lower case."""
        lines = [entry.value for entry in self.block.fields if entry.name == name]
        return [part.strip().lower() for line in lines for part in line.split(",")]


class Instructed(NamedTuple):
    """An instruction on an encoder stream: its unit, and what it did."""

    direction: str
    pdu: Pdu
    instruction: Instruction


class Http3(NamedTuple):
    """Both directions of an HTTP/3 connection."""

    frames: list[Frame]
    blocks: list[FieldBlock]
    instructions: list[Instructed]
    decoders: dict[str, Decoder]  # by direction: they know the entries of all tables
    settings: dict[str, dict[int, int]]  # by direction: what that side told
    stream_types: dict[tuple[int, str], int]  # of those that go one way


class Framed(NamedTuple):
    """The units of one connection, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]
    http3: Http3


def frame(streams: list[Channel], connection: str) -> Framed:
    """Cut all streams of one connection. In: its number, for names."""
    cut = [_Stream(channel) for channel in streams if channel.octets]
    told: dict[str, dict[int, int]] = {"sent": {}, "received": {}}
    for stream in cut:
        if stream.type == CONTROL_STREAM:
            told[stream.direction] |= stream.settings()
    decoders = {
        direction: Decoder(told[_OTHER[direction]].get(QPACK_MAX_TABLE_CAPACITY, 0))
        for direction in told
    }
    types = {(each.number, each.direction): each.type for each in cut if each.type != _REQUEST}
    framed = Framed([], [], Http3([], [], [], decoders, told, types))
    for direction, decoder in decoders.items():
        mine = [stream for stream in cut if stream.direction == direction]
        _Direction(framed, decoder, mine).read(f"h3:{connection}")
    return framed


class _Stream:
    """One stream in one direction."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.direction = channel.direction
        self.number = int(channel.socket.rpartition("/")[2])
        self.view = memoryview(channel.octets)
        self.type, self.start = _REQUEST, 0
        if self.number & 2:
            self._read_type()

    def _read_type(self) -> None:
        found = varint(self.view, 0)
        self.type, self.start = found or (DATA, len(self.view))
        if found and self.type == PUSH_STREAM:
            self.start = (varint(self.view, self.start) or (0, len(self.view)))[1]

    def unit(self, protocol: str, start: int, end: int) -> Pdu:
        return Pdu(protocol, self.view[start:end], (Span(self.channel.name, start, end),))

    def frames(self) -> Iterator[tuple[int, int, int, int]]:
        """Type, beginning, beginning of the payload and end of each frame."""
        at = self.start
        while at < len(self.view):
            header = frame_header(self.view, at)
            if header is None:
                yield (_UNREADABLE, at, len(self.view), len(self.view))
                return
            end = min(header.payload_at + header.length, len(self.view))
            yield (header.type, at, header.payload_at, end)
            at = end

    def settings(self) -> dict[int, int]:
        for kind, _, payload_at, end in islice(self.frames(), MOST_UNITS):
            if kind == SETTINGS:
                return settings(bytes(self.view[payload_at:end]))
        return {}

    def came_at(self, end: int) -> int:
        """Where in the packets of its direction the octets before `end` were all there."""
        pieces = self.channel.cover(0, end)
        return max((piece.below.end for piece in pieces if piece.below), default=0)


_UNREADABLE: Final = 1 << 62  # no number of a type


class _Direction:
    """Reads all streams of one direction."""

    def __init__(self, framed: Framed, decoder: Decoder, streams: list[_Stream]) -> None:
        self._framed = framed
        self._decoder = decoder
        self._streams = streams
        self._came: list[int] = []  # when each entry of the table was there
        self._units = 0
        self._budget = Budget(DECODED_OCTETS)

    def read(self, name: str) -> None:
        """The encoder stream first: what it added is needed by all others."""
        for stream in self._streams:
            if stream.type == ENCODER_STREAM:
                self._read_instructions(stream, is_encoder=True)
        for stream in self._streams:
            if stream.type == DECODER_STREAM:
                self._read_instructions(stream, is_encoder=False)
            elif stream.type in (_REQUEST, CONTROL_STREAM, PUSH_STREAM):
                self._begin(stream)
                self._read_frames(stream, name)
            elif stream.type != ENCODER_STREAM:
                self._begin(stream)
                self._rest(stream, stream.start, "quic_stream_data")

    def _begin(self, stream: _Stream) -> None:
        if stream.start:
            self._framed.pdus.append(stream.unit("http3_stream_type", 0, stream.start))

    def _rest(self, stream: _Stream, start: int, protocol: str) -> None:
        if start < len(stream.view):
            self._framed.pdus.append(stream.unit(protocol, start, len(stream.view)))

    def _read_instructions(self, stream: _Stream, *, is_encoder: bool) -> None:
        self._begin(stream)
        protocol = "qpack_encoder_instruction" if is_encoder else "qpack_decoder_instruction"
        octets, at = stream.channel.octets, stream.start
        while at < len(octets):
            if self._units >= MOST_UNITS:
                self._rest(stream, at, "uncut")
                return
            self._units += 1
            end = instruction_end(octets, at, is_encoder=is_encoder)
            end = end if end > 0 else len(octets)
            pdu = stream.unit(protocol, at, end)
            self._framed.pdus.append(pdu)
            if is_encoder:
                self._instruct(stream, pdu, end)
            at = end

    def _instruct(self, stream: _Stream, pdu: Pdu, end: int) -> None:
        instruction = self._decoder.instruct(pdu.fields())
        pdu.error = "" if _has_error(pdu) else instruction.error
        self._framed.http3.instructions.append(Instructed(stream.direction, pdu, instruction))
        if instruction.entry is not None:
            self._came.append(stream.came_at(end))

    def _read_frames(self, stream: _Stream, name: str) -> None:
        pieces: list[tuple[Span, memoryview]] = []
        for kind, start, payload_at, end in stream.frames():
            if self._units >= MOST_UNITS:
                self._rest(stream, start, "uncut")
                break
            self._units += 1
            pdu = stream.unit(PROTOCOLS.get(kind, "http3_frame"), start, end)
            self._framed.pdus.append(pdu)
            one = Frame(kind, stream.number, stream.direction, pdu, payload_at - start)
            self._framed.http3.frames.append(one)
            if kind == DATA and payload_at < end:
                place = Span(stream.channel.name, payload_at, end)
                pieces.append((place, stream.view[payload_at:end]))
            elif kind in (HEADERS, PUSH_PROMISE):
                self._section(stream, kind, payload_at, end)
        if pieces:
            self._body(stream, name, pieces)

    def _section(self, stream: _Stream, kind: int, start: int, end: int) -> None:
        promised = None
        if kind == PUSH_PROMISE:
            promised, start = varint(stream.view[:end], start) or (0, end)
        pdu = stream.unit("qpack_field_section", start, end)
        inserted = bisect_right(self._came, stream.came_at(end))
        block = self._decoder.decode(pdu.fields(), inserted)
        text, wrong = written(block.fields)
        pdu.error = "" if _has_error(pdu) else block.error
        wrong = wrong.replace("h2.", "h3.", 1)
        section = Pdu("http3_field_section", text, pdu.origin, DECOMPRESSED, error=wrong)
        self._framed.pdus.append(pdu)
        if text or wrong:
            self._framed.pdus.append(section)
        found = FieldBlock(stream.direction, stream.number, pdu, section, block, promised)
        self._framed.http3.blocks.append(found)

    def _body(self, stream: _Stream, name: str, pieces: list[tuple[Span, memoryview]]) -> None:
        content = derive(f"{name}/{stream.number}.{stream.direction}", pieces)
        self._framed.channels.append(content)
        body = Pdu("message_body", content.octets, tuple(span for span, _ in pieces), DE_FRAMED)
        body.carries = Span(content.name, 0, content.length)
        self._framed.pdus.append(body)
        head = self._head(stream)
        if head is not None:
            codings, status = head.values("content-encoding"), head.values(":status")
            made = inflated(body, body.carries, codings, "".join(status), self._budget)
            self._framed.pdus.extend([made] if made is not None else [])

    def _head(self, stream: _Stream) -> FieldBlock | None:
        """The last section with pseudo-header fields: interim responses come before it."""
        mine = [
            block
            for block in self._framed.http3.blocks
            if (block.stream, block.direction) == (stream.number, stream.direction)
            and block.promised is None
            and any(entry.name.startswith(":") for entry in block.block.fields)
        ]
        return mine[-1] if mine else None


def _has_error(unit: Pdu) -> bool:
    return any(field.error for field in unit.fields().walk())
