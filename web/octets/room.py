"""The place below the bytes alone, for a page that has the rest already."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask import render_template as render
from flask.typing import ResponseReturnValue

from web.fieldtree import paths
from web.octets.spot import Asked, spot
from web.pages import find_tale
from web.spoken import gettext as _

octets_room = Blueprint("octets", __name__)


@octets_room.get("/t/<trace_id>/e/<int:number>/range")
def selected(trace_id: str, number: int) -> ResponseReturnValue:
    """What `f` and `b` select in unit `u`: its bits and readings. Without `part=1` the whole page
    of the event, with the same selected."""
    if request.args.get("part") != "1":
        page = url_for("pages.event", trace_id=trace_id, number=number)
        return redirect(f"{page}?{request.query_string.decode('ascii', 'replace')}")
    tale, _standing = find_tale(trace_id)
    pdus = tale.explanation.of_event(number)
    unit = request.args.get("u", 0, int)
    if not 0 < unit <= len(pdus):
        abort(404, _("There is no such unit."))
    pdu = pdus[unit - 1]
    keyed = paths(tale.explanation.tree(pdu))
    key = request.args.get("f", "")
    asked = Asked(request.args.get("b", ""), request.args.get("v", ""))
    link = f"/t/{trace_id}/e/{number}?u={unit}"
    found = spot(pdu.octets, keyed, key if key in keyed else "", asked, link)
    return render("pages/range.html", spot=found)
