"""The page of one connection with all its layers on one axis of octets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from flask import Blueprint, abort, redirect, request
from flask import render_template as render
from flask.typing import ResponseReturnValue

from netcore.boundaries import PACKETS, RECORDS, SEGMENTS, Row, Strip, Unit, boundaries, sockets
from netcore.pdu import Pdu
from netcore.pdus import Explanation
from netcore.trace import Called, Captured
from web.layers.asked import RECEIVED, Asked, Window, read_asked
from web.layers.drawing import Drawing, draw
from web.layers.naming import Namer, key, namer, selected
from web.layers.selection import Selected, describe
from web.layers.table import TableRow, table_rows
from web.layers.telling import Measures, low_parts, measure, sentences
from web.pages import find_tale
from web.spoken import gettext as _
from web.spoken import ngettext
from web.tale import Tale
from web.views import heading

layers = Blueprint("layers", __name__)

_KNOWN: WeakKeyDictionary[Explanation, dict[str, tuple[Strip, ...]]] = WeakKeyDictionary()
"""The strips of explanations that are still kept."""
_MEASURED: WeakKeyDictionary[Strip, Measures] = WeakKeyDictionary()


@dataclass(frozen=True)
class Link:
    """A link to the same page of another connection, or to another width."""

    title: str
    href: str
    current: bool


@dataclass(frozen=True)
class Zoom:
    """A link that shows another range of a strip."""

    id: str
    title: str
    said: str
    href: str
    key: str


@dataclass(frozen=True)
class StripView:
    """One direction."""

    direction: str
    title: str
    octets: int
    window: Window
    whole: bool
    range: str  # what is in view, in words
    zoom: tuple[Zoom, ...]
    told: tuple[str, ...]
    low: str  # what of it is drawn half as high, "" for nothing
    notes: tuple[str, ...]
    drawing: Drawing
    rows: tuple[TableRow, ...]
    left_out: str  # what the table does not list, or ""
    selected: Selected | None  # None where the selection is not of this direction


@dataclass(frozen=True)
class LayersView:
    """All that the page shows."""

    base: str
    page: str
    back: str  # the trace, at what is selected
    url: str
    heading: str
    socket: str
    modes: tuple[Link, ...]
    connections: tuple[Link, ...]
    strips: tuple[StripView, ...]
    empty: bool  # whether nothing is selected


@layers.before_app_request
def lead() -> ResponseReturnValue | None:
    """The third width of a trace has a page of its own."""
    if request.endpoint == "pages.trace" and request.args.get("m") == "bytes":
        return redirect(f"{request.path}/layers", 302)
    return None


@layers.get("/t/<trace_id>/layers")
def first(trace_id: str) -> ResponseReturnValue:
    """Lead to a connection: that of the event `e`, else the one that moved most octets.

    With `u` beside it, which counts the event's units as its own page does, that unit is selected,
    or what stands for it among the layers.
    """
    tale, _standing = find_tale(trace_id)
    known = sockets(tale.explanation)
    if not known:
        abort(404, _("No connection of this trace moved bytes that have layers."))
    asked, number, itself = read_asked(request.args), 0, False
    event = tale.event(asked.event)
    socket = event.socket if isinstance(event, Called) else ""
    if socket not in known:
        socket = max(known, key=lambda each: _moved(tale, each))
    else:
        units = tale.explanation.of_event(asked.event)
        wanted = list(units[asked.unit - 1 :][:1]) if asked.unit else []
        number = _standing_for(strips_of(tale, socket), wanted)
        itself = any(each.number == number for each in wanted)
    query = asked.showing(number, asked.spot if itself else {}).query()
    return redirect(f"/t/{trace_id}/layers/{socket}{query}", 302)


def _standing_for(strips: tuple[Strip, ...], pdus: Sequence[Pdu]) -> int:
    """The number of the unit that stands for one of these among the layers; 0 for none.

    What was inside a record stands for the record, and a packed block for the fields in it.
    """
    for pdu in pdus:
        drawn = [
            unit.pdu
            for strip in strips
            for row in strip.rows
            for unit in row.units
            if unit.pdu is not None
        ]
        if any(each is pdu for each in drawn):
            return pdu.number
        return next((each.number for each in drawn if each.origin[0] == pdu.origin[0]), 0)
    return 0


@layers.get("/t/<trace_id>/layers/<socket>")
def told(trace_id: str, socket: str) -> str:
    """Both directions of one connection. `part=1` answers with what a script puts in place."""
    tale, _standing = find_tale(trace_id)
    if socket not in sockets(tale.explanation):
        abort(404, _("This trace has no connection of that name that moved bytes."))
    view = layers_view(tale, f"/t/{trace_id}", socket, read_asked(request.args))
    part = request.args.get("part") == "1"
    return render("pages/layers_part.html" if part else "pages/layers.html", view=view)


def strips_of(tale: Tale, socket: str) -> tuple[Strip, ...]:
    """The strips of a connection, found once for as long as its trace is kept."""
    known = _KNOWN.setdefault(tale.explanation, {})
    if socket not in known:
        known[socket] = boundaries(tale.explanation, tale.trace.events, socket)
    return known[socket]


def layers_view(tale: Tale, base: str, socket: str, asked: Asked) -> LayersView:
    """The view of a connection. In: `base`, the path of the trace; its socket, as in "tcp:1"."""
    strips = strips_of(tale, socket)
    names = namer(tale, base, socket)
    chosen = selected(strips, asked.unit, asked.event)
    asked = asked.selecting(*key(chosen[2])) if chosen else asked.selecting(0, 0)
    back = names.spot_href(chosen[2], asked.spot) if chosen else base
    return LayersView(
        base=base,
        page=f"{base}/layers/{socket}",
        back=back,
        url=tale.trace.url,
        heading=heading(tale),
        socket=socket,
        modes=_modes(base, back),
        connections=_connections(tale, base, socket),
        strips=tuple(_strip(strip, len(strips), asked, names, chosen) for strip in strips),
        empty=chosen is None,
    )


def _strip(
    strip: Strip, strips: int, asked: Asked, names: Namer, found: tuple[Strip, Row, Unit] | None
) -> StripView:
    chosen = found if found and found[0] is strip else None
    window = asked.window(strip.direction, strip.octets)
    is_received = strip.direction == RECEIVED
    rows, left = table_rows(strip, window, asked, names, strips)
    return StripView(
        direction=strip.direction,
        title=_("Server to client") if is_received else _("Client to server"),
        octets=strip.octets,
        window=window,
        whole=window == (0, strip.octets),
        range=_("offsets %(start)s to %(end)s", start=f"{window[0]:,}", end=f"{window[1]:,}"),
        zoom=tuple(_zoom(strip, asked, window)),
        told=sentences(_measured(strip)),
        low=low_parts(strip),
        notes=tuple(_notes(strip, names.tale)),
        drawing=draw(strip, asked, names, chosen[2] if chosen else None),
        rows=rows,
        left_out=left,
        selected=describe(*chosen, asked, names) if chosen else None,
    )


def _measured(strip: Strip) -> Measures:
    """The numbers of a strip, found once for as long as it is kept."""
    known = _MEASURED.get(strip)
    if known is None:
        known = _MEASURED[strip] = measure(strip)
    return known


def _zoom(strip: Strip, asked: Asked, window: Window) -> Iterator[Zoom]:
    """Links that zoom around the middle, pan by half a window, and show everything."""
    start, end = window
    quarter = max(1, (end - start) // 4)

    def link(low: int, high: int) -> str:
        wanted = asked.zoomed(strip.direction, (low, high)).window(strip.direction, strip.octets)
        whole = wanted == (0, strip.octets)
        return asked.zoomed(strip.direction, None if whole else wanted).query() or "?"

    way = strip.direction
    yield Zoom(f"left-{way}", "←", _("Pan left"), link(start - 2 * quarter, end - 2 * quarter), "a")
    yield Zoom(
        f"right-{way}", "→", _("Pan right"), link(start + 2 * quarter, end + 2 * quarter), "d"
    )
    out = (max(0, start - 2 * quarter), end + 2 * quarter)
    yield Zoom(f"out-{way}", "−", _("Zoom out"), link(*out), "-")
    yield Zoom(f"in-{way}", "+", _("Zoom in"), link(start + quarter, end - quarter), "+")
    yield Zoom(f"fit-{way}", _("Fit"), _("Show all"), link(0, strip.octets), "0")


def _notes(strip: Strip, tale: Tale) -> Iterator[str]:
    """What is not in the drawing."""
    if strip.missing:
        yield _(
            "%(octets)s bytes more crossed; only the first ones of a connection are kept.",
            octets=f"{strip.missing:,}",
        )
    if strip.repeated:
        yield ngettext(
            "One segment was sent again; its bytes are drawn where they came first.",
            "%(count)s segments were sent again; their bytes are drawn where they came first.",
            strip.repeated,
            count=f"{strip.repeated:,}",
        )
    segments = strip.row(SEGMENTS)
    packets = [tale.event(unit.event) for unit in segments.units] if segments else []
    if any(isinstance(each, Captured) and each.segmentation_offloaded for each in packets):
        yield _("The network card cuts large segments smaller; they were captured before that.")
    if strip.row(RECORDS) is not None or strip.row(PACKETS) is not None:
        yield _("What was encrypted is drawn where its ciphertext stands.")


def _modes(base: str, back: str) -> tuple[Link, ...]:
    """What the width can show. In: `back`, the trace at what is selected."""
    further = f"{back}&m=" if "?" in back else f"{back}?m="
    return (
        Link(_("Time"), f"{further}time", current=False),
        Link(_("Steps"), f"{further}steps", current=False),
        Link(_("Bytes"), f"{base}/layers", current=True),
    )


def _connections(tale: Tale, base: str, socket: str) -> tuple[Link, ...]:
    found = sockets(tale.explanation)
    peers = _peers(tale)
    return tuple(
        Link(
            _("%(socket)s to %(peer)s", socket=each, peer=peers[each]) if each in peers else each,
            f"{base}/layers/{each}",
            each == socket,
        )
        for each in found
    )


def _peers(tale: Tale) -> Mapping[str, str]:
    """The other end of each socket."""
    calls = (event for event in tale.trace.events if isinstance(event, Called))
    return {call.socket: call.peer for call in calls if call.peer}


def _moved(tale: Tale, socket: str) -> int:
    """How many octets a connection moved; those of resolvers count less than any others."""
    channels = [tale.explanation.channels.get(f"{socket}.{way}") for way in ("sent", "received")]
    found = [channel for channel in channels if channel is not None]
    octets = sum(channel.length for channel in found)
    return octets if all(channel.stage != "dns" for channel in found) else octets - (1 << 62)
