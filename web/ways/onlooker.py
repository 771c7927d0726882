"""Onlooker: a finished trace as somebody on the path reads it, who has no key.

What is hidden from them is not in the pages: these are made from events without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, request
from flask import render_template as render
from flask.typing import ResponseReturnValue

from netcore.figures import duration, size
from netcore.trace import HAR
from web.look import COOKIE, read_look
from web.neighbours import step_view
from web.octets.spot import Asked
from web.pages import find_tale
from web.panes import Panes, Selection, panes
from web.picture import picture
from web.spoken import gettext as _
from web.tale import Tale
from web.views import count, row_views
from web.ways.code import NO_CODE
from web.ways.outside import Learnt, learnt, outside
from web.ways.whole import Ways, ways

MOST_ROWS = 500
MOST_NAMES = 4

onlooker = Blueprint("onlooker", __name__)


@onlooker.get("/t/<trace_id>/onlooker")
def page(trace_id: str) -> str:
    """The trace, with the first octets that crossed opened."""
    tale = _found(trace_id)
    number = next((mark.number for mark in tale.timeline.marks if mark.octets), 0)
    return _page(trace_id, tale, number)


@onlooker.get("/t/<trace_id>/onlooker/e/<int:number>")
def event(trace_id: str, number: int) -> ResponseReturnValue:
    """One event of it; of what they do not see, the last thing before it that they do."""
    tale = _found(trace_id)
    if tale.event(number) is None:
        abort(404, _("There is no event of that number."))
    if tale.mark_of(number) is None:
        before = sorted(mark.number for mark in tale.timeline.marks if mark.number < number)
        return redirect(f"/t/{trace_id}/onlooker" + (f"/e/{before[-1]}" if before else ""))
    return _page(trace_id, tale, number)


def sentences(found: Learnt) -> tuple[str, ...]:
    """What an onlooker learnt, and what not, in whole sentences."""
    return tuple(_sentences(found))


def _sentences(found: Learnt) -> Iterator[str]:
    if found.asked:
        yield _("The resolver was asked for %(names)s, for all to read.", names=_list(found.asked))
    if found.shown:
        yield _("The ClientHello names %(names)s (SNI).", names=_list(found.shown))
    if found.certified:
        yield _("The certificate is for %(names)s.", names=_list(found.certified))
    if found.addresses:
        yield _("What was asked of it went to %(addresses)s.", addresses=_list(found.addresses))
    if found.requests:
        yield _("The request can be read: %(lines)s.", lines=_list(found.requests))
    yield _(
        "%(sent)s went out and %(received)s came back, within %(time)s.",
        sent=size(found.sent),
        received=size(found.received),
        time=duration(found.duration_ns),
    )
    if found.sealed:
        yield _(
            "%(size)s of that stay closed: not the path, not the header fields, not the content.",
            size=size(found.sealed),
        )
    else:
        yield _("Nothing was encrypted, so nothing is hidden: what you see here, they see too.")


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return _("%(names)s and %(count)s more", names=shown, count=more) if more > 0 else shown


def _found(trace_id: str) -> Tale:
    tale, standing = find_tale(trace_id)
    if standing.live:
        abort(409, _("This fetch still runs. Come back when it has ended."))
    if tale.trace.origin == HAR:
        abort(404, _("A HAR has no byte that crossed, so it does not say what an onlooker read."))
    return outside(tale)


def _selected(whole: Tale, tale: Tale, number: int) -> tuple[Selection, str]:
    """What the address selects here, and the query that selects the same in the whole trace.

    With `from=trace` beside them, `u`, `f` and `b` are those of the trace's own page, which counts
    units that an onlooker does not see: of these nothing is selected here, and all on the way back.
    """
    field, place = request.args.get("f", ""), request.args.get("b", "")
    here = there = request.args.get("u", 0, int)
    first = max(0, request.args.get("o", 0, int))
    if request.args.get("from") == "trace":
        here = _counterpart(whole, tale, number, there)
    else:
        there = _counterpart(tale, whole, number, here)
    query = {"u": str(there), "f": field, "b": place} if there else {}
    back = urlencode({name: text for name, text in query.items() if text})
    selection = Selection(here, field, first, Asked(place)) if here else Selection(first=first)
    return selection, f"?{back}" if back else ""


def _counterpart(one: Tale, other: Tale, number: int, unit: int) -> int:
    """Where the unit of an event stands among the units that the other has of it; 0: nowhere."""
    units = one.explanation.of_event(number)
    if not 0 < unit <= len(units):
        return 0
    wanted = units[unit - 1].name, units[unit - 1].origin
    there = [(each.name, each.origin) for each in other.explanation.of_event(number)]
    return there.index(wanted) + 1 if wanted in there else 0


def _page(trace_id: str, tale: Tale, number: int) -> str:
    base = f"/t/{trace_id}/onlooker"
    whole, standing = find_tale(trace_id)
    selection, back = _selected(whole, tale, number)
    shown = _without_us(panes(tale, base, number, selection)) if number else None
    marks = tale.timeline.marks
    return render(
        "pages/onlooker.html",
        base=base,
        back=f"/t/{trace_id}/e/{number}{back}" if number else f"/t/{trace_id}",
        url=tale.trace.url,
        sentences=sentences(learnt(tale)),
        picture=picture(
            tale, standing, base, read_look({"m": "steps"}, request.cookies.get(COOKIE, ""))
        ),
        panes=shown,
        ways=_wordless(ways(tale, base, shown)) if shown else None,
        rows=row_views(marks[:MOST_ROWS], base),
        caption=count(len(marks), "mark"),
        open=number,
        steps=step_view(tale, base, number),
    )


def _without_us(shown: Panes) -> Panes:
    """The panes without what only this end knows, and without links to pages that tell it."""
    bare = replace(
        shown, call=None, kernel="", sockets="", handshake="", streams="", quic="", step=""
    )
    bare = replace(bare, members=(), more_members=0)
    if bare.view is None:
        return bare
    octets = replace(bare.view.octets, href="")
    return replace(bare, view=replace(bare.view, octets=octets, origin="", key=""))


def _wordless(found: Ways) -> Ways:
    """The ways without the code and the calls, which are ours."""
    lineage = found.lineage and replace(found.lineage, calls=(), more_calls=0)
    return replace(found, code=NO_CODE, lineage=lineage)
