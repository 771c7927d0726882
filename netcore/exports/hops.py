"""Hops: the events of a trace by the request that they belong to, and how long its phases took.

A hop begins with its first stage and ends before that of the next one. Where a request had to be
sent again on another connection, that is a hop of its own here: one part for each request.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from netcore.trace import AnyEvent, Called, Completed, Failed, StageEnded, StageStarted

_SENT_AGAIN_NS = 1_000_000_000  # RFC 6298 §2: a lost SYN is not repeated before, and not counted
_BEFORE_A_REQUEST = ("dns", "connect", "tls", "quic", "request")
_CONNECTING = ("connect", "quic")
_EXCHANGE = ("request", "waiting", "response")
_AT_ONCE_NS = 200_000  # a wait that is shorter did not wait
_TICKS = 1024
"""Parts of a millisecond to which durations are rounded: such numbers add up exactly."""


class Stage(msgspec.Struct):
    """One stage of a hop, in nanoseconds since the trace began."""

    name: str
    start_ns: int
    end_ns: int
    error: str = ""


class Hop(msgspec.Struct):
    """The events around one request. `number` counts redirects, from 1."""

    number: int
    first: int  # the number of its first event
    stages: list[Stage] = msgspec.field(default_factory=list)
    calls: list[tuple[str, int, Called]] = msgspec.field(
        default_factory=list
    )  # stage, "" where none was open any more; number; call
    last: int = 0  # the number of its last event
    outcome: Completed | Failed | None = None

    @property
    def start_ns(self) -> int:
        """When its first stage began."""
        return self.stages[0].start_ns

    @property
    def end_ns(self) -> int:
        """When the last stage that a request waits for ended; closing is not one, nor the path."""
        behind = ("close", "path")
        counted = (stage for stage in self.stages if stage.name not in behind or stage.error)
        return max((stage.end_ns for stage in counted), default=self.start_ns)

    def stage(self, name: str) -> Stage | None:
        """The stage of that name, None if it was not entered."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def moved(self, call: str) -> list[tuple[int, Called]]:
        """The calls of that name ("send" or "recv") while the request and its response crossed."""
        return [(number, each) for number, each in _moved(self, _EXCHANGE) if each.call == call]

    @property
    def failure(self) -> str:
        """What ended it before its response was complete, "" if nothing did."""
        if isinstance(self.outcome, Failed):
            return f"{self.outcome.code}: {self.outcome.message}"
        return next((stage.error for stage in self.stages if stage.error), "")

    @property
    def socket(self) -> str:
        """The socket that carried the request, or the last one that was to; "" if none."""
        begun = winner = ""
        for stage, _, call in self.calls:
            if call.channel and stage in ("tls", *_EXCHANGE):
                return call.socket
            if stage in _CONNECTING and call.call == "connect":
                begun = call.socket
            elif stage in _CONNECTING and call.call == "getpeername":
                winner = call.socket
        return winner or begun


def hops(events: Sequence[AnyEvent]) -> list[Hop]:
    """The hops of a trace, in order. Every event belongs to one of them."""
    found: list[Hop] = []
    stage, asked = "", False
    for number, event in enumerate(events, start=1):
        if isinstance(event, StageStarted):
            again = asked and event.stage in _BEFORE_A_REQUEST
            if not found or event.hop != found[-1].number or again:
                found.append(Hop(event.hop, number))
                asked = False
            stage, asked = event.stage, asked or event.stage == "request"
            found[-1].stages.append(Stage(stage, event.time_ns, event.time_ns))
        if found:
            found[-1].last = number
            _add(found[-1], stage, number, event)
        if isinstance(event, StageEnded):
            stage = ""  # what follows a failure, such as a goodbye, is no part of what failed
    return found


def _add(hop: Hop, stage: str, number: int, event: AnyEvent) -> None:
    if isinstance(event, Called):
        hop.calls.append((stage, number, event))
        if stage:
            hop.stages[-1].end_ns = max(hop.stages[-1].end_ns, event.end_ns)
    elif isinstance(event, StageEnded):
        for each in reversed(hop.stages):
            if each.name == event.stage:
                each.end_ns, each.error = max(event.time_ns, each.start_ns), event.error
                break
    elif isinstance(event, Completed | Failed):
        hop.outcome = event


class Timings(msgspec.Struct):
    """HAR's timings in milliseconds. -1: does not apply. `ssl` is a part of `connect`."""

    blocked: float
    dns: float
    connect: float
    ssl: float
    send: float
    wait: float
    receive: float

    @property
    def total(self) -> float:
        """The sum of all but `ssl`, exactly."""
        parts = (self.blocked, self.dns, self.connect, self.send, self.wait, self.receive)
        return math.fsum(part for part in parts if part > 0)


def timings(
    hop: Hop, response_events: Iterable[int], request_events: Iterable[int] = ()
) -> Timings:
    """How long the phases of a hop took, from its calls.

    In: `response_events` and `request_events`, the numbers of the calls that moved octets of the
    response and of the request, as far as they were kept. Where they are not known, whatever came
    counts, and whatever was sent before anything was waited for.
    What lies between the phases, such as attempts at other addresses, is `blocked`.
    """
    dns = hop.stage("dns")
    dns_ns = dns.end_ns - dns.start_ns if dns else None
    tcp_ns = _connecting_ns(hop)
    ssl_ns = _handshake_ns(hop)
    send_ns, wait_ns, receive_ns, end_ns = _exchange_ns(
        hop, set(response_events), _sent(hop, set(request_events))
    )
    known = sum(each or 0 for each in (dns_ns, tcp_ns, ssl_ns, send_ns, wait_ns, receive_ns))
    return Timings(
        blocked=_ms(end_ns - hop.start_ns - known),
        dns=_ms(dns_ns),
        connect=_ms(tcp_ns if ssl_ns is None else (tcp_ns or 0) + ssl_ns),
        ssl=_ms(ssl_ns),
        send=_ms(send_ns),
        wait=_ms(wait_ns),
        receive=_ms(receive_ns),
    )


def _connecting_ns(hop: Hop) -> int | None:
    """From connect() until the answer to it; None on a connection that was there before.

    Over UDP nothing is asked by it.
    """
    if hop.socket.startswith("udp:"):
        return None
    begun: Called | None = None
    waits: list[Called] = []
    asked: list[Called] = []
    for _, _, call in hop.calls:
        ours = call.socket == hop.socket
        if begun is None:
            begun = call if ours and call.call == "connect" else None
        elif call.call == "select" and not asked:
            waits.append(call)
        elif ours and call.call == "getsockopt":
            asked.append(call)
    if begun is None:
        return None
    stage = hop.stage("connect")
    if stage is not None and stage.error:
        return max(0, stage.end_ns - begun.time_ns)
    own_ns = max(0, _writable_ns(begun, waits) - begun.time_ns)
    rtt_ns = next(
        (_rtt_ns(call) for call in asked if call.arguments[1:] == ("TCP_INFO", "tcpi_rtt")), 0
    )
    return rtt_ns if 0 < rtt_ns < own_ns < _SENT_AGAIN_NS else own_ns


def _rtt_ns(call: Called) -> int:
    """What the kernel measured between SYN and SYN-ACK, free of the time that we took to look."""
    return call.result * 1_000 if isinstance(call.result, int) else 0


def _writable_ns(begun: Called, waits: list[Called]) -> int:
    """When a socket could be written to, as near as the waits tell since connecting began."""
    if not begun.errno or not waits:
        return begun.end_ns
    # An only wait that found it so at once tells that it had been so before: what lies between
    # is our own time. On one machine, connecting is over when connect() returns.
    at_once = len(waits) == 1 and waits[0].duration_ns < _AT_ONCE_NS
    return begun.end_ns if at_once else waits[-1].end_ns


def _handshake_ns(hop: Hop) -> int | None:
    """From the first octet of the ClientHello until both sides are done; None without TLS."""
    stage = hop.stage("quic") or hop.stage("tls")
    moved = _moved(hop, ("tls", "quic"))
    begun = next((call for _, call in moved if call.call == "send"), None)
    if stage is None or begun is None:
        return None
    end_ns = stage.end_ns if stage.error else max(_crossed_ns(call) for _, call in moved)
    return end_ns - begun.time_ns


def _sent(hop: Hop, request: set[int]) -> list[Called]:
    """The calls that sent the request. An alert or a goodbye of TLS is none of it."""
    tried = hop.moved("send")
    took = [(number, call) for number, call in tried if call.length]
    if request:
        # What was not kept cannot be told apart; it stands behind the head.
        known = [call for number, call in took if number in request or not_kept(call)]
    else:
        asked = {number for stage, number, _ in hop.calls if stage == "request"}
        known = [call for number, call in took if number in asked]
    return known or [call for _, call in tried]


def not_kept(call: Called) -> bool:
    """Whether octets crossed in this call that the recording does not hold."""
    return len(call.data) < call.length


def _exchange_ns(hop: Hop, response: set[int], sent: list[Called]) -> tuple[int, int, int, int]:
    """Send, wait and receive, and when the last of them ended."""
    if not sent:
        return 0, 0, 0, hop.end_ns
    start_ns, sent_ns = sent[0].time_ns, max(_crossed_ns(call) for call in sent)
    came = [(number, call) for number, call in hop.moved("recv") if call.end_ns >= sent_ns]
    end_ns = max([sent_ns, *(call.end_ns for _, call in came)])
    if any(stage.error for stage in hop.stages if stage.name in _EXCHANGE):
        end_ns = max(end_ns, hop.end_ns)  # waiting in vain was a part of it
    nothing_ns = sent_ns if response else end_ns
    telling = (call.end_ns for number, call in came if number in response or not response)
    first_ns = next(telling, nothing_ns)
    return sent_ns - start_ns, first_ns - sent_ns, end_ns - first_ns, end_ns


def _crossed_ns(call: Called) -> int:
    """When octets crossed, as near as a call tells: what comes is there once it returns.

    What is sent leaves as the call is made; that it returns may take until the receiver has run.
    """
    return call.time_ns if call.call == "send" and call.calls == 1 else call.end_ns


def _moved(hop: Hop, stages: tuple[str, ...]) -> list[tuple[int, Called]]:
    """The calls on the hop's socket that moved octets, or met the end, in these stages."""
    socket = hop.socket
    return [
        (number, call)
        for stage, number, call in hop.calls
        if stage in stages and call.socket == socket and call.call in ("send", "recv")
    ]


def _ms(time_ns: int | None) -> float:
    """Milliseconds in steps of 1/1,024, none below 0; -1 for None."""
    if time_ns is None:
        return -1
    return round(max(0, time_ns) * _TICKS / 1_000_000) / _TICKS
