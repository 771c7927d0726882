"""Steps: the story of a trace, in the few steps that are worth saying something about.

Theory of operation. The marks are read once, in order. Rules, one for each kind of unit and one
for marks without units, propose steps; each kind of step is told once, and once for each further
request where there are words for that: `response_again`. What is left over the limit goes by
weight, so a long trace loses what says least, and never its failure. The same trace always has
the same steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from netcore.timeline import Mark
from web.kept import kept
from web.player import http_rules, mark_rules, quic_rules, tls_rules
from web.player.found import Found, Place
from web.player.words import KINDS
from web.tale import Tale

MOST_STEPS = 20
MOST_MARKS = 600  # that are looked at
MOST_MEMBERS = 6  # events of a mark that are looked at
MOST_UNITS = 60  # units of an event that are looked at
AGAIN = "_again"  # what the name of the words for a further request ends in

UNITS: Mapping[str, Callable[[Place], Iterator[Found]]] = {
    "dns_message": mark_rules.dns,
    "tls_record": tls_rules.record,
    "tls_ciphertext": tls_rules.sealed,
    "tls_inner_plaintext": tls_rules.messages,
    "tls_aead_ciphered": tls_rules.messages,
    "tls_block_ciphered": tls_rules.messages,
    "tls_handshake": tls_rules.messages,
    "quic_packet": quic_rules.packet,
    "quic_packet_padding": quic_rules.padding,
    "quic_packet_unprotected": quic_rules.unprotected,
    "http1_request_head": http_rules.request_head,
    "http1_response_head": http_rules.response_head,
    "http1_chunk": http_rules.chunk,
    "message_body": http_rules.body,
    "http2_connection_preface": http_rules.preface,
    "http2_settings": http_rules.settings,
    "http2_headers": http_rules.headers,
    "http2_field_section": http_rules.section,
    "http2_data": http_rules.data,
    "http2_goaway": http_rules.goaway,
    "http3_settings": http_rules.settings,
    "http3_headers": http_rules.headers,
    "http3_field_section": http_rules.section,
    "http3_data": http_rules.data,
    "websocket_frame": http_rules.websocket_frame,
}
"""What looks at which unit."""


@dataclass(frozen=True)
class Step:
    """One step: what to open, and what its words are about."""

    kind: str  # of the words in content/steps; "" where every event is a step
    mark: Mark
    event: int
    unit: int = 0  # among the event's units, from 1; 0 for none
    field: str = ""  # a key, see `web.fieldtree`
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def selection(self) -> tuple[int, int, str]:
        """What tells it from the other steps."""
        return self.event, self.unit, self.field


@kept
def steps(tale: Tale) -> tuple[Step, ...]:
    """The steps that are worth saying something about, at most `MOST_STEPS`, in order of time."""
    told: dict[tuple[str, int], Step] = {}
    hops: dict[str, int] = {}  # of each kind the request that it was first told of
    taken: set[tuple[int, int, str]] = set()
    for step in _proposed(tale):
        if step.selection in taken:
            continue
        hop = step.mark.hop
        kind = step.kind
        if hops.setdefault(kind, hop) != hop:
            kind = f"{kind}{AGAIN}"
        if kind in KINDS and (kind, hop) not in told:
            told[kind, hop] = replace(step, kind=kind)
            taken.add(step.selection)
    return _weightiest(tuple(told.values()))


@kept
def every_step(tale: Tale) -> tuple[Step, ...]:
    """Every mark as a step."""
    return tuple(Step("", mark, mark.number) for mark in tale.timeline.marks)


def _weightiest(told: tuple[Step, ...]) -> tuple[Step, ...]:
    ranked = sorted(range(len(told)), key=lambda at: (-KINDS[told[at].kind].weight, at))
    return tuple(told[at] for at in sorted(ranked[:MOST_STEPS]))


def _proposed(tale: Tale) -> Iterator[Step]:
    for mark in tale.timeline.marks[:MOST_MARKS]:
        for one in mark_rules.of_mark(tale, mark):
            yield Step(one.kind, mark, mark.number, facts=one.facts)
        for event in mark.members[:MOST_MEMBERS]:
            for place in _places(tale, mark, event):
                rule = UNITS.get(place.pdu.name)
                if rule is not None:
                    yield from (_step(place, one) for one in rule(place))


def _places(tale: Tale, mark: Mark, event: int) -> Iterator[Place]:
    """The units that an event began to move."""
    units = tale.explanation.of_event(event)[:MOST_UNITS]
    for at, pdu in enumerate(units, start=1):
        if pdu.events[:1] == (event,):
            yield Place(tale, mark, event, at, pdu)


def _step(place: Place, one: Found) -> Step:
    key = place.keys.get(id(one.field), "") if one.field not in (None, place.tree) else ""
    return Step(one.kind, place.mark, place.event, place.at, key, one.facts)


def first_of(chosen: tuple[Step, ...], event: int) -> int:
    """The number of the first step of an event, 0 if it has none."""
    numbered = enumerate(chosen, start=1)
    return next((number for number, step in numbered if step.event == event), 0)


def open_step(chosen: tuple[Step, ...], event: int, selected: tuple[int, str]) -> int:
    """The number of the step that is open, by all that is selected, else by its event alone."""
    exact = (event, *selected)
    numbered = list(enumerate(chosen, start=1))
    found = (number for number, step in numbered if step.selection == exact)
    whole = (number for number, step in numbered if step.event == event and not step.unit)
    return next(found, 0) or next(whole, 0)
