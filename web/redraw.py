"""Redraw: the timeline alone, in another look, for a page that has the rest already."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from flask import render_template as render

from web.look import COOKIE, STEPS, TIME, read_look, remembered
from web.pages import find_tale
from web.picture import picture
from web.spoken import gettext as _
from web.views import count

A_YEAR = 31_536_000  # seconds
AN_HOUR = 3_600  # seconds

redraw = Blueprint("redraw", __name__)


@redraw.get("/t/<trace_id>/drawing")
def drawing(trace_id: str) -> Response:
    """Stage bar, lanes and controls as regions. A finished trace is always drawn the same."""
    tale, standing = find_tale(trace_id)
    base = f"/t/{trace_id}"
    marks = count(len(tale.timeline.marks), "mark")
    html = render(
        "pages/drawing.html",
        picture=picture(tale, standing, base, read_look(request.args, "")),
        base=base,
        caption=_("%(count)s, in order of time", count=marks),
    )
    response = current_app.make_response(html)
    # The address has the program's version (`v`), so another program is not given this drawing.
    if not standing.live and request.args.get("v") == current_app.extensions["assets"].version:
        response.headers["Cache-Control"] = f"private, max-age={AN_HOUR}"
        response.vary.update(("Cookie", "Accept-Language"))  # they choose the language
    return response


@redraw.after_app_request
def remember(response: Response) -> Response:
    """A page that was asked for in one look is that device's look from now on."""
    asked = request.endpoint in ("pages.trace", "pages.event") and "part" not in request.args
    if asked and request.args.get("m") in (STEPS, TIME) and response.status_code == 200:
        look = read_look(request.args, request.cookies.get(COOKIE, ""))
        response.set_cookie(COOKIE, remembered(look), A_YEAR, samesite="Lax")
    return response
