"""Frames of QUIC as qlog 0.3 writes them (draft-ietf-quic-qlog-quic-events-01 appendix A)."""

from __future__ import annotations

from collections.abc import Callable
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
    FIN,
    MAX_DATA,
    MAX_STREAM_DATA,
    MAX_STREAMS,
    MAX_STREAMS_UNI,
    NEW_CONNECTION_ID,
    NEW_TOKEN,
    PADDING,
    PATH_CHALLENGE,
    PATH_RESPONSE,
    RESET_STREAM,
    RETIRE_CONNECTION_ID,
    STOP_SENDING,
    STREAM,
    STREAM_DATA_BLOCKED,
    STREAM_END,
    STREAMS_BLOCKED,
    STREAMS_BLOCKED_UNI,
    Frame,
    acknowledged,
)
from netcore.registries.quic import frame_name

Json = dict[str, object]


def frame_json(frame: Frame, payload: bytes) -> Json:
    """One frame. In: the payload that it stands in."""
    if frame.type < 0:
        return {"frame_type": "unknown", "raw_length": frame.end - frame.start}
    shown: Json = {"frame_type": frame_name(frame.type).lower()}
    tell = _TOLD.get(frame.type)
    if STREAM <= frame.type < STREAM_END:
        tell = _stream
    return shown | tell(frame, payload) if tell else shown


def _padding(frame: Frame, payload: bytes) -> Json:
    return {"length": frame.end - frame.start}


def _ack(frame: Frame, payload: bytes) -> Json:
    ranges = [[each[0], each[-1]] for each in acknowledged(frame) if each]
    return {"ack_delay": frame.values[1], "acked_ranges": ranges}


def _crypto(frame: Frame, payload: bytes) -> Json:
    return {"offset": frame.values[0], "length": len(frame.data)}


def _stream(frame: Frame, payload: bytes) -> Json:
    stream_id, offset = frame.values[:2]
    fin = bool(frame.type & FIN)
    return {"stream_id": stream_id, "offset": offset, "length": len(frame.data), "fin": fin}


def _reset_stream(frame: Frame, payload: bytes) -> Json:
    return dict(zip(("stream_id", "error_code", "final_size"), frame.values, strict=True))


def _stop_sending(frame: Frame, payload: bytes) -> Json:
    return dict(zip(("stream_id", "error_code"), frame.values, strict=True))


def _token(frame: Frame, payload: bytes) -> Json:
    return {"token": {"data": _hex(frame, payload), "length": len(frame.data)}}


def _maximum(frame: Frame, payload: bytes) -> Json:
    return {"maximum": frame.values[0]}


def _limit(frame: Frame, payload: bytes) -> Json:
    return {"limit": frame.values[0]}


def _stream_maximum(frame: Frame, payload: bytes) -> Json:
    return {"stream_id": frame.values[0], "maximum": frame.values[1]}


def _stream_limit(frame: Frame, payload: bytes) -> Json:
    return {"stream_id": frame.values[0], "limit": frame.values[1]}


def _streams(key: str, kind: str) -> Callable[[Frame, bytes], Json]:
    def tell(frame: Frame, payload: bytes) -> Json:
        return {key: frame.values[0], "stream_type": kind}

    return tell


def _new_connection_id(frame: Frame, payload: bytes) -> Json:
    token = payload[frame.data.stop : frame.data.stop + 16]
    return {
        "sequence_number": frame.values[0],
        "retire_prior_to": frame.values[1],
        "connection_id": _hex(frame, payload),
        "connection_id_length": len(frame.data),
        "stateless_reset_token": token.hex(),
    }


def _retire_connection_id(frame: Frame, payload: bytes) -> Json:
    return {"sequence_number": frame.values[0]}


def _path(frame: Frame, payload: bytes) -> Json:
    return {"data": _hex(frame, payload)}


def _close(frame: Frame, payload: bytes) -> Json:
    reason = payload[frame.data.start : frame.data.stop].decode("utf-8", "replace")
    space = "application" if frame.type == CONNECTION_CLOSE_APPLICATION else "transport"
    code = frame.values[0]
    return {"error_space": space, "error_code": code, "raw_error_code": code, "reason": reason}


def _datagram(frame: Frame, payload: bytes) -> Json:
    return {"length": len(frame.data)}


def _hex(frame: Frame, payload: bytes) -> str:
    return payload[frame.data.start : frame.data.stop].hex()


_TOLD: Final[dict[int, Callable[[Frame, bytes], Json]]] = {
    PADDING: _padding,
    ACK: _ack,
    ACK_ECN: _ack,
    RESET_STREAM: _reset_stream,
    STOP_SENDING: _stop_sending,
    CRYPTO: _crypto,
    NEW_TOKEN: _token,
    MAX_DATA: _maximum,
    MAX_STREAM_DATA: _stream_maximum,
    MAX_STREAMS: _streams("maximum", "bidirectional"),
    MAX_STREAMS_UNI: _streams("maximum", "unidirectional"),
    DATA_BLOCKED: _limit,
    STREAM_DATA_BLOCKED: _stream_limit,
    STREAMS_BLOCKED: _streams("limit", "bidirectional"),
    STREAMS_BLOCKED_UNI: _streams("limit", "unidirectional"),
    NEW_CONNECTION_ID: _new_connection_id,
    RETIRE_CONNECTION_ID: _retire_connection_id,
    PATH_CHALLENGE: _path,
    PATH_RESPONSE: _path,
    CONNECTION_CLOSE: _close,
    CONNECTION_CLOSE_APPLICATION: _close,
    DATAGRAM: _datagram,
    DATAGRAM_LENGTH: _datagram,
}
