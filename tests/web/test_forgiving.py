"""What is typed is read as it was meant, what was assumed is said, and nothing else is changed."""

from __future__ import annotations

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.errors import FetchError
from netcore.target import parse
from tests.web.conftest import Script
from web.forgiving import advice, read_address, sentence

KNOWN = {"h2.lab.test": "https://h2.lab.test:4433/"}


@pytest.mark.parametrize(
    ("typed", "url", "assumed"),
    [
        ("example.com", "https://example.com", "https"),
        ("  example.com/a?b \t\r\n", "https://example.com/a?b", "https"),
        ("www.example.com/path", "https://www.example.com/path", "https"),
        ("example.com:8080", "https://example.com:8080", "https"),
        ("example.com:8080/a", "https://example.com:8080/a", "https"),
        ("//example.com/x", "https://example.com/x", "https"),
        ("example.com.", "https://example.com.", "https"),
        ("localhost:8080", "http://localhost:8080", "http"),
        ("127.0.0.1/x", "http://127.0.0.1/x", "http"),
        ("plain.lab.test:5000", "http://plain.lab.test:5000", "http"),
        ("h2.lab.test", "https://h2.lab.test:4433/", "lab"),
        ("H2.lab.test/x", "https://h2.lab.test:4433/x", "lab"),
        ("http://example.com/", "http://example.com/", ""),
        ("HTTP://example.com/", "http://example.com/", ""),
        ("http:/example.com", "http://example.com", "slashes"),
        ("https:example.com", "https://example.com", "slashes"),
        ("https:///example.com", "https://example.com", "slashes"),
        ("<https://example.com/>", "https://example.com/", "unwrapped"),
        ("<URL:https://example.com/>", "https://example.com/", "unwrapped"),
        ('"example.com"', "https://example.com", "unwrapped https"),
        ("\u00a0https://example.com/\u200b", "https://example.com/", ""),
        ("https://example.com/long\r\n/path", "https://example.com/long/path", "joined"),
        ("https:\\\\example.com\\a?b\\c", "https://example.com/a?b\\c", "backslash"),
        ("https://example.com/a b", "https://example.com/a%20b", "space"),
        ("wss://example.com/", "wss://example.com/", ""),
        ("", "", ""),
    ],
)
def test_an_address_is_read_as_it_was_meant(typed: str, url: str, assumed: str) -> None:
    address = read_address(typed, KNOWN)
    assert (address.url, " ".join(address.assumed)) == (url, assumed)


REFUSED = (
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "mailto:a@example.com",
    "see example.com for more",
    "http://user@example.com/",
    "http://a b/",
    "https://",
)


@pytest.mark.parametrize("typed", REFUSED)
def test_what_could_mean_something_else_is_refused(typed: str) -> None:
    with pytest.raises(FetchError):
        parse(read_address(typed, {}).url)


@pytest.mark.parametrize("typed", ["http://0x7f.1/", "http://exa\\mple.com@evil.example/"])
def test_forgiving_opens_no_way_around_the_strict_reader(typed: str) -> None:
    with pytest.raises(FetchError):
        parse(read_address(typed, {}).url)


def test_every_assumption_has_its_sentence(app: Flask) -> None:
    names = ("unwrapped", "joined", "https", "http", "lab", "slashes", "backslash", "space")
    with app.test_request_context("/"):
        assert all(sentence(name).endswith(".") for name in names)
        assert sentence("nothing of the kind") == ""
        assert "no spaces" in advice("https://see example.com")
        assert advice("https://example.com") == ""


def test_the_page_of_the_trace_says_what_was_assumed(client: FlaskClient, script: Script) -> None:
    started = client.post("/trace", data={"url": "example.com"})
    assert started.status_code == 303
    feed = client.application.extensions["tracing"].feeds.get(started.location[3:])
    assert feed is not None
    assert feed.wait(1 << 62, 20)
    assert script.asked[0][0] == "https://example.com"
    assert "https:// was assumed" in html.unescape(client.get(started.location).text)
    second = client.post("/trace", data={"url": "https://example.com/"})
    assert "was assumed" not in client.get(second.location).text


def test_what_was_typed_stays_in_the_field_with_what_to_change(client: FlaskClient) -> None:
    answer = client.post("/trace", data={"url": "see example.com for more"})
    assert answer.status_code == 422
    assert 'value="see example.com for more"' in answer.text
    assert "A host has no spaces." in html.unescape(answer.text)
