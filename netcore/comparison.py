"""Comparison: what one fetch came to, in figures that another fetch's can stand beside.

Theory of operation. An account is computed from the recording and its explanation alone. Every
octet that crossed is in exactly one share, so the shares of a fetch add up to what it sent and
received. Of a fetch that was made twice to resume a session, the second is what is compared: the
first is there to get the ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import msgspec

from netcore.channels import Channel
from netcore.framing.http3 import Http3
from netcore.pdu import INFLATED, Pdu
from netcore.pdus import Explanation
from netcore.round_trip_count import RoundTripCount, round_trips_before_response
from netcore.timeline import StageSpan, Timeline
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, Captured, Chose, Completed, Failed, StageStarted, Trace

_HEADS: Final = {"http1_request_head": "sent", "http1_response_head": "received"}
_OFFERED: Final = ("offered", "none")  # what is said of a session before it is used


class Fields(NamedTuple):
    """Header fields of one direction, in octets."""

    written: int = 0  # as lines of text
    packed: int = 0  # as they crossed


class Shares(NamedTuple):
    """What the octets that crossed were for. They add up to all of them."""

    dns: int = 0
    handshake: int = 0  # of TLS or QUIC
    sealing: int = 0  # records or packets around what was said, tickets and acknowledgements
    framing: int = 0
    fields: int = 0
    content: int = 0  # with its content coding

    @property
    def total(self) -> int:
        """All octets."""
        return sum(self)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What one fetch came to, or the part of it that is compared."""

    hop: int = 0  # the request that this is about, 0 for all of them
    status_code: int = 0
    http_version: str = ""
    failure: str = ""  # its code
    running: bool = False
    tls_version: str = ""
    cipher_suite: str = ""
    session: str = ""  # "resumed", "not resumed"; "" where none was offered
    is_early: bool = False  # the request went with the first flight, and was taken
    family: str = ""  # "IPv4" or "IPv6", of the last server
    requests: int = 0
    connections: int = 0
    sent: int = 0
    received: int = 0
    calls: int = 0  # that moved octets, to and from servers
    packets: int = 0  # captured ones, 0 where none were
    shares: Shares = Shares()
    request: Fields = Fields()
    response: Fields = Fields()
    measured: RoundTripCount | None = None
    needed: int = 0  # round trips to the first answer, by the rules of what was spoken
    is_sealed: bool = False  # some of what TLS carried could not be opened
    total_ns: int = 0
    stages: tuple[StageSpan, ...] = ()  # their times count from where the account begins
    why_absent: dict[str, str] = {}  # why a stage is not there, by its name


class Difference(NamedTuple):
    """One figure of several fetches."""

    kind: str
    values: tuple[object, ...]

    def is_same(self, at: int) -> bool:
        """Whether the fetch of that place came to the same as the first."""
        return self.values[at] == self.values[0]


_FIGURES: Final[dict[str, Callable[[Account], object]]] = {
    "outcome": lambda one: one.failure or one.status_code or None,
    "http": lambda one: one.http_version or None,
    "tls": lambda one: (one.tls_version, one.cipher_suite) if one.tls_version else None,
    "session": lambda one: one.session or None,
    "family": lambda one: one.family or None,
    "connections": lambda one: (one.connections, one.requests),
    "round_trips": lambda one: one.needed or None,
    "measured": lambda one: str(one.measured) if one.measured else None,
    "sent": lambda one: one.sent,
    "received": lambda one: one.received,
    "request": lambda one: one.request if one.request.written else None,
    "response": lambda one: one.response if one.response.written else None,
    "handshake": lambda one: one.shares.handshake,
    "overhead": lambda one: one.shares.total - one.shares.content,
    "content": lambda one: one.shares.content,
    "calls": lambda one: one.calls,
    "packets": lambda one: one.packets or None,
    "time": lambda one: one.total_ns,
}
KINDS: Final = tuple(_FIGURES)
"""The kinds of differences, in the order in which they are told."""


def differences(accounts: Sequence[Account]) -> tuple[Difference, ...]:
    """The figures of fetches beside each other; those that no fetch has are left out."""
    found = (
        Difference(kind, tuple(figure(account) for account in accounts))
        for kind, figure in _FIGURES.items()
    )
    return tuple(each for each in found if _is_told(each))


def _is_told(difference: Difference) -> bool:
    """Round trips that were measured are told where they were of all: else it would be a riddle."""
    known = [value is not None for value in difference.values]
    return all(known) if difference.kind == "measured" else any(known)


def compared_hop(events: Sequence[AnyEvent]) -> int:
    """The request that a fetch is compared by: the one that resumed a session, else 0 for all."""
    is_offered = False
    for event in events:
        is_offered = is_offered or (
            isinstance(event, Chose) and event.what == "session" and event.value in _OFFERED
        )
        if is_offered and isinstance(event, StageStarted):
            return event.hop
    return 0


def account_of(trace: Trace, explanation: Explanation, timeline: Timeline) -> Account:
    """The account of a fetch, finished or running."""
    scope = _Scope(trace, explanation)
    stages = [span for span in timeline.stages if not scope.hop or span.hop == scope.hop]
    begun_ns = stages[0].start_ns if scope.hop and stages else 0
    last_ns = trace.events[-1].time_ns if trace.events else 0
    chosen = scope.chosen
    outcome = trace.outcome
    completed = outcome if isinstance(outcome, Completed) else None
    hops = [span.hop for span in timeline.stages]
    return Account(
        hop=scope.hop,
        status_code=completed.status_code if completed else 0,
        http_version=completed.http_version if completed else "",
        failure=outcome.code if isinstance(outcome, Failed) else "",
        running=outcome is None,
        tls_version=chosen.get("tls version", ""),
        cipher_suite=chosen.get("cipher suite", ""),
        session=chosen["session"] if chosen.get("session", "") in _RESUMING else "",
        is_early=chosen.get("early data") == "accepted",
        family=scope.family,
        requests=len({span.hop for span in stages if span.name == "request"}),
        connections=len(scope.servers),
        sent=scope.crossed("sent"),
        received=scope.crossed("received"),
        calls=sum(each.calls for each in scope.moves if each.socket in scope.servers),
        packets=sum(isinstance(event, Captured) for event in scope.events),
        shares=scope.shares(),
        request=scope.fields["sent"],
        response=scope.fields["received"],
        measured=round_trips_before_response(trace.events, scope.hop or max(hops, default=1)),
        needed=_needed(scope, stages),
        is_sealed=any(scope.is_sealed(socket) for socket in scope.servers),
        total_ns=max(0, last_ns - begun_ns),
        stages=tuple(_moved(span, begun_ns, scope.hop) for span in stages),
        why_absent=_why_absent(trace, scope),
    )


_RESUMING: Final = ("resumed", "not resumed")


class _Scope:
    """The part of a trace that is compared: its events, and the sockets that were opened in it."""

    def __init__(self, trace: Trace, explanation: Explanation) -> None:
        self.explanation = explanation
        self.hop = compared_hop(trace.events)
        self.events: list[AnyEvent] = []
        self.numbers: set[int] = set()
        self._stages: dict[int, str] = {}  # by the place of a call among the moves
        self.moves: list[Called] = []
        self._resolvers: set[str] = set()
        self._read(trace.events)

    def _read(self, events: Sequence[AnyEvent]) -> None:
        hop, stage, opened = 1, "", dict[str, int]()
        for number, event in enumerate(events, start=1):
            if isinstance(event, StageStarted):
                hop, stage = event.hop, event.stage
            where = hop
            if isinstance(event, Called) and event.socket:
                where = opened.setdefault(event.socket, hop)
                if stage == "dns" and event.socket not in self._resolvers:
                    self._resolvers |= {event.socket} if where == hop else set()
            if self.hop and where != self.hop:
                continue
            self.events.append(event)
            self.numbers.add(number)
            if isinstance(event, Called) and event.channel and event.length:
                self._stages[len(self.moves)] = stage
                self.moves.append(event)

    @cached_property
    def chosen(self) -> dict[str, str]:
        """The last decision of each kind."""
        return {event.what: event.value for event in self.events if isinstance(event, Chose)}

    @cached_property
    def servers(self) -> list[str]:
        """The sockets to servers that moved octets, in order."""
        sockets = dict.fromkeys(each.socket for each in self.moves)
        return [socket for socket in sockets if socket not in self._resolvers]

    @property
    def family(self) -> str:
        """The address family of the last server that was connected to."""
        places = [
            str(event.arguments[0])
            for event in self.events
            if isinstance(event, Called)
            and event.call == "connect"
            and event.arguments
            and event.socket not in self._resolvers
        ]
        return ("IPv6" if places[-1].startswith("[") else "IPv4") if places else ""

    def crossed(self, direction: str) -> int:
        """Octets in one direction, to and from everybody."""
        return sum(each.length for each in self.moves if each.channel.endswith(direction))

    def pdus(self, name: str) -> Iterator[Pdu]:
        """The units of that name."""
        return (
            pdu
            for pdu in self.explanation.pdus
            if pdu.name == name and pdu.events and pdu.events[0] in self.numbers
        )

    def is_sealed(self, socket: str) -> bool:
        """Whether TLS sealed what a socket carried, and it could not be opened."""
        number = socket.rpartition(":")[2]
        return number in self.explanation.tls and not self._application(socket)

    def _application(self, socket: str) -> list[Channel]:
        """The channels of what was said, over TLS if there is any."""
        number = socket.rpartition(":")[2]
        kind = "tls" if number in self.explanation.tls else "tcp"
        names = (f"{kind}:{number}.sent", f"{kind}:{number}.received")
        known = self.explanation.channels
        return [known[name] for name in names if name in known]

    def _said(self, socket: str) -> int:
        """How many octets a socket carried for HTTP, or whatever was spoken on top."""
        number = socket.rpartition(":")[2]
        if socket.startswith("udp:"):
            known = self.explanation.quic.get(number)
            return sum(stream.octets for stream in known.streams) if known else 0
        return sum(channel.length for channel in self._application(socket))

    def shares(self) -> Shares:
        """What the octets were for."""
        dns = sum(each.length for each in self.moves if each.socket in self._resolvers)
        crossed = sum(each.length for each in self.moves) - dns
        said = min(crossed, sum(map(self._said, self.servers)))
        shaking = sum(
            each.length
            for at, each in enumerate(self.moves)
            if self._stages[at] in ("tls", "quic") and each.socket in self.servers
        )
        handshake = min(shaking, crossed - said)  # with early data, what was said is in it too
        fields = min(said, sum(each.packed for each in self.fields.values()))
        rest = said - fields
        content = min(rest, self._content()) if self._is_framed() else rest
        sealing = crossed - said - handshake
        return Shares(dns, handshake, sealing, rest - content, fields, content)

    def _content(self) -> int:
        bodies = (pdu for pdu in self.pdus("message_body") if pdu.step != INFLATED)
        return sum(pdu.size + pdu.missing for pdu in bodies)

    def _is_framed(self) -> bool:
        numbers = {socket.rpartition(":")[2] for socket in self.servers}
        known = self.explanation
        chunked = next(self.pdus("http1_chunk"), None) is not None
        return chunked or bool(numbers & {*known.http2, *known.http3})

    @cached_property
    def fields(self) -> dict[str, Fields]:
        """Header fields by direction, before and after they were packed."""
        found = {"sent": Fields(), "received": Fields()}
        for direction, written, packed in self._heads():
            before = found[direction]
            found[direction] = Fields(before.written + written, before.packed + packed)
        return found

    def _heads(self) -> Iterator[tuple[str, int, int]]:
        for name, direction in _HEADS.items():
            for pdu in self.pdus(name):
                yield direction, pdu.size, pdu.size
        for socket in self.servers:
            kind, _, number = socket.rpartition(":")
            if kind == "tcp" and number in self.explanation.http2:
                for block in self.explanation.http2[number].blocks:
                    yield block.direction, block.section.size, block.pdu.size
            elif kind == "udp" and number in self.explanation.http3:
                yield from _sections(self.explanation.http3[number])


def _sections(spoken: Http3) -> Iterator[tuple[str, int, int]]:
    """Of each field section: its direction, and octets written and packed."""
    for section in spoken.blocks:
        yield section.direction, section.section.size, section.pdu.size
    for each in spoken.instructions:
        yield each.direction, 0, each.pdu.size


def _moved(span: StageSpan, by_ns: int, hop: int) -> StageSpan:
    """The same stage, counted from where the account begins; a part has one request."""
    end = None if span.end_ns is None else span.end_ns - by_ns
    return StageSpan(span.name, 1 if hop else span.hop, span.start_ns - by_ns, end, span.error)


def _needed(scope: _Scope, stages: Sequence[StageSpan]) -> int:
    """Round trips to a server, of all requests, by the rules of what was spoken.

    One for each connect() of TCP and for each request; TLS 1.3 and QUIC take one, TLS 1.2 two,
    or one where it resumes. HelloRetryRequest and Retry take one more. Early data saves one.
    """
    if not any(span.name == "waiting" and not span.error for span in stages):
        return 0
    names = [span.name for span in stages if not span.error]
    of_tls = 1 if scope.chosen.get("tls version") == "TLS 1.3" or _is_resumed(scope) else 2
    again = sum(title_of(pdu) == "HelloRetryRequest" for pdu in scope.pdus("tls_handshake"))
    again += scope.chosen.get("retry") == "followed"
    saved = scope.chosen.get("early data") == "accepted"
    trips = names.count("connect") + names.count("quic") + names.count("waiting")
    return trips + names.count("tls") * of_tls + again - saved


def _is_resumed(scope: _Scope) -> bool:
    return scope.chosen.get("session") == "resumed"


def _why_absent(trace: Trace, scope: _Scope) -> dict[str, str]:
    """Why stages that another fetch has are not in this one; "" for no reason that is known."""
    over_quic = any(socket.startswith("udp:") for socket in scope.servers)
    is_plain = trace.url.strip().lower().startswith(("http:", "ws:"))
    if scope.hop:
        dns = "looked up before"
    elif any(isinstance(e, Chose) and e.what == "hosts" for e in trace.events):
        dns = "given"
    else:
        dns = "address"
    return {
        "dns": dns,
        "connect": "quic" if over_quic else "kept",
        "tls": "quic" if over_quic else ("plain" if is_plain else "kept"),
        "quic": "tcp",
    }
