"""Where WebSocket's frames begin and end, and the messages that they carry (RFC 6455 §5).

Theory of operation. Behind the heads of the handshake each direction is cut into frames. The
payload of a masked frame is a unit of its own once the mask is undone, and those of data are
joined in a derived channel, "ws:1.sent", octet for octet. A message is what its frames carry from
the first to the one with FIN: it stands in one frame, or was put together from several, or was
inflated from them. Control frames may stand between two fragments and are no part of a message.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from netcore.channels import Channel, Span, derive
from netcore.dissect.websocket import (
    BINARY,
    CLOSE,
    CONTINUATION,
    TEXT,
    FrameHeader,
    frame_header,
    unmasked,
)
from netcore.message_inflater import MessageInflater, TooBig
from netcore.pdu import INFLATED, MOST_UNITS, REASSEMBLED, SLICED, UNMASKED, Pdu
from netcore.websocket_accept import AcceptSteps

HEADER_OCTETS: Final = 14  # of the longest header
INFLATED_OCTETS: Final = 1 << 20  # of one message, as in the client
_MESSAGES: Final = {TEXT: "websocket_message.text", BINARY: "websocket_message.binary"}


class Frame(NamedTuple):
    """One frame."""

    direction: str  # "sent" or "received"
    header: FrameHeader
    pdu: Pdu
    payload: Pdu | None  # the payload without its mask, if it had one
    place: Span  # where the octets without a mask stand
    data: bytes

    @property
    def is_whole(self) -> bool:
        """Whether all of it came."""
        return self.pdu.size == self.header.octets + self.header.length


class Message(msgspec.Struct):
    """One message, of text or of octets."""

    direction: str
    opcode: int
    data: bytes
    pdu: Pdu
    frames: tuple[Frame, ...]
    time_ns: int = 0  # when its last octet was sent, or had arrived


class Connection(NamedTuple):
    """Both directions of a WebSocket."""

    frames: list[Frame]  # of each direction in order, what was sent first
    messages: list[Message]  # the same
    accept: AcceptSteps
    extensions: str  # what the server said of them, "" if nothing


class Framed(NamedTuple):
    """The units of one connection, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]
    connection: Connection


def begins_frame(octets: bytes) -> bool:
    """Whether a client's frame begins here, and no request: its MASK bit is set."""
    return len(octets) > 1 and octets[1] >= 0x80


def frame(
    sent: Channel | None,
    received: Channel | None,
    connection: str,
    starts: tuple[int, int],
    accept: AcceptSteps,
    extensions: str,
) -> Framed:
    """Cut both directions behind the handshake.

    In: the connection's number, for names; where frames begin in each direction; the accept value
    and the extensions that the handshake came to.
    """
    result = Framed([], [], Connection([], [], accept, extensions))
    for channel, start in zip((sent, received), starts, strict=True):
        if channel is None:
            continue
        reading = _Reading(channel, f"ws:{connection}.{channel.direction}", extensions)
        reading.read(start)
        result.pdus.extend(reading.pdus)
        result.channels.extend(reading.channels())
        result.connection.frames.extend(reading.frames)
        result.connection.messages.extend(reading.messages)
    return result


class _Reading:
    """One direction."""

    def __init__(self, channel: Channel, name: str, extensions: str) -> None:
        self.channel = channel
        self.pdus: list[Pdu] = []
        self.frames: list[Frame] = []
        self.messages: list[Message] = []
        self._name = name  # of the derived channel
        self._view = memoryview(channel.octets)
        self._unmasked: list[tuple[Span, bytes]] = []
        self._length = 0  # octets of the derived channel
        self._open: list[Frame] = []  # the frames of a message that has not ended
        self._inflater = _inflater(extensions, channel.direction)

    def channels(self) -> Iterator[Channel]:
        """The derived channel, if there is anything in it."""
        if self._unmasked:
            yield derive(self._name, self._unmasked)

    def read(self, at: int) -> None:
        """Cut all frames from here on, and join what they carry."""
        view = self._view
        while at < len(view) and len(self.frames) < MOST_UNITS:
            at = self._cut(at)
        if at < len(view):
            span = Span(self.channel.name, at, len(view))
            self.pdus.append(Pdu("uncut", view[at:], (span,)))
        if self.channel.missing:
            span = Span(self.channel.name, len(view), len(view))
            self.pdus.append(Pdu("not_kept", b"", (span,), missing=self.channel.missing))

    def _cut(self, at: int) -> int:
        header = frame_header(bytes(self._view[at : at + HEADER_OCTETS]))
        end = min(at + header.octets + header.length, len(self._view))
        pdu = Pdu("websocket_frame", self._view[at:end], (Span(self.channel.name, at, end),))
        self.pdus.append(pdu)
        place = Span(self.channel.name, min(at + header.octets, end), end)
        data, payload = bytes(self._view[place.start : end]), None
        if header.masked and data:
            data = unmasked(data, header.masking_key.ljust(4, b"\0"))
            payload, place = self._undo_mask(header, data, place)
            pdu.is_opened = True
        one = Frame(self.channel.direction, header, pdu, payload, place, data)
        self.frames.append(one)
        pdu.error = self._objection(header)
        self._take(one)
        return end

    def _undo_mask(self, header: FrameHeader, data: bytes, place: Span) -> tuple[Pdu, Span]:
        """The unit without a mask, and where its octets stand."""
        protocol = "websocket_payload.close" if header.opcode == CLOSE else "websocket_payload"
        payload = Pdu(protocol, data, (place,), UNMASKED)
        self.pdus.append(payload)
        if header.is_control:
            return payload, place
        span = Span(self._name, self._length, self._length + len(data))
        self._unmasked.append((place, data))
        self._length = span.end
        payload.carries = span
        return payload, span

    def _objection(self, header: FrameHeader) -> str:
        """What is wrong with a frame beyond its own octets."""
        if header.masked and self.channel.direction == "received":
            return "ws.mask: a server does not mask what it sends (RFC 6455 §5.1)"
        if header.reserved & 4 and self._inflater is None and not header.is_control:
            return "ws.reserved_bit: RSV1 is set, and no extension was agreed on that uses it"
        return ""

    def _take(self, one: Frame) -> None:
        if one.header.is_control or not one.is_whole:
            return
        if one.header.opcode != CONTINUATION:
            self._open = []
        elif not self._open:
            return  # it continues nothing
        self._open.append(one)
        if one.header.fin:
            frames, self._open = self._open, []
            self._join(frames)

    def _join(self, frames: Sequence[Frame]) -> None:
        first = frames[0].header
        protocol = _MESSAGES.get(first.opcode)
        if protocol is None:
            return
        data = b"".join(one.data for one in frames)
        origin = tuple(one.place for one in frames if one.data) or (frames[0].place,)
        step = SLICED if len(origin) == 1 else REASSEMBLED
        if first.reserved & 4 and self._inflater is not None:
            try:
                data, step = self._inflater.inflate(data, INFLATED_OCTETS), INFLATED
            except TooBig:
                self._blame(frames, f"ws.too_big: it stands for more than {INFLATED_OCTETS:,}")
                return
            except zlib.error:
                self._blame(frames, "ws.deflate: this is no compressed message")
                return
            for one in frames:
                one.pdu.is_opened = True
                if one.payload is not None:
                    one.payload.is_opened = True
        pdu = Pdu(protocol, data, origin, step)
        self.pdus.append(pdu)
        message = Message(self.channel.direction, first.opcode, data, pdu, tuple(frames))
        self.messages.append(message)

    def _blame(self, frames: Sequence[Frame], error: str) -> None:
        """Behind it the window is not known, so that nothing more can be inflated."""
        self._inflater = None
        unit = frames[-1].payload or frames[-1].pdu
        unit.error = unit.error or error


def _inflater(extensions: str, direction: str) -> MessageInflater | None:
    """What undoes the compression that was agreed on for a direction, None without one."""
    if "permessage-deflate" not in extensions.lower():
        return None
    side = "client" if direction == "sent" else "server"
    return MessageInflater(takeover=f"{side}_no_context_takeover" not in extensions.lower())
