"""Compare: the pages of two or three traces beside each other, and the forms that make them.

The query names the traces: `a`, `b` and perhaps `c`. `align` is "stages" or "time", `scale` "same"
or "each"; `ea`, `eb` or `ec` is an event of one of them, whose counterparts are opened with it.
With `part=1` only what changes is answered, for the script. The page is made anew from the traces
each time, so a link to it shows the same as long as they live.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, request, session
from flask import render_template as render
from flask.typing import ResponseReturnValue

from lab.families import V4, V6
from netcore.options import Options
from netcore.target import parse
from web.compare.rerun import VERSIONS, options_of, spoken_by, variants
from web.compare.sides import LETTERS, Side, side_of
from web.compare.view import compare_view, hub_view
from web.error_page import busy_page
from web.form import Form
from web.jobs import Busy
from web.packing import lists_own
from web.pages import RECENT, find_lab_target, find_tale, request_options, tracing
from web.sharing.share import chosen_of
from web.spoken import gettext as _

compare = Blueprint("compare", __name__)

TO = "to"
"""Of a change: the address that is used, of those that the name has."""
LAB_SETS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "versions": tuple(("three-versions", {"http": version}) for version in VERSIONS.values()),
    "sessions": (
        ("resumption", {"resume_session": False}),
        ("resumption", {"resume_session": True}),
    ),
    "handshakes": (("tls12", {}), ("tls13", {})),
    "families": (("two-families", {TO: V4}), ("two-families", {TO: V6})),
}
"""What the lab offers to compare: a target and what is changed of its request, for each fetch."""


@compare.get("/compare")
def page() -> str:
    """The comparison; with one trace, or none, what it can be compared with."""
    sides = _sides()
    if len(sides) < 2:
        hub = hub_view(sides, _own())
        if sides:  # back to where one came from
            hub = replace(hub, href=chosen_of(sides[0].tale).path(hub.href))
        return render("pages/compare_with.html", view=hub)
    view = compare_view(sides, request.args)
    part = request.args.get("part") == "1"
    return render("pages/compare_part.html" if part else "pages/compare.html", view=view)


@compare.post("/compare/again")
def again() -> ResponseReturnValue:
    """Fetch what `a` is a trace of once more with one thing changed, and compare."""
    trace_id = request.form.get("a", "")
    side = side_of("a", trace_id, *find_tale(trace_id))
    wanted = request.form.get("change", "")
    variant = next((each for each in variants(side) if each.key == wanted), None)
    if variant is None:
        abort(409, _("This fetch cannot be made again in that way."))
    trace = side.tale.trace
    asked = [options_of(trace.options, changes) for changes in variant.changes]
    url = trace.url if "://" in trace.url else f"https://{trace.url}"
    fetches = [(url, request_options(url, Form(url), each)) for each in asked]
    return _started(fetches, [(spoken_by(side), trace_id)])


@compare.post("/compare/lab")
def lab() -> ResponseReturnValue:
    """Fetch what the lab has to compare."""
    asked: list[tuple[str, Options]] = []
    for name, changes in LAB_SETS.get(request.form.get("set", ""), ()):
        target = find_lab_target(name)
        if target is not None:
            changed = _led_to(target.url, changes)
            asked.append((target.url, request_options(target.url, Form(target.url), changed)))
    if len(asked) < 2:
        abort(404, _("The lab is not running, or has nothing of that name."))
    return _started(asked, [])


def _led_to(url: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Changes as options: one address, if they name one, becomes the name's only one."""
    if TO not in changes:
        return changes
    at = parse(url)
    others = {name: value for name, value in changes.items() if name != TO}
    return others | {"resolve": (f"{at.host}:{at.port}:{changes[TO]}",)}


def _started(asked: list[tuple[str, Options]], known: list[tuple[str, str]]) -> ResponseReturnValue:
    """Start fetches and go to the comparison with those that are known, of three by version.

    In: `known`, the version of HTTP and the id of traces that are there.
    """
    made: list[tuple[str, str]] = []
    try:
        for url, options in asked:
            made.append((options.http, tracing().start(url, options)))
    except Busy as busy:
        return busy_page(busy)
    finally:
        new = [trace_id for _version, trace_id in reversed(made)]
        session["traces"] = [*new, *session.get("traces", [])][:RECENT]
    sides = [*known, *made]
    if len(sides) == len(LETTERS):
        sides.sort(key=lambda each: each[0])
    query = "&".join(f"{letter}={each[1]}" for letter, each in zip(LETTERS, sides, strict=False))
    return redirect(f"/compare?{query}", 303)


def _sides() -> list[Side]:
    """The traces of the query, without gaps."""
    ids = [request.args.get(letter, "") for letter in LETTERS]
    given = [each for each in ids if each]
    return [
        side_of(letter, each, *find_tale(each))
        for letter, each in zip(LETTERS, given, strict=False)
    ]


def _own() -> list[Any]:
    """This session's own traces, as far as they are kept."""
    lists_own()
    return tracing().store.describe(session.get("traces", []))
