"""Titles of marks in the language of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from web.titles import title_said


@pytest.fixture
def german(make_app: Callable[..., Flask]) -> Iterator[None]:
    """A request from somebody who reads German."""
    with make_app().test_request_context("/?lang=de"):
        yield


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("200 OK, body, 1,024 bytes", "200 OK, Inhalt, 1.024 Bytes"),
        ("ServerHello and 5 more", "ServerHello und 5 weitere"),
        ("6 reads, 18,204 B, not kept", "6 Lesevorgänge, 18.204 B, nicht behalten"),
        ("more of body", "mehr von Inhalt"),
        ("DNS query: A a.example", "DNS-Anfrage: A a.example"),
        ("DNS answer: no AAAA", "DNS-Antwort: kein AAAA"),
        ("GET /a, b and c", "GET /a, b and c"),
    ],
)
def test_words_of_the_engine_are_translated_and_others_stay(title: str, said: str) -> None:
    assert title_said(title) == said


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("guard: a.example:443", "name allowed: a.example:443"),
        ("guard: 127.0.0.1", "address allowed: 127.0.0.1"),
        ("guard: 2001:db8::1", "address allowed: 2001:db8::1"),
        ("guard: [2001:db8::1]:443", "address allowed: [2001:db8::1]:443"),
        ("guard: refused", "refused by the guard"),
    ],
)
def test_the_guard_is_said_by_what_it_found(title: str, said: str) -> None:
    assert title_said(title) == said


def test_english_stays_as_the_engine_has_it() -> None:
    assert title_said("6 reads, 18,204 B") == "6 reads, 18,204 B"
