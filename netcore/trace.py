"""Trace: the recorded facts of one fetch, and how they are saved.

A trace is a list of events. An event is one frozen fact at `time_ns`; its number is its place
in the list, counted from 1, and never changes. Everything else that Wiretale shows is computed
from this list. `docs/trace-format.md` describes the saved form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from netcore.options import Options

FORMAT: Final = 4
"""What is written. Every earlier one is read too."""

SOFTWARE: Final = "wiretale/0.1.0"

CAPTURE: Final = "capture"
HAR: Final = "har"
ORIGINS: Final = ("", CAPTURE, HAR)
"""Where the facts of a trace come from: our own recording, packets, the log of a browser."""

STAGES: Final = (
    "target",
    "dns",
    "connect",
    "tls",
    "quic",
    "request",
    "waiting",
    "response",
    "messages",
    "redirect",
    "close",
    "path",
)
"""The closed list of stage names, in the order in which a fetch meets them."""

Plain = int | float | str | bool | None


class Event(msgspec.Struct, frozen=True, gc=False, tag_field="kind", tag=True, omit_defaults=True):
    """One fact.

    `time_ns` is monotonic time in nanoseconds since the trace began: when the call was made,
    for a call, else when the fact was learnt; what KernelTimestamp and PeerCalled tell is as old
    as they say.
    """

    time_ns: int


class StageStarted(Event, frozen=True, gc=False):
    """The fetch entered a stage. Stages of one hop follow each other and do not overlap."""

    stage: str
    hop: int = 1  # 1 for the URL that was asked for, one more after each redirect


class StageEnded(Event, frozen=True, gc=False):
    """The fetch left a stage."""

    stage: str
    hop: int = 1
    error: str = ""  # the code of the failure that ended it, "" if it ended well


class Called(Event, frozen=True, gc=False):
    """One call on a socket, or one wait for sockets, as it was made.

    `data` holds what crossed, as far as it was kept: `length` says how much did. Behind the cap
    of its channel, calls in a row are one event that sums them: `calls` says how many they were.
    """

    socket: str  # "tcp:1"; "" for a call that concerns no single socket
    call: str  # the name of the function: "connect", "send", "recv", "select"
    arguments: tuple[Plain, ...] = ()  # an address is written "127.0.0.1:443" or "[::1]:443"
    result: Plain = None
    errno: str = ""  # "ECONNREFUSED"; "" where the call did not fail
    duration_ns: int = 0
    site: tuple[str, ...] = ()  # "netcore/wire.py:120 send": who called, innermost first
    channel: str = ""  # "tcp:1.sent" or "tcp:1.received", for calls that move octets
    offset: int = 0  # where in the channel the first octet stands
    length: int = 0  # octets that crossed
    data: bytes = b""  # the octets that were kept: the first len(data) of them
    calls: int = 1  # how many calls this sums; `duration_ns` then runs from the first to the last
    waited_ns: int = 0  # how much of that was spent waiting between them

    @property
    def end_ns(self) -> int:
        """When the call returned."""
        return self.time_ns + self.duration_ns

    @property
    def peer(self) -> str:
        """The other end that it names: what connect() was given, and of a trace that somebody
        brought along to or from whom octets crossed; "" where it names none.
        """
        at = {"connect": 0, "send": 1, "recv": 1}.get(self.call, len(self.arguments))
        return str(self.arguments[at]) if at < len(self.arguments) else ""


class Captured(Event, frozen=True, gc=False):
    """A packet of this fetch, as it passed an interface of this machine.

    `time_ns` is when it passed, which may be before what was recorded ahead of it. What the link
    put before the IP header is left out.
    """

    interface: str  # "eth0", "lo"
    direction: str  # "sent" or "received"
    length: int  # octets from the IP header on
    data: bytes = b""  # the octets that were kept: the first len(data) of them
    checksum_offloaded: bool = False  # the network card was still to compute it
    segmentation_offloaded: bool = False  # it crosses the link as several packets


class KernelTimestamp(Event, frozen=True, gc=False):
    """The kernel's own time for octets that crossed; `time_ns` is that time.

    It speaks of the octet before `offset` and, since TCP keeps their order, of all before that.
    """

    channel: str
    offset: int
    what: str  # "handed over" to the device's queue, "sent", "acknowledged" or "arrived"


class PeerCalled(Event, frozen=True, gc=False):
    """A call that the other end made, as that end noted it on the same clock.

    Only a server on this machine that gives its notes away can be measured like this: those of
    the lab. `time_ns` is when the call was made, which is before what is recorded ahead of it.
    """

    channel: str  # as our own calls name it: a server's recv() takes from "tcp:1.sent"
    call: str  # "recv" or "send"
    offset: int  # where in the channel the first octet stands
    length: int
    duration_ns: int = 0
    lost: bool = False  # on purpose: a datagram that it did not send, or did not listen to

    @property
    def moment_ns(self) -> int:
        """When its octets were there, or began to leave."""
        return self.time_ns + self.duration_ns if self.call == "recv" else self.time_ns


class TcpInfoSampled(Event, frozen=True, gc=False):
    """What the kernel knew of a TCP connection: members of struct tcp_info under their names.

    None is what this kernel does not tell, or does not know yet. Times are in microseconds, rates
    in octets a second, windows and what is under way in segments.
    """

    socket: str
    state: str  # of RFC 9293: "ESTABLISHED"
    rtt_us: int | None = None  # smoothed, of what we send
    rttvar_us: int | None = None
    min_rtt_us: int | None = None
    rcv_rtt_us: int | None = None  # as the receiver reckons it from what arrives
    rto_us: int | None = None  # after which an unacknowledged segment is sent again
    snd_cwnd: int | None = None  # the congestion window
    snd_ssthresh: int | None = None  # where slow start ends
    snd_wnd: int | None = None  # octets that the peer has room for
    rcv_space: int | None = None  # octets, to which the receive buffer has been tuned
    snd_mss: int | None = None  # octets of a segment
    rcv_mss: int | None = None
    pmtu: int | None = None
    unacked: int | None = None
    lost: int | None = None
    retrans: int | None = None  # sent again and not acknowledged yet
    total_retrans: int | None = None
    pacing_rate: int | None = None
    delivery_rate: int | None = None
    bytes_sent: int | None = None  # repeated ones included
    bytes_retrans: int | None = None
    bytes_acked: int | None = None
    bytes_received: int | None = None
    notsent_bytes: int | None = None  # in the kernel's queue
    busy_us: int | None = None  # how long there was something to send
    rwnd_limited_us: int | None = None  # of that, held up by the peer's window
    sndbuf_limited_us: int | None = None


class SocketOptionsRead(Event, frozen=True, gc=False):
    """The options of a socket that leads to a target, by their names."""

    socket: str
    when: str  # "opened", before any was set, or "closed"
    values: dict[str, int | str]  # SO_LINGER in seconds, -1 where it is off


class SecretLogged(Event, frozen=True, gc=False):
    """The TLS library gave out a secret: one line of an NSS key log."""

    line: str


class TrustAnchorFound(Event, frozen=True, gc=False):
    """A chain of certificates was built up to one that is trusted: a trust anchor (RFC 5280 §6).

    It comes from the client's own list and need not cross the wire; what is wrong with the chain
    beneath it is told elsewhere.
    """

    socket: str  # "tcp:1": whose server showed the chain
    certificate: bytes  # in DER


class Chose(Event, frozen=True, gc=False):
    """A decision: what was decided, for which value, and why, in words for a reader."""

    what: str
    value: str
    why: str = ""


class Truncated(Event, frozen=True, gc=False):
    """From here on the octets of a channel are counted and no longer kept."""

    what: str  # a channel
    limit: int  # octets kept


class Completed(Event, frozen=True, gc=False):
    """The last event of a fetch that received a complete response."""

    status_code: int
    reason_phrase: str = ""
    http_version: str = "1.1"
    hop: int = 1
    body_octets: int = 0  # of the content, after transfer and content codings were undone


class Failed(Event, frozen=True, gc=False):
    """The last event of a fetch that did not."""

    stage: str
    code: str
    message: str
    hop: int = 1


AnyEvent = (
    StageStarted
    | StageEnded
    | Called
    | Captured
    | KernelTimestamp
    | PeerCalled
    | TcpInfoSampled
    | SocketOptionsRead
    | SecretLogged
    | TrustAnchorFound
    | Chose
    | Truncated
    | Completed
    | Failed
)


class Trace(msgspec.Struct):
    """The facts of one fetch."""

    url: str  # as the user gave it
    started: str  # wall clock, ISO 8601 in UTC with microseconds
    options: Options
    events: list[AnyEvent]
    software: str = SOFTWARE
    origin: str = ""  # CAPTURE or HAR of what was not recorded by us; its calls nobody saw

    @property
    def outcome(self) -> Completed | Failed | None:
        """The last event, if the fetch has ended; None while it runs or if it was torn off."""
        last = self.events[-1] if self.events else None
        return last if isinstance(last, Completed | Failed) else None


class _Head(msgspec.Struct, frozen=True, tag_field="kind", tag="Trace", omit_defaults=True):
    """The first line of a saved trace. Only what has a default here is left out where it has it."""

    format: int
    software: str
    url: str
    started: str
    options: Options
    origin: str = ""


class BadTrace(ValueError):
    """The text is not a saved trace; the message names the line and what is wrong with it."""


_encoder = msgspec.json.Encoder()
_head_decoder = msgspec.json.Decoder(_Head)
_event_decoder = msgspec.json.Decoder(AnyEvent)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # the last: "[[[[..."


def encode_head(trace: Trace) -> bytes:
    """The first line of the saved form, with its line feed."""
    head = _Head(FORMAT, trace.software, trace.url, trace.started, trace.options, trace.origin)
    return _encoder.encode(head) + b"\n"


def encode_events(events: Iterable[AnyEvent]) -> bytes:
    """One line for each event, octets in base64."""
    return _encoder.encode_lines(list(events))


def encode(trace: Trace) -> bytes:
    """The saved form: JSON lines, the head first, then one event a line."""
    return encode_head(trace) + encode_events(trace.events)


def decode(untrusted: bytes) -> Trace:
    """Read the saved form.

    Returns:
        A trace that equals the one that was encoded.

    Raises:
        BadTrace: a line is not JSON, not an event, or of another format version.
    """
    lines = untrusted.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise BadTrace("The file is empty: a trace begins with a line that describes it.")
    try:
        head = _head_decoder.decode(lines[0])
    except _UNREADABLE as error:
        raise BadTrace(f"Line 1 does not describe a trace: {error}.") from error
    if not 1 <= head.format <= FORMAT:
        raise BadTrace(f"This trace has format {head.format}; this program reads 1 to {FORMAT}.")
    events: list[AnyEvent] = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            events.append(_event_decoder.decode(line))
        except _UNREADABLE as error:
            raise BadTrace(f"Line {number} is not an event: {error}.") from error
    return Trace(head.url, head.started, head.options, events, head.software, head.origin)
