"""Admission: whether a trace that somebody brings along may be stored and shown here.

A saved trace is a file that anybody can write. What the decoder lets through is of the right
types; this module holds it to what a recording can be, so that no view of it fails or takes
long. It says nothing about whether the recording is true: nobody can know that.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any, Final

import msgspec

from netcore.kernel_clock import WHAT
from netcore.trace import (
    ORIGINS,
    STAGES,
    AnyEvent,
    BadTrace,
    Called,
    Captured,
    Chose,
    Completed,
    Failed,
    KernelTimestamp,
    PeerCalled,
    SecretLogged,
    SocketOptionsRead,
    StageEnded,
    StageStarted,
    TcpInfoSampled,
    Trace,
    Truncated,
    TrustAnchorFound,
    decode,
)
from web.spoken import N_
from web.spoken import gettext as _

FILE_OCTETS: Final = 8 << 20
EVENTS: Final = 12_000  # the page records 10,000, and how its stages ended behind them
SOCKETS: Final = 250
PEERS: Final = 100  # each has a lane in the drawing
DATAGRAMS: Final = 2_000  # each is a message of its own to be explained
PACKETS: Final = 4_000  # captured ones; the page records 2,000
PACKET_OCTETS: Final = 1 << 20  # more than any has, also before a network card cuts it
STAGE_EVENTS: Final = 2_000
HOPS: Final = 100
URL_CHARACTERS: Final = 8_192
CERTIFICATE_OCTETS: Final = 100 << 10  # as many as a server may show in all
TEXT_CHARACTERS: Final = 20_000
ITEMS: Final = 1_000  # of a list
LONGEST_NS: Final = 7 * 24 * 3_600 * 10**9
MOST: Final = 1 << 53  # what a number can be in every program that reads JSON

_SOCKET: Final = re.compile(r"(tcp|udp):[1-9]\d{0,5}", re.ASCII)
_INTERFACE: Final = re.compile(r"[!-~]{1,32}", re.ASCII)
_CALL: Final = re.compile(r"[a-z_]{1,32}", re.ASCII)
_ERRNO: Final = re.compile(r"[A-Z0-9]{0,24}", re.ASCII)
_CODE: Final = re.compile(r"[a-z0-9_]{1,32}\.[a-z0-9_]{1,64}", re.ASCII)
_STATE: Final = re.compile(r"[A-Z0-9-]{0,16}", re.ASCII)
_WHAT: Final = re.compile(r"[a-z0-9 _.:-]{1,64}", re.ASCII | re.IGNORECASE)
_WAYS: Final = {"send": "sent", "recv": "received", "recvmsg": "quoted"}


def admit(untrusted: bytes) -> Trace:
    """Read a saved trace that came from outside.

    Returns:
        A finished trace that equals the one that was saved, if a recorder wrote it.

    Raises:
        BadTrace: it is none, or holds what no recording holds; the message names the line.
    """
    if len(untrusted) > FILE_OCTETS:
        raise BadTrace(too_large())
    untrusted = untrusted.removeprefix(BOM_UTF8)  # some editors put it there
    _kind(untrusted)
    if untrusted.count(b"\n") > EVENTS + 1:
        raise BadTrace(_("The trace has more than %(most)s events.", most=f"{EVENTS:,}"))
    trace = decode(untrusted)
    _head(trace)
    _ending(trace.events)
    recording = _Recording()
    for number, event in enumerate(trace.events, start=1):
        try:
            recording.take(event)
        except BadTrace as error:
            raise BadTrace(_in_line(number + 1, error)) from error
    return trace


def too_large() -> str:
    """What is said of a file that is larger than any that opens here."""
    return _("The file has more than %(most)s.", most=f"{FILE_OCTETS:,} bytes")


def _kind(untrusted: bytes) -> None:
    """Say of another kind of file what it seems to be."""
    line = untrusted.partition(b"\n")[0]
    try:
        is_ours = msgspec.json.decode(line, type=_Tagged).kind == "Trace"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        is_ours = False
    if is_ours:
        return
    seems = next((seems for begin, seems in _KINDS if begin.match(untrusted)), _NONE)
    raise BadTrace(f"{_(seems)} {_(_WANTED)}")


class _Tagged(msgspec.Struct):
    kind: str


_WANTED: Final = N_(
    "What opens here is a trace that was saved here (.jsonl or .html), a capture of packets "
    "(.pcapng or .pcap) or a HAR."
)
_KINDS: Final = tuple(
    (re.compile(begin, re.DOTALL), seems)
    for begin, seems in (
        (rb"\x1f\x8b", N_("This seems to be a gzip file: unpack it first.")),
        (rb"\x28\xb5\x2f\xfd", N_("This seems to be a Zstandard file: unpack it first.")),
        (rb"PK\x03\x04", N_("This seems to be a ZIP file: unpack it first.")),
        (
            rb"\x0a\x0d\x0d\x0a|\xd4\xc3\xb2\xa1|\xa1\xb2[\xc3\x3c]",
            N_("This seems to be a capture of packets."),
        ),
        (
            rb"\xff\xfe|\xfe\xff|\{\0|\0\{",
            N_("This seems to be text in UTF-16: save it as UTF-8."),
        ),
        (rb'\s*\{\s*"log"\s*:', N_("This seems to be a HAR, the log of a browser.")),
        (
            rb'\{"format":\d+,"software":',
            N_("This seems to be the explanation of a trace, not the trace."),
        ),
        (rb"\s*<", N_("This seems to be a page of HTML or XML.")),
        (rb'\s*\{\s*"kind"\s*:', N_("This seems to be a trace without its first line.")),
        (
            rb"(?:#[^\n]*\n)*(?:CLIENT|SERVER)_[A-Z_0-9]+ [0-9a-f]{64} ",
            N_("This seems to be a log of TLS keys."),
        ),
    )
)
_NONE: Final = N_("This is no trace that was saved here.")


def _head(trace: Trace) -> None:
    _require(len(trace.url) <= URL_CHARACTERS, N_("Line 1: the url is too long."))
    _require(len(trace.software) <= 80, N_("Line 1: the name of the software is too long."))
    try:
        started = datetime.fromisoformat(trace.started)
    except ValueError:
        started = None
    _require(trace.origin in ORIGINS, N_("Line 1: origin is none of the list."))
    known = started is not None and started.tzinfo is not None and len(trace.started) <= 40
    _require(known, N_("Line 1: started is no time in ISO 8601 with its zone."))
    sent = msgspec.structs.replace(trace.options, body=None)  # its content has the file's bound
    try:
        _check_values(msgspec.to_builtins(sent))
    except BadTrace as error:
        raise BadTrace(_in_line(1, error)) from error


def _ending(events: list[AnyEvent]) -> None:
    """Exactly one event says how the fetch ended, and it is the last."""
    last = len(events) - 1
    for index, event in enumerate(events):
        ends = isinstance(event, Completed | Failed)
        if ends and index < last:
            raise BadTrace(_in_line(index + 2, _("the fetch ended here, and more follows.")))
        if index == last and not ends:
            text = _("the file stops before its fetch had ended.")
            raise BadTrace(_in_line(index + 2, text))
    _require(bool(events), N_("The file has no events."))


@dataclass
class _Recording:
    """What the events so far have said."""

    crossed: dict[str, int] = field(default_factory=dict)  # octets of each channel
    noted_octets: dict[str, int] = field(default_factory=dict)  # the same, at the other end
    cut: set[str] = field(default_factory=set)  # channels behind their limit
    sockets: set[str] = field(default_factory=set)
    peers: set[object] = field(default_factory=set)
    datagrams: int = 0
    packets: int = 0
    stage_events: int = 0
    latest_ns: int = 0

    def take(self, event: AnyEvent) -> None:
        """Hold one event against the others.

        Raises:
            BadTrace: no recorder writes that.
        """
        _require(0 <= event.time_ns <= LONGEST_NS, N_("time_ns is no time of a fetch."))
        _check_values(msgspec.structs.astuple(event))
        self.learnt(event)
        match event:
            case StageStarted() | StageEnded():
                self.stage(event)
            case Called():
                self.called(event)
            case Chose():
                _require(_WHAT.fullmatch(event.what), N_("what names no decision."))
            case SecretLogged() | TrustAnchorFound():
                _secured(event)
            case Truncated():
                _require(_WHAT.fullmatch(event.what), N_("what names no channel."))
                _require(event.limit >= 0, N_("limit is negative."))
            case Completed() | Failed():
                _ended(event)
            case _:
                self.told(event)

    def learnt(self, event: AnyEvent) -> None:
        """Facts are written down when they are learnt; of a call that is when it returned.

        What the kernel and the other end tell is as old as they say.
        """
        if isinstance(event, KernelTimestamp | PeerCalled):
            return
        if isinstance(event, Called):
            _require(0 <= event.duration_ns <= LONGEST_NS, N_("duration_ns is no time of a call."))
        if isinstance(event, Captured):  # when it passed, which is before it was learnt
            return
        at_ns = event.end_ns if isinstance(event, Called) else event.time_ns
        _require(at_ns >= self.latest_ns, N_("it ended before what is on the line above it."))
        self.latest_ns = at_ns

    def stage(self, event: StageStarted | StageEnded) -> None:
        _place(event.stage, event.hop)
        self.stage_events += 1
        _at_most(self.stage_events, STAGE_EVENTS, N_("more than %(most)s stages."))
        if isinstance(event, StageEnded) and event.error:
            _require(_CODE.fullmatch(event.error), N_("error is no code of a failure."))

    def told(
        self, event: Captured | KernelTimestamp | PeerCalled | TcpInfoSampled | SocketOptionsRead
    ) -> None:
        """What the system says of a socket; its times are of octets that have crossed."""
        if isinstance(event, Captured):
            self.captured(event)
            return
        if isinstance(event, PeerCalled):
            self.noted(event)
            return
        if isinstance(event, KernelTimestamp):
            crossed = self.crossed.get(event.channel, 0)
            _require(event.what in WHAT, N_("what is no time that a kernel tells."))
            _require(0 < event.offset <= crossed, N_("nothing has crossed up to offset."))
            return
        _require(_SOCKET.fullmatch(event.socket), N_("socket has no such name."))
        if isinstance(event, TcpInfoSampled):
            _require(_STATE.fullmatch(event.state), N_("state is no state of TCP."))
            return
        _require(event.when in ("opened", "closed"), N_("when is no moment of a socket."))
        _require(len(event.values) <= ITEMS, N_("a list is too long."))

    def noted(self, event: PeerCalled) -> None:
        """The other end's calls follow each other as ours do, on a channel that we know."""
        _require(event.channel in self.crossed, N_("nothing has crossed in that channel."))
        way = {"recv": ".sent", "send": ".received"}.get(event.call, "?")
        _require(event.channel.endswith(way), N_("channel is not the one of its socket and call."))
        _require(0 <= event.duration_ns <= LONGEST_NS, N_("duration_ns is no time of a call."))
        _require(0 < event.length <= MOST, N_("length is too large or 0."))
        before = self.noted_octets.get(event.channel, 0)
        _follows(event.offset, before)
        if event.call == "recv" or not event.lost:
            self.noted_octets[event.channel] = before + event.length

    def called(self, event: Called) -> None:
        _require(_CALL.fullmatch(event.call), N_("call is no name of a function."))
        _require(_ERRNO.fullmatch(event.errno), N_("errno is no name of an error."))
        _require(
            not event.socket or _SOCKET.fullmatch(event.socket), N_("socket has no such name.")
        )
        self.sockets.add(event.socket)
        _at_most(len(self.sockets), SOCKETS, N_("more than %(most)s sockets."))
        _require(0 <= event.waited_ns <= event.duration_ns, N_("waited_ns is not within the call."))
        _require(event.calls >= 1, N_("calls is less than 1."))
        _require(event.calls == 1 or not event.data, N_("several calls in one keep no data."))
        if event.peer:
            self.peers.add(event.peer)
            _at_most(len(self.peers), PEERS, N_("more than %(most)s addresses."))
        if event.channel or event.length or event.data or event.offset:
            self.moved(event)

    def captured(self, event: Captured) -> None:
        _require(_INTERFACE.fullmatch(event.interface), N_("interface is no name of one."))
        _require(
            event.direction in ("sent", "received"), N_("direction is neither sent nor received.")
        )
        _require(
            len(event.data) <= event.length <= PACKET_OCTETS, N_("length is none of a packet.")
        )
        self.packets += 1
        _at_most(self.packets, PACKETS, N_("more than %(most)s captured packets."))

    def moved(self, event: Called) -> None:
        """Its octets follow those of the calls before it, up to where keeping stopped."""
        way = _WAYS.get(event.call)
        named = bool(event.socket) and event.channel == f"{event.socket}.{way}"
        _require(named, N_("channel is not the one of its socket and call."))
        self.datagrams += event.socket.startswith("udp:")
        _at_most(self.datagrams, DATAGRAMS, N_("more than %(most)s datagrams."))
        before = self.crossed.get(event.channel, 0)
        _follows(event.offset, before)
        kept, length = len(event.data), event.length
        _require(kept <= length, N_("data has more bytes than length says."))
        _require(
            not kept or event.channel not in self.cut,
            N_("data stands behind bytes of its channel that were not kept."),
        )
        if kept < length:
            self.cut.add(event.channel)
        self.crossed[event.channel] = before + length
        _require(before + length <= MOST, N_("length is too large."))


def _follows(offset: int, before: int) -> None:
    if offset != before:
        raise BadTrace(_("offset is not %(end)s, where the channel ended.", end=f"{before:,}"))


def _secured(event: SecretLogged | TrustAnchorFound) -> None:
    if isinstance(event, SecretLogged):
        _require(len(event.line) <= 1_024, N_("the line of the key log is too long."))
        return
    _require(_SOCKET.fullmatch(event.socket), N_("socket has no such name."))
    _require(len(event.certificate) <= CERTIFICATE_OCTETS, N_("the certificate is too long."))


def _ended(event: Completed | Failed) -> None:
    if isinstance(event, Failed):
        _place(event.stage, event.hop)
        _require(_CODE.fullmatch(event.code), N_("code is no code of a failure."))
        return
    typed = event.status_code == 0  # of what has no protocol
    _require(typed or 100 <= event.status_code <= 999, N_("status_code has not three digits."))
    _require(len(event.http_version) <= 8, N_("http_version is too long."))
    _require(event.body_octets >= 0, N_("body_octets is negative."))
    _hop(event.hop)


def _place(stage: str, hop: int) -> None:
    _require(stage in STAGES, N_("stage is none of the list."))
    _hop(hop)


def _hop(hop: int) -> None:
    if not 1 <= hop <= HOPS:
        raise BadTrace(_("hop is not between 1 and %(most)s.", most=HOPS))


def _check_values(value: Any) -> None:
    """Bounds that hold for every text, number and list, wherever it stands."""
    match value:
        case str():
            _require(len(value) <= TEXT_CHARACTERS, N_("a text is too long."))
        case float():
            _require(isfinite(value) and abs(value) <= MOST, N_("a number is too large."))
        case int():
            _require(abs(value) <= MOST, N_("a number is too large."))
        case dict():
            _check_all(value.values())
        case list() | tuple():
            _require(len(value) <= ITEMS, N_("a list is too long."))
            _check_all(value)


def _check_all(values: Iterable[Any]) -> None:
    for value in values:
        _check_values(value)


def _require(holds: object, message: str) -> None:
    if not holds:
        raise BadTrace(_(message))


def _at_most(count: int, most: int, message: str) -> None:
    if count > most:
        raise BadTrace(_(message, most=f"{most:,}"))


def _in_line(number: int, error: object) -> str:
    return _("Line %(number)s: %(error)s", number=number, error=error)
