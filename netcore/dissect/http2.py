"""HTTP/2: the connection preface and frames (RFC 9113; ALTSVC, ORIGIN, PRIORITY_UPDATE beside it).

Each frame is read by `read_frame`, which looks at the type; the table FRAMES gives it one name a
type, so that a unit is called what it is. An error stands at the leaf that breaks the rule, and
begins with a code of ours: `h2.frame_size`, `h2.stream_identifier`, `h2.padding`, `h2.setting`,
`h2.window_increment`, `h2.dependency`, `h2.preface`. What a field block holds, and what the octets
of several frames are together, other dissectors read.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, NamedTuple

from netcore.reader import Read, Reader
from netcore.registries.http2 import ERROR_CODES, FRAME_TYPES, SETTINGS

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER_OCTETS: Final = 9
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS_FRAME = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)
ALTSVC, ORIGIN, PRIORITY_UPDATE = 0x0A, 0x0C, 0x10
END_STREAM = ACK = 0x01
END_HEADERS, PADDED, PRIORITY_FLAG = 0x04, 0x08, 0x20
MAX_WINDOW: Final = (1 << 31) - 1
USUAL_FRAME_SIZE: Final = 16_384  # octets, the first SETTINGS_MAX_FRAME_SIZE


class FrameHeader(NamedTuple):
    """What the nine octets in front of each frame say."""

    length: int  # octets of the payload
    type: int
    flags: int
    stream: int


class _Shape(NamedTuple):
    """What RFC 9113 fixes for a frame type."""

    spec: str
    flags: tuple[tuple[str, int], ...] = ()  # from the most significant bit: name and mask
    sizes: range = range(1 << 24)  # of the payload, in octets
    on_stream: bool | None = None  # whether it belongs to a stream; None: it may


_END_STREAM = ("end_stream_flag", END_STREAM)
_END_HEADERS = ("end_headers_flag", END_HEADERS)
_PADDED = ("padded_flag", PADDED)
_ACK = (("ack_flag", ACK),)
_SHAPES: Final = {
    DATA: _Shape("RFC 9113 §6.1", (_PADDED, _END_STREAM), on_stream=True),
    HEADERS: _Shape(
        "RFC 9113 §6.2",
        (("priority_flag", PRIORITY_FLAG), _PADDED, _END_HEADERS, _END_STREAM),
        on_stream=True,
    ),
    PRIORITY: _Shape("RFC 9113 §6.3", sizes=range(5, 6), on_stream=True),
    RST_STREAM: _Shape("RFC 9113 §6.4", sizes=range(4, 5), on_stream=True),
    SETTINGS_FRAME: _Shape("RFC 9113 §6.5", _ACK, range(0, 1 << 24, 6), on_stream=False),
    PUSH_PROMISE: _Shape(
        "RFC 9113 §6.6", (_PADDED, _END_HEADERS), range(4, 1 << 24), on_stream=True
    ),
    PING: _Shape("RFC 9113 §6.7", _ACK, range(8, 9), on_stream=False),
    GOAWAY: _Shape("RFC 9113 §6.8", sizes=range(8, 1 << 24), on_stream=False),
    WINDOW_UPDATE: _Shape("RFC 9113 §6.9", sizes=range(4, 5)),
    CONTINUATION: _Shape("RFC 9113 §6.10", (_END_HEADERS,), on_stream=True),
    ALTSVC: _Shape("RFC 7838 §4", sizes=range(2, 1 << 24)),
    ORIGIN: _Shape("RFC 8336 §2.1"),
    PRIORITY_UPDATE: _Shape("RFC 9218 §7.1", sizes=range(4, 1 << 24), on_stream=False),
}
_UNKNOWN: Final = _Shape("RFC 9113 §4.1")


def frame_header(octets: bytes) -> FrameHeader:
    """What the first nine octets say; those that are missing count as 0 (RFC 9113 §4.1)."""
    octets = octets[:HEADER_OCTETS].ljust(HEADER_OCTETS, b"\0")
    stream = int.from_bytes(octets[5:9], "big") & MAX_WINDOW
    return FrameHeader(int.from_bytes(octets[:3], "big"), octets[3], octets[4], stream)


def read_connection_preface(r: Reader) -> None:
    """RFC 9113 §3.4."""
    preface = r.text("connection_preface", min(len(PREFACE), r.remaining), spec="RFC 9113 §3.4")
    if preface.encode("latin-1") != PREFACE:
        r.blame("h2.preface: a client begins with these 24 octets and no others")


def read_frame(r: Reader) -> None:
    """RFC 9113 §4.1."""
    header = frame_header(r.peek(HEADER_OCTETS))
    shape = _SHAPES.get(header.type, _UNKNOWN)
    with r.group("frame_header", "RFC 9113 §4.1"):
        _read_header(r, header, shape)
    read = _PAYLOADS.get(header.type)
    there = min(header.length, r.remaining)
    if read is not None and header.length:
        with r.block("frame_payload", header.length, shape.spec):
            read(r, header)
    elif there:
        r.octets("frame_payload", there, spec=shape.spec)
    if there < header.length:
        r.malformed(f"h2.frame_size: {header.length:,} octets should follow, {there:,} are there")


def _read_header(r: Reader, header: FrameHeader, shape: _Shape) -> None:
    r.uint("length", 24)
    wrong = _wrong_size(header, shape)
    if wrong:
        r.blame(f"h2.frame_size: {wrong}")
    r.uint("type", 8, FRAME_TYPES, shape.spec)
    names = [name for name, mask in shape.flags if header.flags & mask]
    label = ", ".join(name.removesuffix("_flag").upper() for name in names)
    with r.group("flags", shape.spec, label) as flags:
        _read_flags(r, shape)
        flags.value = header.flags
    r.uint("reserved", 1)
    r.uint("stream_identifier", 31, spec="RFC 9113 §5.1.1")
    if shape.on_stream is not None and shape.on_stream != bool(header.stream):
        where = (
            "to a stream, which 0 is not" if shape.on_stream else "to the connection, which is 0"
        )
        r.blame(f"h2.stream_identifier: frames of this type belong {where}")


def _read_flags(r: Reader, shape: _Shape) -> None:
    """The eight bits of the flags; those without a meaning for this type are `unused_flags`."""
    free = 8  # bits that were not read yet
    for name, mask in shape.flags:
        gap = free - mask.bit_length()
        if gap:
            r.uint("unused_flags", gap)
        r.flag(name)
        free = mask.bit_length() - 1
    if free:
        r.uint("unused_flags", free)


def _wrong_size(header: FrameHeader, shape: _Shape) -> str:
    """What is wrong with the length of the payload; "" if nothing is."""
    if header.type == SETTINGS_FRAME and header.flags & ACK:
        return "an acknowledgement of settings carries none" if header.length else ""
    if header.length in shape.sizes:
        return ""
    if shape.sizes.step > 1:
        return f"the payload is made of parts of {shape.sizes.step} octets"
    least = shape.sizes.start
    return f"this payload has {'exactly' if len(shape.sizes) == 1 else 'at least'} {least} octets"


def _read_pad_length(r: Reader, header: FrameHeader) -> int:
    """How many octets of padding stand at the end; 0 where there can be none."""
    return r.uint("pad_length", 8) if header.flags & PADDED else 0


def _read_padded(r: Reader, name: str, pad_length: int) -> None:
    """What the frame carries, and the padding behind it."""
    if pad_length > r.remaining:
        r.malformed(
            f"h2.padding: {pad_length} octets of padding cannot stand in the {r.remaining} left"
        )
    count = r.remaining - pad_length
    if count:
        r.octets(name, count)
    if pad_length and any(r.octets("padding", pad_length)):
        r.blame("h2.padding: the octets of padding are zeros (RFC 9113 §6.1)")


def _read_priority_fields(r: Reader, header: FrameHeader) -> None:
    """RFC 9113 §6.3: what RFC 7540 built a tree of priorities from."""
    r.flag("exclusive")
    if r.uint("stream_dependency", 31) == header.stream:
        r.blame("h2.dependency: a stream cannot depend on itself (RFC 7540 §5.3.1)")
    r.uint("weight", 8)


def _read_data(r: Reader, header: FrameHeader) -> None:
    _read_padded(r, "data", _read_pad_length(r, header))


def _read_headers(r: Reader, header: FrameHeader) -> None:
    pad_length = _read_pad_length(r, header)
    if header.flags & PRIORITY_FLAG:
        _read_priority_fields(r, header)
    _read_padded(r, "field_block_fragment", pad_length)


def _read_rst_stream(r: Reader, header: FrameHeader) -> None:
    r.uint("error_code", 32, ERROR_CODES, "RFC 9113 §7")


def _read_settings(r: Reader, header: FrameHeader) -> None:
    while r.remaining:
        with r.group("setting") as setting:
            identifier = r.uint("identifier", 16, SETTINGS, "RFC 9113 §6.5.2")
            value = r.uint("value", 32, spec="RFC 9113 §6.5.2")
            setting.label, setting.value = SETTINGS.get(identifier, "unassigned"), value
            wrong = _wrong_setting(SETTINGS.get(identifier, ""), value)
            if wrong:
                r.blame(f"h2.setting: {wrong}")


def _wrong_setting(name: str, value: int) -> str:
    if name in _SWITCHES and value > 1:
        return f"{name} is 0 or 1"
    if name == "SETTINGS_INITIAL_WINDOW_SIZE" and value > MAX_WINDOW:
        return f"a window has at most {MAX_WINDOW:,} octets"
    if name == "SETTINGS_MAX_FRAME_SIZE" and not 1 << 14 <= value < 1 << 24:
        return f"{name} lies between 16,384 and 16,777,215"
    return ""


_SWITCHES: Final = frozenset(
    {
        "SETTINGS_ENABLE_PUSH",
        "SETTINGS_ENABLE_CONNECT_PROTOCOL",
        "SETTINGS_NO_RFC7540_PRIORITIES",
    }
)


def _read_push_promise(r: Reader, header: FrameHeader) -> None:
    pad_length = _read_pad_length(r, header)
    r.uint("reserved", 1)
    if r.uint("promised_stream_id", 31) % 2 or not header.stream:
        r.blame("h2.stream_identifier: a server promises streams with even numbers")
    _read_padded(r, "field_block_fragment", pad_length)


def _read_ping(r: Reader, header: FrameHeader) -> None:
    r.octets("opaque_data", min(8, r.remaining))


def _read_goaway(r: Reader, header: FrameHeader) -> None:
    r.uint("reserved", 1)
    r.uint("last_stream_id", 31)
    r.uint("error_code", 32, ERROR_CODES, "RFC 9113 §7")
    if r.remaining:
        r.text("additional_debug_data", r.remaining)


def _read_window_update(r: Reader, header: FrameHeader) -> None:
    r.uint("reserved", 1)
    if not r.uint("window_size_increment", 31):
        r.blame("h2.window_increment: a window grows by at least 1 octet")


def _read_continuation(r: Reader, header: FrameHeader) -> None:
    r.rest("field_block_fragment")


def _read_altsvc(r: Reader, header: FrameHeader) -> None:
    length = r.uint("origin_len", 16)
    if length:
        r.text("origin", length)
    if r.remaining:
        r.text("alt_svc_field_value", r.remaining)


def _read_origin(r: Reader, header: FrameHeader) -> None:
    while r.remaining:
        with r.group("origin_entry"):
            length = r.uint("origin_len", 16)
            if length:
                r.text("ascii_origin", length)


def _read_priority_update(r: Reader, header: FrameHeader) -> None:
    r.uint("reserved", 1)
    r.uint("prioritized_stream_id", 31)
    if r.remaining:
        r.text("priority_field_value", r.remaining)


_PAYLOADS: Final[dict[int, Callable[[Reader, FrameHeader], None]]] = {
    DATA: _read_data,
    HEADERS: _read_headers,
    PRIORITY: _read_priority_fields,
    RST_STREAM: _read_rst_stream,
    SETTINGS_FRAME: _read_settings,
    PUSH_PROMISE: _read_push_promise,
    PING: _read_ping,
    GOAWAY: _read_goaway,
    WINDOW_UPDATE: _read_window_update,
    CONTINUATION: _read_continuation,
    ALTSVC: _read_altsvc,
    ORIGIN: _read_origin,
    PRIORITY_UPDATE: _read_priority_update,
}

PROTOCOLS: Final = MappingProxyType(
    {number: f"http2_{name.lower()}" for number, name in FRAME_TYPES.items()}
)
"""Frame type -> the name of the unit. A type that is not registered is an `http2_frame`."""

FRAMES: Final = MappingProxyType[str, Read](
    dict.fromkeys((*PROTOCOLS.values(), "http2_frame"), read_frame)
)
"""What the table of all dissectors has of frames."""


def carried(header: FrameHeader, payload: memoryview) -> range:
    """Which octets of a frame, counted from its beginning, are data or part of a field block.

    In: the payload as far as it came. Out: an empty range where padding leaves no room.
    Source: RFC 9113 §6.1, §6.2, §6.6, §6.10.
    """
    start, end = 0, len(payload)
    if header.type not in _CARRYING:
        return range(0)
    if header.flags & PADDED and header.type != CONTINUATION:
        start, end = 1, end - (payload[0] if payload else 0)
    if header.type == HEADERS and header.flags & PRIORITY_FLAG:
        start += 5
    if header.type == PUSH_PROMISE:
        start += 4
    return range(HEADER_OCTETS + start, max(HEADER_OCTETS + start, HEADER_OCTETS + end))


_CARRYING: Final = frozenset({DATA, HEADERS, PUSH_PROMISE, CONTINUATION})


def settings(payload: bytes) -> dict[int, int]:
    """Identifier -> value of the settings in a SETTINGS payload; the last one of a name counts.

    Of a hostile frame no more are read than one of the usual size has. Source: RFC 9113 §6.5.1.
    """
    return {
        int.from_bytes(payload[at : at + 2], "big"): int.from_bytes(payload[at + 2 : at + 6], "big")
        for at in range(0, min(len(payload), USUAL_FRAME_SIZE) - 5, 6)
    }
