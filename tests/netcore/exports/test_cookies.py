"""What Cookie and Set-Cookie fields say, as HAR lists it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.exports.cookies import of_request, of_response

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BARE: dict[str, Any] = {"name": "a", "value": "b", "httpOnly": False, "secure": False}


def test_the_cookies_of_a_request_are_in_order() -> None:
    assert of_request(["a=b; c=d=e;f", 'a="x y"']) == [
        {"name": "a", "value": "b"},
        {"name": "c", "value": "d=e"},
        {"name": "f", "value": ""},
        {"name": "a", "value": '"x y"'},
    ]


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("a=b", {}),
        (" a = b ;", {}),
        ("a=b; HttpOnly; Secure", {"httpOnly": True, "secure": True}),
        ("a=b; path=/x; DOMAIN=.x.example", {"path": "/x", "domain": ".x.example"}),
        ("a=b; SameSite=Lax", {"sameSite": "Lax"}),
        ("a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT", {"expires": "2026-10-21T07:28:00.000Z"}),
        ("a=b; Expires=Wed, 21-Oct-2026 07:28:00 GMT", {"expires": "2026-10-21T07:28:00.000Z"}),
        (
            "a=b; Max-Age=60; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
            {"expires": "2026-01-02T03:05:05.000Z"},
        ),
        ("a=b; Max-Age=-1", {"expires": "2026-01-02T03:04:05.000Z"}),
        ("a=b; Max-Age=999999999999", {}),
        ("a=b; Expires=soon", {}),
    ],
)
def test_the_attributes_of_a_cookie_are_read(field: str, more: dict[str, Any]) -> None:
    assert of_response([field], NOW) == [BARE | more]


@given(st.lists(st.text(max_size=40), max_size=4))
def test_no_field_raises(fields: list[str]) -> None:
    assert len(of_response(fields, NOW)) == len(fields)
    of_request(fields)


def test_a_flood_of_cookies_is_bounded() -> None:
    assert len(of_request(["a;" * 10_000])) == 3_000
