"""Content codings: what comes out, where it stops, and that cuts make no difference."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.content_coding import Budget, content_decoder
from netcore.decoders import STEP
from netcore.errors import FetchError


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "gzip, deflate": lambda data: zlib.compress(gzip.compress(data)),
    "br": brotli.compress,
    "zstd": zstd.compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "br, zstd": lambda data: zstd.compress(brotli.compress(data)),
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


@pytest.mark.parametrize("coding", CODERS)
def test_a_bomb_stops_exactly_at_the_bound(coding: str) -> None:
    bomb = CODERS[coding](bytes(8 << 20))
    out, code, _ = decode(bomb, coding, budget=5_000_000)
    assert (len(out), code) == (5_000_000, "limit.decoded")


@pytest.mark.parametrize("coding", CODERS)
def test_what_comes_out_comes_in_small_steps(coding: str) -> None:
    decoder, _, _ = content_decoder([coding], 2, Budget(None))
    parts = [len(part) for part in decoder.decode(CODERS[coding](bytes(3 << 20)))]
    assert sum(parts) == 3 << 20
    assert max(parts) <= 2 * STEP


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_octets_behind_the_end_are_counted(coding: str) -> None:
    data = b"hello " * 100_000  # several steps of output in one slice of input
    octets = CODERS[coding](data) + b"junk"
    for cuts in (1, 7, 100_000):
        assert decode(octets, coding, cuts=cuts) == (data, "", 4)


def test_frames_of_zstd_follow_each_other_and_some_are_skipped() -> None:
    skipped = b"\x53\x2a\x4d\x18\x03\0\0\0abc"
    octets = zstd.compress(b"one ") + skipped + zstd.compress(b"two") + b"\x28\xb5"
    for cuts in (1, 5, 1000):
        assert decode(octets, "zstd", cuts=cuts) == (b"one two", "", 2)


def test_a_frame_of_zstd_is_read_alike_whether_it_is_there_whole_or_not() -> None:
    octets = bytearray(zstd.compress(b""))
    octets[5] = 1  # the size of the content, which is none
    assert decode(bytes(octets), "zstd") == decode(bytes(octets), "zstd", cuts=1)


def wide_window(log: int) -> bytes:
    """A frame that may refer back over 2**log octets."""
    parameters = {zstd.CompressionParameter.window_log: log}
    compressor = zstd.ZstdCompressor(options=parameters)
    beginning = compressor.compress(b"hello", mode=compressor.FLUSH_BLOCK)
    return beginning + compressor.flush()


def test_the_window_of_zstd_is_8_mib_at_most() -> None:
    assert decode(wide_window(23), "zstd") == (b"hello", "", 0)
    assert decode(wide_window(24), "zstd") == (b"", "limit.decoded", 0)
    two_gib = b"\x28\xb5\x2f\xfd\0" + bytes([(31 - 10) << 3]) + b"\x01\0\0"
    assert decode(two_gib, "zstd") == (b"", "limit.decoded", 0)


def test_content_that_fills_the_bound_exactly_is_complete() -> None:
    assert decode(gzip.compress(bytes(1000)), "gzip", budget=1000) == (bytes(1000), "", 0)


def test_the_bound_is_one_on_what_decoding_makes() -> None:
    decoder, _, _ = content_decoder([], 2, Budget(10))
    assert b"".join(decoder.decode(bytes(1000))) == bytes(1000)


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


@pytest.mark.parametrize("coding", ["deflate", "br", "zstd", "gzip, br"])
@pytest.mark.parametrize("damage", [b"", b"\xff" * 40], ids=["cut off", "other octets"])
def test_each_coding_gives_what_stood_before_the_damage(coding: str, damage: bytes) -> None:
    data = b"".join(b"%d," % (number * number) for number in range(20_000))
    octets = CODERS[coding](data)
    cut = len(octets) - 50
    out, code, _ = decode(octets[:cut] + damage, coding)
    assert code == "decode.error"
    assert out[:10_000] == data[:10_000]
    assert (out, code) == decode(octets[:cut] + damage, coding, cuts=1)[:2]


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
