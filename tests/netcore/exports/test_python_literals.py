"""Whatever octets and words come from outside, as Python source they are what they were."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from netcore.exports.python_literals import (
    comment,
    hex_rows,
    octets_literal,
    text_literal,
    visible,
)

ANYTHING = st.text(st.characters())  # halves of surrogate pairs too
LINES = st.lists(
    st.one_of(st.binary(max_size=200), st.sampled_from([b"\r\n", b"\n", b'"""', b"'\\", b"\0"]))
).map(b"".join)


@given(st.one_of(st.binary(), LINES))
def test_octets_are_a_literal_of_themselves(octets: bytes) -> None:
    literal = octets_literal(octets)
    assert ast.literal_eval(literal) == octets
    assert literal.isascii()
    rows = literal.splitlines()
    assert all(row.isprintable() and len(row) < 300 for row in rows)
    assert bytes.fromhex("".join(ast.literal_eval(row) for row in hex_rows(octets))) == octets


@given(ANYTHING)
def test_a_text_is_a_literal_of_itself(text: str) -> None:
    assert ast.literal_eval(text_literal(text)) == text
    assert text_literal(text).isascii()


@given(ANYTHING)
def test_a_comment_stays_a_comment(text: str) -> None:
    source = comment(text, "    ")
    assert ast.parse(source).body == []
    assert all(line.lstrip(" ").startswith("#") for line in source.split("\n")[:-1])
    source.encode()  # no half of a pair is left, which UTF-8 could not hold


def test_what_would_turn_a_line_around_is_escaped_and_a_section_sign_is_not() -> None:
    assert visible("RFC 9112 §2.1 é") == "RFC 9112 §2.1 é"
    assert visible("a\u202eb\r\nc\x85\u2028") == "a\\u202eb\\r\\nc\\x85\\u2028"
