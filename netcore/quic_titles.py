"""What units of QUIC, HTTP/3 and QPACK are called in a timeline: "STREAM 0, 1,024 bytes"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from netcore.dissect import http3, quic_frame
from netcore.dissect import quic_frame_walk as walk
from netcore.dissect.quic_frame_walk import Frame, acknowledged, frames
from netcore.dissect.quic_packet import NAMES, ONE_RTT, long_header
from netcore.dissect.quic_varint import varint
from netcore.field import Field, find
from netcore.registries.http3 import frame_name as http3_frame_name
from netcore.registries.quic import frame_name

if TYPE_CHECKING:
    from netcore.pdu import Pdu

_SHOWN: Final = 3  # frames of a packet that its title names


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"


def _kind(pdu: Pdu) -> str:
    header = long_header(pdu.octets)
    return NAMES[header.kind if header else ONE_RTT]


def _closed(pdu: Pdu) -> str:
    return f"{_kind(pdu)} packet, protected"


def _packet(pdu: Pdu) -> str:
    """The kind of a packet, and what its frames are."""
    names = dict.fromkeys(_frame(inner) for inner in pdu.inside)
    shown = [name for name in names if name != "PADDING"] or list(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    listed = ", ".join(shown[:_SHOWN]) + more
    return f"{_kind(pdu)}: {listed}" if listed else f"{_kind(pdu)} packet"


def _frame(pdu: Pdu) -> str:
    frame = next(frames(pdu.octets), Frame(-1, 0, 0))
    tell = _FRAMES.get(frame.type)
    name = frame_name(frame.type) if frame.type >= 0 else "frame that we cannot read"
    if walk.STREAM <= frame.type < walk.STREAM_END:
        return f"STREAM {frame.values[0]}, {_bytes(len(frame.data))}"
    return f"{name}{tell(frame, pdu)}" if tell else name


def _ack(frame: Frame, pdu: Pdu) -> str:
    ranges = acknowledged(frame)
    count = len(ranges) - 1
    holes = f", {count} hole{'' if count == 1 else 's'}" if count else ""
    return f" up to {ranges[0][-1]:,}{holes}"


def _crypto(frame: Frame, pdu: Pdu) -> str:
    return f", {_bytes(len(frame.data))}"


def _close(frame: Frame, pdu: Pdu) -> str:
    tree = pdu.fields()
    code = find(tree, "error_code") or find(tree, "application_error_code")
    return f": {code.label}" if code else ""


def _of_stream(frame: Frame, pdu: Pdu) -> str:
    return f", stream {frame.values[0]}"


_FRAMES: Final[dict[int, Callable[[Frame, Pdu], str]]] = {
    walk.ACK: _ack,
    walk.ACK_ECN: _ack,
    walk.CRYPTO: _crypto,
    walk.CONNECTION_CLOSE: _close,
    walk.CONNECTION_CLOSE_APPLICATION: _close,
    walk.RESET_STREAM: _of_stream,
    walk.STOP_SENDING: _of_stream,
    walk.MAX_STREAM_DATA: _of_stream,
}


def _stream(pdu: Pdu) -> str:
    """ "0" for a unit of the channel "quic:1/0.sent"."""
    return pdu.origin[0].channel.rpartition("/")[2].rpartition(".")[0]


def _http3_frame(pdu: Pdu) -> str:
    found = varint(pdu.octets, 0)
    kind = found[0] if found else -1
    name = http3_frame_name(kind) if found else "frame that we cannot read"
    if name in ("GREASE", "unassigned"):
        name = f"frame of type {kind:#x}"
    return f"{name}, stream {_stream(pdu)}"


def _http3_data(pdu: Pdu) -> str:
    header = http3.frame_header(pdu.octets, 0)
    size = pdu.size - header.payload_at if header else 0
    return f"{_http3_frame(pdu)}, {_bytes(size)}"


def _stream_type(pdu: Pdu) -> str:
    found = find(pdu.fields(), "stream_type")
    name = found.label if found else "unassigned"
    return f"stream {_stream(pdu)}: {name}"


def _instruction(pdu: Pdu) -> str:
    parts = pdu.fields().children
    name = parts[0].name if parts else "instruction"
    return f"QPACK: {name.replace('_', ' ')}{_detail(parts[0]) if parts else ''}"


def _detail(field: Field) -> str:
    name = find(field, "name_string") or find(field, "name_index")
    if name is None:
        return ""
    return f", {name.value if isinstance(name.value, str) else name.label}"


TITLES: Final[Mapping[str, Callable[[Pdu], str]]] = MappingProxyType(
    {
        "quic_packet": _closed,
        "quic_packet_unprotected": _packet,
        "quic_packet_version_negotiation": lambda _: "Version Negotiation",
        "quic_packet_retry": lambda _: "Retry",
        "quic_packet_stateless_reset": lambda _: "stateless reset",
        "quic_packet_padding": lambda pdu: f"padding of the datagram, {_bytes(pdu.size)}",
        **dict.fromkeys(quic_frame.FRAMES, _frame),
        "quic_stream_data": lambda pdu: f"stream {_stream(pdu)}, {_bytes(pdu.size)}",
        "http3_stream_type": _stream_type,
        **dict.fromkeys(http3.FRAMES, _http3_frame),
        "http3_data": _http3_data,
        "qpack_encoder_instruction": _instruction,
        "qpack_decoder_instruction": _instruction,
        "qpack_field_section": lambda pdu: f"field section, {_bytes(pdu.size)}",
    }
)
"""Name of a unit -> what makes its title."""

PLAIN: Final = frozenset(
    {"PADDING", "PING", "ACK", "STREAM", "MAX_DATA", "MAX_STREAM_DATA", "MAX_STREAMS"}
)
"""Frames of which a download has so many that one more says nothing of its own."""


def is_plain(pdu: Pdu) -> bool:
    """Whether all that is in a packet is of that sort."""
    if pdu.name != "quic_packet_unprotected":
        return False
    kinds = {inner.name.removeprefix("quic_frame_").upper() for inner in pdu.inside}
    return kinds <= PLAIN
