"""What every response carries, and what no request may do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.request import USER_AGENT
from tests.web.conftest import Script
from web.security import BODY_LIMIT, CONTENT_SECURITY_POLICY

ADDRESS = {"url": "http://plain.example/"}


def test_every_response_carries_the_policy(
    make_app: Callable[..., Flask], script: Script, traced: Callable[[], str]
) -> None:
    app = make_app(PROPAGATE_EXCEPTIONS=False)
    app.add_url_rule("/planted", view_func=lambda: 1 / 0)
    client = app.test_client()
    path = traced()
    version = app.extensions["assets"].version
    gets = ["/", "/about", "/healthz", "/nowhere", "/planted", path, f"{path}/e/4", f"{path}/list"]
    gets += [f"{path}.jsonl", f"{path}/e/4.bin", f"{path}/events", "/t/x", "/trace"]
    gets += [f"/s/{version}/css/tokens.css", f"/s/{version}/../app.py", "/s/x/none.css"]
    answers = [client.get(get) for get in gets]
    answers += [client.post("/trace", data=ADDRESS), client.post("/trace", data={"url": "x y"})]
    answers += [client.post("/trace", data=ADDRESS, headers={"Origin": "http://evil.example"})]
    assert {answer.status_code for answer in answers} >= {200, 303, 403, 404, 405, 422, 500}
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.removesuffix("; sandbox") == CONTENT_SECURITY_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()


def test_a_page_has_no_inline_style_and_no_inline_script(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    for path in ("/", traced(), "/about"):
        page = client.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count('<script type="module" src="/s/')


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),  # no browser
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"User-Agent": USER_AGENT}, 403),
    ],
)
def test_a_fetch_is_started_by_our_own_form_only(
    client: FlaskClient, script: Script, headers: dict[str, str], status: int
) -> None:
    assert client.post("/trace", data=ADDRESS, headers=headers).status_code == status
    if status == 403:
        assert script.asked == []


def test_our_own_fetch_gets_no_page(client: FlaskClient) -> None:
    assert client.get("/", headers={"User-Agent": USER_AGENT}).status_code == 403


def test_no_get_starts_a_fetch(client: FlaskClient, script: Script) -> None:
    client.get("/trace?url=http://plain.example/")
    assert script.asked == []


def test_a_body_beyond_the_limit_is_refused(client: FlaskClient, script: Script) -> None:
    answer = client.post("/trace", data={"url": "x" * BODY_LIMIT})
    assert answer.status_code == 413
    assert script.asked == []


def test_a_fault_of_ours_shows_nothing_from_inside(make_app: Callable[..., Flask]) -> None:
    app = make_app(PROPAGATE_EXCEPTIONS=False)
    app.add_url_rule("/planted", view_func=lambda: {}["planted secret"])
    answer = app.test_client().get("/planted")
    assert answer.status_code == 500
    assert "We lost the thread." in answer.text
    assert "planted secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_host_that_is_not_ours_gets_no_page(make_app: Callable[..., Flask]) -> None:
    client = make_app(TRUSTED_HOSTS=["localhost", "127.0.0.1"]).test_client()
    assert client.get("/", headers={"Host": "127.0.0.1:8765"}).status_code == 200
    assert client.get("/", headers={"Host": "rebound.example:8765"}).status_code == 400


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    client: FlaskClient, script: Script
) -> None:
    cookie = client.post("/trace", data=ADDRESS).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_secret_key_is_made_once_and_kept_to_ourselves(make_app: Callable[..., Flask]) -> None:
    first, second = make_app(), make_app()
    assert first.secret_key == second.secret_key
    from pathlib import Path

    path = Path(first.instance_path) / "secret_key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == 32
