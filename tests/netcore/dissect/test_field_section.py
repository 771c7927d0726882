"""Field sections of HTTP/2: names, values and what is malformed about them."""

from __future__ import annotations

import pytest

from netcore.dissect.field_section import read_field_section
from netcore.field import Field, find, find_all
from netcore.reader import dissect


def tree_of(text: str) -> Field:
    return dissect(read_field_section, text.encode("latin-1"), "http2_field_section")


def errors(text: str) -> list[str]:
    return [field.error for field in tree_of(text).walk() if field.error]


def test_a_section_has_a_line_for_each_field() -> None:
    tree = tree_of(":status: 200\r\ncontent-type: text/html\r\nx-empty: \r\n")
    names = [field.value for field in find_all(tree, "field_name")]
    assert names == [":status", "content-type", "x-empty"]
    assert [f.value for f in find_all(tree, "field_value")] == ["200", "text/html"]
    status = find(tree, "field_value")
    assert status is not None
    assert status.label == "OK"


@pytest.mark.parametrize(
    "text",
    [
        "Accept: a\r\n",
        "a b: c\r\n",
        "connection: close\r\n",
        "a: b\r\n:path: /\r\n",
        ":nothing: x\r\n",
        "a: b \r\n",
        "a: \0\r\n",
        "te: gzip\r\n",
        ":status: 99\r\n",
    ],
)
def test_what_is_malformed_says_so_at_its_leaf(text: str) -> None:
    assert [error.partition(": ")[0] for error in errors(text)] == ["h2.bad_field"]


@pytest.mark.parametrize("text", ["no colon\r\n", "a:b\r\n", "a: b"])
def test_what_is_no_line_is_an_error(text: str) -> None:
    assert errors(text)


def test_very_many_lines_end_with_an_error() -> None:
    assert errors("a: b\r\n" * 1_001)[-1].startswith("h2.too_many_fields: ")
