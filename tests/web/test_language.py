"""In which language a page speaks, by what the request says."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.language import COOKIE, language


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


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example/",
        "/\\evil.example",
        "https://evil.example/",
        "/\t/evil.example",
        "\n/\r\\evil.example",
    ],
)
def test_a_choice_leads_to_no_other_site(client: FlaskClient, back: str) -> None:
    answer = client.post("/language", data={"language": "xx", "back": back})
    assert answer.location == "/"
    assert "Set-Cookie" not in answer.headers


def test_a_page_says_where_it_is_in_each_language(client: FlaskClient) -> None:
    page = client.get("/words/alpn?depth=rfc&lang=de").text
    address = "/words/alpn?depth=rfc"
    for tag, href in (("en", "&amp;lang=en"), ("de", "&amp;lang=de"), ("x-default", "")):
        assert f'<link rel="alternate" hreflang="{tag}" href="{address}{href}">' in page
    assert '<html lang="de"' in page
    assert "hreflang" not in client.post("/trace", data={"url": "nowhere:"}).text


def test_a_drawing_that_a_browser_keeps_is_kept_for_its_language(app: Flask) -> None:
    address = f"/t/example-http1/drawing?m=time&v={app.extensions['assets'].version}"
    answer = app.test_client().get(address)
    assert "max-age" in answer.headers["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= {*answer.vary}


def test_what_is_said_when_no_request_is_served_is_english(app: Flask) -> None:
    with app.app_context():
        assert language() == "en"


def test_a_list_is_filtered_alike_in_each_language(app: Flask) -> None:
    client = app.test_client()
    english, german = (
        re.findall(
            r'<tr id="r-(\d+)"', client.get(f"/t/example-http1/list?way=sent&lang={tag}").text
        )
        for tag in ("en", "de")
    )
    assert german == english != []
