"""Conversations of HTTP/2 as tales, as the page is given them."""

from __future__ import annotations

from netcore.options import Options
from netcore.trace import Trace
from tests.netcore.http2_conversation import Conversation
from web.tale import Tale, tell

STARTED = "2026-01-02T03:04:05.000006Z"


def tale_of(talk: Conversation) -> Tale:
    """The tale of what was recorded so far."""
    return tell(Trace("https://lab.test/", STARTED, Options(), list(talk.events)))
