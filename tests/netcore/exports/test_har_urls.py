"""The URLs of an HTTP archive."""

from __future__ import annotations

import pytest

from netcore.exports.har_urls import first_url, next_method, without_fragment


@pytest.mark.parametrize(
    ("method", "status", "then"),
    [
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("POST", 307, "POST"),
        ("PUT", 301, "PUT"),
        ("HEAD", 303, "HEAD"),
        ("GET", 308, "GET"),
    ],
)
def test_the_method_behind_a_redirect_is_that_of_rfc_9110(
    method: str, status: int, then: str
) -> None:
    assert next_method(method, status) == then


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (" HTTP://A.example/x#part ", "http://a.example/x"),
        ("http://[::1/", "http://[::1/"),
        ("http://a b/", "http://a%20b/"),
        ("no url", ""),
    ],
)
def test_what_was_typed_is_written_as_a_url_if_it_can_be(typed: str, written: str) -> None:
    assert first_url(typed) == written


def test_a_fragment_is_never_sent() -> None:
    assert without_fragment("http://a.example/#x") == "http://a.example/"
