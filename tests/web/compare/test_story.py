"""The pages of a comparison, and the forms that make them."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab.whole import Lab
from netcore.trace import encode
from tests.lab.test_families import needs_ipv6
from tests.web.conftest import WAIT_S, Script
from tests.web.recordings import exchange, refused
from tests.web.test_files import brought
from tests.web.test_lab import patient
from web.jobs import Busy
from web.tracing import Tracing

Traced = Callable[..., str]


def end(client: FlaskClient, location: str) -> list[str]:
    """Wait until all traces of a comparison have ended; their ids."""
    ids = [each for values in parse_qs(urlsplit(location).query).values() for each in values]
    tracing: Tracing = client.application.extensions["tracing"]
    for each in ids:
        feed = tracing.feeds.get(each)
        assert feed is None or feed.wait(1 << 62, WAIT_S)
    return ids


def test_two_traces_stand_beside_each_other(client: FlaskClient, traced: Traced) -> None:
    one, two = (traced().removeprefix("/t/") for _ in range(2))
    text = client.get(f"/compare?a={one}&b={two}").text
    assert "<h1>Compared: plain.example/, HTTP/1.1</h1>" in text
    assert text.count("The same: one fetch, one connection.") == 1
    assert f'href="/compare?a={two}&amp;b={one}">Swap A and B' in text
    assert 'http-equiv="refresh"' not in text
    assert " style=" not in text
    part = client.get(f"/compare?a={one}&b={two}&part=1").text
    assert "<html" not in part
    assert 'data-live=""' in part


def test_a_chosen_event_opens_with_its_counterpart(client: FlaskClient, traced: Traced) -> None:
    one, two = (traced().removeprefix("/t/") for _ in range(2))
    page = client.get(f"/compare?a={one}&b={two}").text
    link = re.search(r'href="(/compare\?[^"]*&amp;ea=\d+)#octets" aria-label="A, [^"]*GET /', page)
    assert link
    text = client.get(link[1].replace("&amp;", "&")).text
    assert text.count("Open in its trace") == 2
    assert text.count('aria-current="true"') == 2


def test_a_failed_side_has_its_card(client: FlaskClient, traced: Traced, script: Script) -> None:
    one = traced().removeprefix("/t/")
    script.events = refused()
    two = traced().removeprefix("/t/")
    text = client.get(f"/compare?a={one}&b={two}").text
    assert 'aria-label="What went wrong in B"' in text
    assert "The connection was refused" in text
    assert "not reached" in text


def test_one_trace_is_offered_what_it_can_be_compared_with(
    client: FlaskClient, traced: Traced
) -> None:
    one, two = (traced().removeprefix("/t/") for _ in range(2))
    text = client.get(f"/compare?a={one}").text
    assert 'name="change" value="same"' in text
    assert 'value="h2"' not in text
    assert f'href="/compare?a={one}&amp;b={two}"' in text
    assert f'href="/compare?a={one}"><b>Compare' in client.get(f"/t/{one}").text
    assert f'href="/compare?a={one}"' in client.get("/compare").text


def test_from_what_is_offered_one_comes_back_to_what_was_selected(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    text = client.get(f"/compare?a={path.removeprefix('/t/')}&e=1&u=1&f=0-8").text
    assert f'href="{path}/e/1?u=1&amp;f=0-8">Back<span' in text


def test_a_fetch_is_made_again_with_the_same_wishes_and_watched_while_it_runs(
    client: FlaskClient, traced: Traced, script: Script
) -> None:
    one = traced().removeprefix("/t/")
    script.pause_after = 4
    answer = client.post("/compare/again", data={"a": one, "change": "same"})
    assert answer.status_code == 303
    assert answer.location.startswith(f"/compare?a={one}&b=")
    text = client.get(answer.location).text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in text
    assert "Not all is known yet: a fetch still runs." in text
    assert answer.location.rpartition("=")[2] in text.partition('data-live="')[2]
    script.go_on.set()
    end(client, answer.location)
    assert script.asked[1] == script.asked[0]
    assert "Not all is known yet" not in client.get(answer.location).text
    assert len(re.findall(r"<li><a href=\"/t/", client.get("/").text)) == 2


@pytest.mark.parametrize("change", ["h2", "ipv6", "resumed", ""])
def test_what_makes_no_sense_is_not_done(
    client: FlaskClient, traced: Traced, script: Script, change: str
) -> None:
    one = traced().removeprefix("/t/")
    answer = client.post("/compare/again", data={"a": one, "change": change})
    assert answer.status_code == 409
    assert len(script.asked) == 1


def test_a_trace_from_elsewhere_is_compared_and_not_fetched(
    client: FlaskClient, app: Flask, traced: Traced, script: Script
) -> None:
    one = traced().removeprefix("/t/")
    tracing: Tracing = app.extensions["tracing"]
    found = tracing.find(one)
    assert found
    other = brought(client, encode(found[0].trace)).removeprefix("/t/")
    assert client.get(f"/compare?a={one}&b={other}").status_code == 200
    assert "recorded elsewhere" in client.get(f"/compare?a={other}").text
    assert client.post("/compare/again", data={"a": other, "change": "same"}).status_code == 409
    assert len(script.asked) == 1


def test_unknown_traces_and_other_sites_are_refused(client: FlaskClient, traced: Traced) -> None:
    one = traced().removeprefix("/t/")
    assert client.get(f"/compare?a={one}&b=nothing").status_code == 404
    assert client.post("/compare/lab", data={"set": "versions"}).status_code == 404
    assert client.post("/compare/again", data={"a": "nothing"}).status_code == 404
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/compare/again", data={"a": one, "change": "same"}, headers=headers)
    assert answer.status_code == 403


def test_a_full_queue_says_when_to_ask_again(
    client: FlaskClient, app: Flask, traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = traced().removeprefix("/t/")

    def full(*_: object) -> str:
        raise Busy(7)

    monkeypatch.setattr(app.extensions["tracing"], "start", full)
    answer = client.post("/compare/again", data={"a": one, "change": "same"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_octets_from_outside_stay_text(client: FlaskClient, traced: Traced, script: Script) -> None:
    script.events = exchange(
        b"HTTP/1.1 200 <script>alert(1)</script>\r\nContent-Length: 14\r\n\r\n"
    )
    one, two = (traced("http://plain.example/?<script>").removeprefix("/t/") for _ in range(2))
    text = client.get(f"/compare?a={one}&b={two}").text
    assert "<script>alert" not in text
    assert "?<script>" not in text


@pytest.mark.wire
@pytest.mark.parametrize(
    ("name", "sentence", "count"),
    [
        ("versions", "HTTP/2 saves none on the first request", 3),
        ("sessions", "Resuming saved", 2),
        ("handshakes", "1 fewer to wait for before the answer", 2),
        pytest.param("families", "[::1]", 2, marks=needs_ipv6),
    ],
)
def test_the_lab_compares_with_one_click(
    make_app: Callable[..., Flask], lab: Lab, name: str, sentence: str, count: int
) -> None:
    client = make_app(LAB=lab, FETCH=patient).test_client()
    assert f'value="{name}"' in client.get("/").text
    answer = client.post("/compare/lab", data={"set": name})
    assert answer.status_code == 303
    assert len(end(client, answer.location)) == count
    assert sentence in client.get(answer.location).text


@pytest.mark.wire
def test_all_versions_of_a_page_come_from_one_click_on_its_trace(
    make_app: Callable[..., Flask], lab: Lab
) -> None:
    client = make_app(LAB=lab, FETCH=patient).test_client()
    one = client.post("/trace", data={"lab": "three-versions"}).location.removeprefix("/t/")
    end(client, f"/compare?a={one}")
    answer = client.post("/compare/again", data={"a": one, "change": "versions"})
    assert len(end(client, answer.location)) == 3
    text = client.get(answer.location).text
    heads = re.findall(r'<span class="letter">\w</span> (HTTP/[\d.]+)</h2>', text)
    assert heads == ["HTTP/1.1", "HTTP/2", "HTTP/3"]


@needs_ipv6
@pytest.mark.wire
def test_the_other_family_is_one_click_away(make_app: Callable[..., Flask], lab: Lab) -> None:
    client = make_app(LAB=lab, FETCH=patient).test_client()
    one = client.post("/trace", data={"lab": "two-families"}).location.removeprefix("/t/")
    end(client, f"/compare?a={one}")
    answer = client.post("/compare/again", data={"a": one, "change": "ipv4"})
    assert answer.status_code == 303
    end(client, answer.location)
    text = client.get(answer.location).text
    assert "[::1]" in text
    assert "127.0.0.1" in text
