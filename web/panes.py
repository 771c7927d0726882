"""Panes: one event as the inspector shows it: units, field tree, octets, explanation, call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from netcore.field import Field
from netcore.figures import duration, size
from netcore.pdu import Pdu
from netcore.pdus import Explanation
from netcore.timeline import Mark
from netcore.trace import (
    AnyEvent,
    Called,
    Captured,
    Chose,
    KernelTimestamp,
    PeerCalled,
    SecretLogged,
    SocketOptionsRead,
    StageEnded,
    StageStarted,
    TcpInfoSampled,
    TrustAnchorFound,
)
from web import words
from web.addresses import handshake_href, quic_href, streams_href
from web.both_ends import clock_lines, peer_title
from web.calls import Call, call_of, call_text
from web.crossed import on_the_wire, opened_from
from web.deeper import Deeper, deeper, told_by
from web.facts import broken_before, clean
from web.fates import Fate, fates
from web.fieldtree import Item, Path, cover, items, paths, size_of, value_of
from web.handshake.key_schedule import write_key_href
from web.octets.pane import Octets, octet_pane
from web.octets.spot import NOTHING_ASKED, Asked, Spot, spot
from web.phrases import LAYERS, moment_ns, name_server, what_kind
from web.player.steps import first_of, open_step, steps
from web.rules import event_rule
from web.spoken import figure
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import title_said, unit_title

SHOWN_MEMBERS = 12  # other events of the same mark


@dataclass(frozen=True)
class Selection:
    """What a URL selects in an event. What does not exist is not selected."""

    unit: int = 0  # the event's units are counted from 1; 0 selects what the event is called after
    field: str = ""  # a key, see `web.fieldtree`
    first: int = 0  # the first octet to show
    asked: Asked = NOTHING_ASKED  # the place in its octets, and the view of them


@dataclass(frozen=True)
class Unit:
    """A unit in the row above the panes."""

    index: int
    title: str
    size: str
    href: str
    current: bool
    crossed: str = ""  # how much crossed for it, where that is more than its own octets


@dataclass(frozen=True)
class Detail:
    """The selected field by its name, value and place."""

    name: str
    value: str
    place: str
    error: str
    deeper: Deeper  # what is added for developers and readers of RFCs


@dataclass(frozen=True)
class Neighbour:
    """Another event that belongs here."""

    number: int
    href: str
    text: str


@dataclass(frozen=True)
class View:
    """One unit of an event, opened."""

    index: int
    layer: str
    title: str
    how: str  # how its octets were put together: "sliced"
    origin: str  # in words, of what was decrypted, else ""
    key: str  # where the key is told that opened it, else ""
    calls: int  # that moved its octets
    parts: tuple[Neighbour, ...]  # these calls, if several; of many the first ones
    tree: Item
    cover: str
    octets: Octets
    spot: Spot
    detail: Detail


@dataclass(frozen=True)
class Panes:
    """Everything about one event."""

    number: int
    title: str
    layer: str
    facts: tuple[str, ...]
    step: str  # which step of the trace it is, or ""
    words: words.Explanation
    call: Call | None
    units: tuple[Unit, ...]
    members: tuple[Neighbour, ...]
    more_members: int  # that are not shown
    sockets: str  # the page of its sockets, or ""
    kernel: str  # what the kernel's own clock says of the call, or ""
    handshake: str  # the page of the TLS connection that it belongs to, or ""
    streams: str  # the page of the HTTP/2 connection that it belongs to, or ""
    quic: str  # the page of the QUIC connection that it belongs to, or ""
    deeper: Deeper  # what is added of the event itself for developers and readers of RFCs
    fates: tuple[Fate, ...]
    view: View | None = None


def panes(tale: Tale, base: str, number: int, selection: Selection) -> Panes:
    """The panes of an event.

    Args:
        tale: the trace.
        base: the path of the trace, "/t/<id>".
        number: of an event that exists.
        selection: what to select in it.
    """
    event = tale.trace.events[number - 1]
    mark = tale.mark_of(number)
    others = [member for member in mark.members if member != number] if mark else []
    pdus = tale.explanation.of_event(number)
    index = selection.unit if 0 < selection.unit <= len(pdus) else _telling(pdus)
    href, broken = f"{base}/e/{number}", broken_before(tale.trace.events, number)
    empty = Panes(
        number=number,
        title=clean(title_said(mark.title)) if mark else event_title(event),
        layer=mark.layer if mark else "wait",
        facts=_facts(tale, event, mark, number),
        step=_step(tale, number, selection),
        words=words.explain_event(event, broken),
        call=None if tale.trace.origin else call_of(event, tale.trace.software),
        units=tuple(
            _unit(tale, pdu, at, f"{href}?u={at}", at == index) for at, pdu in _listed(pdus, index)
        ),
        members=_neighbours(tale, base, others[:SHOWN_MEMBERS]),
        more_members=max(0, len(others) - SHOWN_MEMBERS),
        sockets=_sockets_href(event, base),
        kernel=clock_lines(tale, event),
        handshake=handshake_href(tale, base, number),
        streams=streams_href(tale, base, number),
        quic=quic_href(tale, base, number),
        deeper=told_by(event_rule(event, broken)),
        fates=fates(tale, base, number),
    )
    if not pdus:
        return empty
    return _with_unit(empty, tale, base, index, selection)


def _telling(pdus: Sequence[Pdu]) -> int:
    """The number of the unit that says most: of what was fetched, else of what is no envelope."""
    told = [at for at, pdu in enumerate(pdus, start=1) if not pdu.is_opened]
    fetched = [at for at in told if not pdus[at - 1].name.startswith("tls")]
    return (fetched or told or [1])[0]


def _listed(pdus: Sequence[Pdu], index: int) -> list[tuple[int, Pdu]]:
    """The units to choose from, by number: envelopes are other forms of what was in them."""
    counted = list(enumerate(pdus, start=1))
    return [each for each in counted if not each[1].is_opened or each[0] == index] or counted


def _unit(tale: Tale, pdu: Pdu, at: int, href: str, current: bool) -> Unit:
    title, crossed = clean(unit_title(pdu)), on_the_wire(tale.explanation, pdu)
    return Unit(at, title, size(pdu.size), href, current, crossed)


def _with_unit(empty: Panes, tale: Tale, base: str, index: int, selection: Selection) -> Panes:
    """The same panes with a unit in view: the event's `index`-th, counted from 1."""
    number = empty.number
    pdu = tale.explanation.of_event(number)[index - 1]
    tree = tale.explanation.tree(pdu)
    keyed = paths(tree)
    key = selection.field if selection.field in keyed else ""
    layer = layer_of(pdu.name, empty.layer)
    origin = opened_from(tale.explanation, pdu)
    href = f"{base}/e/{number}"
    link = f"{href}?u={index}"
    chosen = spot(pdu.octets, keyed, key, selection.asked, link)
    key, path = chosen.field, keyed.get(chosen.field, (tree,))
    view = View(
        index=index,
        layer=layer,
        title=clean(unit_title(pdu)),
        how=pdu.step,
        origin=origin,
        key=write_key_href(pdu, tale, base) if origin else "",
        calls=len(pdu.events),
        parts=_parts(base, pdu.events, number),
        tree=items(tree, keyed, pdu.octets, f"{link}{chosen.keep}&f=", key),
        cover=cover(tree, pdu.missing),
        octets=octet_pane(
            pdu.octets, keyed, chosen, link, f"{href}.bin?u={index}", selection.first
        ),
        spot=chosen,
        detail=_detail(pdu.protocol, path, pdu.octets),
    )
    return replace(
        empty, layer=layer, view=view, words=words.explain_field(pdu.protocol, path, pdu.octets)
    )


def unit_octets(explanation: Explanation, event: AnyEvent, number: int, unit: int) -> bytes:
    """The octets of an event's unit, or of the call itself where there is no such unit."""
    pdus = explanation.of_event(number)
    if 0 < unit <= len(pdus):
        return pdus[unit - 1].octets
    return event.data if isinstance(event, Called | Captured) else b""


def event_title(event: AnyEvent) -> str:
    """What an event is called that is not drawn as a mark."""
    match event:
        case Called():
            return f"{event.call}()"
        case StageStarted():
            return _("%(stage)s begins", stage=event.stage)
        case StageEnded():
            return _("%(stage)s ends", stage=event.stage)
        case Chose():
            return clean(f"{event.what}: {event.value}")
        case SecretLogged():
            return clean(event.line.partition(" ")[0])
        case TrustAnchorFound():
            return _("trust anchor")
        case Captured() | KernelTimestamp() | PeerCalled() | TcpInfoSampled() | SocketOptionsRead():
            return _told_by_system(event)
        case _:
            return type(event).__name__.lower()


def _told_by_system(
    event: Captured | KernelTimestamp | PeerCalled | TcpInfoSampled | SocketOptionsRead,
) -> str:
    if isinstance(event, Captured):
        captured = {
            "sent": _("captured on %(interface)s, sent", interface=clean(event.interface)),
            "received": _("captured on %(interface)s, received", interface=clean(event.interface)),
        }
        return captured[event.direction]
    if isinstance(event, PeerCalled):
        return peer_title(event)
    if isinstance(event, KernelTimestamp):
        return _("%(what)s, by the kernel", what=clean(event.what))
    if isinstance(event, TcpInfoSampled):
        return "TCP_INFO"
    return _("options, opened") if event.when == "opened" else _("options, closed")


def _sockets_href(event: AnyEvent, base: str) -> str:
    """Where the socket of an event is told of, "" where it concerns none."""
    name = event.channel.rpartition(".")[0] if isinstance(event, KernelTimestamp) else ""
    if isinstance(event, Called | TcpInfoSampled | SocketOptionsRead):
        name = event.socket
    return f"{base}/sockets#{name}" if name else ""


def _step(tale: Tale, number: int, selection: Selection) -> str:
    """Which of the steps that the player tells is open: "step 3 of 20"."""
    told = steps(tale)
    at = open_step(told, number, (selection.unit, selection.field)) or first_of(told, number)
    if not at:
        return ""
    said: str = _("step %(number)s of %(count)s", number=f"{at:,}", count=f"{len(told):,}")
    return said


def _facts(tale: Tale, event: AnyEvent, mark: Mark | None, number: int) -> tuple[str, ...]:
    facts = [
        _(
            "event %(number)s of %(count)s",
            number=f"{number:,}",
            count=f"{len(tale.trace.events):,}",
        )
    ]
    if mark is not None:
        facts.append(_(LAYERS[mark.layer]))
        facts.append(_way(tale, mark) or what_kind(mark))
    if isinstance(event, Called | Captured) and event.length:
        facts.append(figure(size(event.length)))
    at_ns = moment_ns(event, mark, tale.kernel)
    facts.append(_("at %(time)s", time=duration(at_ns)))
    return tuple(facts)


def _way(tale: Tale, mark: Mark) -> str:
    """From whom to whom: "client to server"."""
    lane = next((lane for lane in tale.timeline.lanes if lane.key == mark.lane), None)
    if lane is not None and lane.zone and mark.direction:
        ends = {"client": _("client"), "peer": name_server(lane)}
        sent = mark.direction == "sent"
        return _("%(client)s to %(peer)s", **ends) if sent else _("%(peer)s to %(client)s", **ends)
    peer = lane.kind if lane is not None else "client"
    ways = {
        ("resolver", "sent"): _("client to resolver"),
        ("resolver", "received"): _("resolver to client"),
        ("server", "sent"): _("client to server"),
        ("server", "received"): _("server to client"),
    }
    return ways.get((peer, mark.direction), "")


def _neighbours(tale: Tale, base: str, numbers: Sequence[int]) -> tuple[Neighbour, ...]:
    events = tale.trace.events
    return tuple(Neighbour(at, f"{base}/e/{at}", line_of(events[at - 1])) for at in numbers)


def line_of(event: AnyEvent) -> str:
    """An event in one line."""
    return call_text(event) if isinstance(event, Called) else event_title(event)


def _parts(base: str, events: tuple[int, ...], number: int) -> tuple[Neighbour, ...]:
    """The calls that moved a unit's octets, if they were several; of many the first ones."""
    if len(events) < 2:
        return ()
    return tuple(
        Neighbour(
            part,
            f"{base}/e/{part}",
            _("this event") if part == number else _("event %(number)s", number=f"{part:,}"),
        )
        for part in events[:SHOWN_MEMBERS]
    )


def layer_of(name: str, otherwise: str) -> str:
    """The layer of a unit by its name."""
    prefixes = {"dns": "dns", "tls": "tls", "quic": "quic", "http1": "http", "message": "http"}
    prefixes |= dict.fromkeys(("http2", "hpack", "http3", "qpack"), "http")
    prefixes["websocket"] = "ws"
    prefixes |= dict.fromkeys(("ip", "tcp", "udp", "icmp"), "tcp")
    return prefixes.get(name.partition("_")[0], otherwise)


def _detail(dissector: str, path: Path, octets: bytes) -> Detail:
    field: Field = path[-1]
    value = value_of(field, octets)
    if field.label and field.label != value:
        value = f"{value} ({clean(field.label)})" if value else clean(field.label)
    place = _("%(size)s at %(position)s", size=size_of(field), position=_position(field))
    family = words.family_of(dissector, [each.name for each in path])
    return Detail(field.name, value, place, field.error, deeper(family, path, octets))


def _position(field: Field) -> str:
    start = f"{field.start // 8:,}"
    if field.start % 8 == 0:
        return _("offset %(number)s", number=start)
    return _("offset %(number)s, bit %(bit)s", number=start, bit=7 - field.start % 8)
