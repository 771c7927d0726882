"""Origin: what is said of a trace that was not recorded here."""

from __future__ import annotations

from datetime import UTC, datetime

from netcore.trace import CAPTURE, HAR
from web.facts import clean
from web.spoken import gettext as _
from web.tale import Tale


def origin(tale: Tale) -> str:
    """Where a trace comes from that somebody brought along; nobody has checked that."""
    try:
        started = datetime.fromisoformat(tale.trace.started).astimezone(UTC)
        when = f"{started:%d %B %Y, %H:%M} UTC".lstrip("0")
    except (ValueError, OverflowError):
        when = clean(tale.trace.started)
    if tale.trace.origin == CAPTURE:
        return _of_capture(when)
    if tale.trace.origin == HAR:
        return _of_har(when)
    software = clean(tale.trace.software)
    return _(
        "Imported. Recorded elsewhere on %(when)s by %(software)s, as the file says.",
        when=when,
        software=software,
    )


def _of_capture(when: str) -> str:
    return _(
        "Imported from a capture of packets of %(when)s. Nobody saw calls on a socket: each "
        "write and each read shown here is a packet's data, at the packet's time.",
        when=when,
    )


def _of_har(when: str) -> str:
    return _(
        "Imported from a HAR, a browser's log of %(when)s. No byte and no connection was seen: the "
        "messages are put together as HTTP/1.1 from what the log says, whatever version was "
        "spoken, and stages and times are the log's.",
        when=when,
    )
