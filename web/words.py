"""Words: the texts of content/, chosen for a value and filled with it.

Theory of operation. An entry of a TOML file has texts (`ask`, `what`, `why`, `try`, `spec`) and
perhaps variants (`[[name.when]]`): conditions on facts beside the texts that they replace. The
first variant whose conditions hold and whose facts are all there is used, else the entry's own
texts, else those of `[name.otherwise]`, else a general sentence: no missing fact fails a page.
`web.filling` does the choosing and filling. Texts are plain: escaping is the template's work.

content/README.md describes the format for those who write texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netcore.field import Field
from netcore.trace import AnyEvent, Called, Chose
from web import filling
from web.facts import FieldFacts, PlainFacts, Raw, clean, event_facts
from web.language import language
from web.overlay import Entry, entries, families, field_entries, read_file, spoken_in
from web.spoken import gettext as _

CONTENT = Path(__file__).resolve().parent.parent / "content"

Part = filling.Part
Text = filling.Text

_EVERYWHERE = "any"  # the file of names that occur in every family
_CARRIED: Mapping[str, str] = {
    "cert_data": "x509",
    "distinguished_name": "x509",
    "ocsp_response": "x509",
    "request_extensions": "x509",
    "responder_id": "x509",
    "signature": "x509",
    "sct_list": "tls_handshake",
}  # fields in whose parts another family begins


@dataclass(frozen=True)
class Word:
    """An entry of the glossary."""

    term: str
    title: str
    text: str

    @property
    def lang(self) -> str:
        """ "en" where English lent it to a page of another language, else ""."""
        return spoken_in(self.text)


@dataclass(frozen=True)
class Explanation:
    """What is said of one field or event: a question, its answer, and why it is so."""

    ask: Text
    what: Text
    why: Text
    try_: Text
    spec: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Card:
    """A failure: what happened, what we saw, why it happens, what can be done."""

    headline: Text
    saw: Text
    why: Text
    todo: tuple[Text, ...]
    words: tuple[Word, ...] = ()
    event: int = 0  # the number of the event that shows it, 0 if none does


@dataclass(frozen=True)
class StageWords:
    """A stage: its short title, what is said while it runs, and what it is for."""

    name: str
    title: str
    status: str
    what: Text
    why: Text
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading and its paragraphs."""

    title: str
    paragraphs: tuple[Text, ...]


@dataclass(frozen=True)
class Page:
    """A page of plain text."""

    title: str
    sections: tuple[Section, ...]


def explain_field(dissector: str, path: Sequence[Field], octets: bytes) -> Explanation:
    """What a field means.

    Args:
        dissector: which dissector read the unit: "tls_handshake.dhe".
        path: the root of the tree first, the field itself last. Where a unit is grafted into
            another, the innermost root on the path decides whose words are used.
        octets: the octets that the positions in the path refer to.
    """
    facts = FieldFacts(path, octets)
    family = family_of(dissector, [field.name for field in path])
    for entry in _entries(family, path):
        texts = filling.choose(entry, facts)
        if texts is not None:
            return _explanation(texts, path[-1].spec)
    where = _(
        "%(name)s stands at offset %(start)s and is %(bits)s bits long.",
        **{fact: facts.shown(fact) for fact in ("name", "start", "bits")},
    )
    texts = {"ask": _question(path[-1].name), "what": Text([Part(where)])}
    return _explanation(texts, path[-1].spec)


def explain_event(event: AnyEvent, broken: str = "") -> Explanation:
    """What an event means: a call, a decision, a secret, an end.

    In: `broken`, the error that had ended its connection before, see `web.facts.broken_before`.
    """
    facts = event_facts(event, broken)
    if isinstance(event, Called):
        name, table = event.call, _table("calls")
    elif isinstance(event, Chose):
        name, table = event.what, _table("decisions")
    else:
        name, table = type(event).__name__, _table("events")
    for key in (name, "other"):
        texts = filling.choose(table.get(key, {}), facts)
        if texts is not None:
            return _explanation(texts, "")
    return _explanation({"ask": _question(name)}, "")


def _question(name: str) -> Text:
    return Text([Part(_("What is %(name)s?", name=name))])


def handshake(name: str, facts: Mapping[str, Raw]) -> Explanation:
    """What content/handshake says of one part of a TLS handshake.

    Raises: LookupError if it has no text of that name that these facts can fill.
    """
    return _told_in("handshake", name, facts)


def streams(name: str, facts: Mapping[str, Raw]) -> Explanation:
    """What content/streams says of one part of a connection with streams.

    Raises: LookupError if it has no text of that name that these facts can fill.
    """
    return _told_in("streams", name, facts)


def quic(name: str, facts: Mapping[str, Raw]) -> Explanation:
    """What content/quic says of a QUIC connection, or of HTTP/3 on it. Raises as `streams` does."""
    return _told_in("quic", name, facts)


def _told_in(folder: str, name: str, facts: Mapping[str, Raw]) -> Explanation:
    texts = filling.choose(_table(folder)[name], PlainFacts(facts))
    if texts is None:
        raise LookupError(f"content/{folder} has no text for {name} without more facts")
    return _explanation(texts, "")


def socket(name: str) -> Explanation:
    """What content/sockets says of an option or of a member of TCP_INFO.

    Raises: LookupError if there is no entry of that name.
    """
    return _explanation(filling.choose(_table("sockets")[name], PlainFacts({})) or {}, "")


def stage(name: str) -> StageWords:
    """The words of a stage of `netcore.trace.STAGES`; another name speaks for itself."""
    entry = _table("stages").get(name, {})
    what, why = (filling.terms(entry.get(key, "")) for key in ("what", "why"))
    title, status = entry.get("title", name), entry.get("status", "")
    return StageWords(name, title, status, what, why, _words([what, why]))


def layer(name: str) -> Text:
    """What a layer is for, in a sentence; empty for a name that is none."""
    return filling.terms(entries(CONTENT, "layers", language()).get(name, {}).get("what", ""))


def failure_card(code: str, facts: Mapping[str, Raw]) -> Card:
    """The card of a failure.

    Args:
        code: as in `Failed.code`: "tcp.refused".
        facts: what the texts may name; `web.failure.failure_facts` computes them. `message`
            should be among them: it is what a card says that has nothing better.
    """
    known = PlainFacts({"code": code, "message": f"The recording says {code}."} | dict(facts))
    table = _table("errors")
    for key in (code, code.partition(".")[0] + ".*", "*"):
        chosen = filling.chosen(table.get(key, {}), known)
        if chosen is not None:
            break
    else:
        raise LookupError("content/errors has no entry for every code")
    variant, texts = chosen
    lines: Sequence[str] = variant.get("todo", table[key].get("todo", ()))
    todo = tuple(text for text in (filling.fill(line, known) for line in lines) if text)
    shown = [texts.get(name, Text()) for name in ("headline", "saw", "why")]
    event = known.raw("event")
    number = event if isinstance(event, int) else 0
    return Card(shown[0], shown[1], shown[2], todo, _words([*shown, *todo]), number)


def word(term: str) -> Word | None:
    """An entry of the glossary by its key or by its title; None if there is no such word."""
    key = filling.key(term)
    entry = _table("words").get(key)
    return Word(key, entry["title"], entry["text"]) if entry else None


def text(template: str, lang: str = "") -> Text:
    """A text of ours that is written elsewhere, split at its terms. In: as `Text.lang`."""
    return Text(filling.terms(template).parts, lang)


def page(name: str) -> Page:
    """A page of content/pages. Raises FileNotFoundError for a page that does not exist."""
    entry = read_file(CONTENT, f"pages/{name}.toml", language())
    sections = (
        Section(section["title"], tuple(filling.terms(text) for text in section["paragraphs"]))
        for section in entry["section"]
    )
    return Page(entry["title"], tuple(sections))


def field_tables() -> dict[str, dict[str, Any]]:
    """All entries about fields: family -> name or "parent.name" -> entry."""
    return field_entries(CONTENT, language())


def family_of(dissector: str, names: Sequence[str]) -> str:
    """Whose words serve a field: the family of the innermost unit or structure that it is in.

    In: the dissector, and the names on the path from the root to the field itself.
    """
    for at, candidate in enumerate((*reversed(names), dissector)):
        if at and candidate in _CARRIED:
            return _CARRIED[candidate]
        for family in _families():
            if candidate == family or candidate.startswith((f"{family}.", f"{family}_")):
                return family
    return _EVERYWHERE


def _table(folder: str) -> dict[str, Any]:
    return entries(CONTENT, folder, language())


def _families() -> tuple[str, ...]:
    """Longest names first, so that the most exact one is found first."""
    return families(CONTENT, _EVERYWHERE)


def _entries(family: str, path: Sequence[Field]) -> Iterator[Entry]:
    """Entries for a field, most specific first: under its nearest ancestor, then by name alone."""
    name = path[-1].name
    tables = field_tables()
    for table in (tables.get(family, {}), tables.get(_EVERYWHERE, {})):
        for ancestor in reversed(path[:-1]):
            if f"{ancestor.name}.{name}" in table:
                yield table[f"{ancestor.name}.{name}"]
        if name in table:
            yield table[name]


def _words(texts: Iterable[Text]) -> tuple[Word, ...]:
    """The glossary's entries for the terms in the texts, each once, in order."""
    terms = dict.fromkeys(part.term for text in texts for part in text.parts if part.term)
    return tuple(entry for entry in map(word, terms) if entry is not None)


def _explanation(texts: Mapping[str, Text], spec: str) -> Explanation:
    ask, what, why, try_ = (texts.get(key, Text()) for key in ("ask", "what", "why", "try"))
    spec = spec or clean(texts.get("spec", Text()))
    return Explanation(ask, what, why, try_, spec, _words([ask, what, why, try_]))
