"""Content codings: what comes out, where it stops, and that cuts make no difference."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.content_coding import Budget, content_decoder
from netcore.errors import FetchError


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "gzip, deflate": lambda data: zlib.compress(gzip.compress(data)),
}


def decode(
    octets: bytes, coding: str, budget: int | None = None, cuts: int = 1 << 20
) -> tuple[bytes, str, int]:
    """The decoded octets, the code of the failure or "", and how many octets were surplus."""
    decoder, _, _ = content_decoder([coding], 2, Budget(budget))
    out = b""
    try:
        for at in range(0, len(octets), cuts):
            for part in decoder.decode(octets[at : at + cuts]):
                out += part
        decoder.finish()
    except FetchError as error:
        return out, error.code, decoder.surplus
    return out, "", decoder.surplus


@pytest.mark.parametrize("coding", CODERS)
def test_what_was_coded_comes_out_again(coding: str) -> None:
    data = b"hello world " * 20_000
    assert decode(CODERS[coding](data), coding) == (data, "", 0)


def test_deflate_without_its_zlib_header_is_read_too() -> None:
    assert decode(raw_deflate(b"hello"), "deflate") == (b"hello", "", 0)


def test_content_without_coding_passes_through() -> None:
    assert decode(b"hello", "identity") == (b"hello", "", 0)


def test_an_unknown_coding_is_named_and_the_content_stays_as_it_is() -> None:
    decoder, codings, unknown = content_decoder(["gzip, zap"], 2, Budget(None))
    assert (codings, unknown) == (["gzip", "zap"], "zap")
    assert b"".join(decoder.decode(b"as it is")) == b"as it is"


def test_more_codings_than_allowed_are_refused() -> None:
    with pytest.raises(FetchError, match="3 times") as caught:
        content_decoder(["gzip", "gzip, gzip"], 2, Budget(None))
    assert caught.value.code == "limit.codings"


def test_a_bomb_stops_exactly_at_the_bound() -> None:
    bomb = gzip.compress(bytes(8 << 20))
    out, code, _ = decode(bomb, "gzip", budget=5_000_000)
    assert (len(out), code) == (5_000_000, "limit.decoded")


def test_content_that_fills_the_bound_exactly_is_complete() -> None:
    assert decode(gzip.compress(bytes(1000)), "gzip", budget=1000) == (bytes(1000), "", 0)


def test_two_responses_share_one_bound() -> None:
    budget = Budget(1500)
    first, _, _ = content_decoder(["gzip"], 2, budget)
    second, _, _ = content_decoder(["gzip"], 2, budget)
    assert sum(map(len, first.decode(gzip.compress(bytes(1000))))) == 1000
    parts: list[bytes] = []
    with pytest.raises(FetchError) as caught:
        parts.extend(second.decode(gzip.compress(bytes(1000))))
    assert caught.value.code == "limit.decoded"
    assert sum(map(len, parts)) == 500


def test_members_of_a_gzip_file_follow_each_other_and_the_rest_is_surplus() -> None:
    octets = gzip.compress(b"one ") + gzip.compress(b"two") + b"\x1fjunk"
    for cuts in (1, 7, 1000):
        assert decode(octets, "gzip", cuts=cuts) == (b"one two", "", 5)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda octets: octets[:-1], id="no end"),
        pytest.param(lambda octets: octets[:-5] + b"xxxxx", id="bad ISIZE"),
        pytest.param(lambda octets: octets[:-8] + b"xxxx" + octets[-4:], id="bad CRC"),
        pytest.param(lambda octets: octets[:30] + b"\xff" * 9 + octets[39:], id="bad block"),
    ],
)
def test_damaged_content_gives_what_stood_before_the_damage(damage: object) -> None:
    data = b"".join(b"%d," % number for number in range(9000))
    octets = damage(gzip.compress(data))  # type: ignore[operator]
    out, code, _ = decode(octets, "gzip")
    assert code == "decode.error"
    assert data.startswith(out)
    assert (out, code) == decode(octets, "gzip", cuts=1)[:2]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(CODERS)),
    st.binary(max_size=300),
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=2),
)
def test_the_cuts_make_no_difference(
    coding: str, data: bytes, cuts: int, changes: list[tuple[int, int]]
) -> None:
    octets = bytearray(CODERS[coding](data))
    for at, value in changes:
        octets[at % len(octets)] = value
    assert decode(bytes(octets), coding, 200, cuts) == decode(bytes(octets), coding, 200)
