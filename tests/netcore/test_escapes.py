"""Octets as a person types them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.escapes import read_escapes, write_escapes


def test_what_cannot_be_seen_is_written_out() -> None:
    assert read_escapes(r"GET / HTTP/1.0\r\n\r\n") == b"GET / HTTP/1.0\r\n\r\n"
    assert read_escapes(r"\t\0\\\x7f\xFF") == b"\t\0\\\x7f\xff"
    assert read_escapes("\u00fc") == b"\xc3\xbc"
    assert write_escapes(b"a\r\n\x00\\\xc3") == r"a\r\n\0\\\xc3"


@pytest.mark.parametrize("text", [r"\q", r"\x4", r"\xzz", "end\\"])
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="means nothing"):
        read_escapes(text)


@given(st.binary(max_size=200))
def test_any_octets_are_written_so_that_they_are_read_back(octets: bytes) -> None:
    written = write_escapes(octets)
    assert written.isascii()
    assert written.isprintable()
    assert read_escapes(written) == octets
