"""A language that nobody speaks: each sentence of ours in brackets, accented, 40 % longer.

It is made of the catalogue and of content/ when a test asks for it, under the tag of a language
that Babel knows and Wiretale does not offer. On its pages a sentence without brackets is one that
no translator is ever given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from web import language, overlay

TAG: Final = "eo"
OPEN, CLOSE = "⟦", "⟧"
GROWN: Final = 0.4  # of the length of the English
NOT_WORDS: Final = re.compile(r"%\(\w+\)s|%%|\{[^}]*\}|\[\[[^\]]*\]\]|<[^>]+>|&\w+;")
ACCENTED: Final = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")
CATALOGUE: Final = Path(__file__).parents[1] / "translations/de/LC_MESSAGES/messages.po"
NOT_SAID: Final = ("holds", "proves", "check", "shown")  # what is checked of a value, and the value
SAID: Final = frozenset(
    {*overlay.TEXTS, "title", "text", "status", "about", "reveal"}.difference(NOT_SAID)
)
"""Keys of content/ whose values are read by people."""


def pseudo(text: str) -> str:
    """A sentence in the language; what is filled in later stays as it is."""
    at, said = 0, ""
    for hole in NOT_WORDS.finditer(text):
        said += text[at : hole.start()].translate(ACCENTED) + _kept(hole[0])
        at = hole.end()
    said += text[at:].translate(ACCENTED)
    return f"{OPEN}{said}{' ~~~' * round(len(text) * GROWN / 4)}{CLOSE}"


def _kept(hole: str) -> str:
    """A term of the glossary keeps its key and is accented where it is shown."""
    if not hole.startswith("[["):
        return hole
    key, _, shown = hole[2:-2].partition("|")
    return f"[[{key}|{(shown or key).translate(ACCENTED)}]]"


def catalogue(folder: Path) -> Path:
    """Writes the catalogue of the language as Flask-Babel reads it. Out: the folder."""
    with CATALOGUE.open("rb") as file:
        english = read_po(file)
    made = Catalog(locale=TAG)
    for message in english:
        if isinstance(message.id, tuple):
            made.add(message.id, tuple(map(pseudo, message.id)))
        elif message.id:
            made.add(message.id, pseudo(message.id))
    (folder / TAG / "LC_MESSAGES").mkdir(parents=True)
    with (folder / TAG / "LC_MESSAGES" / "messages.mo").open("wb") as file:
        write_mo(file, made)
    return folder


def speak(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Makes applications that are made from now on know the language."""
    patch.setitem(language.LANGUAGES, TAG, "Pseudo")  # type: ignore[arg-type]
    patch.setattr(language, "CATALOGUES", catalogue(folder))
    patch.setattr(overlay, "_laid", _laying(overlay._laid))


def _laying(english: Callable[[str, Any, Any], Any]) -> Callable[[str, Any, Any], Any]:
    """Texts of content/ that English would lend are said in the language instead."""

    def lay(key: str, value: Any, own: Any) -> Any:
        laid = english(key, value, own)
        lines = key in ("todo", "paragraphs")
        if lines and isinstance(laid, list):
            return [pseudo(each) for each in laid]
        said = key in SAID and isinstance(laid, overlay.Lent)
        return pseudo(laid) if said else laid

    return lay
