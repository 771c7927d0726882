"""HTTP/3: frames, and what stands at the beginning of a stream that goes one way (RFC 9114).

Each frame is read by `read_frame`, which looks at the type; the table FRAMES gives it one name a
type. What a frame carries in QPACK, and what DATA frames carry together, other dissectors read.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, NamedTuple

from netcore.dissect.quic_varint import read_varint, varint
from netcore.reader import Read, Reader
from netcore.registries.http3 import (
    FRAME_TYPES,
    RESERVED_FRAME_TYPES,
    RESERVED_SETTINGS,
    frame_name,
    setting_name,
    stream_type_name,
)

DATA, HEADERS, CANCEL_PUSH, SETTINGS, PUSH_PROMISE = 0x00, 0x01, 0x03, 0x04, 0x05
GOAWAY, ORIGIN, MAX_PUSH_ID = 0x07, 0x0C, 0x0D
PRIORITY_UPDATE, PRIORITY_UPDATE_PUSH = 0x0F0700, 0x0F0701
CONTROL_STREAM, PUSH_STREAM, ENCODER_STREAM, DECODER_STREAM = range(4)
QPACK_MAX_TABLE_CAPACITY: Final = 0x01  # a setting
_USUAL_SETTINGS: Final = 16_384  # octets of settings that are looked at


class FrameHeader(NamedTuple):
    """What stands in front of a frame."""

    type: int
    length: int  # octets of the payload
    payload_at: int  # octets from the beginning of the stream


def frame_header(octets: bytes | memoryview, at: int) -> FrameHeader | None:
    """The header that begins at `at`; None if it is not there whole (RFC 9114 §7.1)."""
    kind = varint(octets, at)
    length = varint(octets, kind[1]) if kind else None
    return FrameHeader(kind[0], *length) if kind and length else None


def settings(payload: bytes) -> dict[int, int]:
    """Identifier -> value of the settings in a payload (RFC 9114 §7.2.4)."""
    found: dict[int, int] = {}
    at = 0
    while at < min(len(payload), _USUAL_SETTINGS):
        header = frame_header(payload, at)  # a pair of numbers, as in front of a frame
        if header is None:
            break
        found[header.type], at = header.length, header.payload_at
    return found


def read_stream_type(r: Reader) -> None:
    """RFC 9114 §6.2."""
    kind = read_varint(r, "stream_type", stream_type_name, "RFC 9114 §6.2")
    if kind == PUSH_STREAM:
        read_varint(r, "push_id", spec="RFC 9114 §4.6")


def read_frame(r: Reader) -> None:
    """RFC 9114 §7.1."""
    kind = read_varint(r, "type", frame_name, "RFC 9114 §7.1")
    length = read_varint(r, "length", spec="RFC 9114 §7.1")
    spec, read = _PAYLOADS.get(kind, ("RFC 9114 §7.2.8", _read_unknown))
    there = r.remaining
    if length:
        with r.block("frame_payload", length, spec):
            read(r)
    if kind in RESERVED_FRAME_TYPES:
        r.malformed("h3.frame_unexpected: this type is of HTTP/2 and must not be used here")
    if there < length:
        r.malformed(f"h3.frame: {length:,} octets should follow, {there:,} are there")


def _read_unknown(r: Reader) -> None:
    """RFC 9114 §9: what a type means that is not known is passed over."""
    r.rest("unknown_payload", spec="RFC 9114 §9")


def _read_data(r: Reader) -> None:
    """RFC 9114 §7.2.1."""
    r.rest("data")


def _read_headers(r: Reader) -> None:
    """RFC 9114 §7.2.2."""
    r.rest("encoded_field_section")


def _read_cancel_push(r: Reader) -> None:
    """RFC 9114 §7.2.3."""
    read_varint(r, "push_id")


def _read_settings(r: Reader) -> None:
    """RFC 9114 §7.2.4."""
    while r.remaining:
        with r.group("setting") as setting:
            identifier = read_varint(r, "identifier", setting_name, "RFC 9114 §7.2.4.1")
            setting.value = read_varint(r, "value", spec="RFC 9114 §7.2.4.1")
            setting.label = setting_name(identifier)
            if identifier in RESERVED_SETTINGS:
                r.malformed("h3.settings: this setting is of HTTP/2 and must not be used here")


def _read_push_promise(r: Reader) -> None:
    """RFC 9114 §7.2.5."""
    read_varint(r, "push_id")
    r.rest("encoded_field_section")


def _read_goaway(r: Reader) -> None:
    """RFC 9114 §7.2.6."""
    read_varint(r, "goaway_id")


def _read_origin(r: Reader) -> None:
    """RFC 9412 §2."""
    while r.remaining:
        with r.group("origin_entry"):
            length = r.uint("origin_len", 16)
            if length:
                r.text("ascii_origin", length)


def _read_max_push_id(r: Reader) -> None:
    """RFC 9114 §7.2.7."""
    read_varint(r, "push_id")


def _read_priority_update(r: Reader) -> None:
    """RFC 9218 §7.2."""
    read_varint(r, "prioritized_element_id")
    if r.remaining:
        r.text("priority_field_value", r.remaining)


_PAYLOADS: Final[dict[int, tuple[str, Callable[[Reader], None]]]] = {
    DATA: ("RFC 9114 §7.2.1", _read_data),
    HEADERS: ("RFC 9114 §7.2.2", _read_headers),
    CANCEL_PUSH: ("RFC 9114 §7.2.3", _read_cancel_push),
    SETTINGS: ("RFC 9114 §7.2.4", _read_settings),
    PUSH_PROMISE: ("RFC 9114 §7.2.5", _read_push_promise),
    GOAWAY: ("RFC 9114 §7.2.6", _read_goaway),
    ORIGIN: ("RFC 9412 §2", _read_origin),
    MAX_PUSH_ID: ("RFC 9114 §7.2.7", _read_max_push_id),
    PRIORITY_UPDATE: ("RFC 9218 §7.2", _read_priority_update),
    PRIORITY_UPDATE_PUSH: ("RFC 9218 §7.2", _read_priority_update),
}

PROTOCOLS: Final = MappingProxyType(
    {number: f"http3_{name.lower()}" for number, name in FRAME_TYPES.items()}
)
"""Frame type -> the name of the unit. A type that is not registered is an `http3_frame`."""

FRAMES: Final = MappingProxyType[str, Read](
    dict.fromkeys((*PROTOCOLS.values(), "http3_frame"), read_frame)
)
"""What the table of all dissectors has of frames."""
