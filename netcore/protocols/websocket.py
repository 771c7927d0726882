"""WebSocket as a client speaks it behind its opening handshake (RFC 6455), without any I/O.

Theory of operation. What the server sends goes into `receive`, cut anywhere, and comes out as
events: a `Message` when its last fragment is there, `Ping` (which is answered with PONG at once),
`Pong`, and `Closed` for its Close frame, which is answered too unless we were first. `Broken` says
that the octets break the protocol or a limit: the Close frame with the reason waits to be sent,
and nothing comes behind it. `receive(b"")` is the end of the stream.

wsproto reads and writes the frames. Before it sees one, its header is read here, so that a length
beyond the limit is refused before anything is held for it, and so that a fault has a name. The
headers are all that is read twice.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from wsproto.frame_protocol import CloseReason, Frame, FrameProtocol, Opcode, ParseFailed

from netcore.options import Limits
from netcore.protocols.websocket_deflate import BoundedDeflate
from netcore.protocols.websocket_handshake import Agreement

_STEP: Final = 65_536
_LEAST_CONTROL: Final = 8  # opcodes from here on are of control frames
_MOST_CONTROL: Final = 125  # octets of their payload
NORMAL: Final = 1000
NO_STATUS: Final = 1005
POLICY: Final = 1008
TOO_BIG: Final = 1009


class Message(msgspec.Struct, frozen=True):
    """A whole message."""

    data: str | bytes

    @property
    def octets(self) -> bytes:
        """Its payload."""
        return self.data.encode() if isinstance(self.data, str) else self.data


class Ping(msgspec.Struct, frozen=True):
    """A PING, which has been answered."""

    payload: bytes


class Pong(msgspec.Struct, frozen=True):
    """A PONG."""

    payload: bytes


class Closed(msgspec.Struct, frozen=True):
    """The server's Close frame; code 1005 if it gave none."""

    code: int
    reason: str


class Broken(msgspec.Struct, frozen=True):
    """The octets break the protocol, or are more than the limits allow."""

    code: str
    message: str


WebSocketEvent = Message | Ping | Pong | Closed | Broken


class _Header(msgspec.Struct, frozen=True):
    fin: bool
    reserved: int
    opcode: int
    masked: bool
    length: int
    octets: int  # of the header itself

    @property
    def is_control(self) -> bool:
        return self.opcode >= _LEAST_CONTROL


class WebSocket:
    """One connection. In: the limits that hold, and what the handshake agreed on."""

    def __init__(self, limits: Limits, agreed: Agreement) -> None:
        deflate = agreed.deflate
        extension = BoundedDeflate(deflate, limits.message_octets) if deflate else None
        self._proto = FrameProtocol(client=True, extensions=[extension] if extension else [])
        self._limits = limits
        self._out = bytearray()
        self._in = bytearray()
        self._header: _Header | None = None  # of the frame that has begun
        self._frame = b""  # of a Close frame, what came of it
        self._left = 0  # octets of its payload that have not come
        self._parts: list[str | bytes] = []
        self._came = 0  # octets of the frames of this message
        self._messages = 0
        self._octets = 0  # of all messages
        self._controls = 0
        self._deflates = extension is not None
        self.close_sent = 0  # the code of our Close frame, 0 before it
        self.closed: Closed | None = None  # the server's
        self.is_broken = False
        self.surplus = 0  # octets behind the server's Close frame

    @property
    def is_over(self) -> bool:
        """Whether both sides have said Close, or one of them cannot go on."""
        return self.is_broken or (self.closed is not None and bool(self.close_sent))

    def send(self, data: str | bytes) -> None:
        """A message, as one frame: a text if it is a str."""
        self._out += self._proto.send_data(data)

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say Close, once."""
        if not self.close_sent:
            self.close_sent = code
            self._out += self._proto.close(None if code == NO_STATUS else code, reason or None)

    def data_to_send(self) -> bytes:
        """What is to be written."""
        out, self._out = bytes(self._out), bytearray()
        return out

    def receive(self, data: bytes) -> list[WebSocketEvent]:
        """Take octets from the server; b"" says that no more will come."""
        if self.is_broken:
            return []
        if not data:
            return [] if self.closed is not None else [self._break_off()]
        if self.closed is not None:
            self.surplus += len(data)
            return []
        self._in += data
        events: list[WebSocketEvent] = []
        for event in self._frames():
            events.append(event)
            if isinstance(event, Broken):
                self.is_broken = True
                break
        return events

    def _break_off(self) -> Broken:
        self.is_broken = True
        inside = " inside a frame" if self._header or self._in else ""
        return Broken(
            "ws.closed_abnormally",
            f"The connection ended{inside} without a Close frame from the server (code 1006).",
        )

    def _frames(self) -> Iterator[WebSocketEvent]:
        while self.closed is None:
            if self._header is None:
                header = _read_header(self._in)
                if header is None:
                    return
                objection = self._objection(header)
                if objection is not None:
                    yield objection
                    return
                self._header, self._left = header, header.length
                yield from self._feed(header, header.octets)
            elif self._in:
                count = min(self._left, len(self._in), _STEP)
                self._left -= count
                yield from self._feed(self._header, count)
            else:
                return
            if self._header is not None and not self._left:
                self._header = None
        self.surplus += len(self._in)
        self._in.clear()

    def _objection(self, header: _Header) -> Broken | None:
        """What is wrong with a frame by its header alone."""
        wrong = _wrong(header, deflates=self._deflates)
        if header.length >> 63 or (not header.is_control and self._is_too_long(header)):
            most = self._limits.message_octets
            return self._fail(
                TOO_BIG,
                "ws.too_big",
                f"The server announced a frame of {header.length:,} octets; a message may have "
                f"{most:,}.",
            )
        if wrong:
            return self._fail(CloseReason.PROTOCOL_ERROR, "ws.protocol", wrong)
        if header.is_control and header.opcode != Opcode.CLOSE:
            self._controls += 1
            if self._controls > self._limits.control_frames:
                most = self._limits.control_frames
                return self._fail(
                    POLICY, "ws.flood", f"The server sent more than {most} PING and PONG frames."
                )
        return None

    def _is_too_long(self, header: _Header) -> bool:
        self._came = header.length + (self._came if header.opcode == Opcode.CONTINUATION else 0)
        return self._came > self._limits.message_octets

    def _feed(self, header: _Header, count: int) -> Iterator[WebSocketEvent]:
        piece = bytes(self._in[:count])
        del self._in[:count]
        self._frame += piece if header.opcode == Opcode.CLOSE else b""
        self._proto.receive_bytes(piece)
        try:
            for frame in self._proto.received_frames():
                yield from self._take(frame)
        except ParseFailed as error:
            yield self._named(error, header)

    def _take(self, frame: Frame) -> Iterable[WebSocketEvent]:
        payload = frame.payload
        if isinstance(payload, tuple):
            self.closed = Closed(int(payload[0]), payload[1])
            self.close(self.closed.code)
            return [self.closed]
        if frame.opcode is Opcode.PING:
            self._out += self._proto.pong(_octets(payload))
            return [Ping(_octets(payload))]
        if frame.opcode is Opcode.PONG:
            return [Pong(_octets(payload))]
        self._parts.append(payload)
        if not frame.message_finished:
            return []
        parts, self._parts = self._parts, []
        is_text = frame.opcode is Opcode.TEXT
        whole = "".join(map(str, parts)) if is_text else b"".join(map(_octets, parts))
        return self._counted(Message(whole))

    def _counted(self, message: Message) -> list[WebSocketEvent]:
        limits = self._limits
        self._messages += 1
        self._octets += len(message.octets)
        if self._messages > limits.messages:
            text = f"The server sent more than {limits.messages:,} messages."
            return [self._fail(POLICY, "limit.messages", text)]
        if self._octets > limits.messages_octets:
            text = f"The server sent messages of more than {limits.messages_octets:,} octets."
            return [message, self._fail(POLICY, "limit.messages", text)]
        return [message]

    def _fail(self, close: int, code: str, message: str) -> Broken:
        self.close(close)
        return Broken(code, message)

    def _named(self, error: ParseFailed, header: _Header) -> Broken:
        """What the library found, by a code of ours."""
        said = str(error)
        if header.opcode == Opcode.CLOSE:
            text = f"The server's Close frame is not valid: {_bad_close(self._frame[2:])}."
            return self._fail(error.code, "ws.bad_close", text)
        if error.code is CloseReason.MESSAGE_TOO_BIG:
            most = self._limits.message_octets
            text = f"A compressed message came to more than the {most:,} octets that one may have."
            return self._fail(error.code, "ws.too_big", text)
        if error.code is CloseReason.INVALID_FRAME_PAYLOAD_DATA:
            text = f"A text message of the server is not UTF-8: {_not_utf8(error)}."
            return self._fail(error.code, "ws.bad_utf8", text)
        if error.code is CloseReason.UNSUPPORTED_DATA:
            text = "A message is marked as compressed, and its octets are no deflate stream."
            return self._fail(CloseReason.INVALID_FRAME_PAYLOAD_DATA, "ws.protocol", text)
        text = f"The server's frame breaks the protocol: {said}."
        return self._fail(error.code, "ws.protocol", text)


def _not_utf8(error: ParseFailed) -> str:
    """What is wrong: not where, which the library counts from what came last."""
    inside = error.__context__
    if not isinstance(inside, UnicodeDecodeError):
        return str(error)
    return f"octet {inside.object[inside.start]:02x}, {inside.reason}"


def _bad_close(payload: bytes) -> str:
    """What is wrong with what a Close frame carries (RFC 6455 §7.4)."""
    if len(payload) < 2:
        return "it has half a code"
    code = int.from_bytes(payload[:2], "big")
    if code in (NO_STATUS, CloseReason.ABNORMAL_CLOSURE, CloseReason.TLS_HANDSHAKE_FAILED):
        return f"{code} is never sent, it stands for a Close that gave no code or did not come"
    if 3000 <= code < 5000 or code in set(CloseReason):
        return f"its code is {code}, and its reason is not UTF-8"
    return f"{code} is no code of a Close"


def _octets(payload: object) -> bytes:
    return bytes(payload) if isinstance(payload, bytes | bytearray) else b""


def _read_header(octets: bytearray) -> _Header | None:
    """The header of the frame that begins here, None while it is not whole (RFC 6455 §5.2)."""
    if len(octets) < 2:
        return None
    first, second = octets[0], octets[1]
    length, size = second & 0x7F, 2
    for marker, form in ((126, ">H"), (127, ">Q")):
        if length == marker:
            size += struct.calcsize(form)
            if len(octets) < size:
                return None
            (length,) = struct.unpack(form, octets[2:size])
            break
    masked = bool(second & 0x80)
    return _Header(bool(first & 0x80), first >> 4 & 7, first & 15, masked, length, size)


def _wrong(header: _Header, *, deflates: bool) -> str:
    """What a client may not be sent, a sentence; "" for a header that is in order."""
    if header.masked:
        return "The server masked a frame, which only a client does."
    if header.reserved & (3 if deflates else 7):
        return "The server set a reserved bit (RSV), and no extension was agreed on that uses it."
    if header.opcode not in set(Opcode):
        return f"The server sent a frame of opcode {header.opcode}, which has no meaning."
    if not header.is_control:
        return ""
    if not header.fin:
        return f"The server cut a control frame ({Opcode(header.opcode).name}) into fragments."
    if header.length > _MOST_CONTROL:
        name = Opcode(header.opcode).name
        return f"A {name} frame may have {_MOST_CONTROL} octets, and this has {header.length:,}."
    return ""
