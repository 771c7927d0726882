"""Deeper: what a developer and a reader of RFCs are told of a field beyond its words.

Everything is computed from the field and its octets, or is one of the small tables here: titles of
RFCs, names of IANA's registries, names in the grammars. Where there is nothing to say, nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from netcore.field import Field
from web.codings import Coding, coding_of
from web.facts import Raw, clean, in_bytes
from web.rules import Rule, failure_rule, field_rule
from web.spoken import gettext as _
from web.standards import REGISTRIES, TITLES, name_in_standard

_SPEC: Final = re.compile(r"RFC (\d+)(?: §(?:Appendix )?([A-Z0-9][\w.]*\w|\w))?")
_TYPES: Final = ("type", "msg_type", "extension_type", "content_type", "opcode", "frame_type")
RAW_OCTETS: Final = 8


@dataclass(frozen=True)
class Fact:
    """A line of the list below an explanation."""

    name: str
    text: str
    href: str = ""
    is_wire: bool = False  # octets, code or names: not a sentence


@dataclass(frozen=True)
class Deeper:
    """What is added at each depth."""

    developer: tuple[Fact, ...] = ()
    rfc: tuple[Fact, ...] = ()


NOTHING_DEEPER: Final = Deeper()


def deeper(family: str, path: Sequence[Field], octets: bytes) -> Deeper:
    """What there is to add about a field.

    Args:
        family: whose words serve the field, see `web.words.family_of`.
        path: the root of the tree first, the field itself last.
        octets: what the positions in the path refer to.
    """
    coding = coding_of(path[-1], octets)
    told = told_by(field_rule(family, path, octets))
    cited = {fact.href for fact in told.rfc if fact.href}
    readers = (fact for fact in _for_readers(family, path, coding) if fact.href not in cited)
    return Deeper(
        (*told.developer, *_for_developers(path[-1], octets, coding)), (*told.rfc, *readers)
    )


def failure_deeper(code: str, known: Mapping[str, Raw]) -> Deeper:
    """What there is to add to the card of a failure. In: as `web.words.failure_card`."""
    return told_by(failure_rule(code, known), _("In programs"))


def told_by(rule: Rule, bug_is: str = "") -> Deeper:
    """The lines of a rule: the bug, what is demanded and where, and whether these octets do it."""
    bug = (Fact(bug_is or _("If forgotten"), rule.bug),) if rule.bug else ()
    if not rule.rule:
        return Deeper(bug)
    where = standard_facts(rule.spec)
    return Deeper(bug, (Fact(_("The rule"), rule.rule), *_verdict(rule), *where))


def _verdict(rule: Rule) -> Iterator[Fact]:
    """What was verified. Nothing is claimed of a rule that nobody tried."""
    if rule.kept:
        text = _(
            "%(shown)s: as far as these bytes can show it, the rule is kept.", shown=rule.shown
        )
        yield Fact(_("Verified"), text)
    elif rule.kept is False:
        text = _("%(shown)s: these bytes break the rule.", shown=rule.shown)
        yield Fact(_("Broken"), f"{text} {in_bytes(rule.error)}".strip())
    elif rule.is_of_octets:
        yield Fact(_("Not verified"), _("These bytes alone cannot show whether it was kept."))


def standard_facts(spec: str) -> tuple[Fact, ...]:
    """Where a text such as "RFC 8446 §4.1.2, RFC 6066 §3" leads to."""
    return tuple(
        Fact(
            _("In the standard"),
            _titled(found[0], found[1]),
            _address(found[1], found[2] or ""),
        )
        for found in _SPEC.finditer(spec)
    )


def _for_developers(field: Field, octets: bytes, coding: Coding | None) -> Iterator[Fact]:
    raw = octets[field.start // 8 : -(-field.end // 8)]
    if raw and not field.children:
        more = " …" if len(raw) > RAW_OCTETS else ""
        yield Fact(_("Raw"), raw[:RAW_OCTETS].hex(" ") + more, is_wire=True)
    if coding is not None:
        yield Fact(_("Written as"), coding.name)
        yield Fact(_("In Python"), coding.python, is_wire=True)
    wrong = _if_wrong(field)
    if wrong:
        yield Fact(_("If it were wrong"), wrong)


def _if_wrong(field: Field) -> str:
    if field.error or not isinstance(field.value, int) or isinstance(field.value, bool):
        return ""
    if field.name.endswith("length") and field.value:
        return _(
            "With %(more)s in place of %(value)s the reader takes one byte of what follows for"
            " part of this, and reads all behind it in the wrong place.",
            more=f"{field.value + 1:,}",
            value=f"{field.value:,}",
        )
    if field.name in _TYPES and field.label:
        return _(
            "With another number the same bytes are read by other rules than those of %(label)s.",
            label=clean(field.label),
        )
    return ""


def _for_readers(family: str, path: Sequence[Field], coding: Coding | None) -> Iterator[Fact]:
    field = path[-1]
    near = (*reversed(path), *field.walk())
    spec = next((each.spec for each in near if each.spec), "")
    yield from standard_facts(spec)
    name = name_in_standard(family, field, coding is not None and "& 0x" in coding.python)
    if name:
        yield Fact(_("Written there"), name, is_wire=True)
    if len(path) > 1:
        yield Fact(_("Within"), " > ".join(each.name for each in path[:-1]), is_wire=True)
    registry = REGISTRIES.get((family, field.name))
    if registry is not None and field.label:
        title, href = registry
        yield Fact(_("Registry"), f"IANA, {title}", href)
        yield Fact(_("Registered as"), clean(field.label), is_wire=True)


def _titled(said: str, number: str) -> str:
    return f"{said}, {TITLES[number]}" if number in TITLES else said


def _address(number: str, section: str) -> str:
    page = f"https://www.rfc-editor.org/rfc/rfc{number}"
    if not section:
        return page
    kind = "appendix" if section[0].isalpha() else "section"
    return f"{page}#{kind}-{section}"
