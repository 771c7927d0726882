"""Rules: what a standard demands of a field, the bug that forgetting it causes, and our check.

Their texts are content/deeper/, entries as in `web.filling`. Each text is chosen by itself: `bug`
for developers, `rule` with its `spec` for readers of RFCs. A rule that its own octets can prove or
refute says how: `holds` are conditions on facts, `check` names a predicate of `web.verified`, and
`proves` are conditions that show it kept and never broken. What none is given for is never called
verified. `shown` is what was looked at, the value if nothing else is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from netcore.field import Field
from netcore.trace import AnyEvent, Called, Chose
from web.facts import SENTENCE_LIMIT, Facts, FieldFacts, PlainFacts, Raw, clean, event_facts
from web.filling import Text, fill, holds
from web.language import language
from web.overlay import Entry, read_file
from web.verified import CHECKS

CONTENT: Final = Path(__file__).resolve().parent.parent / "content"
FIELDS: Final = "deeper/fields"
_EVERYWHERE: Final = "any"
_NOTHING: Final[Entry] = {}
_SILENT: Final = Text()


@dataclass(frozen=True)
class Rule:
    """What is added to the words of a field, an event or a failure."""

    bug: Text = _SILENT
    rule: Text = _SILENT
    spec: str = ""
    kept: bool | None = None  # whether it was: None where these octets cannot tell
    shown: Text = _SILENT  # what was looked at
    error: str = ""  # by which the decoder refused it
    is_of_octets: bool = False  # a field's, so that one may ask whether its octets keep it


def field_rule(family: str, path: Sequence[Field], octets: bytes) -> Rule:
    """What there is to say of a field.

    Args:
        family: whose words serve the field, see `web.words.family_of`.
        path: the root of the tree first, the field itself last.
        octets: what the positions in the path refer to.
    """
    facts = FieldFacts(path, octets)
    entry = next(_entries(family, path), _NOTHING)
    chosen, rule = _first("rule", entry, facts)
    kept = _kept(chosen, facts, path, octets) if rule else None
    return Rule(
        bug=_first("bug", entry, facts)[1],
        rule=rule,
        spec=chosen.get("spec", ""),
        kept=kept,
        shown=_shown(chosen, facts),
        error=_error(path[-1]) if kept is False else "",
        is_of_octets=True,
    )


def event_rule(event: AnyEvent, broken: str = "") -> Rule:
    """What there is to say of a call, a decision, a stage or another event; as `explain_event`."""
    facts = event_facts(event, broken)
    if isinstance(event, Called):
        return _told("calls", event.call, facts)
    if isinstance(event, Chose):
        return _told("decisions", event.what, facts)
    return _told("events", type(event).__name__, facts)


def failure_rule(code: str, known: Mapping[str, Raw]) -> Rule:
    """What there is to say of a failure: `bug` is how it looks in programs. As `failure_card`."""
    facts = PlainFacts({"code": code} | dict(known))
    return _told("errors", code, facts)


@cache
def rules_of(family: str, spoken: str) -> Mapping[str, Any]:
    """The entries of all files of a family, in a language."""
    found: dict[str, Any] = {}
    for path in sorted((CONTENT / FIELDS).glob(f"{family}.*toml")):
        found |= read_file(CONTENT, f"{FIELDS}/{path.name}", spoken)
    return found


def _told(file: str, name: str, facts: Facts) -> Rule:
    entry = read_file(CONTENT, f"deeper/{file}.toml", language()).get(name, _NOTHING)
    chosen, rule = _first("rule", entry, facts)
    return Rule(_first("bug", entry, facts)[1], rule, chosen.get("spec", ""))


def _entries(family: str, path: Sequence[Field]) -> Iterator[Entry]:
    """Entries for a field, most specific first: under its nearest ancestor, then by name alone."""
    name = path[-1].name
    for table in (rules_of(family, language()), rules_of(_EVERYWHERE, language())):
        for ancestor in reversed(path[:-1]):
            if f"{ancestor.name}.{name}" in table:
                yield table[f"{ancestor.name}.{name}"]
        if name in table:
            yield table[name]


def _first(key: str, entry: Entry, facts: Facts) -> tuple[Entry, Text]:
    """The first variant with that text whose conditions hold and whose facts are there."""
    variants: Iterable[Entry] = (*entry.get("when", ()), entry)
    for variant in variants:
        if key in variant and (variant is entry or holds(variant, facts)):
            text = fill(variant[key], facts)
            if text:
                return variant, text
    return _NOTHING, _SILENT


def _kept(rule: Entry, facts: Facts, path: Sequence[Field], octets: bytes) -> bool | None:
    if "check" in rule:
        return CHECKS[rule["check"]](path, octets)
    if "holds" in rule:
        return holds(rule["holds"], facts)
    return True if "proves" in rule and holds(rule["proves"], facts) else None


def _error(field: Field) -> str:
    """The first fault that the decoder found in it, without its code."""
    found = next((each.error for each in field.walk() if each.error), "")
    return clean(found.partition(": ")[2] or found, SENTENCE_LIMIT)


def _shown(rule: Entry, facts: Facts) -> Text:
    templates = [rule["shown"]] if "shown" in rule else ["{value}", "{size}"]
    return next((text for text in (fill(each, facts) for each in templates) if text), _SILENT)
