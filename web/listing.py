"""Listing: the table of all marks, or of all recorded events, filtered and in pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from netcore.figures import duration
from netcore.timeline import Mark
from netcore.trace import STAGES, Called, Captured, StageStarted
from web.facts import clean
from web.panes import line_of
from web.phrases import LAYERS, moment_ns, way_of
from web.spoken import N_
from web.spoken import gettext as _
from web.tale import Tale
from web.views import ROW_BUDGET, RowView, count, row_views
from web.words import stage

WAYS = ("sent", "received", "decided", "key", "failed")


@dataclass(frozen=True)
class Filter:
    """What to list; "" lets everything through."""

    stage: str = ""
    way: str = ""
    layer: str = ""
    everything: bool = False  # every recorded event, quiet calls too
    page: int = 1


@dataclass(frozen=True)
class Choice:
    """An option of a select element."""

    value: str
    title: str
    selected: bool


@dataclass(frozen=True)
class Listing:
    """One page of the table."""

    rows: tuple[RowView, ...]
    caption: str
    stages: tuple[Choice, ...]
    ways: tuple[Choice, ...]
    layers: tuple[Choice, ...]
    everything: bool
    before: str  # the page before this one, or ""
    after: str
    place: str


def listing(tale: Tale, base: str, wanted: Filter) -> Listing:
    """The page of the table that was asked for."""
    rows = list(_events(tale, base, wanted) if wanted.everything else _marks(tale, base, wanted))
    pages = max(1, -(-len(rows) // ROW_BUDGET))
    page = min(wanted.page, pages)
    first = (page - 1) * ROW_BUDGET
    return Listing(
        rows=tuple(rows[first : first + ROW_BUDGET]),
        caption=_caption(len(rows), wanted),
        stages=_choices(STAGES, {name: stage(name).title for name in STAGES}, wanted.stage),
        ways=_choices(WAYS, {way: _(way) for way in WAYS}, wanted.way),
        layers=_choices(
            tuple(LAYERS), {key: _(name) for key, name in LAYERS.items()}, wanted.layer
        ),
        everything=wanted.everything,
        before=_link(base, wanted, page - 1) if page > 1 else "",
        after=_link(base, wanted, page + 1) if page < pages else "",
        place=_("page %(page)s of %(pages)s", page=page, pages=pages),
    )


def _caption(rows: int, wanted: Filter) -> str:
    """Events are listed as they were recorded: a read stands where its call was."""
    if wanted.everything:
        return _("%(count)s, as they were recorded", count=count(rows, "event"))
    return _("%(count)s, in order of time", count=count(rows, "mark"))


def _marks(tale: Tale, base: str, wanted: Filter) -> Iterator[RowView]:
    rows = row_views(tale.timeline.marks, base)
    for mark, row in zip(tale.timeline.marks, rows, strict=True):
        if _passes(mark.stage, way_of(mark), mark.layer, wanted):
            yield row


def _events(tale: Tale, base: str, wanted: Filter) -> Iterator[RowView]:
    """A row for each event; what is drawn as a mark takes its layer and title from it."""
    marks = {number: mark for mark in tale.timeline.marks for number in mark.members}
    at_stage, before_ns = "target", None
    for number, event in enumerate(tale.trace.events, start=1):
        if isinstance(event, StageStarted):
            at_stage = event.stage
        mark: Mark | None = marks.get(number)
        layer = mark.layer if mark else ""
        other = N_("call") if isinstance(event, Called) else N_("note")
        way = way_of(mark) if mark else other
        at_ns = moment_ns(event, mark, tale.kernel)
        since = "" if before_ns is None else f"+{duration(max(0, at_ns - before_ns))}"
        before_ns = at_ns
        if not _passes(at_stage, way, layer, wanted):
            continue
        yield RowView(
            number=number,
            href=f"{base}/e/{number}",
            time=duration(at_ns),
            since=since,
            way=_(way),
            layer=layer,
            layer_name=_(LAYERS[layer]) if layer else "",
            title=clean(line_of(event), 160),
            size=f"{event.length:,} B"
            if isinstance(event, Called | Captured) and event.length
            else "",
            error="",
            css=f"L-{layer}" if layer else "",
        )


def _passes(stage: str, way: str, layer: str, wanted: Filter) -> bool:
    return wanted.stage in ("", stage) and wanted.way in ("", way) and wanted.layer in ("", layer)


def _choices(values: tuple[str, ...], titles: dict[str, str], wanted: str) -> tuple[Choice, ...]:
    return (
        Choice("", _("all"), not wanted),
        *(Choice(value, titles.get(value, value), value == wanted) for value in values),
    )


def _link(base: str, wanted: Filter, page: int) -> str:
    there = replace(wanted, page=page)
    query = {
        "stage": there.stage,
        "way": there.way,
        "layer": there.layer,
        "all": "1" if there.everything else "",
        "page": str(there.page),
    }
    return f"{base}/list?" + urlencode({key: value for key, value in query.items() if value})
