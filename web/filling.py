"""Filling: a text of content/ chosen among its variants, and filled with facts.

The first variant whose conditions hold and whose facts are all there is used, else the entry's own
texts, else those of `[name.otherwise]`. Terms in [[double brackets]] name an entry of the
glossary. Texts are plain: escaping is the template's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from web.facts import SENTENCES, Facts, Raw
from web.language import ENGLISH, language
from web.overlay import TEXTS, Entry, spoken_in
from web.written import written

_FACT = re.compile(r"\{([a-z_0-9]+(?::[a-z_0-9]+(?:\.[a-z_0-9]+)?)?)\}")
_TERM = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")


class Part(NamedTuple):
    """A piece of a text: `term` a key of the glossary or "", `lang` as in Text."""

    text: str
    term: str = ""
    lang: str = ""


class Text(str):
    """A plain text, terms without their brackets; `parts` still knows where the terms stand."""

    parts: tuple[Part, ...]
    lang: str  # "en" where English lent it to a page of another language, else ""

    def __new__(cls, parts: Iterable[Part] = (), lang: str = "") -> Text:
        kept = tuple(part for part in parts if part.text)
        text = super().__new__(cls, "".join(part.text for part in kept))
        text.parts, text.lang = kept, lang
        return text


def choose(entry: Entry, facts: Facts) -> dict[str, Text] | None:
    """The texts of the first variant that holds and can be filled, else the entry's own."""
    found = chosen(entry, facts)
    return None if found is None else found[1]


def chosen(entry: Entry, facts: Facts) -> tuple[Entry, dict[str, Text]] | None:
    """The variant that is used, {} for the entry itself, and its texts."""
    base = {key: text for key, text in entry.items() if isinstance(text, str)}
    for variant in (*entry.get("when", ()), {}, entry.get("otherwise", {})):
        if not holds(variant, facts):
            continue
        own = {key: variant[key] for key in TEXTS if isinstance(variant.get(key), str)}
        filled = {key: fill(text, facts) for key, text in (base | own).items()}
        if filled and None not in filled.values():
            return variant, {key: text for key, text in filled.items() if text is not None}
    return None


def holds(variant: Entry, facts: Facts) -> bool:
    """Whether all conditions of a variant are met; what is no text of it is a condition."""
    return all(
        _meets(facts.raw(name), wanted) for name, wanted in variant.items() if name not in TEXTS
    )


def _meets(value: Raw, wanted: Any) -> bool:
    """A condition: one value, a list of values, or a table with min, max, prefix."""
    if isinstance(wanted, list):
        return value in wanted
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    if "prefix" in wanted:
        return isinstance(value, str) and value.startswith(wanted["prefix"])
    if not isinstance(value, int):
        return False
    return bool(wanted.get("min", value) <= value <= wanted.get("max", value))


def fill(template: str, facts: Facts) -> Text | None:
    """The template with its facts; None if one of them is missing."""
    parts: list[Part] = []
    spoken = spoken_in(template) or language()
    for part in terms(template).parts:
        pieces = _FACT.split(part.text)  # text, fact, text, fact, text
        langs = [""] * len(pieces)
        for at in range(1, len(pieces), 2):
            shown = facts.shown(pieces[at])
            if shown is None:
                return None
            if pieces[at] in SENTENCES and spoken != ENGLISH:
                langs[at] = ENGLISH
            pieces[at] = written(shown, spoken)
            if shown.endswith((".", "…")):
                pieces[at + 1] = pieces[at + 1].removeprefix(".")
        parts += [Part(said, part.term, lang) for said, lang in zip(pieces, langs, strict=True)]
    return Text(parts, spoken_in(template))


def terms(template: str) -> Text:
    """Split at [[term]] and [[term|as it is written here]]."""
    parts: list[Part] = []
    at = 0
    for match in _TERM.finditer(template):
        parts.append(Part(template[at : match.start()]))
        parts.append(Part(match[2] or match[1], key(match[1])))
        at = match.end()
    return Text([*parts, Part(template[at:])], spoken_in(template))


def key(term: str) -> str:
    """The key of a term in the glossary."""
    return re.sub(r"[^a-z0-9]+", "_", term.lower()).strip("_")
