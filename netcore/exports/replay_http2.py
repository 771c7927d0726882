"""The frames of HTTP/2 that a client sent, each with what it had been told before it sent them.

Theory of operation. Acknowledgements of SETTINGS and PING are left out: they answer what comes,
whenever that is. Every other frame waits for the last thing that the client had to know: a stream
for the end of the one before it, DATA for 100 and for the window, WINDOW_UPDATE for so many octets
of content, and the goodbye for the end of the last stream, or, where that did not come, for as many
frames as had come by then.
"""

from __future__ import annotations

import msgspec

from netcore.dissect.http2 import (
    ACK,
    DATA,
    END_STREAM,
    GOAWAY,
    HEADER_OCTETS,
    HEADERS,
    PADDED,
    PING,
    PREFACE,
    RST_STREAM,
    SETTINGS_FRAME,
    WINDOW_UPDATE,
    carried,
)
from netcore.framing.http2 import Connection, Frame


class SentFrame(msgspec.Struct, frozen=True):
    """One frame, or the connection preface, and what it waits for."""

    octets: bytes
    type: int = -1  # -1: the connection preface
    stream: int = 0
    fields: tuple[tuple[str, str], ...] = ()  # that a field block stands for
    ended: int = 0  # the stream whose response has to be over
    told: int = 0  # the stream on which 100 has to have come
    content: int = 0  # octets of DATA that have to have come
    frames: int = 0  # frames that have to have come


class StreamAnswer(msgspec.Struct, frozen=True):
    """What came on a stream, as far as a script has to know."""

    stream: int
    status: str
    codings: tuple[str, ...]
    location: str


class Frames(msgspec.Struct, frozen=True):
    """What the client sent on one connection, and what came back."""

    sent: tuple[SentFrame, ...]
    answers: tuple[StreamAnswer, ...]
    has_padding: bool  # in DATA of the server
    is_pinged: bool
    upgraded: bool  # stream 1 is the answer to a request of HTTP/1.1


def frames_of(connection: Connection, octets: bytes, channel: str, first: int) -> Frames | None:
    """The frames in order, None where octets are in none.

    In: the octets of the channel from `first` on, where HTTP/2 begins.
    """
    if not octets.startswith(PREFACE):
        return None
    received = [each for each in connection.frames if each.direction == "received"]
    sent = [each for each in connection.frames if each.direction == "sent"]
    at = first + len(PREFACE)
    found = [SentFrame(PREFACE)]
    for each in sent:
        span = each.pdu.origin[0]
        if (span.channel, span.start) != (channel, at) or not each.is_whole:
            return None
        at = span.end
        if each.header.type in (SETTINGS_FRAME, PING) and each.has(ACK):
            continue
        found.append(_sent(each, found, received, connection))
    if at != first + len(octets):
        return None
    return Frames(
        tuple(found),
        tuple(_answers(connection)),
        any(each.header.type == DATA and each.has(PADDED) for each in received),
        any(each.header.type == PING and not each.has(ACK) for each in received),
        connection.upgrade is not None,
    )


def _sent(
    frame: Frame, before: list[SentFrame], received: list[Frame], connection: Connection
) -> SentFrame:
    kind, stream = frame.header.type, frame.header.stream
    came = [each for each in received if _is_before(each, frame)]
    made = SentFrame(frame.pdu.octets, kind, stream)
    last = max((each.stream for each in before), default=0)
    if connection.upgrade is not None:
        last = max(last, 1)
    replace = msgspec.structs.replace
    is_over = any(each.header.stream == last and _ends(each) for each in came)
    if kind == HEADERS:
        waits = stream > last and is_over
        return replace(made, fields=_fields(frame, connection), ended=last if waits else 0)
    if kind == DATA:
        begun = any(each.type == DATA and each.stream == stream for each in before)
        told = any(each.header.type == HEADERS and each.header.stream == stream for each in came)
        return replace(made, told=stream if told and not begun else 0)
    greets = all(each.type in (-1, SETTINGS_FRAME) for each in before)
    if kind == WINDOW_UPDATE and not greets:  # of the greeting it is a part, whatever came first
        return replace(made, content=sum(map(_content_octets, came)))
    if kind in (RST_STREAM, GOAWAY):
        return replace(made, ended=last) if is_over else replace(made, frames=len(came))
    return made


def _is_before(received: Frame, sent: Frame) -> bool:
    """Whether a frame had come whole before another one was sent."""
    return bool(received.pdu.events) and received.pdu.events[-1:] < sent.pdu.events[:1]


def _ends(frame: Frame) -> bool:
    kind = frame.header.type
    return kind == RST_STREAM or (kind in (HEADERS, DATA) and frame.has(END_STREAM))


def _content_octets(frame: Frame) -> int:
    if frame.header.type != DATA:
        return 0
    return len(carried(frame.header, memoryview(frame.pdu.octets)[HEADER_OCTETS:]))


def _fields(frame: Frame, connection: Connection) -> tuple[tuple[str, str], ...]:
    start, end = frame.pdu.origin[0][1:]
    for block in connection.blocks:
        if block.direction == "sent" and start < block.pdu.origin[0].start <= end:
            return tuple((entry.name, entry.value) for entry in block.block.fields)
    return ()


def _answers(connection: Connection) -> list[StreamAnswer]:
    found: list[StreamAnswer] = []
    for block in connection.blocks:
        status = "".join(entry.value for entry in block.block.fields if entry.name == ":status")
        if block.direction != "received" or not status or status.startswith("1"):
            continue
        is_coded = status != "206" and any(
            each.header.stream == block.stream and _content_octets(each)
            for each in connection.frames
            if each.direction == "received"
        )
        codings = block.values("content-encoding") if is_coded else []
        locations = [entry.value for entry in block.block.fields if entry.name == "location"]
        location = next(iter(locations), "")
        found.append(StreamAnswer(block.stream, status, tuple(filter(None, codings)), location))
    return found
