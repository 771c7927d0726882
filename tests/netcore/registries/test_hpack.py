"""The tables of RFC 7541, against those of the hpack library."""

from __future__ import annotations

from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hpack.table import HeaderTable

from netcore.registries.hpack import EOS, HUFFMAN_CODE, STATIC_TABLE


def test_the_static_table_is_the_librarys() -> None:
    theirs = [(name.decode(), value.decode()) for name, value in HeaderTable.STATIC_TABLE]
    assert [tuple(STATIC_TABLE[index]) for index in range(1, 62)] == theirs
    assert len(STATIC_TABLE) == 61


def test_the_huffman_code_is_the_librarys() -> None:
    theirs = dict(
        zip(zip(REQUEST_CODES_LENGTH, REQUEST_CODES, strict=True), range(257), strict=True)
    )
    assert theirs == HUFFMAN_CODE
    assert HUFFMAN_CODE[30, (1 << 30) - 1] == EOS


def test_the_huffman_code_is_canonical_and_has_no_gap() -> None:
    code, before = 0, 0
    for bits, here in sorted(HUFFMAN_CODE):
        code <<= bits - before
        assert code == here
        code, before = code + 1, bits
    assert code == 1 << 30
    symbols = [HUFFMAN_CODE[key] for key in sorted(HUFFMAN_CODE)]
    lengths = {symbol: bits for (bits, _), symbol in HUFFMAN_CODE.items()}
    assert symbols == sorted(range(257), key=lambda symbol: (lengths[symbol], symbol))
