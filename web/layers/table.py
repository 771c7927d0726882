"""Table: the units in view as rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.boundaries import Part, Strip, Unit
from web.layers.asked import Asked, Window
from web.layers.naming import Namer, key
from web.spoken import ngettext

MOST_ROWS = 500  # of a page


@dataclass(frozen=True)
class TableRow:
    """A unit."""

    row: str
    name: str
    start: str
    octets: str
    payload: str
    href: str  # the same page with it selected
    current: bool


def table_rows(
    strip: Strip, window: Window, asked: Asked, names: Namer, strips: int
) -> tuple[tuple[TableRow, ...], str]:
    """The first units of each row that are in view, and in words how many are not listed.

    In: on how many strips the page has to divide its rows.
    """
    in_view = [(row, _units(row.cover(*window))) for row in strip.rows]
    each = MOST_ROWS // max(1, strips * len(in_view))
    found = [
        TableRow(
            row=title,
            name=names.unit(unit, row, strip.direction),
            start=f"{unit.start:,}",
            octets=f"{unit.octets:,}",
            payload=f"{unit.payload:,}",
            href=asked.selecting(*key(unit)).query(),
            current=key(unit) == (asked.unit, asked.event),
        )
        for row, units in reversed(in_view)
        for title in [names.row(row, strip.direction)]
        for unit in units[:each]
    ]
    left = sum(len(units) for _, units in in_view) - len(found)
    said = ngettext(
        "One more unit is in view and not listed; zoom in.",
        "%(left)s more units are in view and not listed; zoom in.",
        left,
        left=f"{left:,}",
    )
    return tuple(found), said if left else ""


def _units(pieces: Sequence[tuple[Part, Unit]]) -> list[Unit]:
    return list({unit.number: unit for _, unit in pieces}.values())
