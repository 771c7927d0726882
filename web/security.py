"""What every response carries and what no request may do, whichever page it asks for."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from netcore.request import USER_AGENT
from web.spoken import gettext as _

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "frame-src 'self'",  # the preview of an embedded view
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types wiretale",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer": that makes browsers send "Origin: null" with our own form, and the
    # check of its origin needs the real one where Sec-Fetch-Site is not sent (plain HTTP).
    "Referrer-Policy": "same-origin",
}

BODY_LIMIT = 65_536  # octets of a request body


def protect(app: Flask) -> None:
    """Refuse cross-site POSTs and our own fetches, bound bodies, set headers everywhere."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.before_request(_refuse)
    app.after_request(set_headers)


def set_headers(response: Response) -> Response:
    """Headers that a view has set itself stay as they are."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _refuse() -> None:
    if request.headers.get("User-Agent", "") == USER_AGENT:
        abort(403, _("This request was made by Wiretale itself. It does not trace itself."))
    if request.method not in ("GET", "HEAD", "OPTIONS") and not _same_origin():
        abort(403, _("This form was sent from another site. Open Wiretale and send it from there."))


def _same_origin() -> bool:
    """Browsers say where a request comes from; what says nothing is no browser."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin == request.host_url.rstrip("/")
