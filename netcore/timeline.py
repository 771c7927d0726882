"""timeline: events and units -> stages, lanes and marks: what a page or a terminal draws.

Theory of operation. The events are read once, in order. Some become marks: what crossed, the
connection's beginning and end, decisions, keys, truncation and failure. The rest (waiting, socket
options) are facts that only the list of all events shows. Marks of the same kind that follow each
other on one channel and carry nothing with a name of its own become one mark with several
members. A mark's number is that of its first event, so it never changes while a trace grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from netcore.pdus import Explanation
from netcore.titles import joined
from netcore.trace import (
    AnyEvent,
    Called,
    Chose,
    Completed,
    Failed,
    SecretLogged,
    StageEnded,
    StageStarted,
    Trace,
    Truncated,
)

Kind = Literal[
    "send",
    "receive",
    "connect",
    "connected",
    "close",
    "decision",
    "key",
    "truncated",
    "failure",
]
Layer = Literal["dns", "tcp", "tls", "http"]
Certainty = Literal["observed", "decrypted", "derived", "assumed"]

_LAYER_OF_CHOICE: dict[str, Layer] = {
    "resolver": "dns",
    "hosts": "dns",
    "dns answer": "dns",
    "guard": "tcp",
    "address": "tcp",
    "tls version": "tls",
    "cipher suite": "tls",
    "alpn": "tls",
    "certificate": "tls",
}
_LAYER_OF_STAGE: dict[str, Layer] = {"dns": "dns", "connect": "tcp", "tls": "tls"}
_OPAQUE = frozenset({"tls_ciphertext", "message_body", "http1_chunk", "surplus", "uncut"})


class StageSpan(msgspec.Struct, frozen=True):
    """One stage of one hop, in nanoseconds from the start."""

    name: str
    hop: int
    start_ns: int
    end_ns: int | None  # None while it runs
    error: str = ""  # the code of the failure that ended it


class Lane(msgspec.Struct, frozen=True):
    """One party: the client, a resolver or a server."""

    key: str  # "client", or the peer's address as in "udp:127.0.0.1:53"
    kind: Literal["client", "resolver", "server"]
    title: str
    note: str  # the peer's address


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing worth seeing."""

    number: int  # of its first event
    members: tuple[int, ...]  # the numbers of all its events
    kind: Kind
    layer: Layer
    lane: str  # the peer's lane; "client" for what concerns the client alone
    stage: str
    hop: int
    direction: Literal["sent", "received", ""] = ""
    time_ns: int  # when it was sent, or arrived, or was decided
    octets: int = 0
    title: str
    detail: str = ""
    error: str = ""  # an errno or the code of a failure
    certainty: Certainty = "observed"
    pdus: tuple[int, ...] = ()  # the numbers of the units that it moved octets of
    opaque: bool = False  # carries nothing with a name of its own


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of a trace in one line."""

    url: str
    running: bool
    status_code: int = 0
    reason_phrase: str = ""
    http_version: str = ""
    failure: Failed | None = None
    failure_event: int = 0  # its number
    total_ns: int = 0
    sent_octets: int = 0
    received_octets: int = 0
    tls_version: str = ""
    cipher_suite: str = ""
    hops: int = 1
    body_octets: int = 0


class Timeline(msgspec.Struct, frozen=True):
    """Everything that is drawn of a trace."""

    stages: tuple[StageSpan, ...]
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    summary: Summary


def timeline(trace: Trace, explanation: Explanation) -> Timeline:
    """The stages, lanes and marks of a trace, finished or running.

    Args:
        trace: the recorded facts.
        explanation: the units of the same events.

    Returns:
        A Timeline. Of a longer trace with the same beginning it has the same marks with the
        same numbers first; only the last mark of a beginning may gain members and a title.
    """
    reading = _Reading(explanation)
    for number, event in enumerate(trace.events, start=1):
        reading.take(number, event)
    return Timeline(
        stages=tuple(reading.stages),
        lanes=(Lane("client", "client", "Client", ""), *reading.lanes.values()),
        marks=tuple(_bundle(reading.marks)),
        summary=_summary(trace),
    )


class _Reading:
    """What is known while the events are read in order."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        self.stage, self.hop = "target", 1
        self.stages: list[StageSpan] = []
        self.lanes: dict[str, Lane] = {}
        self.marks: list[Mark] = []
        self.peers: dict[str, str] = {}  # socket -> lane

    def take(self, number: int, event: AnyEvent) -> None:
        match event:
            case StageStarted():
                self.stage, self.hop = event.stage, event.hop
                self.stages.append(StageSpan(event.stage, event.hop, event.time_ns, None))
            case StageEnded():
                self.end_stage(event)
            case Called():
                self.called(number, event)
            case Chose():
                layer = _LAYER_OF_CHOICE.get(event.what, "http")
                title = f"{event.what}: {event.value}"
                self.mark(number, event, "decision", layer, title=title, detail=event.why)
            case SecretLogged():
                title = event.line.partition(" ")[0]
                self.mark(number, event, "key", "tls", title=title, opaque=True)
            case Truncated():
                title = f"recording of {event.what} stopped after {event.limit:,}"
                self.mark(number, event, "truncated", self.layer(), title=title)
            case Failed():
                self.stage, self.hop = event.stage, event.hop
                self.mark(
                    number,
                    event,
                    "failure",
                    self.layer(),
                    title=event.code,
                    detail=event.message,
                    error=event.code,
                )

    def layer(self) -> Layer:
        return _LAYER_OF_STAGE.get(self.stage, "http")

    def end_stage(self, event: StageEnded) -> None:
        for index in range(len(self.stages) - 1, -1, -1):
            stage = self.stages[index]
            if stage.name == event.stage and stage.hop == event.hop and stage.end_ns is None:
                self.stages[index] = StageSpan(
                    stage.name, stage.hop, stage.start_ns, event.time_ns, event.error
                )
                return

    def called(self, number: int, event: Called) -> None:
        if event.call == "connect":
            self.connect(number, event)
        elif event.call == "getsockopt" and event.arguments[1:2] == ("SO_ERROR",):
            self.connected(number, event)
        elif event.call in ("send", "recv"):
            self.moved(number, event)
        elif event.call in ("shutdown", "close") and event.socket.startswith("tcp:"):
            title = f"{event.call}()"
            self.mark(number, event, "close", "tcp", event.socket, "sent", title=title)

    def connect(self, number: int, event: Called) -> None:
        address = str(event.arguments[0]) if event.arguments else ""
        protocol = event.socket.partition(":")[0]
        key = f"{protocol}:{address}"
        self.peers[event.socket] = key
        if key not in self.lanes:
            is_resolver = self.stage == "dns"
            self.lanes[key] = Lane(
                key,
                "resolver" if is_resolver else "server",
                "Resolver" if is_resolver else "Server",
                address,
            )
        if protocol == "udp" and not event.errno:
            return  # it sets the peer's address; nothing crosses
        error = "" if event.errno == "EINPROGRESS" else event.errno
        self.mark(
            number,
            event,
            "connect",
            "tcp" if protocol == "tcp" else self.layer(),
            event.socket,
            "sent",
            title="connect()",
            detail=address,
            error=error,
        )

    def connected(self, number: int, event: Called) -> None:
        title = event.errno or "connected"
        self.mark(
            number,
            event,
            "connected",
            "tcp",
            event.socket,
            "received",
            title=title,
            error=event.errno,
        )

    def moved(self, number: int, event: Called) -> None:
        direction: Literal["sent", "received"] = "sent" if event.call == "send" else "received"
        if not event.length:
            title = event.errno or "end of file"
            self.mark(
                number,
                event,
                "close",
                "tcp",
                event.socket,
                direction,
                title=title,
                error=event.errno,
            )
            return
        pdus = self.explanation.of_event(number)
        named = [pdu for pdu in pdus if pdu.name not in _OPAQUE]
        shown = [pdu for pdu in pdus if pdu.events[0] == number] or pdus
        self.mark(
            number,
            event,
            "send" if direction == "sent" else "receive",
            self.layer_of(shown[0].name if shown else ""),
            event.socket,
            direction,
            title=joined([pdu.title for pdu in shown]) or "not kept",
            octets=event.length,
            pdus=tuple(pdu.number for pdu in pdus),
            opaque=not named,
        )

    def layer_of(self, name: str) -> Layer:
        if name.startswith("tls"):
            return "tls"
        return "dns" if name == "dns_message" else "http"

    def mark(
        self,
        number: int,
        event: AnyEvent,
        kind: Kind,
        layer: Layer,
        socket: str = "",
        direction: Literal["sent", "received", ""] = "",
        *,
        title: str,
        detail: str = "",
        error: str = "",
        octets: int = 0,
        pdus: tuple[int, ...] = (),
        opaque: bool = False,
    ) -> None:
        arrived = direction == "received"
        time_ns = event.end_ns if arrived and isinstance(event, Called) else event.time_ns
        self.marks.append(
            Mark(
                number=number,
                members=(number,),
                kind=kind,
                layer=layer,
                lane=self.peers.get(socket, "client"),
                stage=self.stage,
                hop=self.hop,
                direction=direction,
                time_ns=time_ns,
                octets=octets,
                title=title,
                detail=detail,
                error=error,
                pdus=pdus,
                opaque=opaque,
            )
        )


def _bundle(marks: Sequence[Mark]) -> list[Mark]:
    """Join what follows each other and has no name of its own."""
    bundled: list[Mark] = []
    for mark in marks:
        if bundled and _belong(bundled[-1], mark):
            bundled[-1] = _join(bundled[-1], mark)
        else:
            bundled.append(mark)
    return bundled


def _belong(first: Mark, second: Mark) -> bool:
    def side(mark: Mark) -> tuple[str, ...]:
        return mark.kind, mark.layer, mark.lane, mark.stage, str(mark.hop), mark.direction

    return first.opaque and second.opaque and side(first) == side(second)


def _join(first: Mark, second: Mark) -> Mark:
    members = first.members + second.members
    octets = first.octets + second.octets
    titles = {
        "send": f"{len(members):,} writes, {octets:,} B",
        "receive": f"{len(members):,} reads, {octets:,} B",
        "key": f"{len(members):,} secrets",
    }
    return msgspec.structs.replace(
        first,
        members=members,
        octets=octets,
        title=titles[first.kind],
        pdus=tuple(dict.fromkeys(first.pdus + second.pdus)),
    )


def _summary(trace: Trace) -> Summary:
    calls = [event for event in trace.events if isinstance(event, Called)]
    chosen = {event.what: event.value for event in trace.events if isinstance(event, Chose)}
    hops = [event.hop for event in trace.events if isinstance(event, StageStarted | Failed)]
    outcome = trace.outcome
    completed = outcome if isinstance(outcome, Completed) else None
    failed = outcome if isinstance(outcome, Failed) else None
    return Summary(
        url=trace.url,
        running=outcome is None,
        status_code=completed.status_code if completed else 0,
        reason_phrase=completed.reason_phrase if completed else "",
        http_version=completed.http_version if completed else "",
        failure=failed,
        failure_event=len(trace.events) if failed else 0,
        total_ns=trace.events[-1].time_ns if trace.events else 0,
        sent_octets=sum(call.length for call in calls if call.channel.endswith(".sent")),
        received_octets=sum(call.length for call in calls if call.channel.endswith(".received")),
        tls_version=chosen.get("tls version", ""),
        cipher_suite=chosen.get("cipher suite", ""),
        hops=max(hops, default=1),
        body_octets=completed.body_octets if completed else 0,
    )
