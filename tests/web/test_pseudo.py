"""No page says anything that a translator is never given, and none clips what he makes longer.

Pages are asked for in a language that nobody speaks: see tests/pseudo.py. What is not in its
brackets is a sentence of our code that no catalogue has, or stays English by one of these rules:
it came from outside (`.wire`), is code, is marked as English, or is made of the RFCs' words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from netcore.options import Options
from netcore.trace import Trace
from tests import pseudo
from tests.netcore.test_path import WHOLE
from tests.web.recordings import refused
from web.language import COOKIE
from web.store import new_id

SAID: Final = ("aria-label", "aria-roledescription", "title", "alt", "placeholder", "data-said")
ALONE: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
OUTSIDE: Final = frozenset({"code", "pre", "samp", "kbd", "script", "style", "textarea"})
DATA: Final = frozenset(
    {
        *("wire", "name", "strip", "as-text", "octet-name", "row", "spec", "languages"),
        *("key-inputs", "kind", "k1", "depth-1", "depth-2", "depth-3"),
    }
)
"""Classes of what came from outside, and of names of fields, octets and standards."""
RFC_WORDS: Final = re.compile(
    r"""
    \S*[A-Z0-9_/.:]\S*                             # ClientHello, END_STREAM, SHA-384, http/1.1
    | \(?\w+\(\)\)?                                # recv()
    | idle | open | closed | reserved | half-closed | \(?local\)? | \(?remote\)?  # RFC 9113 §5.1
    | address | alpn | certificate | cipher | suite | connection | framing | length | status
    | tls | version | url | reused | verified | guard | resolver      # names of decisions
    | client(?:'s)? | server(?:'s)?                # facts that texts are filled with
    | bytes? | days? | ms | ns | s                 # figures
    | alert | close_notify | warning | curl | qlog | gzip | nonce | plaintext | lab | authority | de
    | [^A-Za-z]*
    """,
    re.VERBOSE,
)
"""What a text is made of that stays as it is: identifiers, the RFCs' words, names and figures."""
PAGES: Final = (
    *("/", "/learn", "/learn/sockets/0", "/learn/sockets/1", "/about", "/by-hand", "/compare"),
    *("/c", "/c/no-such", "/nowhere", "/words/alpn", "/stories/why-so-many-hellos/2"),
    "/compare?a=example-http1&b=example-http2",
)
EVERY: Final = (
    "",
    "/list?all=1",
    "/share",
    "/onlooker",
    "/sockets",
    "/again",
    "/stream/tcp:1",
    "/handout",
)
OF_TRACES: Final = {
    "example-http1": (*EVERY, "/present?step=3", "?m=time&fold=1", "?every=1", "/layers/tcp:1"),
    "example-http2": ("", "?every=1", "/http2", "/http2?width=time", "/tls/1", "/handout"),
    "example-tls13": ("/tls/1/keys", "/tls/1/trust", "/e/44?u=1&f=24-40&depth=developer"),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that speaks the language."""
    with pytest.MonkeyPatch.context() as patch:
        pseudo.speak(patch, tmp_path_factory.mktemp("catalogue"))
        app = create_app({"INSTANCE": tmp_path_factory.mktemp("instance")})
        yield app
        app.extensions["tracing"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser whose language it is."""
    client = app.test_client()
    client.set_cookie(COOKIE, pseudo.TAG)
    return client


class Said(HTMLParser):
    """What a page shows or says, without what came from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        outside = bool(self._open and self._open[-1][1]) or _is_outside(tag, named)
        if not outside:
            self.found += [value for key in SAID if (value := named.get(key))]
        if tag not in ALONE:
            self._open.append((tag, outside))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._open and self._open[-1][1]):
            self.found.append(" ".join(data.split()))


def _is_outside(tag: str, named: dict[str, str | None]) -> bool:
    classes = set((named.get("class") or "").split())
    return tag in OUTSIDE or named.get("lang") == "en" or bool(classes & DATA)


def english(page: str) -> set[str]:
    """The texts of a page in which a word is neither translated nor one that stays."""
    said = Said()
    said.feed(page)
    return {text for text in said.found if not all(map(_stays, text.split()))}


def _stays(word: str) -> bool:
    translated = bool(re.search(r"[áéíóúÁÉÍÓÚ]", word)) or not re.search(r"[aeiouAEIOU]", word)
    bare = (word.strip("⟦⟧.,;:…"), word.strip("⟦⟧.,;:…()"))
    stays = any(RFC_WORDS.fullmatch(each) for each in bare)
    return translated or stays


@pytest.mark.parametrize("address", PAGES)
def test_no_page_says_what_no_translator_is_given(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert f'<html lang="{pseudo.TAG}"' in page
    assert english(page) == set()


@pytest.mark.parametrize("trace", OF_TRACES)
def test_no_page_of_a_trace_says_it_either(client: FlaskClient, trace: str) -> None:
    found = {}
    for view in OF_TRACES[trace]:
        answer = client.get(f"/t/{trace}{view}")
        assert answer.status_code == 200, view
        found[view] = english(answer.text)
    assert {view: texts for view, texts in found.items() if texts} == {}


def test_a_path_and_a_failure_are_told_to_it_as_well(app: Flask, client: FlaskClient) -> None:
    store = app.extensions["tracing"].store
    for events in (WHOLE.events, refused()):
        store.save(kept := new_id(), Trace("http://a.example/", WHOLE.started, Options(), events))
        assert english(client.get(f"/t/{kept}").text) == set()


def test_it_is_named_what_is_not_translated() -> None:
    page = "<p>⟦Á sénténcé.⟧</p><p>A <b>sentence</b>.</p><bdi class='wire'>their word</bdi>"
    assert english(page) == {"sentence"}
    assert english('<p lang="en">The engine said so.</p><img alt="A picture">') == {"A picture"}
