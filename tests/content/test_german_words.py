"""German texts stand where English ones do, and ask for the same facts and words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.content.rules import ALLOWED_WORDS, FACT
from web.overlay import TEXTS, conditions
from web.words import CONTENT

GERMAN: Final = CONTENT / "de"
FILES: Final = sorted(path.relative_to(GERMAN) for path in GERMAN.rglob("*.toml"))
TERM: Final = re.compile(r"\[\[([^\]|]+)(?:\|[^\]]+)?\]\]")

Pair = tuple[str, Any, Any]


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def pairs(where: str, german: Mapping[str, Any], english: Mapping[str, Any]) -> Iterator[Pair]:
    """Each German value beside the English one, None where English has none."""
    for key, own in german.items():
        other, place = english.get(key), f"{where}.{key}"
        if isinstance(own, dict):
            yield from pairs(place, own, other or {})
        elif own and isinstance(own, list) and isinstance(own[0], dict):
            yield from in_list(place, own, other or [])
        elif key in TEXTS or isinstance(own, str):
            yield place, own, other
        else:
            yield place, own == other, True


def in_list(
    where: str, german: list[dict[str, Any]], english: list[dict[str, Any]]
) -> Iterator[Pair]:
    left = list(english)
    for at, own in enumerate(german):
        if where.endswith(".when"):
            same = [each for each in left if conditions(each) == conditions(own)][:1]
        else:
            same = english[at : at + 1]
        for each in same:
            left.remove(each) if each in left else None
        yield f"{where}[{at}]", bool(same), True
        yield from pairs(f"{where}[{at}]", own, same[0] if same else {})


def facts(text: Any) -> list[str]:
    """The facts in a text, or in the lines of one."""
    return sorted(set(FACT.findall(" ".join(text) if isinstance(text, list) else str(text))))


def terms(text: Any) -> list[str]:
    found = TERM.findall(" ".join(text) if isinstance(text, list) else str(text))
    return sorted({re.sub(r"\W+", "_", term.lower()) for term in found})


@pytest.mark.parametrize("name", FILES, ids=str)
def test_a_german_text_stands_where_an_english_one_does(name: Path) -> None:
    for place, own, english in pairs(str(name), read(GERMAN / name), read(CONTENT / name)):
        assert english is not None, f"{place} is in no English file"
        if not isinstance(own, str | list):
            assert own == english, place


@pytest.mark.parametrize("name", FILES, ids=str)
def test_a_german_text_asks_for_the_same_facts_and_words(name: Path) -> None:
    for place, own, english in pairs(str(name), read(GERMAN / name), read(CONTENT / name)):
        assert facts(own) == facts(english), place
        assert terms(own) == terms(english), place


@pytest.mark.parametrize("name", FILES, ids=str)
def test_a_german_text_is_short_and_calm(name: Path) -> None:
    for place, own, _english in pairs(str(name), read(GERMAN / name), read(CONTENT / name)):
        if place.rpartition(".")[2] in (*TEXTS, "text", "reveal"):
            for text in [own] if isinstance(own, str) else own:
                assert len(text.split()) <= ALLOWED_WORDS, place
                assert not re.search(r"!(?!#)|(?i:\b(?:einfach nur|bloß|ups)\b)", text), place
