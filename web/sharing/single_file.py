"""Single file: a whole trace as one page that needs no server, no network and no script.

It has the drawing, the steps, and of each step the octets, the fields and the words; the place of
each has an address within the file: "#e9" for a step, "#e9.u1.f24-40" for a field of its first
unit. At its end stands the trace itself, as JSON lines, so that the file opens here again.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask import render_template as render

from netcore import trace as saved_form
from netcore.trace import BadTrace
from web import words
from web.admission import FILE_OCTETS
from web.deeper import Deeper, told_by
from web.drawing.ladder import draw_ladder
from web.facts import clean
from web.feed import Standing, state_of
from web.fieldtree import Path as FieldPath
from web.fieldtree import paths
from web.look import STEPS_LOOK
from web.panes import Panes, Selection, panes
from web.picture import picture
from web.rules import field_rule
from web.sharing.origin import origin
from web.spoken import gettext as _
from web.tale import Tale
from web.views import heading, row_views, summary_view

STATIC: Final = Path(__file__).resolve().parent.parent.parent / "static"
SHEETS: Final = (
    "css/tokens.css",
    "css/components/timeline.css",
    "css/components/stages.css",
    "../templates/sharing/single_file.css",
)
STEPS: Final = 300  # of a trace, that are written out
UNITS: Final = 12  # of a step
FIELDS: Final = 1_500  # of a unit, that are written out with their words
PAGE_OCTETS: Final = 4 << 20  # of all that is written out
BASE: Final = "#"  # what the drawing puts before "/e/9"; a file has "#e9"

FRAME_OCTETS: Final = 512 << 10  # of the page around them: fonts, drawing, table

_PLACES: Final = re.compile("<!--(style|sections|trace|script)-->")
_FONT: Final = re.compile(r'url\("\.\./(fonts/[a-z0-9-]+\.woff2)"\)')
_BEGIN: Final = b'<script type="application/x-ndjson" id="trace">\n'
_END: Final = b"</script>"


@dataclass(frozen=True)
class UnitPart:
    """One unit of a step, with the words for each of its fields by the field's key."""

    panes: Panes
    prefix: str  # of the addresses of its fields: "e9.u1"
    words: dict[str, words.Explanation]
    rules: dict[str, Deeper]


@dataclass(frozen=True)
class StepPart:
    """One step: its head, and its units."""

    panes: Panes
    units: tuple[UnitPart, ...]
    more_units: int


def single_file(tale: Tale, *, brought: bool) -> bytes:
    """The file of a finished trace.

    Args:
        tale: the trace.
        brought: whether somebody brought it along, which the file then says.

    Returns:
        A page in UTF-8 of at most `FILE_OCTETS`, unless the trace alone has more.
    """
    inside = _inside(tale)
    room = max(0, min(PAGE_OCTETS, FILE_OCTETS - FRAME_OCTETS - len(inside)))
    sections, told = _sections(tale, room)
    marks = tale.timeline.marks
    style, script = _style(), _read("../templates/sharing/single_file.js")
    page = render(
        "sharing/single_file.html",
        heading=heading(tale),
        url=clean(tale.trace.url),
        started=clean(tale.trace.started),
        software=clean(tale.trace.software),
        origin=origin(tale) if brought else "",
        summary=summary_view(tale, Standing(state_of(tale.trace.outcome)), BASE),
        picture=picture(tale, Standing(state_of(tale.trace.outcome)), BASE, STEPS_LOOK),
        ladder=draw_ladder(tale.timeline),
        rows=row_views(marks[:told], BASE),
        left_out=_left_out(len(marks), told),
        policy=_policy(style, script),
    )
    parts = {
        "style": style.encode(),
        "sections": _with_own_addresses("".join(sections)).encode(),
        "trace": inside,
        "script": script.encode(),
    }
    # What is not text of ours is escaped in the page, so these signs are the template's own.
    cut = _PLACES.split(_with_own_addresses(page))
    return b"".join(parts[each] if at % 2 else each.encode() for at, each in enumerate(cut))


def trace_within(untrusted: bytes) -> bytes:
    """The JSON lines in such a file.

    Raises:
        BadTrace: the page is not one of ours, or the trace in it was cut off.
    """
    _before, found, rest = untrusted.rpartition(_BEGIN)
    if not found:
        raise BadTrace(_("This page of HTML has no trace in it."))
    lines, found, _rest = rest.partition(_END)
    if not found:
        raise BadTrace(_("The trace in this page of HTML was cut off."))
    return lines


def _inside(tale: Tale) -> bytes:
    """The trace as a block of data. "<" stands in texts alone, where JSON can write it so."""
    return _BEGIN + saved_form.encode(tale.trace).replace(b"<", b"\\u003c") + _END


def _sections(tale: Tale, room: int) -> tuple[list[str], int]:
    """Steps written out, as far as there is room, and how many they are."""
    sections: list[str] = []
    for mark in tale.timeline.marks[:STEPS]:
        section = render("sharing/step.html", step=_step(tale, mark.number))
        room -= len(section)
        if room < 0:
            break
        sections.append(section)
    return sections, len(sections)


def _step(tale: Tale, number: int) -> StepPart:
    count = len(tale.explanation.of_event(number))
    shown = [panes(tale, BASE, number, Selection(at)) for at in range(1, min(count, UNITS) + 1)]
    units = tuple(_unit(tale, each, number, at) for at, each in enumerate(shown, start=1))
    head = shown[0] if shown else panes(tale, BASE, number, Selection())
    return StepPart(head, units, max(0, count - UNITS))


def _unit(tale: Tale, shown: Panes, number: int, at: int) -> UnitPart:
    pdu = tale.explanation.of_event(number)[at - 1]
    keyed = list(paths(tale.explanation.tree(pdu)).items())[:FIELDS]
    said = {key: words.explain_field(pdu.protocol, path, pdu.octets) for key, path in keyed}
    rules = {key: _rule(pdu.protocol, path, pdu.octets) for key, path in keyed}
    return UnitPart(shown, f"e{number}.u{at}", said, rules)


def _rule(protocol: str, path: FieldPath, octets: bytes) -> Deeper:
    family = words.family_of(protocol, [field.name for field in path])
    return told_by(field_rule(family, path, octets))


def _left_out(count: int, told: int) -> str:
    if told == count:
        return ""
    said: str = _(
        "%(told)s of %(count)s steps are written out here; the file would be too large with all. "
        "The trace at its end has every one: open the file in Wiretale to see them.",
        told=f"{told:,}",
        count=f"{count:,}",
    )
    return said


def _with_own_addresses(page: str) -> str:
    """Links of the drawing, "#/e/9", as links within this file."""
    return page.replace(f'href="{BASE}/e/', f'href="{BASE}e')


def _policy(style: str, script: str) -> str:
    """Nothing is loaded from anywhere, and nothing runs but what was written with the file."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    """The sheets in one, with the fonts inside."""
    whole = "\n".join(_lean("\n".join(_read(path) for path in SHEETS)))
    return _FONT.sub(_font, f"\n{whole}\n")


def _font(found: re.Match[str]) -> str:
    data = base64.b64encode((STATIC / found[1]).read_bytes()).decode()
    return f'url("data:font/woff2;base64,{data}")'


def _lean(sheet: str) -> Iterator[str]:
    """Its lines without comments and indentation."""
    for line in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL).split("\n"):
        if line.strip():
            yield line.strip()


@cache
def _read(path: str) -> str:
    return (STATIC / path).read_text()
