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
