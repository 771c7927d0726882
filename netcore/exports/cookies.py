"""Cookies as HAR lists them: what Cookie and Set-Cookie fields say (RFC 6265 §4, §5.2)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

Json = dict[str, object]

_SECONDS = re.compile(r"-?[0-9]{1,12}")
_TEXTS = {"path": "path", "domain": "domain", "samesite": "sameSite"}
_FLAGS = {"secure": "secure", "httponly": "httpOnly"}
_MOST = 3_000  # browsers keep a few hundred of one site


def of_request(values: Iterable[str]) -> list[Json]:
    """The cookies of all Cookie fields; a part without "=" is a name without a value."""
    found: list[Json] = []
    for part in (part.strip(" \t") for value in values for part in value.split(";")):
        if part and len(found) < _MOST:
            name, _, value = part.partition("=")
            found.append({"name": name.strip(" \t"), "value": value.strip(" \t")})
    return found


def of_response(values: Iterable[str], received: datetime) -> list[Json]:
    """The cookies of all Set-Cookie fields. In: `received`, from when Max-Age counts."""
    return [_set_cookie(value, received) for value, _ in zip(values, range(_MOST), strict=False)]


def _set_cookie(value: str, received: datetime) -> Json:
    pair, _, attributes = value.partition(";")
    name, _, content = pair.partition("=")
    cookie: Json = {
        "name": name.strip(" \t"),
        "value": content.strip(" \t"),
        "httpOnly": False,
        "secure": False,
    }
    given = dict(_attributes(attributes))
    for attribute, key in _TEXTS.items():
        if attribute in given:
            cookie[key] = given[attribute]
    for attribute, key in _FLAGS.items():
        cookie[key] = attribute in given
    expires = _expires(given, received)
    if expires is not None:
        cookie["expires"] = expires.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return cookie


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    """The attributes in order, names in lower case: of several of one name the last counts."""
    for part in text.split(";"):
        name, _, value = part.partition("=")
        yield name.strip(" \t").lower(), value.strip(" \t")


def _expires(given: dict[str, str], received: datetime) -> datetime | None:
    """When the cookie ends, None if with the session. Max-Age counts before Expires."""
    seconds = given.get("max-age", "")
    with contextlib.suppress(OverflowError, ValueError):
        if _SECONDS.fullmatch(seconds):
            return received + timedelta(seconds=max(0, int(seconds)))
        if "expires" in given:
            date = parsedate_to_datetime(given["expires"])
            return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    return None
