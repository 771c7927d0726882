"""Conversations of QUIC as tales, as the page is given them."""

from __future__ import annotations

from functools import cache

from netcore.options import Options
from netcore.trace import AnyEvent, Trace
from tests.netcore.quic_conversation import STORIES, Conversation, with_reset
from web.quic.story import QuicView, quic_view
from web.tale import Tale, tell

STARTED = "2026-01-02T03:04:05.000006Z"
ALL = {**STORIES, "reset": with_reset}


def tale_of(talk: Conversation) -> Tale:
    """The tale of what was recorded so far."""
    return tale_of_events(talk.events)


def tale_of_events(events: list[AnyEvent]) -> Tale:
    """The tale of a recording."""
    return tell(Trace("https://lab.test/", STARTED, Options(), list(events)))


@cache
def story(name: str) -> Tale:
    """One of the conversations that the tests of QUIC have."""
    return tale_of(ALL[name]())


@cache
def view(name: str) -> QuicView:
    """The view of its page."""
    return quic_view(story(name), "/t/x", "1")
