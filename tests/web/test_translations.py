"""The catalogues: whole, exact, compiled; and pages that speak German."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from web.language import COOKIE

ROOT = Path(__file__).resolve().parents[2]
GERMAN = ROOT / "translations" / "de" / "LC_MESSAGES"
HOLE = re.compile(r"%\((\w+)\)s|\{(\w+)\}|(<[^>]+>)")
LONG = 12  # shorter ones are also words of the RFCs, which stay as they are


def german() -> Catalog:
    with (GERMAN / "messages.po").open("rb") as file:
        return read_po(file, locale="de")


def messages() -> list[Message]:
    return [message for message in german() if message.id]


def forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text),)


def test_every_sentence_of_the_interface_is_in_the_catalogue() -> None:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = {
        text
        for _, _, text, _, _ in extract_from_dir(str(ROOT), methods, options)
        if text and text != ("",)
    }
    known = {forms(message.id) for message in messages()}
    assert {forms(text) for text in found} - known == set()


def test_every_entry_is_translated_and_none_is_a_guess() -> None:
    assert [m.id for m in messages() if m.fuzzy or not all(forms(m.string))] == []


def test_a_translation_has_the_holes_and_the_markup_of_its_original() -> None:
    for message in messages():
        wanted = set(HOLE.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            # One piece need not be counted: "One record", beside "%(many)s records".
            missing = wanted - set(HOLE.findall(form))
            assert set(HOLE.findall(form)) <= wanted, message.id
            assert not missing or len(forms(message.string)) > 1, message.id


def test_the_compiled_catalogue_is_the_one_that_is_written() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, german())
    compiled.seek(0)
    with (GERMAN / "messages.mo").open("rb") as file:
        served = read_mo(file)
    pairs = {forms(m.id): forms(m.string) for m in read_mo(compiled) if m.id}
    assert {forms(m.id): forms(m.string) for m in served if m.id} == pairs


class _Words(HTMLParser):
    """What a page shows or says, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.words += [value for key in ("aria-label", "title") if (value := named.get(key))]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


def shown(page: str) -> set[str]:
    words = _Words()
    words.feed(page)
    return set(words.words)


@pytest.mark.parametrize("address", ["/", "/about", "/learn", "/code", "/nowhere", "/style"])
def test_a_german_page_has_no_sentence_of_the_catalogue_in_english(
    client: FlaskClient, address: str
) -> None:
    client.set_cookie(COOKIE, "de")
    page = client.get(address).text
    assert '<html lang="de"' in page
    assert "Zum Inhalt springen" in page
    assert shown(page) & english() == set()


def test_a_german_trace_and_its_events_have_none_either(
    client: FlaskClient, traced: Callable[..., str]
) -> None:
    base = traced()
    client.set_cookie(COOKIE, "de")
    for address in (base, f"{base}/e/1", f"{base}/list"):
        page = client.get(address).text
        assert '<html lang="de"' in page
        assert re.search(r"<h\d[^>]*>(Schritte|Zeitleiste)</h\d>", page)
        assert shown(page) & english() == set()


def english() -> set[str]:
    """The sentences that would stand out in English."""
    return {
        forms(m.id)[0]
        for m in messages()
        if len(forms(m.id)[0]) > LONG and forms(m.id)[0] != forms(m.string)[0]
    }
