"""Share: what a link shows, the link, how long it works, a code to say aloud, and the frame.

Who has a trace's address sees the trace; there is no other right to see it. To delete it, or to
change how long it is kept, is for the session that made it or brought it along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, abort, current_app, redirect, request, session
from flask import render_template as render
from flask.typing import ResponseReturnValue

from web.facts import clean
from web.feed import Standing
from web.pages import find_tale, tracing
from web.sharing.embed import HEIGHTS, THEMES, VIEWS
from web.sharing.guesses import Guesses
from web.sharing.reach import is_here_alone
from web.sharing.shows import Shown, what_it_shows
from web.spoken import gettext as _
from web.store import CODE_LETTERS
from web.tale import Tale
from web.titles import title_said
from web.views import heading, opening

DAYS: Final = (1, 7)
DAY_S: Final = 24 * 3_600
GROUP: Final = 4  # letters of a code that are written together
STEPS: Final = 200  # that a frame can be told to begin at
TITLE: Final = 60  # characters of each of their titles

share = Blueprint("share", __name__)
share.add_app_template_global(is_here_alone)


@share.record_once
def _remember(state: object) -> None:
    """Each application counts its own guesses."""
    state.app.extensions["guesses"] = Guesses()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Chosen:
    """What is selected in the trace: what a link with the selection leads to."""

    event: int
    query: str  # of the event's page: "u=1&f=24-40"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The same as the fields of a form."""
        return [("e", str(self.event)), *parse_qsl(self.query)] if self.event else []

    def path(self, base: str) -> str:
        """The page that shows it."""
        if not self.event:
            return base
        return f"{base}/e/{self.event}" + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class FrameView:
    """The frame for somebody's page, as the form asks for it."""

    view: str
    theme: str
    height: int
    step: int
    steps: tuple[tuple[int, str], ...]  # where it can begin, each with its title
    path: str
    snippet: str


@dataclass(frozen=True)
class ShareView:
    """All that the page says."""

    base: str
    url: str
    heading: str
    shown: tuple[Shown, ...]
    link: str
    chosen_link: str
    chosen: Chosen
    ends: str
    own: bool
    live: bool
    code: str
    code_link: str
    frame: FrameView


@share.get("/t/<trace_id>/share")
def page(trace_id: str) -> str:
    """Everything about passing a trace on. A GET changes nothing. `part=1`: as a sheet."""
    tale, standing = find_tale(trace_id)
    view = _view(trace_id, tale, standing)
    template = "pages/share_part.html" if request.args.get("part") == "1" else "pages/share.html"
    return render(template, view=view, views=VIEWS, themes=THEMES, heights=HEIGHTS, days=DAYS)


@share.post("/t/<trace_id>/share/keep")
def keep(trace_id: str) -> ResponseReturnValue:
    """Keep the trace for as many days as the form says, counted from now."""
    _own(trace_id)
    days = request.form.get("days", 0, int)
    if days not in DAYS:
        abort(403, _("A trace can be kept for one day or for seven."))
    tracing().store.keep(trace_id, days * DAY_S)
    return redirect(f"/t/{trace_id}/share#share-ends", 303)


@share.post("/t/<trace_id>/share/code")
def make_code(trace_id: str) -> ResponseReturnValue:
    """Make a code for the trace that can be said aloud."""
    _own(trace_id)
    tracing().store.code(trace_id)
    return redirect(f"/t/{trace_id}/share#share-code", 303)


@share.post("/t/<trace_id>/delete")
def delete(trace_id: str) -> ResponseReturnValue:
    """Delete the trace, if the form confirms it."""
    _own(trace_id)
    if request.form.get("sure") != "yes":
        abort(403, _("Nothing was deleted: the box beside the button was not ticked."))
    tracing().delete(trace_id)
    return redirect(f"/t/{trace_id}", 303)


@share.get("/c")
def ask_for_code() -> ResponseReturnValue:
    """Where a code is typed in."""
    typed = request.args.get("code", "")
    return redirect(f"/c/{_letters(typed) or '-'}", 303) if typed else render("pages/code.html")


@share.get("/c/<code>")
def by_code(code: str) -> ResponseReturnValue:
    """From a code to its trace; how many wrong ones may be tried is bounded."""
    guesses: Guesses = current_app.extensions["guesses"]
    address = request.remote_addr or ""
    if not guesses.may(address):
        page = render("pages/code.html", error=_("Too many wrong codes. Try again in a minute."))
        return Response(page, 429, {"Retry-After": "60"})
    trace_id = tracing().store.spoken(_letters(code))
    if trace_id:
        return redirect(f"/t/{trace_id}", 303)
    guesses.wrong(address)
    error = _("There is no trace of that code. A code works for four hours.")
    return render("pages/code.html", error=error), 404


def _letters(typed: str) -> str:
    """A code as it is kept: people write it in groups, or large."""
    return "".join(letter for letter in typed.lower()[:40] if letter in CODE_LETTERS)


def _own(trace_id: str) -> None:
    """Go on only for the session that made a trace, once it has ended."""
    _tale, standing = find_tale(trace_id)
    if trace_id not in session.get("traces", []):
        abort(403, _("Only who made this trace can do that, in the browser that made it."))
    if standing.live:
        abort(409, _("This fetch still runs. Come back when it has ended."))


def _view(trace_id: str, tale: Tale, standing: Standing) -> ShareView:
    base = f"/t/{trace_id}"
    host = request.host_url.rstrip("/")
    chosen = chosen_of(tale)
    code = tracing().store.code_of(trace_id)
    return ShareView(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        shown=what_it_shows(tale.trace),
        link=host + base,
        chosen_link=host + chosen.path(base) if chosen.event else "",
        chosen=chosen,
        ends=_moment(tracing().store.ends(trace_id)),
        own=trace_id in session.get("traces", []),
        live=standing.live,
        code=" ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)),
        code_link=f"{host}/c" if code else "",
        frame=_frame(trace_id, host, tale, chosen),
    )


def chosen_of(tale: Tale) -> Chosen:
    """The selection that the address of the page brings along: `e`, `u`, `f` and `b`."""
    event = request.args.get("e", 0, int)
    if tale.event(event) is None:
        return Chosen(0, "")
    kept = {name: request.args[name] for name in ("u", "f", "b") if request.args.get(name)}
    return Chosen(event, urlencode(kept))


def _frame(trace_id: str, host: str, tale: Tale, chosen: Chosen) -> FrameView:
    view, theme = request.args.get("view", ""), request.args.get("theme", "")
    height = request.args.get("h", 0, int)
    view = view if view in VIEWS else "story" if chosen.event else VIEWS[0]
    theme = theme if theme in THEMES else ""
    height = height if height in HEIGHTS else HEIGHTS[1]
    wanted = request.args.get("step", 0, int)
    step = wanted if tale.event(wanted) else chosen.event or opening(tale).event
    query = f"&{chosen.query}" if chosen.query and step == chosen.event else ""
    asked = {"view": view, "e": str(step), "h": str(height)}
    asked |= {"theme": theme} if theme else {}
    path = f"/embed/{trace_id}?" + urlencode(asked) + query
    snippet = render("sharing/snippet.html", src=host + path, height=height, title=heading(tale))
    return FrameView(view, theme, height, step, _steps(tale, step), path, snippet.strip())


def _steps(tale: Tale, step: int) -> tuple[tuple[int, str], ...]:
    """The first steps of a trace, and the one that is asked for."""
    marks = tale.timeline.marks
    offered = [mark for at, mark in enumerate(marks) if at < STEPS or mark.number == step]
    return tuple((mark.number, clean(title_said(mark.title), TITLE)) for mark in offered)


def _moment(seconds: float) -> str:
    """A time of this world: "29 November 2026, 19:14 UTC"; "" for none."""
    if not seconds:
        return ""
    return f"{datetime.fromtimestamp(seconds, UTC):%d %B %Y, %H:%M} UTC".lstrip("0")
