"""What is sent: curl's defaults, the user's fields, and what no field may hold."""

from __future__ import annotations

import pytest

from netcore.errors import FetchError
from netcore.options import Options
from netcore.request import first_request, parse_field
from netcore.target import parse

TARGET = parse("http://example.com:8080/")
DEFAULTS = (
    ("Host", "example.com:8080"),
    ("User-Agent", "wiretale/0.1"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
)


def fields(*given: str, body: bytes | None = None, method: str = "GET") -> dict[str, str]:
    options = Options(method=method, headers=tuple(map(parse_field, given)), body=body)
    return dict(first_request(options).fields(TARGET))


def test_the_defaults_are_curls_with_host_first() -> None:
    assert tuple(fields().items()) == DEFAULTS


def test_a_field_replaces_the_default_whatever_its_letters() -> None:
    sent = fields("user-agent: mine", "HOST: other")
    assert sent == {
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "user-agent": "mine",
        "HOST": "other",
    }


def test_a_name_with_a_colon_alone_removes_and_with_a_semicolon_sends_it_empty() -> None:
    sent = fields("Accept:", "X-Empty;")
    assert "Accept" not in sent
    assert sent["X-Empty"] == ""


def test_content_is_a_form_unless_something_else_is_said() -> None:
    sent = fields(body=b"a=b", method="POST")
    assert (sent["Content-Type"], sent["Content-Length"]) == (
        "application/x-www-form-urlencoded",
        "3",
    )
    assert fields("Content-Type: text/plain", body=b"a=b")["Content-Type"] == "text/plain"
    assert "Content-Type" not in fields("Content-Type:", body=b"a=b")


def test_a_post_without_content_says_that_it_has_none() -> None:
    assert fields(method="POST")["Content-Length"] == "0"


def test_letters_beyond_ascii_go_out_as_utf_8() -> None:
    assert parse_field("X: é") == ("X", "é".encode().decode("latin-1"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", "a\r\nInjected: yes"),
        ("X", "a\nb"),
        ("X", "a\0b"),
        ("X Y", "a"),
        ("", "a"),
        ("X\r\nInjected", "a"),
        ("X", "\u20ac"),
    ],
)
def test_a_field_that_would_not_arrive_as_one_is_refused(name: str, value: str) -> None:
    with pytest.raises(FetchError) as caught:
        first_request(Options(headers=((name, value),)))
    assert caught.value.code == "http.bad_request"


@pytest.mark.parametrize("method", ["GE T", "", "GET\r\n", "É"])
def test_a_method_is_one_word(method: str) -> None:
    with pytest.raises(FetchError) as caught:
        first_request(Options(method=method))
    assert caught.value.code == "http.bad_request"


def test_a_line_that_is_no_header_is_named() -> None:
    with pytest.raises(ValueError, match="'nothing' is not a header"):
        parse_field("nothing")
