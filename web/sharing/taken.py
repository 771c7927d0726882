"""Taken: what of a trace is taken away as a whole: the single file, and the drawing as a picture."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from web.exports import file_name
from web.pages import attachment, find_tale
from web.sharing.single_file import single_file

taken = Blueprint("taken", __name__)


@taken.get("/t/<trace_id>.html")
def page(trace_id: str) -> Response:
    """The whole trace as one page that works without this server."""
    tale, standing = find_tale(trace_id)
    if standing.live:
        abort(409, "This fetch still runs. Ask for the file again when it has ended.")
    data = single_file(tale, brought=standing.brought)
    return attachment(data, "text/html; charset=utf-8", file_name(tale.trace, "html"))
