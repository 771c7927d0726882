"""Redirects: where a response points, and what the next request takes along (RFC 9110 §15.4)."""

from __future__ import annotations

import contextlib

from netcore.errors import FetchError
from netcore.protocols.http1 import Head
from netcore.request import Request
from netcore.target import Target, parse

_STATUSES = (301, 302, 303, 307, 308)
_ABOUT_CONTENT = (
    *("content-type", "content-length", "content-encoding", "transfer-encoding"),
    "expect",
)


def location(head: Head) -> tuple[str, str]:
    """Where the response points.

    Out: the value of Location, "" where there is nothing to follow; and why not, in words.
    """
    if head.status_code not in _STATUSES:
        return "", ""
    values = set(head.values("location"))
    if not values:
        return "", f"Status {head.status_code} without a Location field: there is nowhere to go."
    if len(values) > 1:
        return "", f"{len(values)} different Location fields: it is not clear which one counts."
    value = values.pop()
    return value, "" if value else "The Location field is empty: there is nowhere to go."


def next_target(value: str, base: Target) -> Target:
    """The target of the next hop. Octets beyond ASCII are read as UTF-8 where they are that.

    Spaces, which many servers leave in a path, are percent-encoded as browsers do; in a host they
    are refused all the same. What answers the handshake of a WebSocket is a server of HTTP, so
    http and https in what it says are ws and wss.
    Raises: Refused.
    """
    with contextlib.suppress(UnicodeDecodeError):
        value = value.encode("latin-1").decode("utf-8")
    target = parse(value.strip(" ").replace(" ", "%20"), base)
    if base.is_websocket and not target.is_websocket:
        return parse(f"ws{target.url.removeprefix('http')}")
    return target


def next_request(request: Request, status_code: int, here: Target, there: Target) -> Request:
    """The request for the next hop.

    Everything that the user set stays behind when the origin changes, content included: it was
    given for the first one.
    Raises: FetchError redirect.cross_origin_body where the content would have to go along.
    """
    method, content = request.method, request.content
    fields = request.user_fields
    if _becomes_get(method, status_code):
        method, content = "GET", None
        fields = tuple(line for line in fields if line[0].lower() not in _ABOUT_CONTENT)
    if here.origin != there.origin:
        if content is not None:
            raise FetchError(
                "redirect.cross_origin_body",
                f"Status {status_code} asks for the content to be sent again, to {there.origin}; "
                f"it was meant for {here.origin} and is not sent to another origin.",
            )
        fields = ()
    return Request(method, fields, content, request.version)


def _becomes_get(method: str, status_code: int) -> bool:
    if status_code == 303:
        return method not in ("GET", "HEAD")
    return status_code in (301, 302) and method == "POST"


def why_followed(head: Head, here: Target, there: Target, request: Request) -> str:
    """Why a redirect is followed, and what comes of it, in sentences."""
    parts = [f"Status {head.status_code} and its Location field say so."]
    if here.origin != there.origin:
        parts.append("It is another origin.")
        if request.user_fields:
            parts.append("The fields that were given stay behind.")
    if here.is_secure and not there.is_secure:
        schemes = f"{here.scheme} to {there.scheme}"
        parts.append(f"It goes from {schemes}: from here on anyone on the path can read.")
    return " ".join(parts)
