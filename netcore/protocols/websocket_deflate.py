"""permessage-deflate for the library's frames, with a bound on what comes out (RFC 7692).

What is sent is compressed by the library. What is received is not left to it: its own extension
puts no bound on a message, and forgets that a message is compressed once a PING stands between
two of its fragments.
"""

from __future__ import annotations

import zlib

from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

from netcore.message_inflater import MessageInflater, TooBig
from netcore.protocols.websocket_handshake import Deflate


class BoundedDeflate(PerMessageDeflate):
    """What was agreed on. In: octets that a message may have when it is inflated."""

    def __init__(self, agreed: Deflate, most: int) -> None:
        super().__init__(
            client_no_context_takeover=not agreed.client_takeover,
            client_max_window_bits=agreed.client_bits,
        )
        self._enabled = True
        self._most = most
        self._came = 0  # octets of this message so far
        self._inflater = MessageInflater(takeover=agreed.server_takeover)
        self._is_compressed: bool | None = None  # the message that has begun; None between two
        self._is_control = False  # the frame that has begun

    def frame_inbound_header(
        self,
        proto: FrameDecoder | FrameProtocol,
        opcode: Opcode,
        rsv: RsvBits,
        payload_length: int,
    ) -> CloseReason | RsvBits:
        """RSV1 stands on the first frame of a compressed message and nowhere else (§6)."""
        self._is_control = opcode.iscontrol()
        if rsv.rsv1 and (self._is_control or opcode is Opcode.CONTINUATION):
            return CloseReason.PROTOCOL_ERROR
        if not self._is_control and opcode is not Opcode.CONTINUATION:
            self._is_compressed, self._came = rsv.rsv1, 0
        return RsvBits(True, False, False)

    def frame_inbound_payload_data(
        self, proto: FrameDecoder | FrameProtocol, data: bytes
    ) -> bytes | CloseReason:
        """Some of a frame's payload."""
        if self._is_control or not self._is_compressed:
            return data
        try:
            return self._counted(self._inflater.feed(data, self._most - self._came))
        except TooBig:
            return CloseReason.MESSAGE_TOO_BIG
        except zlib.error:
            return CloseReason.UNSUPPORTED_DATA

    def frame_inbound_complete(
        self, proto: FrameDecoder | FrameProtocol, fin: bool
    ) -> bytes | CloseReason | None:
        """The end of a frame; `fin` if it is the end of its message too."""
        if self._is_control or not fin:
            return None
        was_compressed, self._is_compressed = self._is_compressed, None
        if not was_compressed:
            return None
        try:
            return self._counted(self._inflater.end(self._most - self._came))
        except TooBig:
            return CloseReason.MESSAGE_TOO_BIG
        except zlib.error:
            return CloseReason.UNSUPPORTED_DATA

    def _counted(self, out: bytes) -> bytes:
        self._came += len(out)
        return out
