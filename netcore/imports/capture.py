"""Capture: the packets that somebody else captured, as a trace.

A capture has packets and no calls. Each piece of a connection that crossed in order becomes a send
or a recv at the time of its packet, so that everything that explains a trace explains it too; the
head of the trace says that nobody saw such calls (`origin`). Stages are put where the octets say
that they begin. What is encrypted opens with the secrets in the file, or with a key log beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeGuard
from urllib.parse import urlsplit

import msgspec

from netcore.exports.har import har
from netcore.field import find
from netcore.imports.capture_file import Packet, key_log_lines, read_capture
from netcore.imports.flows import Flow, Moved, Turn, flows, shown
from netcore.imports.left_out import left_out
from netcore.options import Options
from netcore.packet_ends import TCP
from netcore.pdu import Pdu
from netcore.pdus import explain
from netcore.trace import (
    CAPTURE,
    AnyEvent,
    BadTrace,
    Called,
    Chose,
    Completed,
    SecretLogged,
    StageEnded,
    StageStarted,
    Trace,
    Truncated,
)

EVENTS: Final = 11_000
SECRETS: Final = 500
_DNS_PORTS: Final = (53, 5353)
_QUIC_LEAST: Final = 1_200  # octets of a client's first datagram
_TLS_HANDSHAKE: Final = b"\x16\x03"
_HEADS: Final = (
    "http1_request_head",
    "http1_response_head",
    "http2_headers",
    "http3_headers",
)
_READ_BY: Final = ("tls", "dns", "quic")
"""Stages by which the first octets of a connection are read."""
_NOTHING: Final = "The capture holds no TCP or UDP over IP that could be told of."


def trace_of_capture(untrusted: bytes, key_log: bytes = b"") -> Trace:
    """A trace that tells what a capture holds.

    Args:
        untrusted: a pcapng or pcap file.
        key_log: an NSS key log, where the secrets are not in the file.

    Raises:
        BadTrace: it is no capture, holds nothing that can be told, or too much.
    """
    found = read_capture(untrusted)
    told = [flow for flow in flows(found.packets) if flow.happened]
    missing = left_out(found.packets, found.unread, found.without_ip)
    if not told:
        raise BadTrace(f"{_NOTHING} Left out: {missing}." if missing else _NOTHING)
    lines = list(dict.fromkeys([*found.secrets, *key_log_lines(key_log)]))[:SECRETS]
    start_ns = _start(found.packets)
    trace = _ended(_Telling(told, start_ns, lines).events(), start_ns, told)
    if missing:
        why = "Wiretale puts TCP and UDP over IP together, and no fragments of IP."
        trace.events.insert(0, _chose("packets", f"left out: {missing}", why))
    return trace


def _start(packets: Iterable[Packet]) -> int:
    return min(packet.time_ns for packet in packets)


class _Step(NamedTuple):
    """Something of a flow, to be told in order of time."""

    time_ns: int
    flow: int
    order: int
    what: Moved | Turn | None  # None: the flow begins


class _Telling:
    """The flows of a capture as the events of one trace."""

    def __init__(self, told: Sequence[Flow], start_ns: int, secrets: Sequence[str]) -> None:
        self._flows = told
        self._start_ns = start_ns
        self._secrets = secrets
        self._names = _names(told)
        self._offsets: dict[str, int] = {}
        self._cut: set[str] = set()
        self._connected: set[int] = set()
        self._stage = ""
        self._events: list[AnyEvent] = []

    def events(self) -> list[AnyEvent]:
        """All of them, without the end."""
        for line in self._secrets:
            self._events.append(SecretLogged(0, line))
        for step in self._steps():
            if len(self._events) > EVENTS:
                raise BadTrace(f"The capture has more than {EVENTS:,} things to tell.")
            self._take(step, step.time_ns - self._start_ns)
        last_ns = self._events[-1].time_ns
        self._enter("", last_ns)
        return self._events

    def _steps(self) -> list[_Step]:
        steps: list[_Step] = []
        for at, flow in enumerate(self._flows):
            steps.append(_Step(flow.started_ns, at, -1, None))
            steps += [_Step(e.time_ns, at, n, e) for n, e in enumerate(flow.happened)]
        return sorted(steps, key=lambda step: step[:3])

    def _take(self, step: _Step, time_ns: int) -> None:
        flow, socket = self._flows[step.flow], self._names[step.flow]
        if step.what is None:
            self._begin(step.flow, time_ns)
            return
        if isinstance(step.what, Turn):
            self._turn(step.flow, step.what, time_ns)
            return
        self._connect(step.flow, time_ns)
        if _channel(socket, step.what) not in self._offsets:
            self._enter(_stage_of(flow), time_ns)  # by it the first octets of a channel are read
        self._moved(socket, shown(flow.server), step.what, time_ns)

    def _begin(self, number: int, time_ns: int) -> None:
        flow = self._flows[number]
        if flow.opened:
            self._enter("connect" if flow.protocol == TCP else _stage_of(flow), time_ns)
        if flow.protocol != TCP:
            self._connect(number, time_ns)

    def _turn(self, number: int, turn: Turn, time_ns: int) -> None:
        flow, socket = self._flows[number], self._names[number]
        if turn.what == "connected":
            began_ns = max(flow.started_ns - self._start_ns, self._latest_ns())
            self._connect(number, min(began_ns, time_ns), time_ns)
        elif turn.what == "refused":
            self._call(time_ns, socket, "connect", (shown(flow.server),), None, "ECONNREFUSED")
        elif turn.what == "reset":
            self._call(time_ns, socket, "recv", (), None, "" if turn.sent else "ECONNRESET")
        else:
            self._call(time_ns, socket, "close", (), None)

    def _connect(self, number: int, time_ns: int, end_ns: int | None = None) -> None:
        """The connection is there. Where its beginning was not captured, none is made up."""
        if number in self._connected:
            return
        self._connected.add(number)
        flow, socket = self._flows[number], self._names[number]
        took = (end_ns or time_ns) - time_ns
        if flow.opened:
            self._call(time_ns, socket, "connect", (shown(flow.server),), 0, duration_ns=took)
        self._call(end_ns or time_ns, socket, "getsockname", (), shown(flow.client))

    def _moved(self, socket: str, peer: str, moved: Moved, time_ns: int) -> None:
        call = "send" if moved.sent else "recv"
        channel = _channel(socket, moved)
        offset, length = self._offsets.get(channel, 0), len(moved.data) + moved.missing
        data = b"" if channel in self._cut else moved.data
        self._offsets[channel] = offset + length
        if moved.missing and channel not in self._cut:
            self._cut.add(channel)
            self._events.append(Truncated(time_ns, channel, offset + len(data)))
        self._events.append(
            Called(
                time_ns,
                socket,
                call,
                (length, peer),
                length,
                channel=channel,
                offset=offset,
                length=length,
                data=data,
            )
        )

    def _call(
        self,
        time_ns: int,
        socket: str,
        call: str,
        arguments: tuple[str, ...],
        result: int | str | None,
        errno: str = "",
        duration_ns: int = 0,
    ) -> None:
        self._events.append(Called(time_ns, socket, call, arguments, result, errno, duration_ns))

    def _latest_ns(self) -> int:
        last = self._events[-1] if self._events else None
        return last.end_ns if isinstance(last, Called) else last.time_ns if last else 0

    def _enter(self, stage: str, time_ns: int) -> None:
        """Leave the stage that it is in, and enter another; "": none."""
        if stage == self._stage:
            return
        if self._stage:
            self._events.append(StageEnded(time_ns, self._stage))
        if stage:
            self._events.append(StageStarted(time_ns, stage))
        self._stage = stage


def _channel(socket: str, moved: Moved) -> str:
    return f"{socket}.{'sent' if moved.sent else 'received'}"


def _socket_of(event: AnyEvent) -> str:
    """The socket that moved octets; "" if none did."""
    return event.socket if isinstance(event, Called) and event.channel else ""


def _is_received(event: AnyEvent, socket: str) -> TypeGuard[Called]:
    return isinstance(event, Called) and event.channel == f"{socket}.received"


def _names(told: Sequence[Flow]) -> list[str]:
    counts = {"tcp": 0, "udp": 0}
    names = []
    for flow in told:
        kind = "tcp" if flow.protocol == TCP else "udp"
        counts[kind] += 1
        names.append(f"{kind}:{counts[kind]}")
    return names


def _stage_of(flow: Flow) -> str:
    """The stage that the first octets of a flow are of."""
    if flow.protocol == TCP:
        if flow.server[1] in _DNS_PORTS:
            return "dns"
        return "tls" if flow.first.startswith(_TLS_HANDSHAKE) else "request"
    return "quic" if len(flow.first) >= _QUIC_LEAST else "dns"


def _chose(what: str, value: str, why: str) -> Chose:
    return Chose(0, what, value, why)


def _ended(events: list[AnyEvent], start_ns: int, told: Sequence[Flow]) -> Trace:
    """The trace with its end, and with the stages of the exchange put where its octets are."""
    names = _names(told)
    of = dict(zip(names, map(_stage_of, told), strict=True))
    exchange = _exchange(events)
    events = _staged(events, exchange.begin, of) if exchange.begin else events
    started = datetime.fromtimestamp(start_ns / 1e9, UTC).isoformat(timespec="microseconds")
    servers = [name for name in names if of[name] != "dns"]
    socket = exchange.socket or next(iter(servers), names[0])
    server = told[names.index(socket)].server
    url = f"{'https' if of[socket] in ('tls', 'quic') else 'http'}://{shown(server)}/"
    last = events[-1]
    last_ns = last.end_ns if isinstance(last, Called) else last.time_ns
    came = sum(e.length for e in events if _is_received(e, socket))
    end = Completed(last_ns, 0, body_octets=came)  # unless a response can be read
    trace = Trace(url, started, Options(), [*events, end], origin=CAPTURE)
    entry = msgspec.json.decode(har(trace))["log"]["entries"]
    if len(servers) > 1:
        value = f"{socket} of {len(servers):,} connections to servers"
        why = "Its request is the first." if exchange.socket else "None has a request to read."
        trace.events.insert(0, _chose("exchange", value, why))
    if not entry or not entry[0]["response"]["status"]:
        return trace
    response, request = entry[0]["response"], entry[0]["request"]
    if response["status"] == 101:
        url = url.replace("http", "ws", 1)
    trace.url = _url(url, request, exchange.target)
    trace.events[-1] = Completed(
        last_ns,
        response["status"],
        response["statusText"],
        response["httpVersion"].rpartition("/")[2].removeprefix("h")[:8] or "1.1",
        body_octets=max(0, response["content"]["size"]),
    )
    return trace


def _url(url: str, request: dict[str, object], target: str) -> str:
    """What was asked for, by the field that names the host."""
    headers = request["headers"]
    assert isinstance(headers, list)
    named = {each["name"].lower(): each["value"] for each in headers}
    host = str(named.get("host") or named.get(":authority") or "")
    target = str(named.get(":path") or target)
    target = target if target.startswith("/") else "/"  # of OPTIONS it may be "*"
    if not host or not host.isascii() or not host.isprintable() or len(host) > 260:
        return url
    return f"{urlsplit(url).scheme}://{host}{target}"[:8_000]


class _Exchange(NamedTuple):
    """The first request of a capture, with the events at which its stages begin."""

    socket: str = ""
    target: str = ""  # of HTTP/1.1; in others it is a field
    begin: Mapping[int, str] = {}


def _exchange(events: Sequence[AnyEvent]) -> _Exchange:
    """The first request, and what answers it on the same connection."""
    heads: dict[str, dict[str, Pdu]] = {}
    for pdu in explain(events).pdus:
        if pdu.name in _HEADS and pdu.events:
            called = events[pdu.events[0] - 1]
            way = pdu.origin[0].channel.rpartition(".")[2]
            heads.setdefault(_socket_of(called), {}).setdefault(way, pdu)
    asked = {socket: each for socket, each in heads.items() if "sent" in each}
    if not asked:
        return _Exchange()
    socket, first = min(asked.items(), key=lambda each: each[1]["sent"].events[0])
    line = find(first["sent"].fields(), "request_target")
    target = str(line.value) if line is not None else ""
    sent = first["sent"].events[0]
    received = first["received"].events[0] if "received" in first else 0
    if received <= sent:
        return _Exchange(socket, target)
    begin = {sent: "request", sent + 1: "waiting", received: "response"}
    return _Exchange(socket, target, begin)


def _staged(
    events: list[AnyEvent], begin: Mapping[int, str], of: Mapping[str, str]
) -> list[AnyEvent]:
    """From the first of these events on there are only the stages that begin at them.

    Others stand where the first octets of another connection are read by them; its own octets
    lead back to the exchange. In: `of`, the stage that the octets of each socket are read by.
    """
    first, made, stage, exchange = min(begin), [], "", ""
    own = _socket_of(events[first - 1])
    for number, event in enumerate(events, start=1):
        is_stage = isinstance(event, StageStarted | StageEnded)
        if number < first:
            made.append(event)
            if is_stage:
                stage = event.stage if isinstance(event, StageStarted) else ""
            continue
        exchange = begin.get(number, exchange)
        entered = exchange if number in begin or _socket_of(event) == own else ""
        if isinstance(event, Called) and event.length and not event.offset and not entered:
            needed = of[event.socket]
            entered = needed if needed in _READ_BY else exchange
        if entered and entered != stage:
            made += [StageEnded(event.time_ns, stage)] if stage else []
            made.append(StageStarted(event.time_ns, entered))
            stage = entered
        if not is_stage:
            made.append(event)
    last = made[-1]
    made.append(StageEnded(last.end_ns if isinstance(last, Called) else last.time_ns, stage))
    return made
