"""Capture: the packets that somebody else captured, as a trace.

A capture has packets and no calls. Each piece of a connection that crossed in order becomes a send
or a recv at the time of its packet, so that everything that explains a trace explains it too; the
head of the trace says that nobody saw such calls (`origin`). Stages are put where the octets say
that they begin. What is encrypted opens with the secrets in the file, or with a key log beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from netcore.exports.har import har
from netcore.imports.capture_file import Packet, key_log_lines, read_capture
from netcore.imports.flows import Flow, Moved, Turn, flows, shown
from netcore.options import Options
from netcore.packet_ends import TCP
from netcore.pdus import explain
from netcore.trace import (
    CAPTURE,
    AnyEvent,
    BadTrace,
    Called,
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
    if not told:
        raise BadTrace(_NOTHING)
    lines = list(dict.fromkeys([*found.secrets, *key_log_lines(key_log)]))[:SECRETS]
    start_ns = _start(found.packets)
    events = _Telling(told, start_ns, lines).events()
    return _ended(events, start_ns, told)


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
        """The connection is there; where its beginning was not captured, when it is first used."""
        if number in self._connected:
            return
        self._connected.add(number)
        flow, socket = self._flows[number], self._names[number]
        took = (end_ns or time_ns) - time_ns
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


def _ended(events: list[AnyEvent], start_ns: int, told: Sequence[Flow]) -> Trace:
    """The trace with its end, and with the stages of the exchange put where its octets are."""
    of = dict(zip(_names(told), map(_stage_of, told), strict=True))
    events = _with_exchange(events, of)
    started = datetime.fromtimestamp(start_ns / 1e9, UTC).isoformat(timespec="microseconds")
    server = next((f for f in told if _stage_of(f) != "dns"), told[0])
    secure = _stage_of(server) in ("tls", "quic")
    url = f"{'https' if secure else 'http'}://{shown(server.server)}/"
    last = events[-1]
    last_ns = last.end_ns if isinstance(last, Called) else last.time_ns
    trace = Trace(url, started, Options(), [*events, Completed(last_ns, 0)], origin=CAPTURE)
    entry = msgspec.json.decode(har(trace))["log"]["entries"]
    if not entry or not entry[0]["response"]["status"]:
        return trace
    response, request = entry[0]["response"], entry[0]["request"]
    if response["status"] == 101:
        url = url.replace("http", "ws", 1)
    trace.url = _url(url, request)
    trace.events[-1] = Completed(
        last_ns,
        response["status"],
        response["statusText"],
        response["httpVersion"].rpartition("/")[2][:8] or "1.1",
        body_octets=max(0, response["content"]["size"]),
    )
    return trace


def _url(url: str, request: dict[str, object]) -> str:
    """What was asked for, by the field that names the host."""
    headers = request["headers"]
    assert isinstance(headers, list)
    named = {each["name"].lower(): each["value"] for each in headers}
    host = str(named.get("host") or named.get(":authority") or "")
    parts = urlsplit(str(request["url"]))
    target = named.get(":path") or f"{parts.path or '/'}" + (
        f"?{parts.query}" if parts.query else ""
    )
    if not host or not host.isascii() or not host.isprintable() or len(host) > 260:
        return url
    return f"{urlsplit(url).scheme}://{host}{target}"[:8_000]


def _with_exchange(events: list[AnyEvent], of: Mapping[str, str]) -> list[AnyEvent]:
    """The same events with the stages request, waiting and response of the first exchange."""
    heads: dict[str, int] = {}
    for pdu in explain(events).pdus:
        if pdu.name in _HEADS and pdu.events:
            way = pdu.origin[0].channel.rpartition(".")[2]
            heads.setdefault(way, pdu.events[0])
    sent, received = heads.get("sent"), heads.get("received")
    if not sent or not received or received <= sent:
        return events
    return _staged(events, {sent: "request", sent + 1: "waiting", received: "response"}, of)


def _staged(events: list[AnyEvent], begin: dict[int, str], of: Mapping[str, str]) -> list[AnyEvent]:
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
