"""Report: what a person can tell us of bytes that we do not explain, or of a fault of ours.

Nothing is sent: the page holds a text to copy, and says what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, request
from flask import render_template as render

from netcore.field import Field
from netcore.trace import FORMAT, SOFTWARE, Called, Failed
from web.facts import clean, size
from web.fieldtree import paths
from web.pages import find_tale
from web.spoken import figure
from web.spoken import gettext as _
from web.tale import Tale

OCTETS: Final = 1_024  # of a unit
_ROW: Final = 16

report = Blueprint("report", __name__)


@dataclass(frozen=True)
class ReportView:
    """The text, and what it carries."""

    back: str
    url: str
    text: str
    octets: str  # how much of the wire stands in it, "" for nothing
    left_out: str  # how much of the unit does not


@report.get("/t/<trace_id>/report")
def page(trace_id: str) -> str:
    """The text about a unit (`e`, `u` and `f` of the query), or about how the fetch failed."""
    tale, standing = find_tale(trace_id)
    number, unit = request.args.get("e", 0, int), request.args.get("u", 0, int)
    base = f"/t/{trace_id}"
    if number:
        view = about_unit(tale, base, number, unit, request.args.get("f", ""))
    else:
        view = None if standing.live else about_failure(tale, base)
    if view is None:
        abort(404, _("There is nothing of that kind to report in this trace."))
    return render("pages/report.html", view=view)


def about_unit(tale: Tale, base: str, number: int, unit: int, key: str) -> ReportView | None:
    """What is told of a unit and a field of it; None if there is none of that number."""
    units = tale.explanation.of_event(number)
    if not 0 < unit <= len(units):
        return None
    pdu = units[unit - 1]
    tree = tale.explanation.tree(pdu)
    path = paths(tree).get(key, (tree,))
    shown = bytes(pdu.octets[:OCTETS])
    lines = [
        *_head(tale, "bytes that are not explained"),
        f"dissector: {pdu.protocol}",
        f"unit: {pdu.name}",
        f"field: {'/'.join(each.name for each in path)}",
        f"place: {_place(path[-1])}",
        f"octets of the unit: {len(pdu.octets)}",
        *_hex(shown),
    ]
    left_out = len(pdu.octets) - len(shown)
    if left_out:
        lines.append(f"({left_out} more are left out)")
    back = f"{base}/e/{number}?u={unit}" + (f"&f={key}" if path[-1] is not tree else "")
    return ReportView(back, tale.trace.url, "\n".join(lines), _size(len(shown)), _size(left_out))


def about_failure(tale: Tale, base: str) -> ReportView | None:
    """What is told of a fetch that failed: where, and with which call; None if it did not."""
    failed = tale.trace.outcome
    if not isinstance(failed, Failed):
        return None
    calls = [each for each in tale.trace.events if isinstance(each, Called)]
    lines = [
        *_head(tale, "a fetch that ended in a fault"),
        f"code: {failed.code}",
        f"stage: {failed.stage}, hop {failed.hop}",
        f"events: {len(tale.trace.events)}",
    ]
    if calls:
        last = calls[-1]
        lines.append(f"last call: {last.call} {last.errno or 'ok'}, {last.length} octets")
        lines += [f"    {clean(site)}" for site in last.site]
    return ReportView(base, tale.trace.url, "\n".join(lines), "", "")


def _head(tale: Tale, what: str) -> list[str]:
    return [
        f"Wiretale report: {what}",
        f"software: {SOFTWARE}",
        f"recorded by: {clean(tale.trace.software)}",
        f"trace format: {FORMAT}",
    ]


def _size(octets: int) -> str:
    return figure(size(octets)) if octets else ""


def _place(field: Field) -> str:
    return f"bits {field.start} to {field.end}"


def _hex(octets: bytes) -> list[str]:
    rows = range(0, len(octets), _ROW)
    return [f"{at:06x}  {octets[at : at + _ROW].hex(' ')}" for at in rows]
