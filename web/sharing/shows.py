"""Shows: what everybody sees who has the link to a trace, said before the link is passed on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from netcore.exports.har import har
from netcore.figures import size
from netcore.trace import Called, Completed, SecretLogged, Trace
from web.facts import clean
from web.spoken import gettext as _
from web.spoken import ngettext

_SECRET: Final = re.compile(
    r"^(authorization|proxy-authorization|cookie|set-cookie|x-api-key)$|token|secret|passw|key$",
    re.IGNORECASE,
)
NAMED: Final = 8  # fields that are named, at most


@dataclass(frozen=True)
class Shown:
    """One thing that a link shows."""

    text: str
    private: bool = False  # whether it is of the kind that opens doors


def what_it_shows(trace: Trace) -> tuple[Shown, ...]:
    """All that a trace shows, what needs most care first. Nothing in it is masked."""
    entries = msgspec.json.decode(har(trace))["log"]["entries"]
    found = [*_credentials(entries), *_keys(trace), *_url(trace), *_contents(trace, entries)]
    found += _fields(entries)
    found.append(Shown(_("When it was fetched, every call with its time, and every byte.")))
    if any(isinstance(event, Called) and event.call == "getsockname" for event in trace.events):
        found.append(Shown(_("The network addresses of this machine, its resolver, the server.")))
    return tuple(sorted(found, key=lambda each: not each.private))


def _credentials(entries: list[dict[str, Any]]) -> Iterator[Shown]:
    """Header fields that let somebody in, by their names."""
    names = [
        field["name"]
        for entry in entries
        for side in ("request", "response")
        for field in entry[side]["headers"]
        if _SECRET.search(field["name"])
    ]
    if names:
        named = ", ".join(dict.fromkeys(clean(name, 60) for name in names[:NAMED]))
        yield Shown(_("Cookies or credentials, with their values: %(names)s.", names=named), True)


def _keys(trace: Trace) -> Iterator[Shown]:
    """Its secrets. A line of a key log names the secret, its connection, and what it is."""
    lines = [event.line.split(" ") for event in trace.events if isinstance(event, SecretLogged)]
    count, connections = len(lines), len({line[1] for line in lines if len(line) > 1})
    if connections > 1:
        text = _(
            "%(count)s secrets of its %(connections)s encrypted connections: they also open "
            "whatever somebody on the way recorded of them.",
            count=count,
            connections=connections,
        )
        yield Shown(text, True)
    elif count:
        text = ngettext(
            "The secret of its encrypted connection: it also opens whatever somebody on the way "
            "recorded of it.",
            "%(num)s secrets of its encrypted connection: they also open whatever somebody on the "
            "way recorded of it.",
            count,
        )
        yield Shown(text, True)


def _url(trace: Trace) -> Iterator[Shown]:
    try:
        query = urlsplit(trace.url).query
    except ValueError:
        query = ""
    if query:
        text = _("The address with its query: %(query)s", query=clean(query, 120))
        yield Shown(text, bool(_SECRET.search(query)))
    else:
        yield Shown(_("The address, which has no query."))


def _contents(trace: Trace, entries: list[dict[str, Any]]) -> Iterator[Shown]:
    sent = len(trace.options.body or b"")
    if sent:
        yield Shown(_("The body of the request, %(size)s.", size=size(sent)), True)
    if trace.options.messages:
        count = len(trace.options.messages)
        yield Shown(_("Messages that were sent on a WebSocket: %(count)s.", count=count), True)
    received = sum(e.body_octets for e in trace.events if isinstance(e, Completed))
    if received:
        yield Shown(_("The response body, %(size)s.", size=size(received)))


def _fields(entries: list[dict[str, Any]]) -> Iterator[Shown]:
    sent = sum(len(entry["request"]["headers"]) for entry in entries)
    received = sum(len(entry["response"]["headers"]) for entry in entries)
    if sent or received:
        yield Shown(
            _(
                "All header fields: %(sent)s of the request, %(received)s of the response.",
                sent=sent,
                received=received,
            )
        )
