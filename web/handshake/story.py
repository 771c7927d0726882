"""The pages of one TLS connection: what was said, who vouches for the server, and the keys."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort
from flask import render_template as render

from netcore.handshake.conversations import Conversation, conversations
from netcore.handshake.quic_conversations import quic_conversations
from web.exports import file_name
from web.handshake.conversation import conversation_view
from web.handshake.fingerprints import fingerprints_view
from web.handshake.key_schedule import key_schedule_script, key_schedule_view
from web.handshake.trust import trust_view
from web.pages import attachment, find_tale
from web.spoken import N_
from web.spoken import gettext as _
from web.tale import Tale
from web.views import heading

handshakes = Blueprint("handshakes", __name__)

_PARTS = {
    "": N_("Who said what"),
    "/trust": N_("Who vouches"),
    "/keys": N_("The keys"),
}


@dataclass(frozen=True)
class Link:
    """A link to another part, or to the same part of another connection."""

    title: str
    href: str
    current: bool


@dataclass(frozen=True)
class Frame:
    """What the pages of a connection have in common."""

    base: str
    url: str
    heading: str
    title: str  # of the part
    number: str
    others: tuple[Link, ...]  # all TLS connections of the trace, this one too
    parts: tuple[Link, ...]


@handshakes.get("/t/<trace_id>/tls/<number>")
def said(trace_id: str, number: str) -> str:
    """The handshake as a conversation."""
    tale, conversation = _find(trace_id, number)
    base = f"/t/{trace_id}"
    return render(
        "pages/tls.html",
        frame=frame(tale, base, number, ""),
        view=conversation_view(conversation, tale, base),
        fingerprints=fingerprints_view(conversation, tale, base),
    )


@handshakes.get("/t/<trace_id>/tls/<number>/trust")
def trust(trace_id: str, number: str) -> str:
    """The chain of certificates, and what speaks for and against it."""
    tale, conversation = _find(trace_id, number)
    base = f"/t/{trace_id}"
    view = trust_view(conversation, tale, base)
    return render("pages/tls_trust.html", frame=frame(tale, base, number, "/trust"), view=view)


@handshakes.get("/t/<trace_id>/tls/<number>/keys")
def keys(trace_id: str, number: str) -> str:
    """The key schedule, down to a record that the keys open."""
    tale, conversation = _find(trace_id, number)
    base = f"/t/{trace_id}"
    view = key_schedule_view(conversation, tale, base)
    return render("pages/tls_keys.html", frame=frame(tale, base, number, "/keys"), view=view)


@handshakes.get("/t/<trace_id>/tls/<number>.py")
def script(trace_id: str, number: str) -> Response:
    """The key schedule as a Python program."""
    tale, conversation = _find(trace_id, number)
    name = file_name(tale.trace, f"tls{number}.py")
    text = key_schedule_script(conversation, tale, name)
    if not text:
        abort(404, _("This TLS connection has no keys that a program could compute."))
    return attachment(text.encode(), "text/x-python", name)


def _find(trace_id: str, number: str) -> tuple[Tale, Conversation]:
    """The trace and its TLS connection of that number, as in "tcp:1"; a page if there is none."""
    tale, _standing = find_tale(trace_id)
    for each in (*conversations(tale.explanation), *quic_conversations(tale.explanation)):
        if each.number == number:
            return tale, each
    abort(404, _("This trace has no TLS connection of that number."))


def frame(tale: Tale, base: str, number: str, part: str) -> Frame:
    """The frame of one part: "", "/trust" or "/keys". In: `base`, the path of the trace."""
    return Frame(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        title=_(_PARTS[part]),
        number=number,
        others=tuple(
            Link(
                _("Connection %(number)s", number=each), f"{base}/tls/{each}{part}", each == number
            )
            for each in (*tale.explanation.tls, *(f"quic-{udp}" for udp in tale.explanation.quic))
        ),
        parts=tuple(
            Link(_(title), f"{base}/tls/{number}{path}", path == part)
            for path, title in _PARTS.items()
        ),
    )
