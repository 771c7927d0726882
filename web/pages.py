"""Pages: everything that a browser can open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, session
from flask import render_template as render
from flask.typing import ResponseReturnValue

from lab.whole import Lab, LabTarget
from netcore.errors import FetchError
from netcore.figures import duration
from netcore.options import Options
from netcore.target import parse
from netcore.websocket_opening import is_websocket
from web import words
from web.admission import FILE_OCTETS
from web.early import early
from web.error_page import busy_page
from web.evidence import Evidence
from web.facts import clean
from web.feed import Standing
from web.forgiving import advice, read_address
from web.form import TIMES, VERSIONS, Form
from web.jobs import Busy
from web.lab_targets import asked_of, is_of_lab, lab_hosts, target_of
from web.learning import began, noticed
from web.listing import Filter, listing
from web.look import COOKIE, read_look
from web.octets.spot import Asked
from web.packing import lists_own
from web.panes import Panes, Selection, panes, unit_octets
from web.player.view import PlayerView, player_view, step_opened
from web.reach_form import reach_options, read_reach_form
from web.request_form import METHODS, read_request_form, request_form_options, suited
from web.security import CONTENT_SECURITY_POLICY
from web.socket_form import read_socket_form, socket_form_options
from web.spoken import N_
from web.spoken import gettext as _
from web.tale import Tale
from web.tls_form import read_tls_form, tls_options
from web.tracing import Tracing
from web.views import heading, opening, trace_view
from web.ways.whole import ways

URL_SHOWN = 200  # characters of a URL, in a list
RECENT = 40  # traces remembered in a session
_NO_MESSAGES = N_(
    "Messages are sent on a WebSocket, whose address begins with ws:// or wss://. "
    "Leave them out, or write the address so."
)

pages = Blueprint("pages", __name__)


@dataclass(frozen=True)
class Settings:
    """How this process was started."""

    allow_private: bool = False
    lab: Lab | None = None
    self_hosts: tuple[str, ...] = ()
    capture: bool = False  # the packets of every fetch, where the helper may
    path: bool = False  # whether the form offers to probe the way to a server
    any_method: bool = False  # POST, PUT and DELETE to others' servers too
    scripts_key: str = ""  # whoever opens /learn with it may run scripts; "": nobody may


@dataclass(frozen=True)
class RecentTrace:
    """A line of the list of this session's traces."""

    id: str
    href: str
    url: str
    outcome: str
    succeeded: bool
    duration: str


@pages.get("/")
def home() -> str:
    """The form, the lab and this session's traces."""
    return home_page(Form())


@pages.post("/trace")
def start() -> ResponseReturnValue:
    """Start a fetch and go to its trace; with a reason if the address is none."""
    target = find_lab_target(request.form.get("lab", ""))
    if target is not None:
        options = request_options(target.url, Form(target.url, follow=True), asked_of(target))
        return _started(target.url, options, ())
    form = _form()
    try:
        address = read_address(form.url, lab_hosts(_settings().lab))
        url = address.url
        parse(url)
        if form.messages and not is_websocket(url):
            raise FetchError("http.bad_request", _(_NO_MESSAGES))
    except FetchError as refusal:
        error = f"{refusal.message} {advice(address.url)}".strip()
        return home_page(replace(form, error=error)), 422
    often = form.times + form.tls.resume_session
    asked = suited(form.request, url, anywhere=_settings().any_method, times=often)
    form = replace(form, request=asked)
    if any(part.error for part in form.parts):
        return home_page(form), 422
    return _started(url, request_options(url, form, {}), address.assumed)


def _started(url: str, options: Options, assumed: Sequence[str]) -> ResponseReturnValue:
    """Start a fetch and go to its trace. In: `assumed`, what was read into the address."""
    try:
        trace_id = tracing().start(url, options)
    except Busy as busy:
        return busy_page(busy)
    session["traces"] = [trace_id, *session.get("traces", [])][:RECENT]
    session["assumed"] = (trace_id, assumed)
    began(request.form.get("exercise", ""), trace_id)
    return redirect(f"/t/{trace_id}", 303)


@pages.get("/t/<trace_id>")
def trace(trace_id: str) -> Response:
    """A trace, with the event opened that says most."""
    tale, standing = find_tale(trace_id)
    step = step_opened(tale, request.args.get("step", 0, int))
    return _trace_page(trace_id, tale, standing, step or opening(tale))


@pages.get("/t/<trace_id>/e/<int:number>")
def event(trace_id: str, number: int) -> str | Response:
    """One event of a trace. `part=1` answers with its panes only, `part=field` with the words."""
    tale, standing = find_tale(trace_id)
    if tale.event(number) is None:
        events = f"{len(tale.trace.events):,}"
        text = _("This trace has %(events)s events, and none is %(number)s.")
        abort(404, text % {"events": events, "number": number})
    part = request.args.get("part", "")
    if part in ("1", "field"):
        template = "pages/panes.html" if part == "1" else "pages/explanation.html"
        opened = panes(tale, f"/t/{trace_id}", number, _asked())
        lesson = noticed(trace_id, opened)
        told = _player(tale, f"/t/{trace_id}", number, opened)
        leading = ways(tale, f"/t/{trace_id}", opened)
        return render(
            template,
            panes=opened,
            ways=leading,
            player=told,
            heading=heading(tale),
            lesson=lesson,
        )
    return _trace_page(trace_id, tale, standing, Evidence(number))


@pages.get("/t/<trace_id>/list")
def event_list(trace_id: str) -> str:
    """All marks of a trace, or all its events, in pages."""
    tale, standing = find_tale(trace_id)
    wanted = Filter(
        stage=request.args.get("stage", ""),
        way=request.args.get("way", ""),
        layer=request.args.get("layer", ""),
        everything=request.args.get("all") == "1",
        page=max(1, request.args.get("page", 1, int)),
    )
    view = trace_view(tale, standing, trace_id, 0)
    return render("pages/list.html", view=view, listing=listing(tale, view.base, wanted))


@pages.get("/t/<trace_id>/e/<int:number>.bin")
def octets(trace_id: str, number: int) -> Response:
    """The octets of one unit of an event, or of the call itself (`u=0`)."""
    tale, _standing = find_tale(trace_id)
    found = tale.event(number)
    if found is None:
        abort(404, _("There is no event of that number."))
    data = unit_octets(tale.explanation, found, number, request.args.get("u", 0, int))
    response = attachment(data, "application/octet-stream", f"wiretale-{trace_id}-{number}.bin")
    response.make_conditional(request, accept_ranges=True, complete_length=len(data))
    return response


@pages.get("/words/<term>")
def word(term: str) -> str:
    """An entry of the glossary. `part=1` answers with its paragraph only."""
    found = words.word(term)
    if found is None:
        abort(404, _("The glossary has no such word."))
    template = "pages/word_part.html" if request.args.get("part") == "1" else "pages/word.html"
    return render(template, word=found)


@pages.get("/about")
def about() -> str:
    """What is measured and what is not."""
    return render("pages/about.html", page=words.page("about"))


@pages.get("/healthz")
def healthz() -> Response:
    """Whether the process answers."""
    return Response("ok\n", mimetype="text/plain")


def tracing() -> Tracing:
    """What starts, finds and keeps traces in this process."""
    found: Tracing = current_app.extensions["tracing"]
    return found


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def find_tale(trace_id: str) -> tuple[Tale, Standing]:
    """The trace of an id; a page that says so if there is none."""
    found = tracing().find(trace_id)
    if found is None and tracing().store.gone(trace_id) is not None:
        abort(404, _("This trace has been deleted. Traces are kept for a day, or as shared."))
    if found is None:
        abort(404, _("This trace has been deleted, or was never made. Traces live for a day."))
    return found


def _form() -> Form:
    http = request.form.get("http", "auto")
    times = request.form.get("times", 1, int)
    return Form(
        url=request.form.get("url", ""),
        http=http if http in VERSIONS else "auto",
        follow="follow" in request.form,
        insecure="insecure" in request.form,
        messages=request.form.get("messages", "").replace("\r\n", "\n").strip("\n"),
        times=times if times in TIMES else 1,
        dns_trace="dns_trace" in request.form,
        path=_settings().path and "path" in request.form,
        tls=read_tls_form(request.form),
        socket=read_socket_form(request.form),
        request=read_request_form(request.form),
        reach=read_reach_form(request.form, _standing()),
    )


def _standing() -> Options:
    """What of the options says what the guard lets through: it is the same for every fetch."""
    settings = _settings()
    lab = settings.lab.options_lab() if settings.lab is not None else Options().lab
    return Options(allow_private=settings.allow_private, self_hosts=settings.self_hosts, lab=lab)


def find_lab_target(name: str) -> LabTarget | None:
    """The lab's target of that name; None if there is none, or no lab."""
    return target_of(_settings().lab, name)


def request_options(url: str, form: Form, ask: Mapping[str, Any]) -> Options:
    """What a fetch is started with. In: `ask`, options that stand above those of the form."""
    settings = _settings()
    options: dict[str, Any] = {
        "http": form.http,
        "further_urls": (url,) * (form.times - 1),
        "follow_redirects": form.follow,
        "verify": not form.insecure,
        "allow_private": settings.allow_private,
        "capture": settings.capture,
        "path": form.path,
        "self_hosts": settings.self_hosts,
        "messages": tuple(form.messages.split("\n")) if form.messages else (),
        **tls_options(form.tls),
        **socket_form_options(form.socket),
        **request_form_options(form.request),
        **reach_options(form.reach),
        **ask,
    }
    if settings.lab is not None:
        options["lab"] = settings.lab.options_lab()
        if is_of_lab(url):
            options["cacert"] = str(settings.lab.cacert)
            options["dns_trace"] = form.dns_trace or bool(ask.get("dns_trace"))
    return Options(**options)


def home_page(form: Form, import_error: str = "") -> str:
    """The start page; with reasons where a form was not accepted."""
    settings = _settings()
    return render(
        "pages/home.html",
        form=form,
        methods=METHODS,
        versions=VERSIONS,
        times=TIMES,
        shelves=settings.lab.shelves if settings.lab is not None else (),
        recent=_recent(),
        import_error=import_error,
        import_mib=FILE_OCTETS >> 20,
    )


def _recent() -> list[RecentTrace]:
    lists_own()
    return [
        RecentTrace(
            id=stored.id,
            href=f"/t/{stored.id}",
            url=clean(stored.url, URL_SHOWN),
            outcome=stored.outcome,
            succeeded=stored.succeeded,
            duration=duration(stored.duration_ns),
        )
        for stored in tracing().store.describe(session.get("traces", []))
    ]


def _asked() -> Selection:
    """What the address selects in an event."""
    return Selection(
        unit=request.args.get("u", 0, int),
        field=request.args.get("f", ""),
        first=max(0, request.args.get("o", 0, int)),
        asked=Asked(request.args.get("b", ""), request.args.get("v", "")),
    )


def _trace_page(trace_id: str, tale: Tale, standing: Standing, opened: Evidence) -> Response:
    look = read_look(request.args, request.cookies.get(COOKIE, ""))
    number = opened.event
    view = trace_view(tale, standing, trace_id, number, look)
    selection = Selection(opened.unit, opened.field) if opened.unit else _asked()
    shown = panes(tale, view.base, number, selection) if number else None
    return early(
        "pages/trace.html",
        view=view,
        panes=shown,
        ways=ways(tale, view.base, shown) if shown else None,
        lesson=noticed(trace_id, shown),
        player=_player(tale, view.base, number, shown),
    )


def _player(tale: Tale, base: str, number: int, shown: Panes | None) -> PlayerView:
    view = shown.view if shown is not None else None
    selected = (view.index, view.octets.select) if view is not None else (0, "")
    return player_view(tale, base, number, selected, every=request.args.get("every") == "1")


def attachment(data: bytes | Iterable[bytes], mimetype: str, name: str) -> Response:
    """Octets from outside: saved and never shown, and powerless if they are shown after all."""
    response = Response(data, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; sandbox"
    return response
