"""Messages inflated one by one: RFC 7692's examples, bounds, and what zlib itself makes of them."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.message_inflater import MessageInflater, TooBig

ROOM = 1_000
HELLO = bytes.fromhex("f2 48 cd c9 c9 07 00")


@pytest.mark.parametrize(
    "octets",
    [
        "f2 48 cd c9 c9 07 00",  # RFC 7692 §7.2.3.1
        "00 05 00 fa ff 48 65 6c 6c 6f 00",  # §7.2.3.3, a block without compression
        "f3 48 cd c9 c9 07 00 00",  # §7.2.3.4, a block with BFINAL
        "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",  # §7.2.3.5, two blocks
    ],
)
def test_an_example_of_the_rfc(octets: str) -> None:
    inflater = MessageInflater(takeover=True)
    assert inflater.inflate(bytes.fromhex(octets), ROOM) == b"Hello"
    assert inflater.inflate(HELLO, ROOM) == b"Hello"  # the window goes on


def test_the_window_goes_on_as_in_the_rfc() -> None:
    inflater = MessageInflater(takeover=True)
    assert inflater.inflate(HELLO, ROOM) == b"Hello"
    assert inflater.inflate(bytes.fromhex("f2 00 11 00 00"), ROOM) == b"Hello"  # §7.2.3.2


def test_without_takeover_there_is_no_window() -> None:
    inflater = MessageInflater(takeover=False)
    assert inflater.inflate(HELLO, ROOM) == b"Hello"
    with pytest.raises(zlib.error):
        inflater.inflate(bytes.fromhex("f2 00 11 00 00"), ROOM)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=6), st.booleans(), st.data())
def test_it_undoes_what_zlib_did(
    messages: list[bytes], takeover: bool, data: st.DataObject
) -> None:
    inflater, deflate = MessageInflater(takeover=takeover), zlib.compressobj(wbits=-15)
    for message in messages:
        if not takeover:
            deflate = zlib.compressobj(wbits=-15)
        octets = (deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
        at = data.draw(st.integers(0, len(octets)))
        out = inflater.feed(octets[:at], ROOM)
        out += inflater.feed(octets[at:], ROOM - len(out))
        assert out + inflater.end(ROOM - len(out)) == message


def test_nothing_beyond_the_bound_comes_out() -> None:
    deflate = zlib.compressobj(wbits=-15)
    bomb = deflate.compress(bytes(8 << 20)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    with pytest.raises(TooBig):
        MessageInflater(takeover=True).inflate(bomb[:-4], 1 << 20)
    deflate = zlib.compressobj(wbits=-15)
    exact = (deflate.compress(bytes(ROOM)) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    assert MessageInflater(takeover=True).inflate(exact, ROOM) == bytes(ROOM)
