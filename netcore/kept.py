"""Kept: connections that wait for another request to their origin."""

from __future__ import annotations

from netcore.connecting import Link
from netcore.target import Target


class Kept:
    """One connection at most for each origin, and why there is none any more."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}
        self._why_not: dict[str, str] = {}

    def put(self, target: Target, link: Link) -> None:
        """Keep a connection that can carry another request to the target's origin."""
        self._links[target.origin] = link

    def ended(self, target: Target, why: str) -> None:
        """Note why the connection to the target's origin carries no other request."""
        self._why_not[target.origin] = why

    def take(self, target: Target) -> Link | None:
        """The connection to the target's origin, which is no longer kept; None if there is none."""
        return self._links.pop(target.origin, None)

    def has(self, target: Target) -> bool:
        """Whether a request to the target needs no new connection."""
        return target.origin in self._links

    def why_new(self, target: Target) -> str:
        """Why a request to the target needs a new connection, as a sentence."""
        why = self._why_not.get(target.origin)
        return why or "A connection leads to one origin; this is another one."

    def close(self) -> None:
        """Close all of them, without waiting for the servers."""
        for link in self._links.values():
            link.close(linger=False)
        self._links.clear()
