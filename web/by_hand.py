"""By hand: a page where somebody types the bytes of a conversation with a server of the lab."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, current_app, redirect, request, session
from flask import render_template as render
from flask.typing import ResponseReturnValue

from lab.whole import Lab
from netcore.escapes import read_escapes
from netcore.options import Options
from web.error_page import busy_page
from web.jobs import Busy
from web.pages import RECENT, Settings, tracing
from web.spoken import gettext as _

by_hand = Blueprint("by_hand", __name__)

LINE_ENDS: Final = {"crlf": ("\\r\\n, CR LF", b"\r\n"), "lf": ("\\n, LF", b"\n"), "": ("", b"")}
"""What a line break in the box is sent as: by its value in the form."""
CHARACTERS: Final = 4_000


@dataclass(frozen=True)
class Server:
    """A server of the lab that bytes can be sent to."""

    name: str
    title: str
    url: str


@dataclass(frozen=True)
class Typed:
    """What the form holds, and why it was not accepted."""

    server: str = ""
    text: str = "GET / HTTP/1.0\n\n"
    line_end: str = "crlf"
    error: str = ""


@by_hand.get("/by-hand")
def show() -> str:
    """The form."""
    return _page(Typed())


@by_hand.post("/by-hand")
def send() -> ResponseReturnValue:
    """Send exactly these bytes, and go to the trace."""
    form = request.form
    typed = Typed(form.get("server", ""), form.get("text", ""), form.get("line_end", ""))
    lab = _lab()
    server = next((each for each in servers(lab) if each.name == typed.server), None)
    try:
        octets = octets_of(typed)
        if lab is None or server is None:
            raise ValueError(_("There is no such server in the lab."))
    except ValueError as error:
        return _page(replace(typed, error=str(error))), 422
    try:
        trace_id = tracing().start(server.url, Options(raw=octets, lab=lab.options_lab()))
    except Busy as busy:
        return busy_page(busy)
    session["traces"] = [trace_id, *session.get("traces", [])][:RECENT]
    return redirect(f"/t/{trace_id}", 303)


def octets_of(typed: Typed) -> bytes:
    """The bytes that a form stands for. Raises: ValueError with a sentence."""
    if typed.line_end not in LINE_ENDS:
        raise ValueError(_("A line break is sent as \\r\\n, as \\n or as nothing."))
    lines = typed.text.replace("\r\n", "\n").split("\n")
    if sum(map(len, lines)) > CHARACTERS:
        raise ValueError(
            _("More than %(most)s characters are not sent by hand.", most=f"{CHARACTERS:,}")
        )
    try:
        return LINE_ENDS[typed.line_end][1].join(map(read_escapes, lines))
    except UnicodeEncodeError as error:
        raise ValueError(_("Half of a surrogate pair is no character.")) from error


def servers(lab: Lab | None) -> tuple[Server, ...]:
    """Whom bytes can be sent to from the page: servers of the lab, and nobody else."""
    if lab is None:
        return ()
    return tuple(Server(name, title, url) for name, title, url in lab.by_hand)


def _lab() -> Lab | None:
    settings: Settings = current_app.extensions["settings"]
    return settings.lab


def _page(typed: Typed) -> str:
    ends = tuple((value, title or _("nothing")) for value, (title, _end) in LINE_ENDS.items())
    return render("pages/by_hand.html", typed=typed, servers=servers(_lab()), ends=ends)
