"""What can be asked of a WebSocket, and where a redirect may lead."""

from __future__ import annotations

import pytest

from netcore.errors import FetchError
from netcore.options import Limits, Options
from netcore.redirect import next_target
from netcore.request import first_request
from netcore.target import parse
from netcore.websocket_opening import check_kind, check_opening, is_websocket, websocket_options

WS = parse("ws://example.com/chat")


@pytest.mark.parametrize("url", ["ws://a/", "WSS://a/", " wss://a/", "ws:x"])
def test_a_websocket_is_known_by_its_scheme(url: str) -> None:
    assert is_websocket(url)


@pytest.mark.parametrize("url", ["http://ws/", "wsx://a/", "https://a/?ws:", ""])
def test_anything_else_is_none(url: str) -> None:
    assert not is_websocket(url)


@pytest.mark.parametrize("http", ["auto", "1.0", "2", "h2c-upgrade"])
def test_it_is_opened_in_http_1_1_whatever_was_asked_for(http: str) -> None:
    options = Options(http=http)
    assert websocket_options("wss://a/", options).http == "1.1"
    assert websocket_options("https://a/", options) is options


@pytest.mark.parametrize(
    "options",
    [
        Options(method="POST"),
        Options(body=b""),
        Options(messages=("é" * 6,), limits=Limits(message_octets=10)),
    ],
)
def test_what_cannot_be_asked_is_refused(options: Options) -> None:
    with pytest.raises(FetchError) as raised:
        check_opening(first_request(options), options)
    assert raised.value.code == "http.bad_request"


def test_a_message_of_the_greatest_length_may_be_sent() -> None:
    options = Options(messages=("é" * 5,), limits=Limits(message_octets=10))
    check_opening(first_request(options), options)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/other", "ws://example.com/other"),
        ("http://example.com:8080/a", "ws://example.com:8080/a"),
        ("https://example.com/a?b#c", "wss://example.com/a?b#c"),
        ("wss://example.com/", "wss://example.com/"),
        ("//example.net/", "ws://example.net/"),
    ],
)
def test_what_a_handshake_is_redirected_to_is_a_websocket_too(location: str, url: str) -> None:
    there = next_target(location, WS)
    assert there.url == url
    check_kind(WS, there)


def test_a_page_does_not_lead_to_a_websocket() -> None:
    page = parse("https://example.com/")
    with pytest.raises(FetchError) as raised:
        check_kind(page, next_target("wss://example.com/", page))
    assert raised.value.code == "http.unsupported_scheme"
