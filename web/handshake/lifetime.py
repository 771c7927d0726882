"""The lifetime of a certificate beside the moment of the fetch: a bar in time, and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from web import words
from web.facts import Raw
from web.spoken import figure
from web.spoken import gettext as _

_MARGIN = 4.0  # per cent at each end


@dataclass(frozen=True)
class Lifetime:
    """Places are per cent of the bar's width."""

    text: words.Text
    short: str  # the same in a few words
    state: str = ""  # "now", "over" or "early"; "" without dates
    start: str = "0"
    width: str = "0"
    end: str = "0"
    used: str = "0"  # of the width, what was over at the moment of the fetch
    now: str = "0"
    dates: tuple[str, str, str] = ("", "", "")  # of both ends and of the moment
    is_late: bool = False  # whether the moment stands right of the middle


def lifetime(begins: datetime | None, ends: datetime | None, at: datetime) -> Lifetime:
    """A lifetime, seen from a moment."""
    if begins is None or ends is None:
        return Lifetime(words.handshake("validity", {}).what, _("no dates"))
    state = "over" if at > ends else "early" if at < begins else "now"
    first, last = min(begins, ends, at), max(begins, ends, at)
    whole = max((last - first).total_seconds(), 1.0)

    def place(moment: datetime) -> float:
        return _MARGIN + (100 - 2 * _MARGIN) * (moment - first).total_seconds() / whole

    start, end, now = place(begins), max(place(ends), place(begins)), place(at)
    used = min(max(now, start), end) - start
    away = span(max(at - ends, begins - at) if state != "now" else ends - at)
    facts: dict[str, Raw] = {
        "over": int(state == "over"),
        "early": int(state == "early"),
        "span": away,
        "life": span(max(ends - begins, timedelta(0))),
    }
    short = {
        "over": _("over for %(time)s", time=away),
        "early": _("begins in %(time)s", time=away),
        "now": _("%(time)s left", time=away),
    }
    return Lifetime(
        text=words.handshake("validity", facts).what,
        short=short[state],
        state=state,
        start=f"{start:.1f}",
        width=f"{end - start:.1f}",
        end=f"{end:.1f}",
        used=f"{used:.1f}",
        now=f"{now:.1f}",
        dates=(_day(begins), _day(ends), _day(at)),
        is_late=now > 50,
    )


def span(length: timedelta) -> str:
    """A length of time in whole days, below a day in hours: "29 days", "1 day", "5 hours"."""
    days, hours = length.days, length.seconds // 3_600
    if days:
        return "1 day" if days == 1 else f"{days:,} days"
    if hours:
        return "1 hour" if hours == 1 else f"{hours} hours"
    return _("less than an hour")


def _day(moment: datetime) -> str:
    return figure(f"{moment.day} {moment:%B} {moment.year}")


def written(moment: datetime) -> str:
    """A moment as a reader sees it: "3 March 2026, 04:05:06 UTC"."""
    return f"{moment.day} {moment:%B} {moment.year}, {moment:%H:%M:%S} UTC"
