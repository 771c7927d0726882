"""Embed: a view of a trace inside somebody's slides or course, complete before any script runs.

Nothing of it is kept in the browser: no cookie is set and no storage is touched, so it also works
where a frame may have neither. `e` is the number of an event, as in "/t/<id>/e/<e>"; frames of
before have it as `step`, and stay as they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, make_response, request
from flask import render_template as render

from web.depth import DEPTHS, NEWCOMER
from web.drawing.ladder import draw_ladder
from web.drawing.shapes import Drawing
from web.feed import Standing
from web.look import STEPS_LOOK, Look, read_look
from web.neighbours import StepView, step_view
from web.pages import tracing
from web.panes import Panes, Selection, panes
from web.picture import Picture, picture
from web.player.slide import Slide, slides
from web.player.view import StepLine, count_passed, player_view
from web.stagebar import StageBar, stage_bar
from web.tale import Tale
from web.views import SummaryView, heading, opening, summary_view

VIEWS: Final = ("timeline", "stages", "event", "hex", "story")
THEMES: Final = ("light", "dark")
HEIGHTS: Final = (320, 480, 640)  # pixels, of the frames that are offered
ANYBODY: Final = "*"
BASE: Final = "@"  # what links of the parts begin with; see `_with_own_addresses`

_ANCESTORS: Final = re.compile(r"\*|'none'|'self'|[a-z0-9.*:/-]+( [a-z0-9.*:/-]+)*", re.ASCII)
_EVENT_LINK: Final = re.compile(rf'href="{BASE}/e/(\d+)(?:\?([^"]*))?"')
_OTHER_LINK: Final = re.compile(rf'href="{BASE}([/?][^"]*)"')

embed = Blueprint("embed", __name__)


@dataclass(frozen=True)
class Wanted:
    """What the address of a frame asks for."""

    view: str
    theme: str  # "" for that of the reader's system
    height: int  # 0 for none of those that are offered
    step: int
    depth: str  # how much is explained; what the device likes is not read

    def address(self, trace_id: str, step: int, further: str = "") -> str:
        """The same view of another step. In: `further`, of a query, escaped as HTML already."""
        asked = {"view": self.view, "e": str(step)}
        asked |= {"theme": self.theme} if self.theme else {}
        asked |= {"h": str(self.height)} if self.height else {}
        asked |= {"depth": self.depth} if self.depth != NEWCOMER else {}
        return f"/embed/{trace_id}?" + urlencode(asked).replace("&", "&amp;") + further


@dataclass(frozen=True)
class EmbedView:
    """All that a frame shows; what its view does not need is None."""

    wanted: Wanted
    heading: str
    back: str  # the page of the trace, at the same step
    summary: SummaryView
    picture: Picture | None
    bar: StageBar | None
    ladder: Drawing | None
    panes: Panes | None
    slide: Slide | None  # where a story has come to one of its steps
    steps: StepView


def allow(app: Flask, ancestors: str) -> None:
    """Say whose pages may show a frame of ours: a list of sources of frame-ancestors.

    Raises:
        ValueError: it is no such list.
    """
    if not _ANCESTORS.fullmatch(ancestors):
        raise ValueError(f"EMBED_ANCESTORS is no list of sources: {ancestors!r}")
    app.extensions["embed_ancestors"] = ancestors


@embed.get("/embed/<trace_id>")
def frame(trace_id: str) -> Response:
    """A view of a trace without anything around it; in words where there is no such trace."""
    found = tracing().find(trace_id)
    wanted = _wanted()
    if found is None:
        return _framed(render("sharing/embed_gone.html", wanted=wanted), 404)
    view = _view(trace_id, *found, wanted)
    page = render("sharing/embed.html", view=view, base=BASE)
    return _framed(_with_own_addresses(page, trace_id, view.wanted))


def _wanted() -> Wanted:
    view, theme = request.args.get("view", ""), request.args.get("theme", "")
    height, depth = request.args.get("h", 0, int), request.args.get("depth", "")
    return Wanted(
        view=view if view in VIEWS else VIEWS[0],
        theme=theme if theme in THEMES else "",
        height=height if height in HEIGHTS else 0,
        step=request.args.get("e", 0, int) or request.args.get("step", 0, int),
        depth=depth if depth in DEPTHS else NEWCOMER,
    )


def _view(trace_id: str, tale: Tale, standing: Standing, wanted: Wanted) -> EmbedView:
    opened = opening(tale)
    asked = tale.event(wanted.step) is not None
    number = wanted.step if asked else opened.event
    wanted = replace(wanted, step=number)
    selection = Selection(request.args.get("u", 0, int), request.args.get("f", ""))
    drawn = wanted.view == "timeline"
    slide, steps = _told(tale, wanted, selection)
    return EmbedView(
        wanted=wanted,
        heading=heading(tale),
        back=_back(trace_id, number, selection),
        summary=summary_view(tale, standing, BASE),
        picture=picture(tale, standing, BASE, _look()) if drawn else None,
        bar=stage_bar(tale, standing, BASE) if wanted.view == "stages" else None,
        ladder=draw_ladder(tale.timeline, tale.paired) if drawn else None,
        panes=panes(tale, BASE, number, selection) if number else None,
        slide=slide,
        steps=steps,
    )


def _told(tale: Tale, wanted: Wanted, selection: Selection) -> tuple[Slide | None, StepView]:
    """The slide of a story, and the steps around what is open: in a story those of the player."""
    steps = step_view(tale, BASE, wanted.step)
    if wanted.view != "story":
        return None, steps
    selected = (selection.unit, selection.field)
    here = player_view(tale, BASE, wanted.step, selected)
    of_event = (line.number for line in here.lines if line.event == wanted.step)
    at = here.at or (0 if selection.unit else next(of_event, 0))
    passed = count_passed(tale, (line.event for line in here.lines), wanted.step)
    before = _href(here.lines, at - 1 if at else passed)
    after = _href(here.lines, (at or passed) + 1)
    place = f"{at:,} / {len(here.lines):,}" if at else here.place
    steps = replace(steps, before_href=before, after_href=after, place=place)
    return (slides(tale, BASE, at)[0] if at else None), steps


def _href(lines: tuple[StepLine, ...], number: int) -> str:
    return lines[number - 1].href if 0 < number <= len(lines) else ""


def _look() -> Look:
    """A frame draws steps unless its address says otherwise; what the device likes is not read."""
    return read_look(request.args, "") if "m" in request.args else STEPS_LOOK


def _back(trace_id: str, number: int, selection: Selection) -> str:
    query = urlencode(
        {name: value for name, value in (("u", selection.unit), ("f", selection.field)) if value}
    )
    page = f"/t/{trace_id}/e/{number}" if number else f"/t/{trace_id}"
    return f"{page}?{query}" if query else page


def _with_own_addresses(page: str, trace_id: str, wanted: Wanted) -> str:
    """Links of the parts to events as links to this view of them; others to the trace's pages."""

    def event(found: re.Match[str]) -> str:
        further = f"&amp;{found[2]}" if found[2] else ""
        return f'href="{wanted.address(trace_id, int(found[1]), further)}"'

    page = _EVENT_LINK.sub(event, page)
    return _OTHER_LINK.sub(rf'target="_blank" rel="noopener" href="/t/{trace_id}\1"', page)


def _framed(page: str, status: int = 200) -> Response:
    """A page that others may show in theirs, as far as the configuration lets them."""
    response = make_response(page, status)
    configured = current_app.extensions["embed_ancestors"]
    others = {ANYBODY: ANYBODY, "'none'": "", "'self'": ""}.get(configured, configured)
    ancestors = ANYBODY if others == ANYBODY else f"'self' {others}".strip()  # our own preview
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
