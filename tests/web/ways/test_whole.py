"""The ways out of an event on its page, without a script."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient


def request_page(client: FlaskClient, base: str, query: str = "") -> str:
    number = next(
        number
        for number in range(1, 40)
        if "GET /" in client.get(f"{base}/e/{number}?part=1").text.partition("</h2>")[0]
    )
    return client.get(f"{base}/e/{number}{query}").text


def test_an_event_page_has_breadcrumb_switch_and_lineage(
    traced: Callable[..., str], client: FlaskClient
) -> None:
    page = request_page(client, traced())
    assert 'id="crumbs"' in page
    assert 'aria-disabled="true"' in page
    assert "Nothing here was encrypted." in page
    assert "Where this came from, what it became" in page


def test_a_tab_of_the_code_is_a_link(traced: Callable[..., str], client: FlaskClient) -> None:
    page = request_page(client, traced(), "?code=script")
    assert "All of the script, to read and to save" in page
    assert 'data-code="script" aria-current="page"' in page


def test_a_chosen_field_brings_its_own_ways(
    traced: Callable[..., str], client: FlaskClient
) -> None:
    part = request_page(client, traced(), "?u=1&part=field")
    for region in ("forms", "crumbs", "lineage-steps"):
        assert f'data-region="{region}"' in part


def test_an_event_without_octets_has_its_code_alone(
    traced: Callable[..., str], client: FlaskClient
) -> None:
    page = client.get(f"{traced()}/e/1").text
    assert 'id="crumbs"' not in page
