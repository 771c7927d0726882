"""Beside: the units of a chosen event and of its counterparts, for hex panes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.figures import size
from netcore.marks import Mark
from web.compare.octets import SHOWN, PairedRow, marked_in, paired_rows
from web.compare.pairing import alike, unit_of
from web.compare.sides import Side
from web.facts import clean
from web.spoken import gettext as _
from web.titles import title_said, unit_title


@dataclass(frozen=True)
class OctetsView:
    """The unit of a chosen event, or that there is none."""

    name: str
    title: str
    href: str
    about: str
    rows: tuple[PairedRow, ...]
    layer: str
    more: str


def beside(
    sides: Sequence[Side], marks: Sequence[Mark | None]
) -> tuple[tuple[OctetsView, ...], str]:
    """The units of the chosen events beside each other, and what is to be said of them."""
    found = [
        unit_of(mark, side.tale) if mark else None for mark, side in zip(marks, sides, strict=True)
    ]
    units = alike(found)
    trees = [
        (each.pdu, side.tale.explanation.tree(each.pdu)) if each else None
        for each, side in zip(units, sides, strict=True)
    ]
    views = []
    for at, (side, mark, unit) in enumerate(zip(sides, marks, units, strict=True)):
        if mark is None or unit is None:
            views.append(_missing(side, mark))
            continue
        marked = marked_in(trees, at)
        more = unit.pdu.size - SHOWN
        views.append(
            OctetsView(
                name=side.name,
                title=clean(unit_title(unit.pdu)),
                href=f"{side.base}/e/{unit.event}?u={unit.place}",
                about=size(unit.pdu.size),
                rows=paired_rows(unit.pdu, side.tale.explanation, marked),
                layer=mark.layer,
                more=_("and %(octets)s more", octets=size(more)) if more > 0 else "",
            )
        )
    kinds = [each.pdu.name for each in units if each]
    return tuple(views), _octets_note(kinds)


def _missing(side: Side, mark: Mark | None) -> OctetsView:
    if mark is not None:
        href = f"{side.base}/e/{mark.number}"
        about = _("moved no bytes")
        return OctetsView(side.name, clean(title_said(mark.title)), href, about, (), mark.layer, "")
    about = _("Nothing here is the counterpart of it.")
    return OctetsView(side.name, _("no counterpart"), "", about, (), "wait", "")


def _octets_note(kinds: Sequence[str]) -> str:
    if len(kinds) < 2:
        return str(_("There is nothing to hold it against."))
    if len(set(kinds)) == len(kinds):
        return str(
            _(
                "These are two kinds of unit that do the same: no byte of one stands for a byte of "
                "the other, so nothing is underlined."
            )
        )
    return str(_("Fields are held against fields of the same name. What differs is underlined."))
