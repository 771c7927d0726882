"""The URLs of an HTTP archive, and with which method they are asked for."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import ada_url

from netcore.exports.messages import Message

_URL: Final = "!#$%&'()*+,/:;=?@[]~"  # what `quote` leaves as it is


def next_method(method: str, status: object) -> str:
    """The method after a redirect (RFC 9110 §15.4)."""
    if status == 303 and method != "HEAD":
        return "GET"
    return "GET" if status in (301, 302) and method == "POST" else method


def redirect_url(status: str, response: Message, url: str) -> str:
    """Where a response leads, absolute, "" if it leads nowhere."""
    location = next(iter(response.values("location")), "")
    if not status.startswith("3") or not location:
        return ""
    raw = location.encode("latin-1")
    try:
        return ada_url.URL(raw.decode("utf-8", "replace"), base=url).href
    except ValueError:
        return location


def first_url(text: str) -> str:
    """What the user asked for as a URL, "" if it cannot be written as one."""
    try:
        return without_fragment(ada_url.URL(text.strip(" \t\r\n")).href)
    except ValueError:
        quoted = quote(text.strip(" \t\r\n"), safe=_URL, errors="replace")
        scheme, colon, _ = quoted.partition(":")
        return quoted if colon and scheme.isalpha() and scheme.isascii() else ""


def without_fragment(url: str) -> str:
    """A URL as it is requested."""
    return url.partition("#")[0]
