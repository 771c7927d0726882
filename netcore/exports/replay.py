"""Replay: what somebody has to send, and to wait for, to have the conversation of a trace again.

Theory of operation. Only what HTTP sent counts: the octets of a connection, inside TLS where there
is some, cut into requests and frames. A request waits for the answer to the one before it; content
waits for 100 where it did in the recording; a frame waits for what the client had been told before
it sent that one (`replay_http2`). What the resolver was asked, attempts at other addresses and TLS
itself are not repeated octet by octet: they are made anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from netcore.exports.hops import hops
from netcore.exports.messages import Message, Pair, pairs
from netcore.exports.reached import Reached, host_of, reached
from netcore.exports.replay_http2 import Frames, frames_of
from netcore.field import find_all
from netcore.pdu import SLICED, Pdu
from netcore.pdus import Explanation, explain
from netcore.trace import Chose, Failed, Trace

MOST_OCTETS = 1 << 20
"""Octets of all requests together that are written down."""


class CannotReplay(Exception):
    """The conversation of this trace cannot be had again; the message says why."""


class Answer(msgspec.Struct, frozen=True):
    """How the end of a response was found, and what was undone to get at its content."""

    framing: str  # "none", "length", "chunked" or "close"; "" where no head came
    status: str = ""
    interim: int = 0  # heads of 1xx before it, that of an awaited 100 left out
    codings: tuple[str, ...] = ()
    location: str = ""


class Exchange(msgspec.Struct, frozen=True):
    """One request of HTTP/1 and its response."""

    head: bytes
    content: bytes  # as it was framed
    waits: bool  # the content, for 100
    answer: Answer


class Secured(msgspec.Struct, frozen=True):
    """What the ClientHello of a connection said that the options do not tell."""

    sni: str  # "" for none
    alpn: tuple[str, ...]
    shows_certificate: bool  # if it is asked for one
    resumes: bool  # the session of the connection before it


class Connected(msgspec.Struct):
    """One TCP connection that was made for a request."""

    host: str  # of the URL
    address: str
    port: int
    by_name: bool  # the system's resolver leads there too
    secured: Secured | None = None
    exchanges: list[Exchange] = msgspec.field(default_factory=list)
    frames: Frames | None = None


class Replay(msgspec.Struct, frozen=True):
    """The connections in order, and what ended the fetch, "" if it was complete."""

    connections: tuple[Connected, ...]
    failure: str
    over_quic: int  # requests that went over QUIC, and are not repeated


def replay(trace: Trace) -> Replay:
    """What to send and to wait for. Raises: CannotReplay."""
    return _Reading(trace).read()


class _Reading:
    """One trace, read connection by connection."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._explanation: Explanation = explain(trace.events)
        self._pairs: dict[str, list[Pair]] = {}
        for pair in pairs(self._explanation.pdus):
            self._pairs.setdefault(pair.request.head.origin[0].channel, []).append(pair)
        outcome = trace.outcome
        self._failure = ""
        if isinstance(outcome, Failed):
            self._failure = f"{outcome.message} ({outcome.code})"
        self._left = MOST_OCTETS

    def read(self) -> Replay:
        found = [self._connection(each) for each in reached(self._trace)]
        connections = tuple(each for each in found if each is not None)
        over_quic = self._over_quic()
        if connections:
            return Replay(connections, self._failure, over_quic)
        if over_quic:
            raise CannotReplay(
                "HTTP/3 runs over QUIC, which seals every datagram by itself: that takes far more "
                "than plain sockets and the standard library"
            )
        because = f": {self._failure}" if self._failure else ""
        raise CannotReplay(f"nothing was sent to the server{because}")

    def _over_quic(self) -> int:
        """How many requests went out in datagrams."""
        asked = (hop for hop in hops(self._trace.events) if hop.stage("request"))
        return sum(hop.socket.startswith("udp:") for hop in asked)

    def _connection(self, to: Reached) -> Connected | None:
        number = to.socket.partition(":")[2]
        name = f"{to.socket}.sent"
        sent = self._explanation.channels.get(name)
        if sent is None:
            return None
        if sent.missing:
            raise CannotReplay(
                f"of {sent.length:,} octets that were sent the recording kept {len(sent.octets):,}"
            )
        found = Connected(to.host, to.address, to.port, to.by_name)
        if number in self._explanation.tls:
            found.secured = self._secured(number, to.host)
            name = f"tls:{number}.sent"
            if name not in self._explanation.channels and to.asked:
                raise CannotReplay("what was sent inside TLS cannot be read without its secrets")
        if name in self._explanation.channels:
            self._speak(found, name, number)
        return found

    def _secured(self, number: str, host: str) -> Secured:
        options, hello = self._trace.options, self._client_hello(number)
        tree = hello.fields() if hello is not None else None
        names = [f.value for f in find_all(tree, "host_name")] if tree else []
        alpn = [str(f.value) for f in find_all(tree, "protocol_name")] if tree else []
        first = host_of(self._trace.url)
        offered = [e for e in self._trace.events if isinstance(e, Chose) and e.what == "session"]
        resumes = any(event.value in ("resumed", "not resumed") for event in offered)
        numbers = list(self._explanation.tls)
        return Secured(
            sni=str(names[0]) if names else "",
            alpn=tuple(alpn),
            shows_certificate=bool(options.cert) and host == first,
            resumes=resumes and number == numbers[-1] and len(numbers) > 1,
        )

    def _client_hello(self, number: str) -> Pdu | None:
        stems = (f"tcp:{number}.sent", f"tls:{number}/handshake.sent")
        return next(
            (
                pdu
                for pdu in self._explanation.pdus
                if pdu.name == "tls_handshake"
                and pdu.octets[:1] == b"\x01"
                and pdu.origin[0].channel in stems
            ),
            None,
        )

    # What HTTP sent

    def _speak(self, found: Connected, name: str, number: str) -> None:
        octets = self._explanation.channels[name].octets
        self._left -= len(octets)
        if self._left < 0:
            raise CannotReplay(
                f"its requests have more than the {MOST_OCTETS:,} octets that are written down"
            )
        http2 = self._explanation.http2.get(number)
        first = self._begin_of_http2(name, number) if http2 is not None else len(octets)
        found.exchanges = list(self._exchanges(name, octets[:first]))
        if http2 is not None:
            found.frames = frames_of(http2, octets[first:], name, first)
            if found.frames is None:
                raise CannotReplay("its frames of HTTP/2 were not all recognised")

    def _begin_of_http2(self, name: str, number: str) -> int:
        starts = [
            pdu.origin[0].start
            for pdu in self._explanation.pdus
            if pdu.protocol == "http2_connection_preface"
            and pdu.step == SLICED
            and pdu.origin[0].channel == name
        ]
        return starts[0] if starts else 0

    def _exchanges(self, name: str, octets: bytes) -> Iterator[Exchange]:
        found = [
            p for p in self._pairs.get(name, []) if p.request.head.origin[0].end <= len(octets)
        ]
        found.sort(key=lambda pair: pair.request.head.origin[0].start)
        ends = [pair.request.head.origin[0].start for pair in found[1:]] + [len(octets)] * bool(
            found
        )
        for pair, end in zip(found, ends, strict=True):
            start, middle = pair.request.head.origin[0][1:]
            answer = _answer(pair.response, pair.request.start_line("method"))
            if answer.status == "101" and name.rpartition(".")[0].partition(":")[2] not in (
                self._explanation.http2
            ):
                raise CannotReplay(
                    "the connection switched to another protocol than HTTP, whose octets depend "
                    "on what the server says"
                )
            waits = _waited(pair)
            if waits:
                answer = msgspec.structs.replace(answer, interim=answer.interim - 1)
            yield Exchange(octets[start:middle], octets[middle:end], waits, answer)


def _waited(pair: Pair) -> bool:
    """Whether the content went out behind an interim response."""
    parts, response = pair.request.parts, pair.response
    if not parts or response is None or not response.interim:
        return False
    return parts[0].events[:1] > response.interim[0].events[-1:]


def _answer(response: Message | None, method: str) -> Answer:
    if response is None:
        return Answer("")
    status = response.start_line("status_code")
    codings = [
        coding.strip().lower()
        for value in response.values("content-encoding")
        for coding in value.split(",")
    ]
    framing = _framing(response, status, method)
    is_coded = framing != "none" and status != "206" and bool(response.content)
    return Answer(
        framing,
        status,
        len(response.interim),
        tuple(coding for coding in codings if coding and is_coded),
        next(iter(response.values("location")), ""),
    )


def _framing(response: Message, status: str, method: str) -> str:
    """How the content's end was found (RFC 9112 §6.3)."""
    if method == "HEAD" or status in ("101", "204", "304"):
        return "none"
    if response.dechunked or any(part.protocol == "http1_chunk" for part in response.parts):
        return "chunked"
    return "length" if response.values("content-length") else "close"
