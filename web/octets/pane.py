"""The byte pane: the rows of octets that a page shows of a unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netcore.field import Field
from web.fieldtree import Path, Row, rows
from web.octets.minimap import Stretch, minimap
from web.octets.spot import TEXT, Spot
from web.spoken import figure

SHOWN_OCTETS = 2_048  # of a unit, in one page
HEX_ROW, TEXT_ROW = 16, 64  # octets


@dataclass(frozen=True)
class Octets:
    """The octets of the current unit, or a part of them."""

    size: int
    label: str
    href: str  # the unit's octets as they are
    first: int  # shown: from this octet ...
    last: int  # ... to before this one
    rows: tuple[Row, ...]
    before: str  # links to what is not shown, or ""
    after: str
    select: str  # the selected field's key
    minimap: tuple[Stretch, ...]  # all of them at a glance, none where they are few


def octet_pane(
    octets: bytes, keyed: Mapping[str, Path], chosen: Spot, link: str, href: str, first: int
) -> Octets:
    """The rows around what is selected, or those that were asked for.

    Args:
        octets: of the unit.
        keyed: its fields, see `web.fieldtree.paths`.
        chosen: what is selected.
        link: of the unit, which parts are appended to.
        href: of its octets as they are.
        first: the first octet that was asked for, 0 if none was.
    """
    start, end = chosen.chosen
    if not first:
        first = start if chosen.cursor < 0 else chosen.cursor
    first = min(first, max(0, len(octets) - 1)) // SHOWN_OCTETS * SHOWN_OCTETS
    last = min(first + SHOWN_OCTETS, len(octets))
    selected = Field("", start * 8, (end - start) * 8)
    width = TEXT_ROW if chosen.view == TEXT else HEX_ROW
    return Octets(
        size=len(octets),
        label=figure(f"{len(octets):,} bytes"),
        href=href,
        first=first,
        last=last,
        rows=tuple(rows(octets, keyed, first, last, selected, chosen.cursor, width)),
        before=f"{link}{chosen.keep}&o={first - SHOWN_OCTETS}" if first else "",
        after=f"{link}{chosen.keep}&o={last}" if last < len(octets) else "",
        select=chosen.field,
        minimap=minimap(keyed, len(octets)),
    )
