"""QUIC frames: what the payload of a packet is made of (RFC 9000 §19, RFC 9221).

Each frame is read by `read_frame`, which looks at the type; the table FRAMES gives it one name a
type, so that a unit is called what it is. A run of PADDING is one frame here, for each of its
octets would be one.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from netcore.dissect.quic_frame_walk import (
    ACK,
    ACK_ECN,
    CONNECTION_CLOSE,
    CONNECTION_CLOSE_APPLICATION,
    CRYPTO,
    DATA_BLOCKED,
    DATAGRAM,
    DATAGRAM_LENGTH,
    HANDSHAKE_DONE,
    MAX_DATA,
    MAX_STREAM_DATA,
    MAX_STREAMS,
    MAX_STREAMS_UNI,
    NEW_CONNECTION_ID,
    NEW_TOKEN,
    PATH_CHALLENGE,
    PATH_RESPONSE,
    PING,
    RESET_STREAM,
    RETIRE_CONNECTION_ID,
    STOP_SENDING,
    STREAM,
    STREAM_DATA_BLOCKED,
    STREAM_END,
    STREAMS_BLOCKED,
    STREAMS_BLOCKED_UNI,
)
from netcore.dissect.quic_varint import read_varint
from netcore.reader import Read, Reader
from netcore.registries.http3 import error_name
from netcore.registries.quic import FRAME_TYPES, OTHER_FRAME_TYPES, frame_name, transport_error

MOST_STREAMS: Final = 1 << 60
_RESET_TOKEN = 16
_RANGES = 2_000  # of one ACK frame that are shown


def read_frame(r: Reader) -> None:
    """RFC 9000 §19."""
    first = r.peek(1)
    if first and not first[0]:
        _read_padding(r)
        return
    kind = first[0] if first and first[0] < 0x40 else -1
    if STREAM <= kind < STREAM_END:
        _read_stream(r)
        return
    kind = read_varint(r, "frame_type", frame_name, "RFC 9000 §12.4", shortest=True)
    read = _READERS.get(kind)
    if read is None:
        name = OTHER_FRAME_TYPES.get(kind, "no frame that we know")
        r.malformed(f"quic.frame_type: {kind:#x} is {name}, so nobody here knows where it ends")
    read(r, kind)


def _read_padding(r: Reader) -> None:
    """RFC 9000 §19.1: a frame of one octet, and as many more as follow."""
    zeros = len(r.peek(r.remaining)) - len(r.peek(r.remaining).lstrip(b"\0"))
    r.octets("padding", zeros, f"{zeros:,} frames of one octet", "RFC 9000 §19.1")


def _read_nothing(r: Reader, kind: int) -> None:
    """RFC 9000 §19.2, §19.20: the type is all there is."""


def _read_ack(r: Reader, kind: int) -> None:
    """RFC 9000 §19.3."""
    spec = "RFC 9000 §19.3"
    largest = read_varint(r, "largest_acknowledged", _packet, spec)
    read_varint(r, "ack_delay", spec=spec)
    count = read_varint(r, "ack_range_count", spec=spec)
    low = _read_range(r, "first_ack_range", largest, "RFC 9000 §19.3.1")
    for number in range(count):
        if number == _RANGES:
            r.malformed(f"quic.ack: {_RANGES:,} ranges are shown, not those after")
        with r.group("ack_range", "RFC 9000 §19.3.1") as group:
            gap = read_varint(r, "gap", spec="RFC 9000 §19.3.1")
            high = low - gap - 2
            low = _read_range(r, "ack_range_length", high, "RFC 9000 §19.3.1")
            group.label = _packets(low, high)
    if kind == ACK_ECN:
        with r.group("ecn_counts", "RFC 9000 §19.3.2"):
            for name in ("ect0_count", "ect1_count", "ecn_ce_count"):
                read_varint(r, name, spec="RFC 9000 §19.3.2")


def _read_range(r: Reader, name: str, high: int, spec: str) -> int:
    """So many packets below `high` too. Out: the lowest."""
    length = read_varint(r, name, lambda length: _packets(high - length, high), spec)
    if high - length < 0:
        r.malformed("quic.ack: a range reaches below packet 0 (RFC 9000 §19.3.1)")
    return high - length


def _packet(number: int) -> str:
    return f"packet {number:,}"


def _packets(low: int, high: int) -> str:
    return _packet(high) if low == high else f"packets {low:,} to {high:,}"


def _read_reset_stream(r: Reader, kind: int) -> None:
    """RFC 9000 §19.4."""
    read_varint(r, "stream_id", stream_kind, "RFC 9000 §19.4")
    read_varint(r, "application_protocol_error_code", error_name, "RFC 9000 §20.2")
    read_varint(r, "final_size", spec="RFC 9000 §4.5")


def _read_stop_sending(r: Reader, kind: int) -> None:
    """RFC 9000 §19.5."""
    read_varint(r, "stream_id", stream_kind, "RFC 9000 §19.5")
    read_varint(r, "application_protocol_error_code", error_name, "RFC 9000 §20.2")


def _read_crypto(r: Reader, kind: int) -> None:
    """RFC 9000 §19.6."""
    read_varint(r, "offset", spec="RFC 9000 §19.6")
    length = read_varint(r, "length", spec="RFC 9000 §19.6")
    if length:
        r.octets("crypto_data", length, spec="RFC 9000 §19.6")


def _read_new_token(r: Reader, kind: int) -> None:
    """RFC 9000 §19.7."""
    length = read_varint(r, "token_length", spec="RFC 9000 §19.7")
    if not length:
        r.malformed("quic.frame: a token has at least one octet (RFC 9000 §19.7)")
    r.octets("token", length, spec="RFC 9000 §8.1.3")


def _read_stream(r: Reader) -> None:
    """RFC 9000 §19.8: three bits of the type are flags."""
    spec = "RFC 9000 §19.8"
    with r.group("frame_type", spec, "STREAM"):
        r.uint("varint_length", 2, {0: "1 octet"}, "RFC 9000 §16")
        r.uint("stream_type", 3, {1: "STREAM"}, spec)
        has_offset = r.flag("off_bit", spec)
        has_length = r.flag("len_bit", spec)
        r.flag("fin_bit", spec)
    read_varint(r, "stream_id", stream_kind, "RFC 9000 §2.1")
    if has_offset:
        read_varint(r, "offset", spec=spec)
    length = read_varint(r, "length", spec=spec) if has_length else r.remaining
    if length:
        r.octets("stream_data", length, spec=spec)


def stream_kind(number: int) -> str:
    """Who opened a stream, and who may send on it (RFC 9000 §2.1)."""
    opener = "server" if number & 1 else "client"
    return f"opened by the {opener}, {'one way' if number & 2 else 'both ways'}"


def _read_limit(r: Reader, kind: int) -> None:
    """RFC 9000 §19.9, §19.11, §19.12, §19.14: one number for the connection."""
    name, spec = _LIMITS[kind]
    if read_varint(r, name, spec=spec) > MOST_STREAMS and name == "maximum_streams":
        r.malformed("quic.frame: at most 2^60 streams can be allowed (RFC 9000 §4.6)")


_LIMITS: Final = {
    MAX_DATA: ("maximum_data", "RFC 9000 §19.9"),
    MAX_STREAMS: ("maximum_streams", "RFC 9000 §19.11"),
    MAX_STREAMS_UNI: ("maximum_streams", "RFC 9000 §19.11"),
    DATA_BLOCKED: ("maximum_data", "RFC 9000 §19.12"),
    STREAMS_BLOCKED: ("maximum_streams", "RFC 9000 §19.14"),
    STREAMS_BLOCKED_UNI: ("maximum_streams", "RFC 9000 §19.14"),
}


def _read_stream_limit(r: Reader, kind: int) -> None:
    """RFC 9000 §19.10 and §19.13."""
    spec = "RFC 9000 §19.10" if kind == MAX_STREAM_DATA else "RFC 9000 §19.13"
    read_varint(r, "stream_id", stream_kind, "RFC 9000 §2.1")
    read_varint(r, "maximum_stream_data", spec=spec)


def _read_new_connection_id(r: Reader, kind: int) -> None:
    """RFC 9000 §19.15."""
    spec = "RFC 9000 §19.15"
    number = read_varint(r, "sequence_number", spec=spec)
    if read_varint(r, "retire_prior_to", spec=spec) > number:
        r.malformed("quic.frame: an id cannot be retired before it is there (RFC 9000 §19.15)")
    length = r.uint("connection_id_length", 8, spec=spec)
    if not 1 <= length <= 20:
        r.blame("quic.connection_id: a new connection id has 1 to 20 octets")
    r.octets("connection_id", length, spec="RFC 9000 §5.1")
    r.octets("stateless_reset_token", _RESET_TOKEN, spec="RFC 9000 §10.3")


def _read_retire_connection_id(r: Reader, kind: int) -> None:
    """RFC 9000 §19.16."""
    read_varint(r, "sequence_number", spec="RFC 9000 §19.16")


def _read_path(r: Reader, kind: int) -> None:
    """RFC 9000 §19.17 and §19.18."""
    spec = "RFC 9000 §19.17" if kind == PATH_CHALLENGE else "RFC 9000 §19.18"
    r.octets("path_data", 8, spec=spec)


def _read_connection_close(r: Reader, kind: int) -> None:
    """RFC 9000 §19.19."""
    spec = "RFC 9000 §19.19"
    if kind == CONNECTION_CLOSE:
        read_varint(r, "error_code", transport_error, "RFC 9000 §20.1")
        read_varint(r, "close_frame_type", frame_name, spec)
    else:
        read_varint(r, "application_error_code", error_name, "RFC 9000 §20.2")
    length = read_varint(r, "reason_phrase_length", spec=spec)
    if length:
        r.text("reason_phrase", length, spec=spec)


def _read_datagram(r: Reader, kind: int) -> None:
    """RFC 9221 §4."""
    spec = "RFC 9221 §4"
    length = read_varint(r, "length", spec=spec) if kind == DATAGRAM_LENGTH else r.remaining
    if length:
        r.octets("datagram_data", length, spec=spec)


_READERS: Final[dict[int, Callable[[Reader, int], None]]] = {
    PING: _read_nothing,
    HANDSHAKE_DONE: _read_nothing,
    ACK: _read_ack,
    ACK_ECN: _read_ack,
    RESET_STREAM: _read_reset_stream,
    STOP_SENDING: _read_stop_sending,
    CRYPTO: _read_crypto,
    NEW_TOKEN: _read_new_token,
    **dict.fromkeys(_LIMITS, _read_limit),
    MAX_STREAM_DATA: _read_stream_limit,
    STREAM_DATA_BLOCKED: _read_stream_limit,
    NEW_CONNECTION_ID: _read_new_connection_id,
    RETIRE_CONNECTION_ID: _read_retire_connection_id,
    PATH_CHALLENGE: _read_path,
    PATH_RESPONSE: _read_path,
    CONNECTION_CLOSE: _read_connection_close,
    CONNECTION_CLOSE_APPLICATION: _read_connection_close,
    DATAGRAM: _read_datagram,
    DATAGRAM_LENGTH: _read_datagram,
}

PROTOCOLS: Final = MappingProxyType(
    {number: f"quic_frame_{name.lower()}" for number, name in FRAME_TYPES.items()}
)
"""Frame type -> the name of the unit. What no frame can be made of is a `quic_frame`."""

FRAMES: Final = MappingProxyType[str, Read](
    dict.fromkeys((*PROTOCOLS.values(), "quic_frame"), read_frame)
)
"""What the table of all dissectors has of frames."""
