"""explain: from recorded events to protocol data units.

Theory of operation. Explaining is a pure function of the events, so a running trace is explained
by calling it on the events that there are. Channels are collected, cut into units by the framing
of their protocol, and every unit keeps the ranges that it was made from. Records of TLS are
decrypted with the secrets among the events, and the application data inside is cut like that of
a connection without TLS. `ground` follows ranges down to the calls that moved the octets; `tree`
goes the other way and puts the trees of inner units into the leaves of the outer one that
carried them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from netcore.channels import Channel, Span, collect
from netcore.decrypt.keylog import Secrets, read_secrets
from netcore.decrypt.openers import Negotiated, openers_of
from netcore.field import Field
from netcore.framing import http, http1, ip, quic, raw, resolver, tls, websocket
from netcore.framing.http2 import Connection
from netcore.framing.http3 import Http3
from netcore.framing.quic_connection import Connection as QuicConnection
from netcore.pdu import SLICED, Pdu
from netcore.placed import Placed
from netcore.trace import AnyEvent, Called, Chose, SecretLogged


class Secured(NamedTuple):
    """What is known of a TLS connection as a whole."""

    hellos: Negotiated
    secrets: Secrets  # those that were recorded for it


class Explanation:
    """All units of a trace, in the order in which their first octets crossed.

    `channels` are those of sockets and those that were derived, by name; `tls` has the TLS
    connections by the number of their socket, `http2` those that spoke HTTP/2, `websocket` those
    that became a WebSocket, with its messages, `quic` those over UDP, `http3` what was spoken on
    them.
    """

    def __init__(
        self,
        channels: dict[str, Channel],
        pdus: Iterable[Pdu],
        tls: Mapping[str, Secured] = MappingProxyType({}),
        http2: Mapping[str, Connection] = MappingProxyType({}),
        websocket: Mapping[str, websocket.Connection] = MappingProxyType({}),
        over_udp: Mapping[str, quic.Framed] = MappingProxyType({}),
    ) -> None:
        self.channels = channels
        self.tls = tls
        self.http2 = http2
        self.websocket = websocket
        self.quic: Mapping[str, QuicConnection] = {
            socket: spoken.connection for socket, spoken in over_udp.items()
        }
        self.http3: Mapping[str, Http3] = {
            socket: spoken.http3 for socket, spoken in over_udp.items() if spoken.http3
        }
        self.pdus = list(pdus)
        starts: dict[int, int] = {}
        for pdu in self.pdus:
            grounds = [ground for span in pdu.origin for ground in self.ground(span)]
            pdu.events = self._events(grounds)
            starts[id(pdu)] = grounds[0].start if grounds else 0
        # The sort is stable: what carries stands before what it carries.
        self.pdus.sort(key=lambda pdu: (pdu.events[:1] or (1 << 62,), starts[id(pdu)]))
        for number, pdu in enumerate(self.pdus, start=1):
            pdu.number = number
        self._by_event: dict[int, list[Pdu]] = {}
        for pdu in self.pdus:
            for event in pdu.events:
                self._by_event.setdefault(event, []).append(pdu)
        self._nest()

    def of_event(self, number: int) -> list[Pdu]:
        """The units that the call moved octets of, without those shown inside another's tree."""
        pdus = self._by_event.get(number, [])
        shown = {inner.number for pdu in pdus for inner in pdu.inside}
        return [pdu for pdu in pdus if pdu.number not in shown]

    def by_key(self, key: str) -> Pdu | None:
        """The unit of that key, or None."""
        return next((pdu for pdu in self.pdus if pdu.key == key), None)

    def tree(self, pdu: Pdu) -> Field:
        """The unit's fields, with the trees of the units that it carries in place."""
        tree = pdu.fields()
        return _graft(tree, pdu.place.start, pdu.inside) if pdu.inside else tree

    @cached_property
    def placed(self) -> Placed:
        """All units by what they were made from."""
        return Placed((span, pdu) for pdu in self.pdus for span in pdu.origin)

    @cached_property
    def inner(self) -> frozenset[int]:
        """The numbers of the units that are shown inside another one's tree."""
        return frozenset(inner.number for pdu in self.pdus for inner in pdu.inside)

    def ground(self, span: Span) -> list[Span]:
        """The ranges of socket channels under a range of any channel.

        Under what was decrypted these are whole records, each once, also where the range is less
        than what was in them.
        """
        channel = self.channels.get(span.channel)
        if channel is None or not channel.pieces or channel.pieces[0].below is None:
            return [span]
        below = (piece.under(*span[1:]) for piece in channel.cover(span.start, span.end))
        found = (ground for under in below if under is not None for ground in self.ground(under))
        return list(dict.fromkeys(found))

    def _events(self, grounds: Iterable[Span]) -> tuple[int, ...]:
        """The calls that moved the octets of these ranges of socket channels, in order."""
        numbers: set[int] = set()
        for ground in _merged(grounds):
            channel = self.channels[ground.channel]
            # A unit without octets belongs to the call before it.
            start = ground.start if ground.end > ground.start else max(0, ground.start - 1)
            numbers.update(channel.events(start, max(ground.end, start + 1)))
        return tuple(sorted(numbers))

    def _nest(self) -> None:
        """Give each unit the units that were sliced out of it whole."""
        carriers: dict[str, Pdu] = {}
        inside: dict[int, list[Pdu]] = {}
        for pdu in self.pdus:
            if pdu.carries and not pdu.is_opened:
                carriers[pdu.carries.channel] = pdu
            span = pdu.origin[0]
            if pdu.step != SLICED or span.start == span.end:
                continue
            carrier = carriers.get(span.channel)
            if carrier is not None and span.end <= carrier.place.end:
                inside.setdefault(carrier.number, []).append(pdu)
            else:
                carriers[span.channel] = pdu
        for number, inner in inside.items():
            self.pdus[number - 1].inside = inner


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same ranges, those that touch made one: a body has one for each of its records."""
    whole: Span | None = None
    for span in spans:
        if whole and (span.channel, span.start) == (whole.channel, whole.end):
            whole = Span(whole.channel, whole.start, span.end)
            continue
        if whole:
            yield whole
        whole = span
    if whole:
        yield whole


def explain(events: Sequence[AnyEvent]) -> Explanation:
    """Explain the events of a trace, finished or running.

    Returns:
        An Explanation: the same events always give the same one. Octets that cannot be
        explained are in it too, as leaves that say so; nothing raises.
    """
    found = _Found(events)
    for socket in dict.fromkeys(channel.socket for channel in found.channels.values()):
        found.take(socket)
    explanation = Explanation(
        found.channels, found.pdus, found.in_order(), found.http2, found.websockets, found.over_udp
    )
    _set_times(found.websockets.values(), events)  # now that each unit knows its calls
    return explanation


_Frame = Callable[[Channel | None, Channel | None, str], http.Framed]
"""What cuts both directions of a connection, of which this is the number, into units."""


class _Found:
    """What was found so far, socket by socket."""

    def __init__(self, events: Sequence[AnyEvent]) -> None:
        self.channels = collect(events)
        self.pdus: list[Pdu] = []
        self.http2: dict[str, Connection] = {}
        self.websockets: dict[str, websocket.Connection] = {}
        self.over_udp: dict[str, quic.Framed] = {}
        self._secured: dict[str, Secured] = {}
        self._resolvers: set[str] = set()  # numbers of their sockets
        self._is_typed = any(isinstance(each, Chose) and each.what == "raw" for each in events)
        self._secrets = read_secrets(
            event.line for event in events if isinstance(event, SecretLogged)
        )

    def take(self, socket: str) -> None:
        """Frame both directions of a socket; of captured packets, of an interface."""
        sent = self.channels.get(f"{socket}.sent")
        received = self.channels.get(f"{socket}.received")
        number = socket.rpartition(":")[2]
        quoted = self.channels.get(f"{socket}.quoted")
        if quoted is not None:
            self._add(ip.frame_quoted(quoted))
        elif captured := [each for each in (sent, received) if each and ip.is_captured(each)]:
            self._add([pdu for channel in captured for pdu in ip.frame(channel)])
        elif quic.begins_quic(sent):
            spoken = quic.frame(sent, received, number, self._secrets)
            self.over_udp[number] = spoken
            self._add(spoken.pdus, spoken.channels)
        elif _is_of("path", sent, received):
            self._add(quic.frame_probes(sent) + quic.frame_probes(received))
        elif _is_of("dns", sent, received) and not socket.startswith("udp:"):
            self._resolvers.add(number)
            self._stream(sent, received, number, resolver.frame)
        elif self._is_typed and not _is_of("dns", sent, received):
            self._typed(socket, sent, received, number)
        elif socket.startswith("udp:"):
            # In the stage of that name the first datagrams of QUIC cross; others are a resolver's.
            protocol = "quic_datagram" if _is_of("quic", sent, received) else "dns_message"
            self._add(_datagrams(sent, protocol) + _datagrams(received, protocol))
        else:
            self._stream(sent, received, number, http.frame)

    def _typed(
        self, socket: str, sent: Channel | None, received: Channel | None, number: str
    ) -> None:
        """What somebody typed, and what came back."""
        if socket.startswith("udp:"):
            self._add(raw.frame_datagrams(sent) + raw.frame_datagrams(received))
        else:
            self._stream(sent, received, number, raw.frame)

    def in_order(self) -> dict[str, Secured]:
        """The TLS connections, those to servers first: they are what a trace is about."""
        return dict(sorted(self._secured.items(), key=lambda each: each[0] in self._resolvers))

    def _stream(
        self, sent: Channel | None, received: Channel | None, number: str, inside: _Frame
    ) -> None:
        if _is_tls(sent, received):
            hellos = tls.negotiated(sent, received)
            known = Secured(hellos, self._secrets.get(hellos.client_random, {}))
            self._secured[number] = known
            framed = _tls(sent, received, number, known, inside)
        else:
            framed = inside(sent, received, number)
        self._add(framed.pdus, framed.channels)
        if framed.http2 is not None:
            self.http2[number] = framed.http2
        if framed.websocket is not None:
            self.websockets[number] = framed.websocket

    def _add(self, pdus: Iterable[Pdu], channels: Iterable[Channel] = ()) -> None:
        self.pdus += pdus
        self.channels.update((channel.name, channel) for channel in channels)


def _set_times(connections: Iterable[websocket.Connection], events: Sequence[AnyEvent]) -> None:
    """Say of each message when its last octet was sent, or had arrived."""
    for message in (message for each in connections for message in each.messages):
        call = events[message.pdu.events[-1] - 1]
        came = message.direction == "received" and isinstance(call, Called)
        message.time_ns = call.end_ns if came and isinstance(call, Called) else call.time_ns


def _datagrams(channel: Channel | None, protocol: str) -> list[Pdu]:
    """One unit for each datagram: the calls are the boundaries."""
    if channel is None:
        return []
    return [
        Pdu(
            protocol,
            channel.octets[piece.start : piece.end],
            (Span(channel.name, piece.start, piece.end),),
        )
        for piece in channel.pieces
    ]


def _is_of(stage: str, sent: Channel | None, received: Channel | None) -> bool:
    return any(channel is not None and channel.stage == stage for channel in (sent, received))


def _is_tls(sent: Channel | None, received: Channel | None) -> bool:
    if _is_of("dns", sent, received):
        return sent is not None and bool(sent.octets) and tls.looks_like_tls(sent.octets)
    return _is_of("tls", sent, received)


def _tls(
    sent: Channel | None,
    received: Channel | None,
    number: str,
    known: Secured,
    inside_frame: _Frame,
) -> http.Framed:
    """Both directions of a TLS connection, and what was inside."""
    openers = openers_of(known.hellos, known.secrets)
    result = http.Framed([], [])
    inside: dict[str, Channel | None] = {}
    for channel, opener in zip((sent, received), openers, strict=True):
        if channel is None:
            continue
        if not tls.looks_like_tls(channel.octets):
            # A server that speaks plain HTTP where TLS was asked for (a failure worth showing).
            result.pdus.extend(http1.frame(None, channel, "0").pdus)
            continue
        framed = tls.frame(channel, known.hellos, opener)
        result.pdus.extend(framed.pdus)
        result.channels.extend(framed.channels)
        inside[channel.direction] = framed.application_data
        if channel.missing:
            end = len(channel.octets)
            span = Span(channel.name, end, end)
            result.pdus.append(Pdu("not_kept", b"", (span,), missing=channel.missing))
    spoken = inside_frame(inside.get("sent"), inside.get("received"), number)
    pdus, channels = result.pdus + spoken.pdus, result.channels + spoken.channels
    return http.Framed(pdus, channels, spoken.http2, spoken.websocket)


def _graft(tree: Field, base: int, inner: Sequence[Pdu]) -> Field:
    """Replace each leaf that carries inner units by a field with their trees as parts.

    `base` is where the outer unit begins in the channel, in octets.
    """
    if tree.children:
        children = tuple(_graft(child, base, inner) for child in tree.children)
        return _with_children(tree, children)
    parts: list[Field] = []
    at = tree.start
    for pdu in inner:
        start = (pdu.origin[0].start - base) * 8
        end = (pdu.origin[0].end - base) * 8
        if start < tree.start or end > tree.end:
            continue
        if at < start:
            parts.append(Field(tree.name, at, start - at, label=_SPANNING))
        parts.append(_shift(pdu.fields(), start))
        at = end
    if not parts:
        return tree
    if at < tree.end:
        parts.append(Field(tree.name, at, tree.end - at, label=_SPANNING))
    return _with_children(tree, tuple(parts))


_SPANNING = "part of a message that spans records"


def _with_children(tree: Field, children: tuple[Field, ...]) -> Field:
    return Field(
        tree.name,
        tree.start,
        tree.length,
        value=tree.value,
        label=tree.label,
        spec=tree.spec,
        error=tree.error,
        children=children,
    )


def _shift(tree: Field, bits: int) -> Field:
    return Field(
        tree.name,
        tree.start + bits,
        tree.length,
        value=tree.value,
        label=tree.label,
        spec=tree.spec,
        error=tree.error,
        children=tuple(_shift(child, bits) for child in tree.children),
    )
