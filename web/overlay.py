"""Overlay: the texts of content/ in another language, laid over the English ones.

`content/de/<path>.toml` has the keys of `content/<path>.toml` and in them the texts that it
replaces, each for itself. A variant (`[[name.when]]`) stands for the English one that has the same
conditions; of several with the same, the first for the first. Other lists of tables, such as the
steps of a story, go by position, and a list of lines is replaced whole. What is missing is lent by
English, and says so: see `Lent`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from web.language import ENGLISH, language

Entry = Mapping[str, Any]
"""One table of a content file."""

_SHALLOW: Final = ("ask", "what", "why", "try", "spec", "headline", "saw", "todo")
_DEEP: Final = ("bug", "rule", "holds", "proves", "check", "shown")
TEXTS: Final = (*_SHALLOW, *_DEEP)
"""Keys of a variant that are texts, or ask for a check; the others are its conditions."""


class Lent(str):
    """An English text on a page of another language."""

    lang = ENGLISH


def by_engine(sentence: str) -> str:
    """A sentence of the engine, which speaks English, as the page shows it."""
    return sentence if language() == ENGLISH else Lent(sentence)


def spoken_in(text: str) -> str:
    """The language of a text: "" where it is the page's own, "en" where English lent it."""
    return getattr(text, "lang", "")


@cache
def read_file(content: Path, name: str, language: str) -> dict[str, Any]:
    """A file of content/ in a language. In: `name`, its path there, such as "fields/http1.toml".

    Raises: FileNotFoundError if there is no English one.
    """
    english = _parse(content / name)
    if language == ENGLISH:
        return english
    path = content / language / name
    return dict(laid(english, _parse(path) if path.is_file() else {}))


@cache
def entries(content: Path, folder: str, language: str) -> dict[str, Any]:
    """The entries of all files of a folder of content/ in a language."""
    found: dict[str, Any] = {}
    for path in sorted((content / folder).glob("*.toml")):
        found |= read_file(content, f"{folder}/{path.name}", language)
    return found


@cache
def field_entries(content: Path, language: str) -> dict[str, dict[str, Any]]:
    """All entries about fields: family -> name or "parent.name" -> entry."""
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted((content / "fields").glob("*.toml")):
        table = tables.setdefault(path.name.partition(".")[0], {})
        for name, entry in read_file(content, f"fields/{path.name}", language).items():
            assert name not in table, f"{path.name} has a second entry for {name}"
            table[name] = entry
    return tables


@cache
def families(content: Path, everywhere: str) -> tuple[str, ...]:
    """The families of fields but for the one that serves all, longest names first."""
    names = field_entries(content, ENGLISH).keys() - {everywhere}
    return tuple(sorted(names, key=len, reverse=True))


def laid(english: Entry, own: Entry) -> Entry:
    """The English table with the texts of another language in it, where that has them."""
    return {key: _laid(key, value, own.get(key)) for key, value in english.items()}


def conditions(variant: Entry) -> str:
    """What tells a variant from its neighbours."""
    return repr(sorted((key, wanted) for key, wanted in variant.items() if key not in TEXTS))


def _laid(key: str, english: Any, own: Any) -> Any:
    if isinstance(english, dict):
        return laid(english, own or {})
    if isinstance(english, list) and english and isinstance(english[0], dict):
        return _variants(english, own or ()) if key == "when" else _in_order(english, own or ())
    if own is not None:
        return own
    return _lend(english)


def _variants(english: Sequence[Entry], own: Sequence[Entry]) -> list[Entry]:
    left = list(own)
    found = []
    for variant in english:
        at = [each for each in left if conditions(each) == conditions(variant)][:1]
        for each in at:
            left.remove(each)
        found.append(laid(variant, at[0] if at else {}))
    return found


def _in_order(english: Sequence[Entry], own: Sequence[Entry]) -> list[Entry]:
    padded = [*own, *({} for _ in english)]
    return [laid(table, padded[at]) for at, table in enumerate(english)]


def _lend(value: Any) -> Any:
    if isinstance(value, str):
        return Lent(value)
    return [_lend(each) for each in value] if isinstance(value, list) else value


def _parse(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
