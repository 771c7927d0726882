"""Following: both sides of one connection as text, in the order in which their bytes crossed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, redirect, request
from flask import render_template as render
from flask.typing import ResponseReturnValue

from netcore.channels import Channel, Piece, Span
from netcore.figures import duration
from netcore.pdus import Explanation
from netcore.trace import Called
from web.facts import clean, size
from web.pages import attachment, find_tale
from web.spoken import N_, figure
from web.spoken import gettext as _
from web.tale import Tale
from web.views import heading

SHOWN_OCTETS: Final = 64 << 10  # of both sides together, on the page
SHOWN_PIECES: Final = 500
SIDES: Final = ("sent", "received")
NOT_TEXT: Final = "·"
FORMS: Final = {
    "wire": N_("Wire"),
    "decrypted": N_("Decrypted"),
    "decoded": N_("Decoded"),
}
_KEPT: Final = "\n\t"

following = Blueprint("following", __name__)


@dataclass(frozen=True)
class Turn:
    """What crossed at once in one direction, as text."""

    sent: bool
    text: str
    octets: int
    size: str
    event: int
    href: str
    time: str


@dataclass(frozen=True)
class Link:
    """A link to another connection or form; without `href` there is none, and `why` says so."""

    title: str
    href: str
    current: bool
    why: str = ""


@dataclass(frozen=True)
class Side:
    """One direction, to be saved."""

    title: str
    size: str  # "" for none
    missing: str  # what crossed and was not kept
    base: str  # the address of its files, without their endings


@dataclass(frozen=True)
class FollowView:
    """All that the page shows."""

    base: str
    url: str
    heading: str
    socket: str
    peer: str
    form: str
    connections: tuple[Link, ...]
    forms: tuple[Link, ...]
    turns: tuple[Turn, ...]
    left_out: str  # how much more there is, "" for nothing
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class _Part:
    """Octets of a channel that crossed with one call."""

    time_ns: int
    event: int
    sent: bool
    octets: bytes


@following.get("/t/<trace_id>/stream")
def first(trace_id: str) -> ResponseReturnValue:
    """Lead to the connection that moved most bytes."""
    tale, _standing = find_tale(trace_id)
    known = sockets(tale.explanation)
    if not known:
        abort(404, _("No connection of this trace moved bytes."))
    most = max(known, key=lambda each: sum(c.length for c in _wire(tale.explanation, each)))
    return redirect(f"/t/{trace_id}/stream/{most}", 302)


@following.get("/t/<trace_id>/stream/<socket>")
def follow(trace_id: str, socket: str) -> str:
    """Both directions of one connection. `form` of the query: one of FORMS."""
    tale, _standing = find_tale(trace_id)
    form = _asked(tale, socket)
    return render("pages/follow.html", view=follow_view(tale, f"/t/{trace_id}", socket, form))


@following.get("/t/<trace_id>/stream/<socket>/<any(sent, received):side>.<any(txt, bin):kind>")
def side_file(trace_id: str, socket: str, side: str, kind: str) -> Response:
    """One direction as a file: its bytes, or what of them is text."""
    tale, _standing = find_tale(trace_id)
    form = _asked(tale, socket)
    octets = b"".join(each.octets for each in channels(tale.explanation, socket, form, side))
    name = f"wiretale-{trace_id}-{socket.replace(':', '-')}-{form}-{side}.{kind}"
    if kind == "txt":
        return attachment(readable(octets).encode(), "text/plain; charset=utf-8", name)
    return attachment(octets, "application/octet-stream", name)


def sockets(explanation: Explanation) -> list[str]:
    """The sockets that moved bytes, in order of first use."""
    found = (each.socket for each in explanation.channels.values())
    return list(dict.fromkeys(each for each in found if each.startswith(("tcp:", "udp:"))))


def channels(explanation: Explanation, socket: str, form: str, side: str) -> list[Channel]:
    """What a direction of a connection is in one form; nothing where it has no such form."""
    number = socket.partition(":")[2]
    if form == "wire":
        names = [f"{socket}.{side}"]
    elif form == "decrypted":
        names = [f"{'tls' if socket.startswith('tcp') else 'quic'}:{number}.{side}"]
    else:
        kinds = ("http1", "h2") if socket.startswith("tcp") else ("h3",)
        begins = tuple(f"{kind}:{number}/" for kind in kinds)
        known = explanation.channels
        names = [each for each in known if each.startswith(begins) and each.endswith(side)]
    found = explanation.channels
    return [found[name] for name in names if name in found]


def readable(octets: bytes) -> str:
    """Bytes as text: UTF-8 where they are that and print, line ends as one, else a dot each."""
    text = octets.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
    return "".join(each if each.isprintable() or each in _KEPT else NOT_TEXT for each in text)


def follow_view(tale: Tale, base: str, socket: str, form: str) -> FollowView:
    """The view of a connection that there is, in a form that it has."""
    known, page = tale.explanation, f"{base}/stream/{socket}"
    turns, left_out = _turns(tale, base, socket, form)
    return FollowView(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        socket=socket,
        peer=_peer(tale, socket),
        form=form,
        connections=tuple(
            Link(each, f"{base}/stream/{each}", each == socket) for each in sockets(known)
        ),
        forms=tuple(_form_link(known, socket, page, each, form) for each in FORMS),
        turns=turns,
        left_out=_size(left_out),
        sides=tuple(_side(known, socket, page, form, side) for side in SIDES),
    )


def _asked(tale: Tale, socket: str) -> str:
    """The form that the address asks for; the nearest to the text that there is."""
    known = tale.explanation
    if socket not in sockets(known):
        abort(404, _("This trace has no connection of that name that moved bytes."))
    form = request.args.get("form", "decrypted")
    return form if form in FORMS and _has(known, socket, form) else "wire"


def _has(explanation: Explanation, socket: str, form: str) -> bool:
    return any(channels(explanation, socket, form, side) for side in SIDES)


def _form_link(explanation: Explanation, socket: str, page: str, form: str, current: str) -> Link:
    if _has(explanation, socket, form):
        return Link(_(FORMS[form]), f"{page}?form={form}", form == current)
    if form == "decoded":
        why = _("Nothing here is in chunks or frames, so there is nothing to take them off.")
    else:
        why = _("Nothing was encrypted here, or no key for it was recorded.")
    return Link(_(FORMS[form]), "", False, why)


def _side(explanation: Explanation, socket: str, page: str, form: str, side: str) -> Side:
    found = channels(explanation, socket, form, side)
    return Side(
        title=_("What we sent") if side == "sent" else _("What the server sent"),
        size=_size(sum(len(each.octets) for each in found)),
        missing=_size(sum(each.missing for each in found)),
        base=f"{page}/{side}",
    )


def _size(octets: int) -> str:
    return figure(size(octets)) if octets else ""


def _peer(tale: Tale, socket: str) -> str:
    calls = (each for each in tale.trace.events if isinstance(each, Called))
    return clean(next((each.peer for each in calls if each.socket == socket and each.peer), ""))


def _wire(explanation: Explanation, socket: str) -> list[Channel]:
    return [each for side in SIDES for each in channels(explanation, socket, "wire", side)]


def _turns(tale: Tale, base: str, socket: str, form: str) -> tuple[tuple[Turn, ...], int]:
    """The beginning of the conversation, and how many of its bytes are not in it."""
    parts = sorted(_parts(tale, socket, form), key=lambda each: (each.time_ns, each.event))
    turns: list[Turn] = []
    left = sum(len(each.octets) for each in parts)
    room = SHOWN_OCTETS
    for part in _joined(parts):
        if not room or len(turns) == SHOWN_PIECES:
            break
        octets = part.octets[:room]
        room -= len(octets)
        left -= len(octets)
        href, time = f"{base}/e/{part.event}", figure(duration(part.time_ns))
        turns.append(
            Turn(
                part.sent, readable(octets), len(octets), _size(len(octets)), part.event, href, time
            )
        )
    return tuple(turns), left


def _joined(parts: list[_Part]) -> Iterator[_Part]:
    """Parts of one call made one: a call may bring several records, a record several frames."""
    whole: list[_Part] = []
    for part in parts:
        if whole and (part.event, part.sent) != (whole[0].event, whole[0].sent):
            yield _one(whole)
            whole = []
        whole.append(part)
    if whole:
        yield _one(whole)


def _one(parts: list[_Part]) -> _Part:
    first, octets = parts[0], b"".join(each.octets for each in parts)
    return _Part(first.time_ns, first.event, first.sent, octets)


def _parts(tale: Tale, socket: str, form: str) -> Iterator[_Part]:
    for side in SIDES:
        for channel in channels(tale.explanation, socket, form, side):
            for piece in channel.pieces:
                event = _event(tale.explanation, channel, piece)
                octets = bytes(channel.octets[piece.start : piece.end])
                if event and octets:
                    yield _Part(_crossed_ns(tale, event), event, side == "sent", octets)


def _event(explanation: Explanation, channel: Channel, piece: Piece) -> int:
    """The call with which the last octet of a piece crossed; 0 if it is not known."""
    if piece.event:
        return piece.event
    grounds = explanation.ground(Span(channel.name, piece.start, piece.end))
    if not grounds:
        return 0
    last = grounds[-1]
    events = explanation.channels[last.channel].events(last.start, max(last.end, last.start + 1))
    return events[-1] if events else 0


def _crossed_ns(tale: Tale, number: int) -> int:
    event = tale.trace.events[number - 1]
    if not isinstance(event, Called):
        return event.time_ns
    crossed_ns = tale.kernel.crossed_ns(event)
    if crossed_ns is not None:
        return crossed_ns
    return event.end_ns if event.call == "recv" else event.time_ns
