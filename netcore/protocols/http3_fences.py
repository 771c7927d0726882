"""aioquic's HTTP/3 behind fences: what it would hold without a bound, or say in its own words.

A frame is refused by its header where it may not come or is too large to be held. Field sections
come out as they were received: what is malformed in them has a sentence of ours elsewhere.
"""

from __future__ import annotations

from typing import Final

from aioquic.h3.connection import (
    FrameType,
    FrameUnexpected,
    H3Connection,
    H3Stream,
    HeadersState,
    ProtocolError,
    StreamType,
    is_interim_response,
)
from aioquic.h3.events import H3Event, HeadersReceived
from aioquic.quic.events import QuicEvent, StopSendingReceived, StreamDataReceived, StreamReset

from netcore.errors import FetchError
from netcore.protocols.quic_fences import WINDOW, FencedConnection

ENCODER_OCTETS: Final = 256 << 10
"""Octets of instructions for the dynamic table, of one connection."""

HELD_OCTETS: Final = 65_536
"""Octets of one frame of control, such as SETTINGS, that are waited for."""

_PUSHED: Final = "The server pushed, which it had not been allowed."


class FencedH3(H3Connection):
    """A client's side of HTTP/3 on one connection.

    In: `header_octets`, how large a HEADERS frame may be.
    `goaway` says whether the server wants no more requests. `made` is what the frames that came
    whole before an error were: the library raises it and gives out none of them.
    """

    def __init__(self, quic: FencedConnection, header_octets: int) -> None:
        self.goaway = False
        self.made: list[H3Event] = []
        self._header_octets = header_octets
        super().__init__(quic)

    def _init_connection(self) -> None:
        self._max_push_id = None  # the server may push nothing (RFC 9114 §7.2.7)
        super()._init_connection()

    def take(self, event: QuicEvent) -> list[H3Event]:
        """What came on a stream, in the library's words.

        Raises: ProtocolError of the library, FetchError where a fence was met.
        """
        self.made = []
        match event:
            case StreamDataReceived():
                return self._receive_stream_data(event)
            case StopSendingReceived():
                self._receive_stop_sending(event.stream_id)
            case StreamReset():
                self._receive_stream_reset(event.stream_id)
        return []

    @property
    def greeted(self) -> bool:
        """Whether the server's SETTINGS have come."""
        return self._settings_received

    def is_blocked(self, stream_id: int) -> bool:
        """Whether a field section waits for entries of the dynamic table (RFC 9204 §2.1.2)."""
        stream = self._stream.get(stream_id)
        return stream is not None and stream.blocked

    def _check_request_or_push_frame_type(self, frame_type: int, stream: H3Stream) -> None:
        super()._check_request_or_push_frame_type(frame_type, stream)
        if frame_type == FrameType.PUSH_PROMISE:
            raise FetchError(
                "h3.protocol", "The server promised a push, which it had not been allowed."
            )
        if frame_type == FrameType.HEADERS and (stream.frame_size or 0) > self._header_octets:
            raise FetchError(
                "h3.header_too_large",
                f"A HEADERS frame of {stream.frame_size:,} octets was announced; "
                f"{self._header_octets:,} are taken.",
            )

    def _check_control_frame_type(self, frame_type: int) -> None:
        super()._check_control_frame_type(frame_type)
        self.goaway = self.goaway or frame_type == FrameType.GOAWAY

    def _check_push_id(self, push_id: int) -> None:
        raise FetchError("h3.protocol", _PUSHED)

    def _receive_request_or_push_data(
        self, stream: H3Stream, data: bytes, stream_ended: bool
    ) -> list[H3Event]:
        events = super()._receive_request_or_push_data(stream, data, stream_ended)
        if stream.blocked and len(stream.buffer) > WINDOW:
            raise FetchError(
                "h3.qpack",
                f"More than {WINDOW:,} octets came behind a field section that waits for entries "
                "of the dynamic table.",
            )
        return events

    def _receive_stream_data_uni(
        self, stream: H3Stream, data: bytes, stream_ended: bool
    ) -> list[H3Event]:
        events = super()._receive_stream_data_uni(stream, data, stream_ended)
        if stream.stream_type == StreamType.PUSH:
            raise FetchError("h3.protocol", _PUSHED)
        if len(stream.buffer) > HELD_OCTETS:
            raise FetchError(
                "h3.protocol", f"A frame of control is larger than {HELD_OCTETS:,} octets."
            )
        if self._encoder_bytes_received > ENCODER_OCTETS:
            raise FetchError(
                "h3.qpack",
                f"More than {ENCODER_OCTETS:,} octets of instructions for the dynamic table came.",
            )
        return events

    def _handle_request_or_push_frame(
        self, frame_type: int, frame_data: bytes | None, stream: H3Stream, stream_ended: bool
    ) -> list[H3Event]:
        if frame_type == FrameType.HEADERS:
            made = self._handle_headers(frame_data, stream, stream_ended)
        else:
            made = super()._handle_request_or_push_frame(
                frame_type, frame_data, stream, stream_ended
            )
        self.made += made
        return made

    def _handle_headers(
        self, frame_data: bytes | None, stream: H3Stream, stream_ended: bool
    ) -> list[H3Event]:
        if stream.headers_recv_state == HeadersState.AFTER_TRAILERS:
            raise FrameUnexpected("HEADERS came behind the trailer section")
        headers = self._decode_headers(stream.stream_id, frame_data)
        if stream.headers_recv_state == HeadersState.AFTER_HEADERS:
            stream.headers_recv_state = HeadersState.AFTER_TRAILERS
        elif not is_interim_response(headers):
            stream.headers_recv_state = HeadersState.AFTER_HEADERS
        return [HeadersReceived(headers, stream.stream_id, stream_ended)]


__all__ = ["FencedH3", "ProtocolError"]
