"""The whole trace in one file: nothing is loaded, everything has an address, and it opens again."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.trace import BadTrace, Trace, decode
from tests.web.conftest import Script
from tests.web.recordings import exchange
from web.sharing import single_file
from web.tracing import Tracing

Traced = Callable[[], str]


def trace_of(app: Flask, path: str) -> Trace:
    tracing: Tracing = app.extensions["tracing"]
    found = tracing.find(path.removeprefix("/t/"))
    assert found is not None
    return found[0].trace


def test_the_file_loads_nothing_and_runs_what_it_brought(
    client: FlaskClient, traced: Traced
) -> None:
    answer = client.get(f"{traced()}.html")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
    page = answer.text
    assert not re.findall(r'(?:src|action)="|href="(?!#)', page.partition("<script")[0])
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0]
    policy = policy.replace("&#39;", "'")
    assert "default-src 'none'" in policy
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    for text in (style, script):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert set(re.findall(r'url\("?([a-z/.#]*)', style)) == {"data"}


def test_every_link_in_the_file_leads_to_a_place_in_it(client: FlaskClient, traced: Traced) -> None:
    page = client.get(f"{traced()}.html").text
    places = set(re.findall(r' id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]*)"', page))
    assert links
    assert links <= places
    assert any(re.fullmatch(r"e\d+\.u1\.f\d+-\d+", place) for place in places)


def test_the_file_has_every_depth_and_needs_no_script_to_choose(
    client: FlaskClient, traced: Traced
) -> None:
    page = client.get(f"{traced()}.html?depth=rfc").text
    assert page.count('type="radio" name="depth"') == 3
    assert 'id="depth-rfc" checked' in page
    assert '<p class="words deep">If forgotten: ' in page
    assert '<p class="words deep rfc">Verified: ' in page
    assert "body:has(#depth-rfc:checked)" in page


def test_the_file_opens_here_again_as_the_same_trace(
    client: FlaskClient, app: Flask, script: Script, traced: Traced
) -> None:
    script.events = exchange(body=b"</script><script>alert(1)</script><!-- <b>&amp;")
    path = traced()
    page = client.get(f"{path}.html").data
    assert page.count(b"</script>") == 2
    form = {"trace": (io.BytesIO(page), "trace.html")}
    answer = client.post("/import", data=form)
    assert answer.status_code == 303, answer.text
    assert trace_of(app, answer.location) == trace_of(app, path)


def test_what_is_left_out_is_said(
    client: FlaskClient, traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_file, "PAGE_OCTETS", 4_000)
    page = client.get(f"{traced()}.html").text
    assert "steps are written out here" in page
    trace = decode(single_file.trace_within(page.encode()))
    assert trace.url == "http://plain.example/"


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (b"<!doctype html><p>Hello.", "has no trace in it"),
        (b'<script type="application/x-ndjson" id="trace">\n{"kind"', "was cut off"),
    ],
)
def test_another_page_is_refused_with_a_reason(app: Flask, page: bytes, message: str) -> None:
    with app.test_request_context(), pytest.raises(BadTrace, match=message):
        single_file.trace_within(page)


def test_a_fetch_that_runs_has_no_file_yet(client: FlaskClient, app: Flask, script: Script) -> None:
    script.pause_after = 4
    path = client.post("/trace", data={"url": "http://plain.example/"}).location
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    assert feed.wait(3, 10)
    assert client.get(f"{path}.html").status_code == 409
