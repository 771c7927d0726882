"""In which language a page speaks, by what the request says."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from web.language import COOKIE


@pytest.mark.parametrize(
    ("accepted", "chosen", "asked", "spoken"),
    [
        ("", "", "", "en"),
        ("fr, it;q=0.5", "", "", "en"),
        ("de-AT, en;q=0.5", "", "", "de"),
        ("en, de;q=0.5", "", "", "en"),
        ("en", "de", "", "de"),
        ("en", "de", "en", "en"),
        ("", "xx", "../de", "en"),
    ],
)
def test_the_address_overrides_the_choice_and_the_choice_the_browser(
    client: FlaskClient, accepted: str, chosen: str, asked: str, spoken: str
) -> None:
    if chosen:
        client.set_cookie(COOKIE, chosen)
    page = client.get("/about", query_string={"lang": asked}, headers={"Accept-Language": accepted})
    assert f'<html lang="{spoken}"' in page.text


def test_a_choice_is_kept_and_leads_back_to_its_page(client: FlaskClient) -> None:
    page = client.get("/about?x=1", headers={"Accept-Language": "en"}).text
    assert 'name="back" value="/about?x=1"' in page
    answer = client.post("/language", data={"language": "de", "back": "/about?x=1"})
    assert (answer.status_code, answer.location) == (303, "/about?x=1")
    assert '<html lang="de"' in client.get("/about").text


@pytest.mark.parametrize("back", ["//evil.example/", "/\\evil.example", "https://evil.example/"])
def test_a_choice_leads_to_no_other_site(client: FlaskClient, back: str) -> None:
    answer = client.post("/language", data={"language": "xx", "back": back})
    assert answer.location == "/"
    assert "Set-Cookie" not in answer.headers
