"""The extension's answers to the library, one by one."""

from __future__ import annotations

import zlib

import pytest
from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode, RsvBits

from netcore.protocols.websocket_deflate import BoundedDeflate
from netcore.protocols.websocket_handshake import Deflate

SET, CLEAR = RsvBits(True, False, False), RsvBits(False, False, False)
HELLO = bytes.fromhex("f2 48 cd c9 c9 07 00")  # RFC 7692 §7.2.3.1
PROTO = FrameProtocol(client=True, extensions=[])


def extension(most: int = 100, agreed: Deflate = Deflate()) -> BoundedDeflate:  # noqa: B008
    return BoundedDeflate(agreed, most)


@pytest.mark.parametrize("opcode", [Opcode.CONTINUATION, Opcode.PING, Opcode.CLOSE])
def test_only_the_first_frame_of_a_message_says_that_it_is_compressed(opcode: Opcode) -> None:
    answer = extension().frame_inbound_header(PROTO, opcode, SET, 0)
    assert answer is CloseReason.PROTOCOL_ERROR


def test_a_message_is_inflated() -> None:
    made = extension()
    assert made.frame_inbound_header(PROTO, Opcode.TEXT, SET, 7) == SET
    out = made.frame_inbound_payload_data(PROTO, HELLO)
    tail = made.frame_inbound_complete(PROTO, fin=True)
    assert isinstance(out, bytes)
    assert out + (tail if isinstance(tail, bytes) else b"") == b"Hello"


def test_a_message_without_the_bit_is_left_as_it_is() -> None:
    made = extension()
    made.frame_inbound_header(PROTO, Opcode.TEXT, CLEAR, 5)
    assert made.frame_inbound_payload_data(PROTO, b"Hello") == b"Hello"
    assert made.frame_inbound_complete(PROTO, fin=True) is None


def test_the_bound_is_one_of_the_whole_message() -> None:
    deflate = zlib.compressobj(wbits=-15)
    octets = deflate.compress(bytes(101)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    made = extension(100)
    made.frame_inbound_header(PROTO, Opcode.BINARY, SET, len(octets))
    answers = [made.frame_inbound_payload_data(PROTO, octets[at : at + 1]) for at in range(20)]
    assert CloseReason.MESSAGE_TOO_BIG in answers


def test_octets_that_are_no_deflate_are_said_to_be_none() -> None:
    made = extension()
    made.frame_inbound_header(PROTO, Opcode.TEXT, SET, 4)
    assert made.frame_inbound_payload_data(PROTO, b"\xff" * 4) is CloseReason.UNSUPPORTED_DATA


@pytest.mark.parametrize("takeover", [True, False])
def test_what_is_sent_keeps_the_window_only_where_that_was_agreed_on(takeover: bool) -> None:
    made = extension(agreed=Deflate(client_takeover=takeover))
    text = b"the same words, said twice"
    sizes = [
        len(made.frame_outbound(PROTO, Opcode.TEXT, CLEAR, text, fin=True)[1]) for _ in range(2)
    ]
    assert (sizes[1] < sizes[0]) is takeover
