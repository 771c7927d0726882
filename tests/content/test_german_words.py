"""Every English text has a German one, which asks for the same facts and words."""

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

LINES: Final = ("todo", "paragraphs")  # lists of texts
STORY: Final = ("trace", "unit", "field", "is", "call", "compare", "lab")  # what a step points at
NAMES: Final = ("title", "status")  # texts that may be a single word
NO_LANGUAGE: Final = ("spec", "holds", "proves", "check", "shown")
"""Numbers of RFCs and of their sections; what is checked of a value, and the value itself."""
ENGLISH_ONLY: Final[frozenset[str]] = frozenset()
"""Files of content/ that lack German. May only shrink. Steps are in the catalogue of messages."""

Pair = tuple[str, Any, Any]


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def read_or_empty(path: Path) -> dict[str, Any]:
    return read(path) if path.is_file() else {}


def pairs(where: str, german: Mapping[str, Any], english: Mapping[str, Any]) -> Iterator[Pair]:
    """Each German value beside the English one, None where English has none."""
    for key, own in german.items():
        other, place = english.get(key), f"{where}.{key}"
        if isinstance(own, dict):
            yield from pairs(place, own, other or {})
        elif own and isinstance(own, list) and isinstance(own[0], dict):
            yield from in_list(place, own, other or [])
        elif key in (*TEXTS, *LINES) or isinstance(own, str):
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


def untranslated(where: str, english: Mapping[str, Any], german: Mapping[str, Any]) -> list[str]:
    """The places of English texts that have no German one beside them."""
    missing: list[str] = []
    for key, text in english.items():
        own, place = german.get(key), f"{where}.{key}"
        if isinstance(text, dict):
            missing += untranslated(place, text, own or {})
        elif text and isinstance(text, list) and isinstance(text[0], dict):
            missing += untranslated_in_list(place, text, own or [])
        elif is_text(where, key, text) and own is None:
            missing.append(place)
    return missing


def untranslated_in_list(
    where: str, english: list[dict[str, Any]], german: list[dict[str, Any]]
) -> list[str]:
    left, missing = list(german), []
    for at, table in enumerate(english):
        if where.endswith(".when"):
            same = [each for each in left if conditions(each) == conditions(table)][:1]
        else:
            same = left[:1]
        for each in same:
            left.remove(each)
        missing += untranslated(f"{where}[{at}]", table, same[0] if same else {})
    return missing


def is_text(where: str, key: str, value: Any) -> bool:
    """Whether a reader sees it: conditions of a variant and targets of a step are for programs."""
    lines = value if isinstance(value, list) else [value]
    if key in NO_LANGUAGE or not all(isinstance(line, str) for line in lines):
        return False
    if key in (*TEXTS, *LINES) or ".when[" in where:
        return key in (*TEXTS, *LINES)
    return key in NAMES or (key not in STORY and any(" " in line for line in lines))


def facts(text: Any) -> list[str]:
    """The facts in a text, or in the lines of one."""
    return sorted(set(FACT.findall(" ".join(text) if isinstance(text, list) else str(text))))


def terms(text: Any) -> list[str]:
    found = TERM.findall(" ".join(text) if isinstance(text, list) else str(text))
    return sorted({re.sub(r"\W+", "_", term.lower()) for term in found})


def test_every_text_has_a_german_one() -> None:
    names = (path.relative_to(CONTENT) for path in CONTENT.rglob("*.toml"))
    missing = {
        str(name): untranslated(str(name), read(CONTENT / name), read_or_empty(GERMAN / name))
        for name in sorted(names)
        if name.parts[0] not in ("de", "steps")
    }
    lacking = {name for name, places in missing.items() if places}
    assert not lacking - ENGLISH_ONLY, [missing[name] for name in lacking - ENGLISH_ONLY]
    assert not ENGLISH_ONLY - lacking, "German by now: to be taken off the list"


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
