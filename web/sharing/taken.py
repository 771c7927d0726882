"""Taken: what of a trace is taken away whole: the single file, and the drawing as a picture."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from web.exports import file_name
from web.look import read_look
from web.pages import attachment, find_tale
from web.sharing.single_file import single_file
from web.sharing.svg import THEMES, timeline_svg
from web.spoken import gettext as _

taken = Blueprint("taken", __name__)


@taken.get("/t/<trace_id>.html")
def page(trace_id: str) -> Response:
    """The whole trace as one page that works without this server."""
    tale, standing = find_tale(trace_id)
    if standing.live:
        abort(409, _("This fetch still runs. Ask for the file again when it has ended."))
    data = single_file(tale, brought=standing.brought)
    return attachment(data, "text/html", file_name(tale.trace, "html"))


@taken.get("/t/<trace_id>/timeline.svg")
def drawing(trace_id: str) -> Response:
    """The timeline as a picture with its legend; `download=1` offers it as a file."""
    tale, standing = find_tale(trace_id)
    if standing.live:
        abort(409, _("This fetch still runs. Ask for the picture when it has ended."))
    theme = request.args.get("theme", "")
    svg = timeline_svg(tale, read_look(request.args, ""), theme if theme in THEMES else THEMES[0])
    answer = attachment(svg.encode(), "image/svg+xml", file_name(tale.trace, "svg"))
    if request.args.get("download") != "1":
        answer.headers["Content-Disposition"] = "inline"
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    return answer
