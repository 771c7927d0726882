"""A view in somebody's page: whole without a script, keeping nothing, for whom it is meant."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.sharing.embed import HEIGHTS, VIEWS, allow

Traced = Callable[[], str]
STATIC = Path(__file__).resolve().parents[3] / "static"


def embedded(path: str, query: str) -> str:
    return f"/embed/{path.removeprefix('/t/')}?{query}"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_whole_and_keeps_nothing(
    client: FlaskClient, app: Flask, traced: Traced, view: str
) -> None:
    path = traced()
    answer = app.test_client().get(embedded(path, f"view={view}&step=10&theme=dark&h=480"))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.split("frame-ancestors ")[1].startswith("*;")
    page = answer.text
    assert 'data-theme="dark"' in page
    assert f'href="{path}/e/10" target="_blank"' in page
    assert " style=" not in page
    assert "@/" not in page
    assert '<header class="top">' not in page


def test_a_frame_explains_as_deep_as_its_address_asks_and_its_links_keep_that(
    client: FlaskClient, traced: Traced
) -> None:
    address = embedded(traced(), "view=event&step=4&u=1&f=25-26")
    assert "The rule" not in client.get(address).text
    page = client.get(f"{address}&depth=rfc").text
    assert "<dt>The rule</dt>" in page
    assert re.search(r'rel="next" href="[^"]+depth=rfc', page)


def test_the_frame_of_a_story_says_what_the_step_means_and_leads_on(
    client: FlaskClient, traced: Traced
) -> None:
    page = client.get(embedded(traced(), "view=story&step=4&theme=light")).text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page)
    following = following.replace("&amp;", "&")
    assert "view=story" in following
    assert "theme=light" in following
    assert client.get(following).status_code == 200


def test_a_story_in_a_frame_goes_from_slide_to_slide_as_the_player_does(
    client: FlaskClient,
) -> None:
    address, seen = "/embed/example-tls13?view=story", []
    while address and len(seen) < 40:
        page = client.get(address).text
        place = re.search(r"<span>(\d+) / (\d+)</span>", page)
        assert place is not None
        seen.append(int(place[1]))
        assert 'class="sketch for-wide"' in page
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(onward[1]) if onward else ""
    assert seen == list(range(1, int(place[2]) + 1))
    beside = client.get("/embed/example-tls13?view=story&step=11").text  # no step of the story
    assert 'class="sketch' not in beside
    assert 'rel="next"' in beside


def test_a_field_in_a_frame_is_chosen_by_its_address(client: FlaskClient, traced: Traced) -> None:
    path = traced()
    page = client.get(embedded(path, "view=event&step=4")).text
    link = re.findall(r'class="field" href="(/embed/[^"]+f=[^"]+)"', page)[2].replace("&amp;", "&")
    chosen = client.get(link).text
    assert 'class="field on"' in chosen
    assert re.search(rf'embed-back" href="{path}/e/4\?u=1&amp;f=', chosen)


def test_what_is_not_understood_is_as_if_it_were_not_there(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    strange = client.get(embedded(path, 'view="><b>&step=999999&theme=x&h=-1&u=9&f=x'))
    assert strange.status_code == 200
    assert "view-timeline" in strange.text


def test_a_trace_that_is_gone_is_said_in_the_frame(client: FlaskClient) -> None:
    answer = client.get("/embed/nothing?view=story")
    assert answer.status_code == 404
    assert "This trace has been deleted." in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


def test_others_may_show_only_what_is_configured(
    make_app: Callable[..., Flask], client: FlaskClient
) -> None:
    app = make_app(EMBED_ANCESTORS="https://lms.example https://slides.example:8443")
    policy = app.test_client().get("/embed/x").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://lms.example https://slides.example:8443;" in policy
    assert "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]
    with pytest.raises(ValueError, match="EMBED_ANCESTORS"):
        allow(app, "*; script-src *")


def test_the_script_of_a_frame_is_small(client: FlaskClient, traced: Traced) -> None:
    page = client.get(embedded(traced(), "view=timeline")).text
    scripts = re.findall(r'<script defer src="/s/\w+/([^"]+)"', page)
    assert scripts == ["embed/embed.js"]
    assert sum(len(gzip.compress((STATIC / path).read_bytes())) for path in scripts) < 25 << 10
    assert HEIGHTS
