"""The three depths of an explanation, and how a device remembers its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from web.depth import COOKIE

Traced = Callable[[], str]


def explained(client: FlaskClient, address: str) -> str:
    page = client.get(address).text
    return page.partition('id="explanation"')[2].partition("</aside>")[0]


def test_a_newcomer_is_told_what_layer_it_is_and_no_place(
    client: FlaskClient, traced: Traced
) -> None:
    said = explained(client, f"{traced()}/e/4?u=1&f=0-16")
    assert "This is part of DNS" in said
    assert "<dt>Place</dt>" not in said
    assert "In the standard" not in said


def test_a_developer_is_told_place_and_python(client: FlaskClient, traced: Traced) -> None:
    said = explained(client, f"{traced()}/e/4?u=1&f=0-16&depth=developer")
    assert "<dt>Place</dt>" in said
    assert "int.from_bytes(data[0:2]" in said
    assert "In the standard" not in said
    assert "This is part of DNS" not in said


def test_a_reader_of_rfcs_is_told_the_section_too(client: FlaskClient, traced: Traced) -> None:
    said = explained(client, f"{traced()}/e/4?u=1&f=0-16&depth=rfc")
    assert "https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1" in said
    assert "<dt>Place</dt>" in said


def test_the_depth_is_remembered_by_page_and_by_fragment(
    client: FlaskClient, traced: Traced
) -> None:
    base = traced()
    client.get(f"{base}/e/4?u=1&f=0-16&part=field&depth=developer")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value == "developer"
    assert "<dt>Place</dt>" in explained(client, f"{base}/e/4?u=1&f=0-16")


@pytest.mark.parametrize("unknown", ["", "expert", "../rfc"])
def test_an_unknown_depth_is_a_newcomers_and_not_kept(
    client: FlaskClient, traced: Traced, unknown: str
) -> None:
    response = client.get(f"{traced()}/e/4?depth={unknown}")
    assert "Set-Cookie" not in response.headers or COOKIE not in response.headers["Set-Cookie"]
    assert 'data-depth="newcomer" aria-current="page"' in response.text


def test_the_links_keep_what_is_selected(client: FlaskClient, traced: Traced) -> None:
    base = traced()
    said = client.get(f"{base}/e/4?u=1&f=0-16&part=field").text
    assert f'href="{base}/e/4?u=1&amp;f=0-16&amp;depth=rfc"' in said
