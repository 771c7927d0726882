"""Reused: what is said of requests on a connection that was there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from netcore.figures import duration
from netcore.reuse import Reuse
from web.spoken import gettext as _
from web.spoken import ngettext


def sentences(found: Iterable[Reuse]) -> list[str]:
    """What is to be said of them, those together that saved the same."""
    return [
        _sentence([str(each.hop) for each in alike], Reuse(0, *saved))
        for saved, alike in groupby(found, lambda each: each[1:])
    ]


def _sentence(hops: Sequence[str], saved: Reuse) -> str:
    return ngettext(
        "Request %(hops)s reused the connection of request %(first)s: %(nothing)s; saved about "
        "%(time)s and %(size)s, taken from request %(first)s.",
        "Requests %(hops)s reused the connection of request %(first)s: %(nothing)s; saved about "
        "%(time)s and %(size)s each, taken from request %(first)s.",
        len(hops),
        hops=_listed(hops),
        first=saved.first,
        nothing=_nothing(saved.stages),
        time=duration(saved.saved_ns),
        size=f"{saved.saved_octets:,} bytes",
    )


def _nothing(stages: tuple[str, ...]) -> str:
    """What was not needed."""
    sentences = {
        ("dns", "connect", "tls"): _("nothing to look up, connect or secure"),
        ("dns", "connect"): _("nothing to look up or connect"),
        ("connect", "tls"): _("nothing to connect or secure"),
        ("connect",): _("nothing to connect"),
    }
    return sentences.get(stages, _("nothing to prepare"))


def _listed(hops: Sequence[str]) -> str:
    if len(hops) == 1:
        return hops[0]
    if len(hops) > 4:
        return _("%(first)s to %(last)s", first=hops[0], last=hops[-1])
    return _("%(first)s and %(last)s", first=", ".join(hops[:-1]), last=hops[-1])
