"""Redirects: where to, with which method, and what stays behind."""

from __future__ import annotations

import pytest

from netcore.errors import FetchError
from netcore.protocols.http1 import Head
from netcore.redirect import location, next_request, next_target
from netcore.request import Request
from netcore.target import parse

HERE = parse("https://example.com/a/b")
SAME = parse("https://example.com/other")
OTHERS = [
    parse(url)
    for url in ("http://example.com/", "https://example.com:8443/", "https://www.example.com/")
]
FIELDS = (("Authorization", "secret"), ("X-Own", "1"))


def head(status: int, *locations: str) -> Head:
    lines = tuple(("Location", each) for each in locations)
    return Head(status, "", "1.1", lines, "none", None, ())


def test_only_the_five_statuses_lead_elsewhere() -> None:
    assert [status for status in range(200, 500) if location(head(status, "/x"))[0]] == [
        301,
        302,
        303,
        307,
        308,
    ]


@pytest.mark.parametrize("locations", [(), ("",), ("/a", "/b")])
def test_without_one_clear_place_the_response_is_the_last(locations: tuple[str, ...]) -> None:
    value, why_not = location(head(302, *locations))
    assert value == ""
    assert why_not


def test_equal_location_fields_count_as_one() -> None:
    assert location(head(302, "/a", "/a")) == ("/a", "")


def test_octets_beyond_ascii_are_read_as_utf_8() -> None:
    assert next_target("/é".encode().decode("latin-1"), HERE).path_and_query == "/%C3%A9"
    assert next_target("/\xe9", HERE).path_and_query == "/%C3%A9"


@pytest.mark.parametrize(
    ("method", "status", "then"),
    [
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("PUT", 301, "PUT"),
        ("PUT", 303, "GET"),
        ("HEAD", 303, "HEAD"),
        ("POST", 307, "POST"),
        ("POST", 308, "POST"),
    ],
)
def test_the_method_changes_as_the_rfc_says(method: str, status: int, then: str) -> None:
    fields = (*FIELDS, ("Content-Type", "text/plain"))
    following = next_request(Request(method, fields, b"x"), status, HERE, SAME)
    assert following.method == then
    kept = then == method and status != 303
    if method != "HEAD":
        assert following.content == (b"x" if kept else None)
        assert following.user_fields == (fields if kept else FIELDS)


@pytest.mark.parametrize("there", OTHERS, ids=lambda each: each.origin)
def test_nothing_that_the_user_set_goes_to_another_origin(there: object) -> None:
    following = next_request(Request("GET", FIELDS, None), 302, HERE, there)  # type: ignore[arg-type]
    assert following == Request("GET", (), None)


@pytest.mark.parametrize("status", [307, 308])
def test_content_is_not_sent_to_another_origin(status: int) -> None:
    with pytest.raises(FetchError) as caught:
        next_request(Request("POST", FIELDS, b"x"), status, HERE, OTHERS[0])
    assert caught.value.code == "redirect.cross_origin_body"
