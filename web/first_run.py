"""First run: the list of the lab's servers, the list of one's own traces, and notes above a trace.

The notes say what an example is, what was assumed of an address, and, until something has been
selected on this device, what to do first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, current_app, redirect, request, session
from flask import render_template as render
from flask.typing import ResponseReturnValue
from flask_babel import format_date

from lab.whole import Lab, LabTarget
from web.breakdown import breakdown
from web.examples import TARGETS, example, recorded
from web.forgiving import sentence
from web.spoken import gettext as _
from web.stories import Story, all_stories

FIRST: Final = (
    *("plain", "h2", "h3", "ws-echo", "slow", "redirect", "chunked", "big"),
    *("wrong-host", "no-such-name", "port-closed", "resets"),
)
"""What a first visit is offered: each is something else to see."""
DAY: Final = "d MMMM y"
COOKIE: Final = "wiretale_knows"  # set by a script once something was selected

first_run = Blueprint("first_run", __name__)
first_run.app_template_global("breakdown")(breakdown)


@dataclass(frozen=True)
class ExampleLink:
    """An example as home offers it."""

    href: str
    title: str
    about: str


@dataclass(frozen=True)
class Welcome:
    """What home offers to somebody who has no address in mind."""

    first: tuple[LabTarget, ...]
    stories: tuple[Story, ...]
    examples: tuple[ExampleLink, ...]
    recorded: str  # the day on which the examples were


@first_run.get("/lab")
def lab() -> str:
    """All servers of the lab, on their shelves."""
    found = _lab()
    return render("pages/lab.html", shelves=found.shelves if found else ())


@first_run.post("/traces/forget")
def forget() -> ResponseReturnValue:
    """Take one trace off this browser's list, or all of them. The traces stay where they are."""
    which = request.form.get("trace", "")
    kept = [each for each in session.get("traces", []) if which not in ("all", each)]
    session["traces"] = kept
    return redirect("/#recent", 303)


@first_run.app_template_global()
def welcome() -> Welcome:
    """What home offers. Without a lab there are only stories and examples, which need none."""
    found = _lab()
    by_name = {target.name: target for target in found.targets} if found else {}
    day = recorded(next(iter(TARGETS)))
    return Welcome(
        first=tuple(by_name[name] for name in FIRST if name in by_name),
        stories=all_stories(),
        examples=_examples(),
        recorded=format_date(day.day, DAY) if day else "",
    )


def _examples() -> tuple[ExampleLink, ...]:
    told = {
        "example-http1": (
            _("Three requests, HTTP/1.1"),
            _("a name, a connection, and the same page asked for three times"),
        ),
        "example-tls13": (
            _("One page over TLS 1.3"),
            _("two hellos, a certificate, then a request that only the server can read"),
        ),
        "example-http2": (
            _("Three requests, HTTP/2"),
            _("three streams on one connection, and heads that shrink"),
        ),
    }
    return tuple(ExampleLink(f"/t/{each}", *told[each]) for each in TARGETS)


@first_run.app_template_global()
def notes_of(trace_id: str) -> Sequence[str]:
    """What stands above a trace."""
    notes = []
    if example(trace_id) is not None:
        notes.append(_example_note(trace_id))
    of, names = session.get("assumed", ("", ()))
    if of == trace_id:
        notes += [text for text in map(sentence, names) if text]
    return notes


def _example_note(trace_id: str) -> str:
    found = recorded(trace_id)
    assert found is not None
    text: str = _(
        "This is an example that comes with Wiretale. It was recorded from %(server)s in the lab "
        "on %(day)s.",
        server=found.server,
        day=format_date(found.day, DAY),
    )
    return text


@first_run.app_template_global()
def is_new_here() -> bool:
    """Whether nothing has been selected on this device yet, and the page opened nothing else."""
    return request.endpoint == "pages.trace" and COOKIE not in request.cookies


def _lab() -> Lab | None:
    found: Lab | None = current_app.extensions["settings"].lab
    return found
