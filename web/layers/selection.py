"""Selection: what lies in the range of the selected unit, row by row, in words."""

from __future__ import annotations

from dataclasses import dataclass

from netcore.boundaries import (
    CALLS,
    DNS,
    FRAMES,
    MESSAGES,
    PACKETS,
    QUIC_FRAMES,
    RECORDS,
    SEGMENTS,
    Row,
    Strip,
    Unit,
)
from web.layers.asked import Asked, Window
from web.layers.naming import Namer, key
from web.spoken import gettext as _
from web.spoken import ngettext

NAMED = 12  # units of a row that are named
ROOM = 4  # of the range that "zoom to it" shows, one is the unit


@dataclass(frozen=True)
class Share:
    """A unit that has octets of the selection."""

    name: str
    said: str  # how many
    href: str  # its event page
    select: str  # the same page with it selected


@dataclass(frozen=True)
class Layer:
    """What one row has in the range."""

    row: str
    said: str
    shares: tuple[Share, ...]
    more: str  # what is not named, or ""


@dataclass(frozen=True)
class Selected:
    """The selected unit."""

    name: str
    said: str  # where it is, and how much of it is payload
    pieces: str  # that it comes in several pieces, or ""
    href: str
    direction: str
    zoom: str  # the same page, zoomed to it
    clear: str  # the same page without a selection
    layers: tuple[Layer, ...]  # the upper ones first


def describe(strip: Strip, row: Row, unit: Unit, asked: Asked, names: Namer) -> Selected:
    """The selected unit and what each row has in its range."""
    start, end = unit.parts[0].start, unit.parts[-1].end
    layers = [
        _layer(each, strip, unit, asked, names, is_below=strip.rows.index(each) < at)
        for at in [strip.rows.index(row)]
        for each in strip.rows
        if each is not row
    ]
    return Selected(
        name=names.unit(unit, row, strip.direction),
        said=_where(strip, unit, start, end),
        pieces=_pieces(unit),
        href=names.exact_href(unit),
        direction=strip.direction,
        zoom=asked.zoomed(strip.direction, _around(start, end, strip.octets)).query(),
        clear=asked.selecting(0, 0).query() or "?",
        layers=tuple(reversed([layer for layer in layers if layer.shares])),
    )


def _around(start: int, end: int, octets: int) -> Window:
    """The unit with as much room around it as there is."""
    room = (end - start) * (ROOM - 1) // 2 // ROOM + 8
    return max(0, start - room), min(octets, end + room)


def _where(strip: Strip, unit: Unit, start: int, end: int) -> str:
    numbers = {
        "octets": f"{unit.octets:,}",
        "payload": f"{unit.payload:,}",
        "start": f"{start:,}",
        "last": f"{end - 1:,}",
    }
    if unit.payload in (0, unit.octets):
        if strip.direction == "received":
            return _(
                "Offsets %(start)s to %(last)s of what the server sent: %(octets)s bytes.",
                **numbers,
            )
        return _(
            "Offsets %(start)s to %(last)s of what the client sent: %(octets)s bytes.", **numbers
        )
    if strip.direction == "received":
        return _(
            "Offsets %(start)s to %(last)s of what the server sent: %(octets)s bytes, of which "
            "%(payload)s are payload.",
            **numbers,
        )
    return _(
        "Offsets %(start)s to %(last)s of what the client sent: %(octets)s bytes, of which "
        "%(payload)s are payload.",
        **numbers,
    )


def _pieces(unit: Unit) -> str:
    """In how many pieces it crossed, what lies between being no part of it; "" for one."""
    gaps = sum(one.end < two.start for one, two in zip(unit.parts, unit.parts[1:], strict=False))
    if not gaps:
        return ""
    return _(
        "It stands in %(pieces)s pieces; what lies between them is not of it.", pieces=gaps + 1
    )


def _layer(
    row: Row, strip: Strip, unit: Unit, asked: Asked, names: Namer, *, is_below: bool
) -> Layer:
    found = row.within(unit.parts)
    shares = tuple(
        Share(
            name=names.unit(each, row, strip.direction),
            said=_share(each, octets),
            href=names.exact_href(each),
            select=asked.selecting(*key(each)).query(),
        )
        for each, octets in found[:NAMED]
    )
    left = len(found) - len(shares)
    more = ngettext("and %(left)s more", "and %(left)s more", left, left=f"{left:,}")
    return Layer(
        row=names.row(row, strip.direction),
        said=_said(row, strip.direction, len(found), is_below=is_below),
        shares=shares,
        more=more if left else "",
    )


def _share(unit: Unit, octets: int) -> str:
    if octets == unit.octets:
        return _("all of its %(octets)s bytes", octets=f"{octets:,}")
    return _("%(share)s of its %(octets)s bytes", share=f"{octets:,}", octets=f"{unit.octets:,}")


def _said(row: Row, direction: str, count: int, *, is_below: bool) -> str:
    """How many units of a row share the range."""
    many = f"{count:,}"
    if row.name == CALLS and direction == "received":
        return ngettext("It came in one read.", "It came in %(many)s reads.", count, many=many)
    if row.name == CALLS:
        return ngettext("It left in one write.", "It left in %(many)s writes.", count, many=many)
    if row.name == SEGMENTS:
        return ngettext(
            "One segment of TCP carried it.",
            "%(many)s segments of TCP carried it.",
            count,
            many=many,
        )
    return _lies(row, count, many) if is_below else _holds(row, count, many)


def _lies(row: Row, count: int, many: str) -> str:
    """In what of a lower row it lies."""
    if row.name == RECORDS:
        return ngettext("It lies in one record.", "It lies in %(many)s records.", count, many=many)
    if row.name == PACKETS:
        return ngettext("It lies in one packet.", "It lies in %(many)s packets.", count, many=many)
    if row.name == QUIC_FRAMES:
        return ngettext("It lies in one frame.", "It lies in %(many)s frames.", count, many=many)
    return ngettext(
        "It lies in one unit of this row.",
        "It lies in %(many)s units of this row.",
        count,
        many=many,
    )


def _holds(row: Row, count: int, many: str) -> str:
    """What of an upper row has octets of it."""
    if row.name == RECORDS:
        return ngettext(
            "These bytes belong to one record.",
            "These bytes belong to %(many)s records.",
            count,
            many=many,
        )
    if row.name == PACKETS:
        return ngettext(
            "These bytes belong to one packet.",
            "These bytes belong to %(many)s packets.",
            count,
            many=many,
        )
    if row.name in (QUIC_FRAMES, FRAMES):
        return ngettext(
            "These bytes belong to one unit.",
            "These bytes belong to %(many)s units.",
            count,
            many=many,
        )
    assert row.name in (MESSAGES, DNS)
    return ngettext(
        "These bytes belong to one message.",
        "These bytes belong to %(many)s messages.",
        count,
        many=many,
    )
