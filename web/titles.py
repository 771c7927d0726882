"""Titles: what the engine calls a mark, in the language of the page.

The engine puts a title together from the RFCs' words, from figures and from a few words of its
own: "200 OK, body, 1,024 bytes", "ServerHello and 5 more". Only those few are said in another
language here; what is not known stays as it is, for it may have come from outside.
"""

from __future__ import annotations

import re
from typing import Final

from netcore.pdu import Pdu
from netcore.protocols.certificate_names import is_address
from netcore.titles import title_of
from web.language import ENGLISH, language
from web.spoken import N_, figure
from web.spoken import gettext as _

_MORE: Final = re.compile(r"(?P<first>.+) and (?P<count>[\d,]+) more")
_GUARD: Final = re.compile(r"guard: (?P<what>.+)")
_PART: Final = re.compile(r"more of (?P<what>.+)")
_SAID: Final = frozenset(
    (
        N_("body"),
        N_("caps reached"),
        N_("chunk"),
        N_("connected"),
        N_("content"),
        N_("decrypted application data"),
        N_("decrypted record"),
        N_("encrypted application data"),
        N_("end of file"),
        N_("last chunk"),
        N_("never sent"),
        N_("not an HTTP request"),
        N_("not an HTTP response"),
        N_("not kept"),
        N_("nothing left"),
        N_("DNS query"),
        N_("DNS answer"),
        N_("DNS referral"),
    )
)
_COUNTED: Final = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"(?P<count>[\d,]+) reads", N_("%(count)s reads")),
        (r"(?P<count>[\d,]+) writes", N_("%(count)s writes")),
        (r"(?P<count>[\d,]+) secrets", N_("%(count)s secrets")),
        (r"(?P<count>[\d,]+) decisions", N_("%(count)s decisions")),
        (r"(?P<count>[\d,]+) connects", N_("%(count)s connects")),
        (r"(?P<count>[\d,]+) ends of connects", N_("%(count)s ends of connects")),
        (r"(?P<count>[\d,]+) failures", N_("%(count)s failures")),
        (r"(?P<count>[\d,]+) bytes not kept", N_("%(count)s bytes not kept")),
        (r"start of a chunk of (?P<count>[\d,]+) bytes", N_("start of a chunk of %(count)s bytes")),
        (r"DNS query: (?P<what>.+)", N_("DNS query: %(what)s")),
        (r"DNS answer: no (?P<what>\w+)", N_("DNS answer: no %(what)s")),
        (r"DNS answer: an alias, (?P<what>.+)", N_("DNS answer: an alias, %(what)s")),
        (r"DNS answer: cut to fit \(TC=1\)", N_("DNS answer: cut to fit (TC=1)")),
        (r"DNS answer: (?P<what>.+)", N_("DNS answer: %(what)s")),
        (r"DNS referral: (?P<what>.+)", N_("DNS referral: %(what)s")),
        (
            r"recording stopped after (?P<count>[\d,]+) events",
            N_("recording stopped after %(count)s events"),
        ),
        (r"recording stopped after (?P<what>.+)", N_("recording stopped after %(what)s")),
        (r"stream (?P<count>\d+)", N_("stream %(count)s")),
        (r"(?P<what>SETTINGS|PING) acknowledged", N_("%(what)s acknowledged")),
        (r"stopped after (?P<count>[\d,]+) events", N_("stopped after %(count)s events")),
        (r"stopped after (?P<what>.+)", N_("stopped after %(what)s")),
    )
)


def unit_title(pdu: Pdu) -> str:
    """What a unit is called, as the page says it."""
    return title_said(title_of(pdu))


def title_said(title: str) -> str:
    """A title of the engine, or the first part of one, as the page says it."""
    guard = _GUARD.fullmatch(title)
    if guard is not None:
        return _guarded(guard["what"])
    if language() == ENGLISH:
        return title
    more = _MORE.fullmatch(title)
    if more is not None:
        first = title_said(more["first"])
        return _("%(first)s and %(count)s more", first=first, count=more["count"])
    whole = _piece(title)
    return ", ".join(map(_piece, title.split(", "))) if whole == title else whole


def _guarded(what: str) -> str:
    """What the guard said of a host, which may be an address."""
    if what == "refused":
        return _("refused by the guard")
    if is_address(what) or is_address(what.rpartition(":")[0].strip("[]")):
        return _("address allowed: %(what)s", what=what)
    return _("name allowed: %(what)s", what=what)


def _piece(title: str) -> str:
    if title in _SAID:
        return _(title)
    part = _PART.fullmatch(title)
    if part is not None:
        return _("more of %(what)s", what=_piece(part["what"]))
    for pattern, sentence in _COUNTED:
        found = pattern.fullmatch(title)
        if found is not None:
            return _(sentence, **found.groupdict())
    return figure(title)
