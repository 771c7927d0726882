"""Texts of another language, laid over the English ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from web import filling, words
from web.facts import PlainFacts
from web.overlay import laid, spoken_in

Traced = Callable[[], str]

ENGLISH = {
    "ttl": {
        "ask": "How long?",
        "what": "{value} s",
        "why": "Caches.",
        "when": [{"value": 0, "what": "none"}, {"value": 1, "what": "one"}],
        "todo": ["Wait."],
    }
}


def test_a_text_replaces_its_own_and_what_is_missing_is_lent() -> None:
    entry = laid(ENGLISH, {"ttl": {"ask": "Wie lange?"}})["ttl"]
    assert (entry["ask"], spoken_in(entry["ask"])) == ("Wie lange?", "")
    assert (entry["why"], spoken_in(entry["why"])) == ("Caches.", "en")
    assert spoken_in(entry["todo"][0]) == "en"


def test_a_variant_stands_for_the_one_with_the_same_conditions() -> None:
    own = {"ttl": {"when": [{"value": 1, "what": "eine"}]}}
    none, one = laid(ENGLISH, own)["ttl"]["when"]
    assert (none["what"], spoken_in(none["what"]), none["value"]) == ("none", "en", 0)
    assert (one["what"], spoken_in(one["what"]), one["value"]) == ("eine", "", 1)


def test_steps_go_by_their_position() -> None:
    english = {"step": [{"title": "One"}, {"title": "Two"}]}
    steps = laid(english, {"step": [{"title": "Eins"}]})["step"]
    assert [(step["title"], spoken_in(step["title"])) for step in steps] == [
        ("Eins", ""),
        ("Two", "en"),
    ]


def test_a_lent_text_still_knows_its_language_when_it_is_filled() -> None:
    entry = laid(ENGLISH, {})["ttl"]
    texts = filling.choose(entry, PlainFacts({"value": 7}))
    assert texts is not None
    assert (texts["what"], texts["what"].lang) == ("7 s", "en")


def test_a_german_page_explains_in_german(client: FlaskClient, traced: Traced) -> None:
    page = client.get(f"{traced()}/e/4?u=1&f=0-16&lang=de").text
    assert "Zu welcher Frage gehört das?" in page
    assert '<span lang="en">' not in page.partition('id="explanation-title"')[2][:600]


def test_where_german_is_missing_the_page_says_that_it_speaks_english(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pages").mkdir()
    shutil.copy(words.CONTENT / "pages" / "about.toml", tmp_path / "pages")
    monkeypatch.setattr(words, "CONTENT", tmp_path)  # where nobody wrote German yet
    page = client.get("/about?lang=de").text
    assert '<span lang="en">' in page
    assert '<span lang="en">' not in client.get("/about?lang=en").text


def test_the_words_of_the_glossary_are_german(client: FlaskClient) -> None:
    assert "Ein Endpunkt, den der Kernel" in client.get("/words/socket?part=1&lang=de").text
    assert "An endpoint that the kernel" in client.get("/words/socket?part=1&lang=en").text
