"""The Huffman code, against the library that others decode with."""

from __future__ import annotations

import pytest
from hpack.exceptions import HPACKDecodingError
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hpack.huffman_table import decode_huffman
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.huffman import decode

ENCODER = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_what_the_library_encodes_is_decoded_symbol_by_symbol(text: bytes) -> None:
    coded = ENCODER.encode(text)
    found = decode(coded)
    assert found.text == text.decode("latin-1")
    assert found.error == ""
    assert found.padding < 8
    assert sum(symbol.bits for symbol in found.symbols) + found.padding == len(coded) * 8
    path = "".join(symbol.path for symbol in found.symbols) + "1" * found.padding
    assert path == "".join(f"{octet:08b}" for octet in coded)


@settings(deadline=None, max_examples=500)
@given(st.binary(max_size=30) | st.binary(max_size=6).map(lambda octets: octets + b"\xff" * 3))
def test_any_octets_are_an_error_where_the_library_says_so(octets: bytes) -> None:
    found = decode(octets)
    try:
        theirs = decode_huffman(octets)
    except HPACKDecodingError:
        assert found.error.startswith("hpack.huffman: ")
    else:
        assert (found.error, found.text.encode("latin-1")) == ("", theirs)


@pytest.mark.parametrize(
    ("octets", "text"), [("", ""), ("07", "0"), ("1f", "a"), ("fffffffc", ""), ("ffffffff", "")]
)
def test_short_strings_have_the_text_of_the_table(octets: str, text: str) -> None:
    assert decode(bytes.fromhex(octets)).text == text
