"""Reuse: what a request on a connection that was there already did not need.

What was saved is not measured, for it did not happen: it is what the first request of the same
connection took. Between two requests a name may have moved and a server may have become slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from netcore.figures import duration
from netcore.trace import AnyEvent, Called, StageEnded, StageStarted

_SAVED: Final = {"dns": "look up", "connect": "connect", "tls": "secure"}
_EXCHANGE: Final = ("request", "waiting", "response")


class Reuse(NamedTuple):
    """A request that needed no connection of its own."""

    hop: int
    first: int  # the hop that made the connection
    stages: tuple[str, ...]  # that the first one needed and this one did not
    saved_ns: int  # what they took
    saved_octets: int  # what crossed in them, both ways


class _Taken(NamedTuple):
    """What a hop did until it had a connection."""

    stages: tuple[str, ...] = ()
    ns: int = 0
    octets: int = 0


def reuses(events: Sequence[AnyEvent]) -> tuple[Reuse, ...]:
    """The requests that went over a connection that another one had made, in order.

    A request that had to be sent once more on a connection of its own is none of them.
    """
    reading = _Reading()
    for event in events:
        reading.take(event)
    return tuple(reading.found.values())


def sentences(found: Iterable[Reuse]) -> list[str]:
    """What is to be said of them, those together that saved the same."""
    said: list[str] = []
    for (first, stages, ns, octets), alike in groupby(found, lambda each: each[1:]):
        hops = [str(each.hop) for each in alike]
        who = f"Request {hops[0]}" if len(hops) == 1 else f"Requests {_listed(hops, 'and')}"
        nothing = _listed([_SAVED[stage] for stage in stages], "or")
        said.append(
            f"{who} reused the connection of request {first}: nothing to {nothing}; saved about "
            f"{duration(ns)} and {octets:,} bytes{' each' if len(hops) > 1 else ''}, taken from "
            f"request {first}."
        )
    return said


def _listed(words: Sequence[str], last: str) -> str:
    if len(words) > 4 and last == "and":
        return f"{words[0]} to {words[-1]}"
    return f" {last} ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), words[-1]])


class _Reading:
    def __init__(self) -> None:
        self.found: dict[int, Reuse] = {}  # by hop
        self._makers: dict[str, int] = {}  # TCP socket -> the hop that connected it
        self._taken: dict[int, _Taken] = {}
        self._stage, self._hop, self._began_ns = "", 1, 0

    def take(self, event: AnyEvent) -> None:
        if isinstance(event, StageStarted):
            self._stage, self._hop, self._began_ns = event.stage, event.hop, event.time_ns
            if event.stage in _SAVED:
                self.found.pop(event.hop, None)
        elif isinstance(event, StageEnded):
            if self._stage in _SAVED:
                self._add((self._stage,), event.time_ns - self._began_ns, 0)
            self._stage = ""
        elif isinstance(event, Called):
            self._call(event)

    def _call(self, event: Called) -> None:
        if event.call == "connect" and event.socket.startswith("tcp:"):
            self._makers.setdefault(event.socket, self._hop)
        if not event.channel:
            return
        if self._stage in _SAVED:
            self._add((), 0, event.length)
        first = self._makers.get(event.socket, self._hop)
        if self._stage in _EXCHANGE and first != self._hop and first in self._taken:
            reuse = Reuse(self._hop, first, *self._taken[first])
            self.found.setdefault(self._hop, reuse)

    def _add(self, stages: tuple[str, ...], ns: int, octets: int) -> None:
        before = self._taken.get(self._hop, _Taken())
        sums = before.ns + ns, before.octets + octets
        self._taken[self._hop] = _Taken((*before.stages, *stages), *sums)
