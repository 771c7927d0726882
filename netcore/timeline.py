"""timeline: events and units -> stages, lanes and marks: what a page or a terminal draws.

Theory of operation. The events are read once, in order. Some become marks: what crossed, the
connection's beginning and end, decisions, keys, truncation and failure. The rest (waiting, socket
options) are facts that only the list of all events shows. Marks of the same kind that follow each
other on one channel and carry nothing with a name of its own become one mark with several
members. A mark's number is that of its first event, so it never changes while a trace grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from netcore.captured_marks import CapturedMarks
from netcore.dns_steps import dns_steps
from netcore.figures import binary_size
from netcore.kernel_times import KernelTimes
from netcore.losses import Losses, quic_losses, with_losses
from netcore.marks import (
    LAYER_OF_CHOICE,
    LAYER_OF_STAGE,
    Certainty,
    Direction,
    Kind,
    Lane,
    Layer,
    Mark,
    StageSpan,
    Summary,
    Timeline,
    bundle,
    counted,
    layer_of,
)
from netcore.measured import measured_lanes, never_sent, unheard
from netcore.other_ends import OtherEnds
from netcore.pdus import Explanation
from netcore.quic_titles import is_plain
from netcore.reuse import reuses
from netcore.round_trips import BY_STAGE, RoundTrips, asks_kernel
from netcore.summary import summary_of
from netcore.titles import moved_title
from netcore.trace import (
    AnyEvent,
    Called,
    Captured,
    Chose,
    Failed,
    PeerCalled,
    SecretLogged,
    StageEnded,
    StageStarted,
    Trace,
    Truncated,
)

__all__ = ["BREAKING", "Lane", "Mark", "StageSpan", "Summary", "Timeline", "timeline"]

_DECRYPTED = "decrypted"  # the step of a unit that was taken out of a record
BREAKING = frozenset({"ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"})
"""Errors of send and recv after which nothing that a TCP socket says comes from its peer."""
_OPAQUE = frozenset(
    {"tls_ciphertext", "message_body", "http1_chunk", "http2_data", "surplus", "uncut"}
    | {"http3_data", "quic_datagram", "quic_packet", "quic_packet_padding", "quic_stream_data"}
)


def timeline(trace: Trace, explanation: Explanation) -> Timeline:
    """The stages, lanes and marks of a trace, finished or running.

    Args:
        trace: the recorded facts.
        explanation: the units of the same events.

    Returns:
        A Timeline. Of a longer trace with the same beginning it has the same marks with the
        same numbers first; only the last mark of a beginning may gain members and a title. What
        was sent or arrived moves to the kernel's own time for it once that is known, and at the
        end what was lost or sent again stands apart.
    """
    kernel = KernelTimes(trace.events)
    reading = _Reading(explanation, kernel, OtherEnds(trace.events))
    reading.over_quic = trace.options.http == "3"
    for number, event in enumerate(trace.events, start=1):
        if isinstance(event, Captured):
            reading.packet(number, event)
        elif isinstance(event, PeerCalled):
            reading.peer(number, event)
        else:
            reading.take(number, event)
    summary = summary_of(trace, kernel)
    zones = {step.endpoint: step.zone for step in reversed(dns_steps(trace, explanation))}
    marks = reading.marks if summary.running else reading.with_losses(trace.events)
    return Timeline(
        stages=tuple(reading.stages),
        lanes=(Lane("client", "client", "Client", ""), *reading.measured_lanes(zones)),
        marks=tuple(bundle(marks)),
        summary=summary,
        singles=tuple(marks),
        waits=tuple(reading.waits),
        reuses=reuses(trace.events),
    )


class _Reading:
    """What is known while the events are read in order."""

    def __init__(self, explanation: Explanation, kernel: KernelTimes, ends: OtherEnds) -> None:
        self.explanation, self.kernel, self.ends = explanation, kernel, ends
        self.stage, self.hop = "target", 1
        self.stages: list[StageSpan] = []
        self.lanes: dict[str, Lane] = {}
        self.marks: list[Mark] = []
        self.peers: dict[str, str] = {}  # socket -> lane
        self.unconnected: set[str] = set()  # TCP sockets
        self.broken: set[str] = set()  # sockets whose connection a call found dead
        self.round_trips = RoundTrips()
        self.captured = CapturedMarks()
        self.waits: list[tuple[int, int]] = []
        self.over_quic = False  # nothing but QUIC is to be spoken, so no TCP is decided about

    def measured_lanes(self, zones: Mapping[str, str]) -> Iterator[Lane]:
        """The lanes of the peers. In: the zones of the name servers that were walked to."""
        both = measured_lanes(self.marks)
        for lane in self.lanes.values():
            ns, by = self.round_trips.of(lane.key)
            whole = lane.key in both
            zone = zones.get(lane.note, "") if lane.kind == "resolver" else ""
            yield msgspec.structs.replace(
                lane, round_trip_ns=ns, measured_by=by, measured=whole, zone=zone
            )

    def with_losses(self, events: Sequence[AnyEvent]) -> list[Mark]:
        found = quic_losses(self.explanation.quic.values(), events)
        seen = self.captured.losses
        told = unheard(self.marks, self.ends.lost)
        losses = Losses(found.lost | seen.lost | told, found.firsts | seen.firsts)
        return with_losses(self.marks, losses, self.captured.quiet)

    def packet(self, number: int, event: Captured) -> None:
        pdus = tuple(pdu.number for pdu in self.explanation.of_event(number))
        mark = self.captured.mark(number, event, self.lanes.values(), self.stages, pdus)
        self.marks += [mark] if mark else []

    def peer(self, number: int, event: PeerCalled) -> None:
        lane = self.peers.get(event.channel.partition(".")[0], "client")
        mark = never_sent(number, event, lane, self.stages)
        self.marks += [mark] if mark else []

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
                self.captured.decided(event)
                layer = self.layer_of_choice(event.what)
                title = f"{event.what}: {event.value}"
                self.mark(number, event, "decision", layer, title=title, detail=event.why)
            case SecretLogged():
                title = event.line.partition(" ")[0]
                self.mark(number, event, "key", "tls", title=title, opaque=True)
            case Truncated():
                cut = f"stopped after {_bound(event)}"
                title = f"recording {cut}"
                self.mark(number, event, "truncated", self.layer(), title=title, detail=cut)
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

    def layer_of_choice(self, what: str) -> Layer:
        layer = LAYER_OF_CHOICE.get(what, "http")
        return "quic" if layer == "tcp" and self.over_quic else layer

    def layer(self) -> Layer:
        return LAYER_OF_STAGE.get(self.stage, "http")

    def end_stage(self, event: StageEnded) -> None:
        for index in range(len(self.stages) - 1, -1, -1):
            stage = self.stages[index]
            if stage.name == event.stage and stage.hop == event.hop and stage.end_ns is None:
                self.stages[index] = StageSpan(
                    stage.name, stage.hop, stage.start_ns, event.time_ns, event.error
                )
                return

    def called(self, number: int, event: Called) -> None:
        if self.stage == "path":
            return  # probes are told as hops
        if event.call == "connect":
            self.connect(number, event)
        elif event.call == "getsockopt" and event.arguments[1:2] == ("SO_ERROR",):
            self.connected(number, event)
        elif asks_kernel(event):
            self.round_trips.told(self.peers.get(event.socket, ""), event.result)
        elif event.call in ("send", "recv"):
            self.moved(number, event)
            self.measured(event)
        elif event.call in ("shutdown", "close") and event.socket.startswith("tcp:"):
            self.closed(number, event)
        elif event.call == "select":
            self.waits.append((event.time_ns, event.end_ns))

    def closed(self, number: int, event: Called) -> None:
        """The end of a connection from our side; of one that never was, nothing crosses."""
        why = "The connection was not made." if event.socket in self.unconnected else ""
        if event.socket in self.broken:
            why = "The connection was broken already, so the server is told nothing."
        self.mark(
            number,
            event,
            "close",
            "tcp",
            event.socket,
            "" if why else "sent",
            title=f"{event.call}()",
            detail=why,
        )

    def lane_to(self, protocol: str, address: str) -> str:
        """The lane of a peer, which is the same over UDP and over TCP."""
        kind: Literal["resolver", "server"] = "resolver" if self.stage == "dns" else "server"
        for lane in self.lanes.values():
            if (lane.kind, lane.note) == (kind, address):
                return lane.key
        key = f"{protocol}:{address}"
        if key in self.lanes:
            key = f"{key}/{kind}"
        self.lanes[key] = Lane(key, kind, kind.capitalize(), address)
        return key

    def connect(self, number: int, event: Called) -> None:
        address = str(event.arguments[0]) if event.arguments else ""
        protocol = event.socket.partition(":")[0]
        key = self.peers[event.socket] = self.lane_to(protocol, address)
        if protocol == "udp" and not event.errno:
            return  # it sets the peer's address; nothing crosses
        if protocol == "tcp":
            self.round_trips.connecting(event.socket, event.time_ns)
        if event.errno:
            self.unconnected.add(event.socket)
        error = "" if event.errno == "EINPROGRESS" else event.errno
        if not event.errno:
            self.round_trips.connected(event.socket, key, event.end_ns)
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
        lane = self.peers.get(event.socket, "client")
        self.round_trips.connected(event.socket, lane, event.time_ns, event.errno)
        if not event.errno:
            self.unconnected.discard(event.socket)
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
        direction: Direction = "sent" if event.call == "send" else "received"
        if event.peer and event.socket not in self.peers:
            self.peers[event.socket] = self.lane_to(event.socket.partition(":")[0], event.peer)
        if not event.length:
            self.moved_nothing(number, event, direction)
            return
        sent = direction == "sent"
        lane = self.peers.get(event.socket, "client")
        ended_ns = event.time_ns if sent else event.end_ns
        by = BY_STAGE.get(self.stage, "")
        self.round_trips.moved(event.socket, lane, ended_ns, sent=sent, by=by)
        acknowledged_ns = self.kernel.of(event).acknowledged_ns
        if acknowledged_ns is not None:
            self.round_trips.acknowledged(lane, acknowledged_ns - event.time_ns)
        pdus = self.explanation.of_event(number)
        meant = [pdu for pdu in pdus if not pdu.is_opened] or pdus
        named = [pdu for pdu in meant if pdu.name not in _OPAQUE and not is_plain(pdu)]
        begun = [pdu for pdu in meant if pdu.events[0] == number]
        shown = begun if any(pdu.name != "not_kept" for pdu in begun) else meant
        kind: Kind = "send" if sent else "receive"
        channels = self.explanation.channels
        title, first = moved_title(shown, number, event, channels)
        if event.calls > 1:
            title = counted(kind, event.calls, event.length, kept=bool(event.data))
        self.mark(
            number,
            event,
            kind,
            layer_of(first, self.layer()),
            event.socket,
            direction,
            title=title or "not kept",
            octets=event.length,
            certainty="decrypted" if any(pdu.step == _DECRYPTED for pdu in pdus) else "observed",
            pdus=tuple(pdu.number for pdu in pdus),
            opaque=not named,
        )

    def measured(self, event: Called) -> None:
        """Give the last mark, which is of this call, the other ends that are known."""
        far = self.ends.of(event)
        if far:
            self.marks[-1] = msgspec.structs.replace(self.marks[-1], far=far)

    def moved_nothing(self, number: int, event: Called, direction: Direction) -> None:
        """An error, or the end of what the peer sends. No packet is drawn that nobody has seen:
        a send that fails sends none, and behind an error the kernel itself says that all is over.
        """
        socket, errno = event.socket, event.errno
        title = errno or ("nothing left" if socket in self.broken else "end of file")
        if direction == "sent" or socket in self.broken:
            direction = ""
        if errno in BREAKING and socket.startswith("tcp:"):
            self.broken.add(socket)
        self.mark(number, event, "close", "tcp", socket, direction, title=title, error=errno)

    def mark(
        self,
        number: int,
        event: AnyEvent,
        kind: Kind,
        layer: Layer,
        socket: str = "",
        direction: Direction = "",
        *,
        title: str,
        detail: str = "",
        error: str = "",
        octets: int = 0,
        certainty: Certainty = "observed",
        pdus: tuple[int, ...] = (),
        opaque: bool = False,
    ) -> None:
        first_ns, last_ns, calls, kept = self.kernel.told(event, came=direction == "received")
        mark = Mark(
            number=number,
            members=(number,),
            kind=kind,
            layer=layer,
            lane=self.peers.get(socket, "client"),
            stage=self.stage,
            hop=self.hop,
            direction=self.captured.direction(kind, direction),
            time_ns=first_ns,
            last_ns=last_ns,
            calls=calls,
            octets=octets,
            kept=kept,
            title=title,
            detail=detail,
            error=error,
            certainty=certainty,
            pdus=pdus,
            opaque=opaque,
        )
        self.marks.append(mark)


def _bound(cut: Truncated) -> str:
    return f"{cut.limit:,} events" if cut.what == "events" else binary_size(cut.limit)
