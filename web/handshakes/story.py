"""The page of one TLS connection: its handshake as a conversation, and what followed from it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort
from flask import render_template as render

from netcore.handshake.conversations import conversations
from web.exports import file_name
from web.handshakes.conversation import ConversationView, conversation_view
from web.handshakes.fingerprints import FingerprintsView, fingerprints_view
from web.handshakes.key_schedule import KeyScheduleView, key_schedule_script, key_schedule_view
from web.pages import attachment, find_tale
from web.tale import Tale
from web.views import heading

handshakes = Blueprint("handshakes", __name__)


@dataclass(frozen=True)
class Other:
    """A link to the page of another connection of the same trace."""

    number: str
    href: str
    current: bool


@dataclass(frozen=True)
class StoryView:
    """Everything on the page."""

    base: str
    url: str
    heading: str
    number: str
    others: tuple[Other, ...]  # all TLS connections of the trace, this one too
    conversation: ConversationView
    keys: KeyScheduleView
    fingerprints: FingerprintsView | None  # None without a ClientHello


@handshakes.get("/t/<trace_id>/tls/<number>")
def story(trace_id: str, number: str) -> str:
    """The handshake of the TLS connection of that number."""
    tale, _ = find_tale(trace_id)
    view = story_view(tale, f"/t/{trace_id}", number)
    if view is None:
        abort(404, "This trace has no TLS connection of that number.")
    return render("pages/tls.html", view=view)


@handshakes.get("/t/<trace_id>/tls/<number>.py")
def keys_script(trace_id: str, number: str) -> Response:
    """The key schedule of the TLS connection of that number as a Python program."""
    tale, _ = find_tale(trace_id)
    found = {each.number: each for each in conversations(tale.explanation)}
    name = file_name(tale.trace, f"tls{number}.py")
    text = key_schedule_script(found[number], tale, name) if number in found else ""
    if not text:
        abort(404, "This trace has no keys of a TLS connection of that number.")
    return attachment(text.encode(), "text/x-python", name)


def story_view(tale: Tale, base: str, number: str) -> StoryView | None:
    """What the page shows; None if there is no such connection.

    In: `base`, the path of the trace; `number` of the connection, as in "tcp:1".
    """
    found = {each.number: each for each in conversations(tale.explanation)}
    conversation = found.get(number)
    if conversation is None:
        return None
    return StoryView(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        number=number,
        others=tuple(Other(each, f"{base}/tls/{each}", each == number) for each in found),
        conversation=conversation_view(conversation, tale, base),
        keys=key_schedule_view(conversation, tale, base),
        fingerprints=fingerprints_view(conversation, tale, base),
    )
