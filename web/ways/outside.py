"""A trace as somebody on the path could have recorded it, who has no key.

Theory of operation. The events are copied, and what did not cross the wire is taken out of them:
secrets, decisions, our own calls' places in the code, how it ended. Everything that is shown is
computed from events, so what is not in these cannot be shown: records without a key stay closed.
Each event that is left out leaves one behind that says nothing, so the numbers stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from netcore.dissect.x509 import common_name
from netcore.field import find_all
from netcore.options import Options
from netcore.pdu import Pdu, octets_of
from netcore.trace import (
    AnyEvent,
    Called,
    Captured,
    Chose,
    Completed,
    KernelTimestamp,
    StageEnded,
    StageStarted,
    Trace,
    Truncated,
)
from web.facts import clean
from web.tale import Tale, tell

_SEALED = frozenset({"tls_ciphertext", "quic_packet"})
_ON_THE_WIRE = frozenset({"capture", "raw"})  # decisions that say how octets are to be read


@dataclass(frozen=True)
class Learnt:
    """What an onlooker knows of a trace."""

    asked: tuple[str, ...]  # names in questions to a resolver, or to name servers
    walked: bool  # it was no resolver that was asked
    shown: tuple[str, ...]  # names in ClientHellos
    certified: tuple[str, ...]  # of certificates that crossed in the clear
    addresses: tuple[str, ...]  # of servers, with their ports
    requests: tuple[str, ...]  # in the clear: the first lines
    sent: int  # octets
    received: int
    sealed: int  # octets in records and packets that stay closed
    duration_ns: int


def seen_from_outside(trace: Trace) -> Trace:
    """The trace without what only the two ends know. The events keep their numbers."""
    events = [_seen(event) for event in trace.events]
    if events:
        events[-1] = Completed(trace.events[-1].time_ns, 0)
    parts = urlsplit(trace.url)
    scheme, port = parts.scheme, parts.netloc.rpartition("@")[2].rpartition(":")[2]
    where = _name(events) or "an address"
    has_port = port.isascii() and port.isdigit()
    url = f"{scheme}://{where}{f':{port}' if has_port else ''}/"
    told = Options(dns_trace=trace.options.dns_trace)  # each question says that: RD=0
    return Trace(url, trace.started, told, events, trace.software)


def outside(tale: Tale) -> Tale:
    """The tale that an onlooker could tell."""
    return tell(seen_from_outside(tale.trace))


def learnt(tale: Tale) -> Learnt:
    """What can be read in a tale from outside."""
    explanation, summary = tale.explanation, tale.timeline.summary
    pdus = list(explanation.pdus)
    servers = [lane.note for lane in tale.timeline.lanes if lane.kind == "server"]
    return Learnt(
        asked=_texts(pdus, "dns_message", "qname"),
        walked=any(lane.zone for lane in tale.timeline.lanes),
        shown=_texts(pdus, "tls_handshake", "host_name"),
        certified=tuple(dict.fromkeys(filter(None, map(clean, _certified(pdus))))),
        addresses=tuple(servers),
        requests=tuple(_requests(pdus)),
        sent=summary.sent_octets,
        received=summary.received_octets,
        sealed=sum(pdu.size for pdu in pdus if pdu.name in _SEALED and not pdu.is_opened),
        duration_ns=summary.total_ns,
    )


def _seen(event: AnyEvent) -> AnyEvent:
    match event:
        case Called():
            return msgspec.structs.replace(event, site=())
        case Captured() | KernelTimestamp() | StageStarted() | Truncated():
            return event
        case StageEnded():
            return msgspec.structs.replace(event, error="")
        case Chose() if event.what in _ON_THE_WIRE:
            return event
        case _:
            return StageEnded(event.time_ns, "")


def _name(events: list[AnyEvent]) -> str:
    """What the server is called by somebody who has seen these events: its address at least."""
    found = learnt(tell(Trace("", "", Options(), events)))
    names = [*found.shown, *(name.rstrip(".") for name in found.asked)]
    return next(iter(names), next(iter(found.addresses), "").rpartition(":")[0])


def _texts(pdus: list[Pdu], unit: str, name: str) -> tuple[str, ...]:
    found = (
        str(field.value)
        for pdu in pdus
        if pdu.name == unit
        for field in find_all(pdu.fields(), name)
        if field.value
    )
    return tuple(dict.fromkeys(clean(text).rstrip(".") for text in found))


def _certified(pdus: list[Pdu]) -> Iterator[str]:
    """The subject of the first certificate of each message that has some."""
    for pdu in pdus:
        if pdu.name == "tls_handshake":
            first = next(find_all(pdu.fields(), "cert_data"), None)
            if first is not None:
                yield common_name(octets_of(pdu, first))


def _requests(pdus: list[Pdu]) -> Iterator[str]:
    for pdu in pdus:
        if pdu.name == "http1_request_head":
            yield clean(pdu.octets.partition(b"\r\n")[0].decode("latin-1"))
