"""Crumbs: the units that the open one stands in, outermost first, and those beside it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from netcore.descent import Stretch
from netcore.field import Field
from netcore.pdu import Pdu
from netcore.trace import Called
from web.facts import clean
from web.fieldtree import Path
from web.panes import Unit
from web.spoken import gettext as _
from web.tale import RECORDS, Tale
from web.titles import unit_title
from web.ways.lineage import octets_href


@dataclass(frozen=True)
class Opened:
    """The fields of the open unit by their keys, the path to the selected one, the unit's link."""

    keyed: Mapping[str, Path]
    path: Path
    href: str


@dataclass(frozen=True)
class Crumb:
    """One level. `event` is 0 where its link changes the selected field alone."""

    text: str
    href: str
    event: int
    current: bool


@dataclass(frozen=True)
class Crumbs:
    """The way in, and the links to the units before and after this one."""

    levels: tuple[Crumb, ...]
    before: Unit | None
    after: Unit | None
    place: str  # "unit 2 of 5", "" where there is one alone


def crumbs_of(
    tale: Tale, base: str, number: int, pdu: Pdu, opened: Opened, units: tuple[Unit, ...]
) -> Crumbs:
    """The breadcrumb of a selection.

    Args:
        tale: the trace.
        base: its path.
        number: of the event that is open.
        pdu: the open unit.
        opened: its fields, and which is selected.
        units: what can be chosen in the event, as the panes list it.
    """
    field = opened.path[-1]
    chain = tale.descent.down(pdu, field.start // 8, (field.end + 7) // 8)
    around = [_unit_crumb(tale, base, stretch, is_open=not at) for at, stretch in enumerate(chain)]
    levels = [_call_crumb(tale, base, number), *reversed(around), *_field_crumbs(opened)]
    at = next((at for at, unit in enumerate(units) if unit.current), 0)
    count = len(units)
    place = _("unit %(at)s of %(count)s", at=f"{at + 1:,}", count=f"{count:,}") if count > 1 else ""
    return Crumbs(
        levels=tuple(_last_current(levels)),
        before=units[at - 1] if at else None,
        after=units[at + 1] if at + 1 < count else None,
        place=place,
    )


def unit_name(tale: Tale, pdu: Pdu) -> str:
    """What a unit is called among others: a record by its place in its direction."""
    if pdu.name not in RECORDS:
        return clean(unit_title(pdu))
    channel, start, _end = pdu.origin[0]
    place = bisect_right(tale.records[channel], start)
    return _("TLS record %(place)s", place=f"{place:,}")


def _call_crumb(tale: Tale, base: str, number: int) -> Crumb:
    event = tale.trace.events[number - 1]
    length = f"{getattr(event, 'length', 0):,}"
    text = _("packet, %(length)s B", length=length)
    if isinstance(event, Called):
        write = event.call == "send"
        text = (
            _("write %(length)s B", length=length)
            if write
            else _("read %(length)s B", length=length)
        )
    return Crumb(text, f"{base}/e/{number}?u=0", number, False)


def _unit_crumb(tale: Tale, base: str, stretch: Stretch, *, is_open: bool) -> Crumb:
    href, _name = octets_href(tale, base, stretch)
    pdu = stretch.pdu
    if is_open:
        href = href.partition("&f=")[0]
    return Crumb(unit_name(tale, pdu), href, pdu.events[0], False)


def _field_crumbs(opened: Opened) -> list[Crumb]:
    """The selected field and those around it, without the root, which is the unit itself."""
    keys = {id(each[-1]): key for key, each in opened.keyed.items()}
    return [
        Crumb(_name(field), f"{opened.href}&f={keys[id(field)]}", 0, False)
        for field in opened.path[1:]
    ]


def _name(field: Field) -> str:
    """A line of fields by the name that it begins with, every other field by its own."""
    named = (part.value for part in field.children if part.name == "field_name")
    name = next(named, None)
    return clean(name) if isinstance(name, str) else field.name


def _last_current(levels: list[Crumb]) -> list[Crumb]:
    last = levels[-1]
    return [*levels[:-1], Crumb(last.text, last.href, last.event, True)]
