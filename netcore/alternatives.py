"""Alternatives: which origins of a fetch can be had over QUIC, and what comes of trying.

Theory of operation. A response over TLS may say in Alt-Svc that its origin also speaks HTTP/3, and
where (RFC 7838). The place is vetted like a redirect, by name and port when it is read and by its
addresses before it is tried. What was found counts for the next connection to that origin within
the fetch; one that is there already goes on, as in a browser. An HTTPS record that lists h3 says
the same before the first connection (RFC 9460); its endpoints have been vetted with it. QUIC has a
head start that is short, because TCP can stand in for it: where nobody answers in time, or the
certificate is not for the origin, the fetch goes on over TCP and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from netcore.alt_svc import Alternative, read_alt_svc
from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.protocols.http1 import Head
from netcore.quic_opening import load
from netcore.recorder import Recorder
from netcore.resolve import Resolver
from netcore.services import Service
from netcore.target import Target, parse

if TYPE_CHECKING:
    from netcore.quic_connection import QuicConnection
    from netcore.quic_opening import QuicOpener

_SPOKEN = "h3"
_FINAL = ("limit.total", "fetch.interrupted")


class _Offer(msgspec.Struct, frozen=True):
    """Where an origin can be had over QUIC."""

    text: str  # as it is told
    there: Target | None  # whose addresses are still to be found and vetted
    endpoints: tuple[Admitted, ...] = ()


class Alternatives:
    """What the name servers and the responses of one fetch said, by origin."""

    def __init__(
        self,
        recorder: Recorder,
        guard: Guard,
        options: Options,
        resolver: Resolver,
        opener: QuicOpener,
    ) -> None:
        self._recorder = recorder
        self._guard = guard
        self._options = options
        self._resolver = resolver
        self._opener = opener
        self._known: dict[str, _Offer] = {}
        self._given_up: set[str] = set()  # origins whose alternative came to nothing

    def note(self, head: Head, here: Target) -> None:
        """Read what a response says of its origin, and vet it."""
        values = head.values("alt-svc")
        if not values or here.scheme != "https" or self._options.http != "auto":
            return
        if here.origin in self._given_up:
            return
        self._known.pop(here.origin, None)
        listed = read_alt_svc(values)
        offers = [each for each in listed if each.protocol == _SPOKEN and each.max_age_s]
        if not offers:
            said = ", ".join(each.text for each in listed[:4]) or "nothing that can be read"
            why = "It lists nothing over which HTTP/3 could be spoken now."
            self._recorder.chose("alt-svc", said, why)
            return
        first = offers[0]
        try:
            there = self._vet(first, here)
        except Refused as refused:
            self._recorder.chose("alt-svc", first.text, f"Not followed: {refused.message}")
            return
        self._known[here.origin] = _Offer(first.text, there)
        why = "The server speaks HTTP/3 there: the next connection to it is tried over QUIC."
        self._recorder.chose("alt-svc", first.text, why)

    def note_services(self, target: Target, services: Sequence[Service]) -> None:
        """Take from the HTTPS records of a target that it speaks HTTP/3, and at which endpoints."""
        if target.scheme != "https" or target.origin in self._given_up:
            return
        found = next((each for each in services if _SPOKEN in each.alpn and each.endpoints), None)
        if found is not None:
            text = f"{_SPOKEN} at {found.name}, port {found.port}, by its HTTPS record"
            self._known[target.origin] = _Offer(text, None, found.endpoints)

    def endpoints(self, target: Target, endpoints: tuple[Admitted, ...]) -> tuple[Admitted, ...]:
        """Where to ask for HTTP/3 alone: as an HTTPS record says, and behind that these."""
        known = self._known.get(target.origin)
        first = known.endpoints if known else ()
        return (*first, *(each for each in endpoints if each not in first))

    def _vet(self, offer: Alternative, here: Target) -> Target:
        host = offer.host or (f"[{here.host}]" if ":" in here.host else here.host)
        there = parse(f"https://{host}:{offer.port}/")
        self._guard.vet_target(there)
        return there

    def open(self, target: Target, endpoints: tuple[Admitted, ...]) -> QuicConnection | None:
        """A connection over QUIC in place of one over TCP, where the origin said that it can be.

        In: `endpoints`, those of the target, which its alternative shares if the name is the same.
        Out: None if nothing is known of one, or it came to nothing.
        Raises: FetchError limit.total.
        """
        known = self._known.get(target.origin)
        if known is None:
            return None
        why = f"{known.text} was offered: QUIC has {self._options.limits.quic_alternative_s:g} s."
        self._recorder.chose("http version", "3", why)
        load()
        with self._recorder.stage("quic"):
            try:
                return self._opener.open_here(
                    target,
                    known.endpoints or self._endpoints(target, known.there or target, endpoints),
                    self._options.limits.quic_alternative_s,
                )
            except FetchError as error:
                if error.code in _FINAL:
                    raise
                failure = error
        del self._known[target.origin]
        self._given_up.add(target.origin)
        why = f"{failure.code}: {failure.message} TCP stands in for it."
        self._recorder.chose("http version", "not 3", why)
        return None

    def _endpoints(
        self, target: Target, there: Target, endpoints: tuple[Admitted, ...]
    ) -> tuple[Admitted, ...]:
        if there.host != target.host:
            if there.address:
                return self._guard.vet_addresses(there, [there.address])
            return self._resolver.resolve(there).endpoints
        addresses = [each.address for each in endpoints]
        return self._guard.vet_addresses(there, addresses)
