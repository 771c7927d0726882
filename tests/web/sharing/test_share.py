"""Passing a trace on: what is said before, who may delete it, codes, and what is left of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.trace import SecretLogged
from tests.web.conftest import Script
from tests.web.recordings import exchange
from web.sharing.guesses import EACH
from web.store import CODE_LENGTH
from web.tracing import Tracing

Traced = Callable[..., str]


def test_the_page_says_what_the_link_shows(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 3\r\n\r\n"
    secret = SecretLogged(1_000_000, f"CLIENT_RANDOM {'00' * 32} {'11' * 48}")
    script.events = [secret, *exchange(head, b"abc")]
    page = client.get(f"{traced('http://plain.example/?token=x%3Cy')}/share").text
    assert "Cookies or credentials, with their values: Set-Cookie." in page
    assert "The address with its query: token=x%3Cy" in page
    assert "The secret of its encrypted connection:" in page
    assert "The response body, 3 B." in page
    assert page.index("Set-Cookie") < page.index("The response body")


def test_links_lead_to_the_trace_with_and_without_what_is_selected(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    page = client.get(f"{path}/share?e=4&u=1&f=0-16").text
    assert f'value="http://localhost{path}"' in page
    assert f'value="http://localhost{path}/e/4?u=1&amp;f=0-16"' in page
    assert f"&lt;iframe src=&#34;http://localhost/embed/{path[3:]}?view=story" in page
    assert "frame-src 'self'" in client.get(path).headers["Content-Security-Policy"]


def test_an_example_has_no_end(client: FlaskClient) -> None:
    assert "always works" in client.get("/t/example-tls13/share").text


def test_the_sheet_says_what_the_page_says_and_begins_the_frame_where_it_is_told(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    page, sheet = (
        client.get(f"{path}/share?e=4&u=1&f=0-16{part}").text for part in ("", "&part=1")
    )
    assert "<html" not in sheet
    assert 'popover role="dialog"' in sheet
    for said in re.findall(r'(?:id|name|action|src|for)="share[^"]*"', page):
        assert said in sheet
    other = client.get(f"{path}/share?e=4&u=1&f=0-16&step=10&view=event&theme=dark&h=320").text
    assert f'src="/embed/{path[3:]}?view=event&amp;e=10&amp;h=320&amp;theme=dark"' in other
    assert '<option value="10" selected>' in other
    assert 'name="f" value="0-16"' in other


def test_who_made_a_trace_keeps_it_longer_and_deletes_it(
    client: FlaskClient, app: Flask, traced: Traced
) -> None:
    path = traced()
    tracing: Tracing = app.extensions["tracing"]
    before = tracing.store.ends(path[3:])
    assert client.post(f"{path}/share/keep", data={"days": "7"}).status_code == 303
    assert tracing.store.ends(path[3:]) > before + 5 * 24 * 3_600
    assert client.post(f"{path}/share/keep", data={"days": "70"}).status_code == 403
    assert client.post(f"{path}/delete").status_code == 403
    assert client.get(path).status_code == 200
    assert client.post(f"{path}/delete", data={"sure": "yes"}).status_code == 303
    gone = client.get(path)
    assert gone.status_code == 404
    assert "This trace has been deleted." in gone.text
    assert "plain.example" not in gone.text
    assert client.get(f"/embed/{path[3:]}").status_code == 404


@pytest.mark.parametrize("way", ["delete", "share/keep", "share/code"])
def test_others_change_nothing(app: Flask, traced: Traced, way: str) -> None:
    path = traced()
    stranger = app.test_client()
    answer = stranger.post(f"{path}/{way}", data={"sure": "yes", "days": "7"})
    assert answer.status_code == 403
    assert "Only who made this trace" in stranger.get(f"{path}/share").text
    assert stranger.get(path).status_code == 200


def test_a_code_is_said_aloud_and_leads_to_the_trace(
    client: FlaskClient, app: Flask, traced: Traced
) -> None:
    path = traced()
    client.post(f"{path}/share/code")
    (code,) = re.findall(r"spoken-code[^>]*>([a-z ]+)<", client.get(f"{path}/share").text)
    assert len(code.replace(" ", "")) == CODE_LENGTH
    student = app.test_client()
    asked = student.get("/c", query_string={"code": f" {code.upper()} "})
    assert student.get(asked.location).location == path
    client.post(f"{path}/delete", data={"sure": "yes"})
    assert student.get(asked.location).status_code == 404


def test_guesses_of_codes_are_bounded(client: FlaskClient) -> None:
    answers = [client.get("/c/aaaaaaaa").status_code for _ in range(EACH + 1)]
    assert answers == [404] * EACH + [429]
    assert client.get("/c/aaaaaaaa").headers["Retry-After"] == "60"
