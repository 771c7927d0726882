"""Views of the HTTP/3 that was spoken in conversations of QUIC."""

from __future__ import annotations

from functools import cache

from tests.web.quic.telling import story
from web.http3.story import Http3View, http3_view


@cache
def view(name: str) -> Http3View:
    """The view of the HTTP/3 page of one of the conversations."""
    return http3_view(story(name), "/t/x", "1")
