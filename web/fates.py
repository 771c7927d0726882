"""Fates: what became of an event, and which others belong to it, in words with links.

What a drawing shows by a cross and by lines is told here, for those who do not see it and for those
who ask how it is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from web.facts import clean
from web.phrases import why_lost
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import title_said

SHOWN = 6  # other events, of those that belong to it


@dataclass(frozen=True)
class Fate:
    """A sentence, and the event that it leads to."""

    text: str
    number: int
    href: str
    link: str


def fates(tale: Tale, base: str, number: int) -> tuple[Fate, ...]:
    """What there is to say of an event. In: `base`, the path of the trace; the event's number."""
    found = [*_loss(tale, number), *_neighbours(tale, number)]
    return tuple(
        Fate(text, other, f"{base}/e/{other}", _named(tale, other))
        for text, other in found[: SHOWN + 1]
    )


def _named(tale: Tale, number: int) -> str:
    """What an event is called, and its number."""
    mark = tale.mark_of(number)
    if mark is None:
        return _("Event %(number)s", number=f"{number:,}")
    title = clean(title_said(mark.title))
    return _("%(title)s (event %(number)s)", title=title, number=f"{number:,}")


def _loss(tale: Tale, number: int) -> Iterator[tuple[str, int]]:
    mark = tale.mark_of(number)
    if mark is not None and mark.lost:
        yield why_lost(mark), mark.lost


def _neighbours(tale: Tale, number: int) -> Iterator[tuple[str, int]]:
    for first, second, why in tale.neighbours(number):
        behind = number == first
        yield _said(why, behind=behind), second if behind else first


def _said(why: str, *, behind: bool) -> str:
    """How the other event of a pair belongs to this one. In: whether it is the later one."""
    if why == "again":
        return _("Carried again by:") if behind else _("Carries again some of:")
    if why == "answer":
        return _("What came of it:") if behind else _("What it answers:")
    return _("Next on its stream:") if behind else _("Before on its stream:")
