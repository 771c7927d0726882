"""Which octets are text, and how they stand in an archive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.exports.bodies import Content, content_json, pairs, post_data, text_of
from tests.netcore.exports.archive import octets_of


@pytest.mark.parametrize(
    ("octets", "mime_type", "expected"),
    [
        (b"a\r\n\tb", "text/plain", "a\r\n\tb"),
        ("ü".encode(), "text/html", "ü"),
        ("ü".encode(), "text/html; charset=UTF-8", "ü"),
        (b"\xfc", "text/html;charset=iso-8859-1", "ü"),
        (b"\x80", 'text/html; Charset="windows-1252"', "€"),
        ("é".encode("utf-16-le"), "text/plain; charset=utf-16le", "é"),
        ("日本".encode("shift_jis"), "application/json; charset=Shift_JIS", "日本"),
        (b"{}", "application/problem+json", "{}"),
        (b"a", "", "a"),
        (b"\xfc", "text/html", None),
        (b"\xfc", "text/html; charset=utf-8", None),
        (b"a\x00b", "text/plain", None),
        (b"a", "image/png", None),
        (b"a", "application/octet-stream", None),
        (b"a", "text/plain; charset=punycode", None),
        (b"a", "text/plain; charset=unicode_escape", None),
        (b"61", "text/plain; charset=hex", None),
        (b"\xfe\xff\x00a", "text/plain; charset=utf-16", None),  # would be written otherwise
        (b"a", "text/plain; charset=no-such", None),
    ],
)
def test_text_is_what_its_type_and_its_charset_say(
    octets: bytes, mime_type: str, expected: str | None
) -> None:
    assert text_of(octets, mime_type) == expected


@given(st.binary(min_size=1), st.sampled_from(["", "text/plain", "image/png", "text/x; charset=é"]))
def test_content_stands_for_exactly_its_octets(octets: bytes, mime_type: str) -> None:
    held = content_json(Content(octets), mime_type)
    assert held["size"] == len(octets)
    assert octets_of(held) == octets


def test_what_is_no_form_is_not_taken_apart() -> None:
    mime_type = "application/x-www-form-urlencoded; charset=utf-8"
    assert post_data(b'{"a": 1}', mime_type) == {"mimeType": mime_type, "text": '{"a": 1}'}
    assert post_data(b"a=1&b", mime_type)["text"] == "a=1&b"
    assert "params" not in post_data(b"a=1&" * 10_000 + b"b=2", mime_type)


def test_a_query_is_decoded_and_keeps_its_order() -> None:
    assert pairs("b=1&a&b=%zz&%FF=%C3%BC") == [
        {"name": "b", "value": "1"},
        {"name": "a", "value": ""},
        {"name": "b", "value": "%zz"},
        {"name": "\ufffd", "value": "ü"},
    ]
