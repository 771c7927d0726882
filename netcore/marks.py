"""Marks: what a timeline is made of, and how marks that follow each other become one.

A mark's number is that of its first event, so it never changes while a trace grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from netcore.other_ends import FarEnd
from netcore.reuse import Reuse
from netcore.round_trip_count import RoundTripCount
from netcore.trace import Failed

Kind = Literal[
    "send",
    "receive",
    "connect",
    "connected",
    "close",
    "segment",
    "decision",
    "key",
    "truncated",
    "failure",
]
Layer = Literal["dns", "tcp", "tls", "quic", "http", "ws", "raw"]
Certainty = Literal["observed", "decrypted", "derived", "assumed"]
Direction = Literal["sent", "received", ""]

LAYER_OF_CHOICE: dict[str, Layer] = {
    "resolver": "dns",
    "hosts": "dns",
    "idn": "dns",
    "dns answer": "dns",
    **dict.fromkeys(("https record", "dns transport", "name server", "referral"), "dns"),
    "guard": "tcp",
    "address": "tcp",
    "attempt": "tcp",
    "connection": "tcp",
    **dict.fromkeys(("capture", "packets", "exchange"), "tcp"),
    "tls version": "tls",
    "cipher suite": "tls",
    "alpn": "tls",
    "certificate": "tls",
    "sni": "tls",
    "client certificate": "tls",
    "cipher list": "tls",
    "session": "tls",
    "quic version": "quic",
    "retry": "quic",
    "early data": "tls",
    "clock": "tcp",
    "socket option": "tcp",
    "raw": "raw",
    "end of answer": "raw",
    "http version": "http",
    "url": "http",
    "field": "http",
    "websocket": "ws",
    "extension": "ws",
    "subprotocol": "ws",
    "close": "ws",
}
"""Of a decision, by what was decided; of those not named here it is HTTP's."""

LAYER_OF_STAGE: dict[str, Layer] = {
    "dns": "dns",
    "connect": "tcp",
    "tls": "tls",
    "quic": "quic",
    "messages": "ws",
}
"""The layer of a stage; HTTP for those that are not named here."""


class StageSpan(msgspec.Struct, frozen=True):
    """One stage of one hop, in nanoseconds from the start."""

    name: str
    hop: int
    start_ns: int
    end_ns: int | None  # None while it runs
    error: str = ""  # the code of the failure that ended it


class Lane(msgspec.Struct, frozen=True):
    """One party: the client, a resolver or a server.

    In a walk from the root the client is the resolver: whom it asks is a name server of a zone.
    """

    key: str  # "client", or the peer's address as in "udp:127.0.0.1:53"
    kind: Literal["client", "resolver", "server"]
    title: str
    note: str  # the peer's address
    round_trip_ns: int = 0  # the least that was measured, 0 if none was
    measured_by: str = ""  # what was measured: "TCP_INFO", "connect()" or "DNS query"
    measured: bool = False  # whether it noted all that crossed, by the same clock
    zone: str = ""  # the zone that it serves, "." for the root; "" where no name was walked to


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing worth seeing."""

    number: int  # of its first event
    members: tuple[int, ...]  # the numbers of all its events
    kind: Kind
    layer: Layer
    lane: str  # the peer's lane; "client" for what concerns the client alone
    stage: str
    hop: int
    direction: Direction = ""
    time_ns: int  # when it was sent, or arrived, or was decided; by the kernel where it says so
    last_ns: int = 0  # the same of its last call
    calls: int = 1  # how many calls it stands for
    octets: int = 0
    kept: bool = True  # whether the octets that crossed are in the recording
    title: str
    detail: str = ""
    error: str = ""  # an errno or the code of a failure
    certainty: Certainty = "observed"
    pdus: tuple[int, ...] = ()  # the numbers of the units that it moved octets of
    opaque: bool = False  # carries nothing with a name of its own
    lost: int = 0  # it never arrived: the number of the event that tells so; 0 where nothing does
    far: tuple[FarEnd, ...] = ()  # the calls of the other end that moved its octets, if known
    first: int = 0  # it carries octets again: the number of the event that carried them before

    @property
    def never_sent(self) -> bool:
        """Whether it is a datagram that the other end noted and did not send, on purpose."""
        return self.lost == self.number


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
    round_trips: RoundTripCount | None = None  # of the last hop, where they can be counted
    kernel_wait_ns: int = 0  # the longest that octets lay in the kernel before they were read


class Timeline(msgspec.Struct, frozen=True):
    """Everything that is drawn of a trace."""

    stages: tuple[StageSpan, ...]
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    summary: Summary
    singles: tuple[Mark, ...] = ()  # the same marks before any were joined
    waits: tuple[tuple[int, int], ...] = ()  # when the client did nothing but wait
    reuses: tuple[Reuse, ...] = ()  # requests on a connection that was there already


def bundle(marks: Sequence[Mark]) -> list[Mark]:
    """Join what follows each other and has no name of its own."""
    bundled: list[list[Mark]] = []
    for mark in marks:
        if bundled and _belong(bundled[-1][-1], mark):
            bundled[-1].append(mark)
        else:
            bundled.append([mark])
    return [join(group) for group in bundled]


def _belong(first: Mark, second: Mark) -> bool:
    return first.opaque and second.opaque and _side(first) == _side(second)


def _side(mark: Mark) -> tuple[object, ...]:
    return (mark.kind, mark.layer, mark.lane, mark.stage, mark.hop, mark.direction, mark.kept)


def join(marks: Sequence[Mark]) -> Mark:
    """Marks of one kind, direction and peer, in order of time, as one. One alone stays as it is."""
    first = marks[0]
    if len(marks) == 1:
        return first
    octets = sum(mark.octets for mark in marks)
    calls = sum(mark.calls for mark in marks)
    return msgspec.structs.replace(
        first,
        members=tuple(number for mark in marks for number in mark.members),
        octets=octets,
        calls=calls,
        last_ns=max(mark.last_ns for mark in marks),
        error=next((mark.error for mark in marks if mark.error), ""),
        title=_together(marks, calls, octets),
        pdus=tuple(dict.fromkeys(number for mark in marks for number in mark.pdus)),
        far=tuple(far for mark in marks for far in mark.far),
    )


def _together(marks: Sequence[Mark], calls: int, octets: int) -> str:
    """What several marks are called: ends by what they are, the rest by how many there are."""
    if marks[0].kind in ("close", "segment"):
        titles = list(dict.fromkeys(mark.title for mark in marks))
        alike = marks[0].kind == "segment" and len(titles) == 1
        return f"{calls:,} × {titles[0]}" if alike else ", ".join(titles)
    return counted(marks[0].kind, calls, octets, kept=all(mark.kept for mark in marks))


_PLURALS = {
    "connect": "connects",
    "connected": "ends of connects",
    "decision": "decisions",
    "key": "secrets",
    "truncated": "caps reached",
    "failure": "failures",
}


def counted(kind: Kind, calls: int, octets: int, *, kept: bool) -> str:
    """What several marks of one kind are called: "6 reads, 18,204 B"."""
    if kind not in ("send", "receive"):
        return f"{calls:,} {_PLURALS[kind]}"
    noun = "writes" if kind == "send" else "reads"
    return f"{calls:,} {noun}, {octets:,} B" + ("" if kept else ", not kept")


def layer_of(name: str, otherwise: Layer) -> Layer:
    """The layer of a unit by its name; `otherwise` where there is none."""
    family = name.partition("_")[0]
    return _LAYER_OF_FAMILY.get(family, "http") if family else otherwise


_LAYER_OF_FAMILY: dict[str, Layer] = {
    "dns": "dns",
    "tls": "tls",
    "quic": "quic",
    "websocket": "ws",
    "raw": "raw",
}
"""The layer of units by the first word of their names; HTTP's of those not named here."""
