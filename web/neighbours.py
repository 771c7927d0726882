"""Neighbours: the steps before and after an open event, on pages that have no player."""

from __future__ import annotations

from dataclasses import dataclass

from web.phrases import caption
from web.spoken import gettext as _
from web.tale import Tale
from web.views import count


@dataclass(frozen=True)
class StepView:
    """The steps before and after the open event."""

    before: int
    before_href: str
    after: int
    after_href: str
    place: str
    caption: str


def step_view(tale: Tale, base: str, number: int) -> StepView:
    """Where the open event stands among the marks, and its neighbours.

    In: `base`, the path below which events have their pages; `number`, of the event, 0 for none.
    """
    marks = tale.timeline.marks
    at = tale.place_of(number)
    before = marks[at - 1].number if at > 0 else 0
    after = marks[at + 1].number if at + 1 < len(marks) else 0
    return StepView(
        before=before,
        before_href=f"{base}/e/{before}" if before else "",
        after=after,
        after_href=f"{base}/e/{after}" if after else "",
        place=_place(at, len(marks)),
        caption=caption(marks[at]) if at >= 0 else "",
    )


def _place(at: int, marks: int) -> str:
    if at < 0:
        return count(marks, "mark")
    return _("mark %(number)s of %(count)s", number=f"{at + 1:,}", count=f"{marks:,}")
