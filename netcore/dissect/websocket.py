"""WebSocket: a frame, its payload once the mask is undone, and a whole message (RFC 6455 §5).

A frame can stand masked: then its payload is one leaf, and what the octets are under the mask is
a unit of its own. An error stands at the leaf that breaks the rule, and begins with a code of
ours: `ws.reserved_bit`, `ws.opcode`, `ws.control_frame`, `ws.payload_length`, `ws.close_code`,
`ws.utf8`. That a server must not mask, and that RSV1 needs an extension, is not in these octets.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from netcore.field import Field
from netcore.reader import Reader
from netcore.registries.websocket import CLOSE_CODES, OPCODES

CONTINUATION, TEXT, BINARY = range(3)
CLOSE, PING, PONG = 8, 9, 10
_FRAMING: Final = "RFC 6455 §5.2"
_SHOWN_OCTETS: Final = 16_384
"""Of a text that is given as a value; of a longer one the range says where it is."""
_MOST_CONTROL: Final = 125  # octets of payload


class FrameHeader(NamedTuple):
    """What stands before a payload. What is missing of it counts as 0."""

    fin: bool
    reserved: int  # RSV1, RSV2 and RSV3 as three bits
    opcode: int
    masked: bool
    length: int  # octets of the payload
    octets: int  # of the header itself
    masking_key: bytes

    @property
    def is_control(self) -> bool:
        """Whether it is about the connection: Close, Ping, Pong (RFC 6455 §5.5)."""
        return self.opcode >= CLOSE


def frame_header(octets: bytes) -> FrameHeader:
    """What the first 2 to 14 octets say (RFC 6455 §5.2)."""
    first, second = octets[:2].ljust(2, b"\0") if len(octets) < 2 else octets[:2]
    length, at = second & 0x7F, 2
    form = {126: ">H", 127: ">Q"}.get(length)
    if form is not None:
        size = struct.calcsize(form)
        (length,) = struct.unpack(form, octets[2 : 2 + size].ljust(size, b"\0"))
        at += size
    masked = bool(second & 0x80)
    key = octets[at : at + 4] if masked else b""
    return FrameHeader(
        bool(first & 0x80), first >> 4 & 7, first & 15, masked, length, at + len(key), key
    )


def unmasked(payload: bytes, key: bytes) -> bytes:
    """Octet i of the payload XOR octet i mod 4 of the key (RFC 6455 §5.3)."""
    stream = (key * (len(payload) // 4 + 1))[: len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")
    return number.to_bytes(len(payload), "big")


def read_frame(r: Reader) -> None:
    """RFC 6455 §5.2."""
    header = frame_header(r.peek(14))
    _read_first_octet(r, header)
    masked = r.flag("mask", spec="RFC 6455 §5.3")
    length = _read_length(r, header)
    if masked:
        r.octets("masking_key", 4, spec="RFC 6455 §5.3")
    there = min(length, r.remaining)
    if masked and there:
        r.octets("payload_data", there, "masked", _FRAMING)
    elif header.opcode == CLOSE and there:
        with r.block("payload_data", there, "RFC 6455 §5.5.1"):
            read_close(r)
    elif there:
        r.octets("payload_data", there, spec=_FRAMING)
    if there < length:
        r.malformed(f"ws.payload_length: {length:,} octets should follow, {there:,} are there")


def _read_first_octet(r: Reader, header: FrameHeader) -> None:
    r.flag("fin", spec=_FRAMING)
    if header.is_control and not header.fin:
        r.blame("ws.control_frame: a control frame is never cut into fragments (RFC 6455 §5.5)")
    r.flag("rsv1", spec="RFC 7692 §6")
    if header.reserved & 4 and (header.is_control or header.opcode == CONTINUATION):
        r.blame("ws.reserved_bit: only the first frame of a message says that it is compressed")
    for name, bit in (("rsv2", 2), ("rsv3", 1)):
        r.flag(name, spec=_FRAMING)
        if header.reserved & bit:
            r.blame("ws.reserved_bit: no registered extension uses this bit")
    r.uint("opcode", 4, OPCODES, _FRAMING)
    if header.opcode not in OPCODES:
        r.blame("ws.opcode: this opcode has no meaning")


def _read_length(r: Reader, header: FrameHeader) -> int:
    """In one of its three forms, of which the shortest that will do has to be used."""
    length = r.uint("payload_length", 7, spec=_FRAMING)
    if header.is_control and length > _MOST_CONTROL:
        r.blame("ws.control_frame: a control frame has at most 125 octets (RFC 6455 §5.5)")
    if length <= _MOST_CONTROL:
        return length
    bits, least = (16, 126) if length == 126 else (64, 1 << 16)
    length = r.uint("extended_payload_length", bits, spec=_FRAMING)
    if length < least:
        r.blame("ws.payload_length: a shorter form would have held this length")
    elif length >> 63:
        r.blame("ws.payload_length: the first of the 64 bits is 0")
    return length


def read_close(r: Reader) -> None:
    """RFC 6455 §5.5.1: nothing, or a code and perhaps a reason."""
    if not r.remaining:
        return
    if r.remaining == 1:
        r.malformed("ws.close_code: a code has two octets, one is there")
    code = r.uint("status_code", 16, CLOSE_CODES, "RFC 6455 §7.4")
    wrong = _wrong_code(code)
    if wrong:
        r.blame(f"ws.close_code: {wrong}")
    if r.remaining:
        _read_text(r, "reason", "RFC 6455 §7.1.6")


def _wrong_code(code: int) -> str:
    if code in (1005, 1006, 1015):
        return f"{code} is what a program tells itself; it is never sent"
    if code < 3000 and code not in CLOSE_CODES:
        return "codes below 3000 are the protocol's own, and this one is not defined"
    return "codes go up to 4999" if code > 4999 else ""


def read_application_data(r: Reader) -> None:
    """RFC 6455 §5.2: what a frame of data, of Ping or of Pong carries."""
    r.rest("application_data", spec=_FRAMING)


def read_text_message(r: Reader) -> None:
    """RFC 6455 §5.6: a whole message of text."""
    if r.remaining:
        _read_text(r, "text", "RFC 6455 §5.6")


def read_binary_message(r: Reader) -> None:
    """RFC 6455 §5.6: a whole message of octets, whose meaning is the application's."""
    r.rest("octets", spec="RFC 6455 §5.6")


def _read_text(r: Reader, name: str, spec: str) -> None:
    """All that is left, as UTF-8; where it is not, each octet is shown as a character."""
    start, octets = 8 * r.offset, r.peek(r.remaining)
    error, coding = "", "utf-8"
    try:
        octets.decode()
    except UnicodeDecodeError as wrong:
        where = f"octet {wrong.start:,}, {octets[wrong.start]:02x}"
        error, coding = f"ws.utf8: this is not UTF-8: {where}, {wrong.reason}", "latin-1"
    text = octets.decode(coding) if len(octets) <= _SHOWN_OCTETS else None
    r.add(Field(name, start, 8 * len(octets), text, "", spec, error))
