"""What a server cannot make a client of HTTP/3 hold."""

from __future__ import annotations

import pytest
from aioquic.h3.connection import FrameType, FrameUnexpected, encode_frame
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.events import StreamDataReceived

from lab import Authority
from netcore.errors import FetchError
from netcore.protocols.http3_fences import ENCODER_OCTETS, HELD_OCTETS, FencedH3
from netcore.protocols.quic_fences import WINDOW
from tests.netcore.protocols.quic_pair import client

HEADER_OCTETS = 1_000
BLOCKED = b"\x02\x00\x80"  # a field section that needs the first entry of the dynamic table


@pytest.fixture
def h3(authority: Authority) -> FencedH3:
    return FencedH3(client(authority).connection, HEADER_OCTETS)


def come(h3: FencedH3, stream: int, octets: bytes) -> list[object]:
    return list(h3.take(StreamDataReceived(octets, False, stream)))


def code_of(h3: FencedH3, stream: int, octets: bytes) -> str:
    with pytest.raises(FetchError) as caught:
        come(h3, stream, octets)
    return caught.value.code


def test_no_push_is_allowed(h3: FencedH3) -> None:
    assert h3._max_push_id is None
    assert code_of(h3, 0, encode_frame(FrameType.PUSH_PROMISE, b"\0\0\0\xd9")) == "h3.protocol"


@pytest.mark.parametrize("octets", [b"\x01", b"\x01\x00", b"\x01\x00\x00\x05hello"])
def test_a_push_is_refused_in_the_same_words_however_much_of_it_has_come(
    octets: bytes, h3: FencedH3
) -> None:
    with pytest.raises(FetchError, match="The server pushed, which it had not been allowed"):
        come(h3, 3, octets)


def test_what_was_whole_before_a_fault_is_kept(h3: FencedH3) -> None:
    head, data = b"\x01\x03\x00\x00\xd9", b"\x00\x02ab"
    with pytest.raises(FrameUnexpected):
        come(h3, 0, head + data + b"\x09\x00")  # a frame type of HTTP/2, which is reserved
    assert [type(each) for each in h3.made] == [HeadersReceived, DataReceived]


def test_fields_are_refused_by_their_length(h3: FencedH3) -> None:
    assert come(h3, 0, b"\x01\x43\xe8") == []  # 1,000 octets are announced
    assert code_of(h3, 4, b"\x01\x43\xe9") == "h3.header_too_large"


def test_what_waits_for_fields_has_a_bound(h3: FencedH3) -> None:
    come(h3, 0, encode_frame(FrameType.HEADERS, BLOCKED))
    assert h3.is_blocked(0)
    come(h3, 0, bytes(WINDOW))
    assert code_of(h3, 0, b"x") == "h3.qpack"


def test_an_entry_that_comes_unblocks(h3: FencedH3) -> None:
    come(h3, 0, encode_frame(FrameType.HEADERS, BLOCKED))
    (event,) = come(h3, 7, b"\x02\x3f\xe1\x1f\x41a\x01b")
    assert event.headers == [(b"a", b"b")]  # type: ignore[attr-defined]
    assert not h3.is_blocked(0)


def test_instructions_have_a_bound(h3: FencedH3) -> None:
    come(h3, 7, b"\x02\x3f\xe1\x1f")
    entry = b"\x41a\x01b"
    assert code_of(h3, 7, entry * (ENCODER_OCTETS // 4)) == "h3.qpack"


def test_a_frame_of_control_has_a_bound(h3: FencedH3) -> None:
    come(h3, 3, b"\0\x04\x80\x02\0\0" + bytes(HELD_OCTETS))
    assert code_of(h3, 3, b"x") == "h3.protocol"


def test_goaway_is_noted(h3: FencedH3) -> None:
    come(h3, 3, b"\0" + encode_frame(FrameType.SETTINGS, b""))
    assert h3.greeted
    assert not h3.goaway
    come(h3, 3, encode_frame(FrameType.GOAWAY, b"\0"))
    assert h3.goaway


def test_three_field_sections_are_one_too_many(h3: FencedH3) -> None:
    section = encode_frame(FrameType.HEADERS, b"\0\0\xd9")
    with pytest.raises(FrameUnexpected):
        come(h3, 0, section * 3)
