"""Path: the hops to a server as a table, with what each answer means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from netcore.path import PathHop, read_path
from web import words
from web.facts import clean
from web.spoken import N_
from web.spoken import gettext as _
from web.tale import Tale

_SAID: Final = {
    "": N_("No answer. It may forward all the same, and say nothing to strangers."),
    "time exceeded": N_("A router: it threw the probe away, the last one that it might pass."),
    "connected": N_("The server itself: it took the connection, which was closed at once."),
    "refused": N_("The server itself: it refused, since nothing listens on that port."),
    "answered": N_("The server itself: it answered the datagram."),
}


@dataclass(frozen=True)
class HopView:
    """A row of the table."""

    number: int
    addresses: tuple[str, ...]
    waits: tuple[str, ...]
    answers: str  # how many probes were answered: "3 of 3"
    said: str
    event: int  # the call that shows it
    href: str


@dataclass(frozen=True)
class PathView:
    """The section of a trace page."""

    title: str
    about: words.StageWords
    hops: tuple[HopView, ...]


def path_view(tale: Tale, base: str) -> PathView | None:
    """The path of a trace as far as it is known; None if none was asked for."""
    path = read_path(tale.trace.events)
    if path is None:
        return None
    title = _(
        "The path to %(target)s, asked by %(protocol)s",
        target=clean(path.target),
        protocol=path.protocol,
    )
    hops = tuple(_hop(hop, base) for hop in path.hops)
    return PathView(title, words.stage("path"), hops)


def _hop(hop: PathHop, base: str) -> HopView:
    answered = [probe for probe in hop.probes if probe.answer] or list(hop.probes)
    number = answered[0].event
    return HopView(
        number=hop.number,
        addresses=tuple(clean(address) for address in hop.addresses),
        waits=hop.waits,
        answers=_(
            "%(count)s of %(all)s",
            count=sum(bool(probe.address) for probe in hop.probes),
            all=len(hop.probes),
        ),
        said=_said(hop.answer),
        event=number,
        href=f"{base}/e/{number}",
    )


def _said(answer: str) -> str:
    """What an answer means: of several, the first that ends the path."""
    each = answer.split(", ")
    telling = next((one for one in each if one != "time exceeded"), each[0])
    if telling in _SAID:
        return _(_SAID[telling])
    what, _colon, kind = telling.partition(": ")
    if what == "unreachable":
        return _(
            "The way ends here: it says that the server cannot be reached from it (%(kind)s).",
            kind=clean(kind or what),
        )
    return _("The way ends here, with an error (%(kind)s).", kind=clean(kind or what))
