"""Cuts: where a recording stopped while its fetch went on, since a recording has its bounds."""

from __future__ import annotations

from netcore.figures import binary_size
from netcore.trace import Truncated
from web.spoken import gettext as _
from web.tale import Tale


def cuts_ns(tale: Tale) -> list[int]:
    """When recording stopped, of one channel or of all events."""
    return [mark.time_ns for mark in tale.timeline.marks if mark.kind == "truncated"]


def cut_line(tale: Tale) -> str:
    """The first cut in a sentence: "Stopped recording after 2 MiB. ..."; "" if there is none."""
    number = next((m.number for m in tale.timeline.marks if m.kind == "truncated"), 0)
    cut = tale.event(number) if number else None
    if not isinstance(cut, Truncated):
        return ""
    if cut.what == "events":
        return _(
            "Stopped recording after %(count)s events. The rest was not kept.",
            count=f"{cut.limit:,}",
        )
    return _(
        "Stopped recording after %(size)s. The rest was not kept.", size=binary_size(cut.limit)
    )
