"""Pages: the steps of a trace for the player, for a projector and for paper."""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import urlencode

import segno
from flask import Blueprint, Response, abort, redirect, request
from flask import render_template as render
from flask.typing import ResponseReturnValue

from web.pages import find_tale, tracing
from web.panes import Panes, Selection, panes
from web.player.slide import Slide, slides
from web.player.steps import Step, every_step, steps
from web.player.view import PlayerView, StepLine, brief, lines, player_view
from web.spoken import gettext as _
from web.tale import Tale
from web.views import heading
from web.ways.whole import Ways, ways

player = Blueprint("player", __name__)

MOST_KEPT = 60  # steps whose panes the player is given before it begins
MOST_FIELDS = 30_000  # of all these panes together: more would be a page of many megabytes
MOST_STEPS = 300  # that the player is given
MOST_MOMENTS = 600  # marks whose times it is given
PANES = ("bytes", "fields", "code", "none")
"""What a slide shows of its unit, by the keys 1, 2, 3 and 0."""
THEMES = ("light", "dark")


@dataclass(frozen=True)
class KeptStep:
    """A step with all that opening it puts on the page; None where that has to be asked for."""

    line: StepLine
    panes: Panes | None
    ways: Ways | None
    player: PlayerView | None


@dataclass(frozen=True)
class Projected:
    """A slide in its place, and the addresses of what comes before and after."""

    slide: Slide
    asking: bool  # whether its question is shown, and nothing else of it
    before: str
    after: str
    here: str  # its own


@player.get("/t/<trace_id>/player")
def kept(trace_id: str) -> str:
    """All that the player needs, in one answer, so that it asks for nothing while it plays."""
    tale, _standing = find_tale(trace_id)
    every = request.args.get("every") == "1"
    return render(
        "pages/player.html",
        kept=_kept(tale, f"/t/{trace_id}", every),
        moments=tale.timeline.singles[:MOST_MOMENTS],
        heading=heading(tale),
        brief=brief(tale),
    )


def _kept(tale: Tale, base: str, every: bool) -> list[KeptStep]:
    told = lines(tale, base, every=every)[:MOST_STEPS]
    chosen = every_step(tale) if every else steps(tale)
    room = MOST_FIELDS
    found: list[KeptStep] = []
    for line, step in zip(told, chosen, strict=False):
        room -= _weight(tale, step)
        if room < 0 or line.number > MOST_KEPT:
            found.append(KeptStep(line, None, None, None))
            continue
        opened = panes(tale, base, step.event, Selection(step.unit, step.field))
        here = player_view(tale, base, step.event, (step.unit, step.field), every=every)
        found.append(KeptStep(line, opened, ways(tale, base, opened), here))
    return found


def _weight(tale: Tale, step: Step) -> int:
    """About how many fields the panes of a step have."""
    units = tale.explanation.of_event(step.event)
    shown = units[step.unit - 1 : step.unit] if step.unit else units[:1]
    return 50 + sum(sum(1 for _each in unit.fields().walk()) for unit in shown)


@player.get("/t/<trace_id>/present")
def present(trace_id: str) -> ResponseReturnValue:
    """One step large, for a projector. `all=1` answers with every slide, for the script."""
    if request.args.get("notes") == "1":
        return redirect(f"/t/{trace_id}/handout", 303)
    tale, _standing = find_tale(trace_id)
    base = f"/t/{trace_id}"
    if request.args.get("all") == "1":
        shown = [each for slide in slides(tale, base) for each in _both(base, slide)]
        pane = request.args.get("pane", "")
        chosen = pane if pane in PANES else PANES[0]
        return render("pages/slides.html", shown=shown, base=base, pane=chosen)
    count = len(steps(tale))
    if not count:
        abort(404, _("This trace has no steps to present."))
    number = min(max(1, request.args.get("step", 1, int)), count)
    slide = slides(tale, base, number)[0]
    asking = bool(slide.line.ask) and _asks() and request.args.get("shown") != "1"
    theme, pane = request.args.get("theme", ""), request.args.get("pane", "")
    return render(
        "pages/present.html",
        view=_projected(base, slide, asking),
        base=base,
        heading=heading(tale),
        theme=theme if theme in THEMES else "",
        pane=pane if pane in PANES else PANES[0],
        asks=_asks(),
        url=_said(trace_id) or _url(trace_id),
    )


def _both(base: str, slide: Slide) -> list[Projected]:
    """The slide with its question first, if it has one and questions are wanted."""
    shown = _projected(base, slide, False)
    return [_projected(base, slide, True), shown] if slide.line.ask and _asks() else [shown]


def _projected(base: str, slide: Slide, asking: bool) -> Projected:
    number = slide.line.number
    after = _address(base, number + 1) if number < slide.count else ""
    return Projected(
        slide=slide,
        asking=asking,
        before=_address(base, number - 1, shown=True) if number > 1 else "",
        after=_address(base, number, shown=True) if asking else after,
        here=_address(base, number, shown=not asking and bool(slide.line.ask)),
    )


def _address(base: str, number: int, *, shown: bool = False) -> str:
    """A slide's address, with what was chosen for this one: theme, pane, whether it asks."""
    chosen = {name: request.args[name] for name in ("theme", "pane", "ask") if name in request.args}
    query = {"step": str(number), **({"shown": "1"} if shown else {}), **chosen}
    return f"{base}/present?{urlencode(query)}"


def _asks() -> bool:
    return request.args.get("ask") != "0"


@player.get("/t/<trace_id>/handout")
def handout(trace_id: str) -> str:
    """Every step on paper, with room to answer before one reads on."""
    tale, _standing = find_tale(trace_id)
    base = f"/t/{trace_id}"
    return render(
        "pages/handout.html",
        slides=slides(tale, base),
        base=base,
        heading=heading(tale),
        url=_url(trace_id),
    )


@player.get("/t/<trace_id>/qr.svg")
def qr(trace_id: str) -> Response:
    """The address of the trace as a QR code, dark on light whatever the theme.

    For a screen it is the short one, where the trace has that; `paper=1` asks for the one that
    lives as long as the trace.
    """
    find_tale(trace_id)
    on_screen = request.args.get("paper") != "1"
    url = (_said(trace_id) if on_screen else "") or _url(trace_id)
    drawn = io.BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def _url(trace_id: str) -> str:
    return f"{request.host_url}t/{trace_id}"


def _said(trace_id: str) -> str:
    """The address by the code that can be said aloud and typed; "" where none was made."""
    code = tracing().store.code_of(trace_id)
    return f"{request.host_url}c/{code}" if code else ""
