"""Depth: how much an explanation says, for a newcomer, for a developer, or beside the RFC.

`?depth=` chooses it and a cookie remembers it, on pages and on the fragments that scripts fetch, so
that it needs no script. Without either a visitor is a newcomer. Names and numbers never change with
depth: a deeper one only adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, has_request_context, request

from web.deeper import standard_facts
from web.spoken import gettext as _
from web.words import layer

COOKIE: Final = "wiretale_depth"
A_YEAR: Final = 365 * 86_400  # seconds
NEWCOMER, DEVELOPER, RFC = "newcomer", "developer", "rfc"
_REMEMBERING: Final = ("pages.trace", "pages.event")  # an embedded view keeps nothing
DEPTHS: Final = (NEWCOMER, DEVELOPER, RFC)


@dataclass(frozen=True)
class DepthLink:
    """One of the depths to choose from."""

    depth: str
    title: str
    href: str
    current: bool


def offer_depths(app: Flask) -> None:
    """Makes `depth()` and `depth_links()` known to templates and keeps what visitors choose."""
    app.jinja_env.globals |= {"depth": depth, "depth_links": depth_links}
    app.jinja_env.globals |= {"layer_words": layer, "standard_facts": standard_facts}
    app.after_request(remember)


def depth() -> str:
    """The depth of this request, one of `DEPTHS`; a newcomer's where there is no request."""
    if not has_request_context():
        return NEWCOMER
    for asked in (request.args.get("depth"), request.cookies.get(COOKIE)):
        if asked in DEPTHS:
            return asked
    return NEWCOMER


def depth_links(page: str = "") -> tuple[DepthLink, ...]:
    """The same page at each depth. None where no request is served, as in a file.

    In: `page`, the address of the page that this will be part of, if it is not the request's.
    """
    if not has_request_context() or request.method != "GET":
        return ()
    path, _sign, query = page.partition("?")
    asked = dict(parse_qsl(query)) if page else request.args
    titles = {NEWCOMER: _("Newcomer"), DEVELOPER: _("Developer"), RFC: "RFC"}
    kept = {key: value for key, value in asked.items() if key not in ("depth", "part")}
    here = path or request.path
    return tuple(
        DepthLink(
            each, titles[each], f"{here}?{urlencode(kept | {'depth': each})}", each == depth()
        )
        for each in DEPTHS
    )


def remember(response: Response) -> Response:
    """What was asked for by name is this device's depth from now on."""
    asked = request.args.get("depth")
    if asked in DEPTHS and request.endpoint in _REMEMBERING and response.status_code == 200:
        response.set_cookie(COOKIE, asked, A_YEAR, samesite="Lax")
    return response
