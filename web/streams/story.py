"""The page of one HTTP/2 connection: its streams and windows."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, request
from flask import render_template as render

from netcore.framing.http2 import Connection
from netcore.http2.streams import Streams, walk
from netcore.http2.windows import windows
from web import words
from web.facts import Raw, clean
from web.pages import find_tale
from web.spoken import gettext as _
from web.streams.endings import Ending, endings
from web.streams.lanes import FrameRow, LanesView, frame_rows, lanes_view
from web.streams.marks import frame_marks, in_order_of_time, moment_ns
from web.streams.sections import SectionView, section_views
from web.streams.settings import SettingRow, setting_rows
from web.streams.states import StatesView, states_view
from web.streams.windows import Graph, graph
from web.tale import Tale
from web.titles import unit_title
from web.views import heading

SHOWN_STREAMS = 30  # that can be chosen

streams = Blueprint("streams", __name__)


@dataclass(frozen=True)
class Link:
    """A link to the same page about another stream, or of another connection."""

    title: str
    href: str
    current: bool


@dataclass(frozen=True)
class StreamsView:
    """All that the page shows."""

    base: str
    url: str
    heading: str
    number: str
    others: tuple[Link, ...]  # all such connections of the trace, this one too
    about: Mapping[str, words.Explanation]  # the connection's beginning, and each part
    lanes: LanesView
    rows: tuple[FrameRow, ...]
    left_out: int  # frames
    choices: tuple[Link, ...]  # streams
    states: StatesView | None  # None: no stream was used
    widths: tuple[Link, ...]
    graphs: tuple[Graph, ...]
    sections: tuple[SectionView, ...]
    more_sections: int
    settings: tuple[SettingRow, ...]
    endings: tuple[Ending, ...]


@streams.get("/t/<trace_id>/http2")
@streams.get("/t/<trace_id>/http2/<number>")
def told(trace_id: str, number: str = "") -> str:
    """Streams, states, windows, field sections and settings of one connection.

    `stream` of the query chooses whose states and windows are drawn; `width=time` draws the
    windows over time.
    """
    tale, _standing = find_tale(trace_id)
    number = number or next(iter(tale.explanation.http2), "")
    if number not in tale.explanation.http2:
        abort(404, _("This trace has no HTTP/2 connection of that number."))
    stream = request.args.get("stream", 0, int)
    over_time = request.args.get("width") == "time"
    base = f"/t/{trace_id}"
    view = streams_view(tale, base, number, stream=stream, over_time=over_time)
    return render("pages/http2.html", view=view)


def streams_view(
    tale: Tale, base: str, number: str, *, stream: int = 0, over_time: bool = False
) -> StreamsView:
    """The view of the HTTP/2 connection of that number, as in "tcp:1".

    In: `base`, the path of the trace; `stream`, whose states and windows are shown: another one
    if there is none of that number.
    """
    connection = tale.explanation.http2[number]
    ordered = in_order_of_time(connection.frames, tale)
    walked = walk(ordered, upgraded=connection.upgrade is not None)
    used = sorted({*walked.states, *(change.stream for change in walked.changes)})
    stream = stream if stream in used else next(iter(used), 0)
    page = f"{base}/http2/{number}"
    marks, left_out = frame_marks(connection.frames, tale, base)
    sections, more = section_views(connection.blocks, connection.decoders, tale, base)
    states = _states(tale, base, connection, walked, stream) if used else None
    return StreamsView(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        number=number,
        others=tuple(
            Link(_("Connection %(number)s", number=each), f"{base}/http2/{each}", each == number)
            for each in tale.explanation.http2
        ),
        about=_about(_facts(tale, number, connection) | _of_stream(stream, states), sections),
        lanes=lanes_view(marks, _asked(connection, {mark.stream for mark in marks})),
        rows=frame_rows(marks),
        left_out=left_out,
        choices=_choices(page, used, stream, over_time=over_time),
        states=states,
        widths=_widths(page, stream, over_time=over_time),
        graphs=_graphs(tale, base, connection, stream, over_time=over_time),
        sections=sections,
        more_sections=more,
        settings=setting_rows(connection, tale, base),
        endings=endings(connection.frames, tale, base),
    )


def _states(
    tale: Tale, base: str, connection: Connection, walked: Streams, stream: int
) -> StatesView:
    upgraded = connection.upgrade is not None and stream == 1
    first = "half_closed_local" if upgraded else "idle"
    changes = [change for change in walked.changes if change.stream == stream]
    return states_view(stream, changes, first, tale, base)


def _about(
    facts: Mapping[str, Raw], sections: tuple[SectionView, ...]
) -> Mapping[str, words.Explanation]:
    parts = ("began", "lanes", "states", "windows", "settings", "endings")
    about = {part: words.streams(part, facts) for part in parts}
    return about | {"sections": words.streams("sections", _packed(sections))}


def _of_stream(stream: int, states: StatesView | None) -> dict[str, Raw]:
    if states is None:
        return {}
    return {
        "stream": str(stream),
        "steps": sum(step.before != step.after for step in states.steps),
        "last": states.last,
    }


def _facts(tale: Tale, number: str, connection: Connection) -> dict[str, Raw]:
    used = {frame.header.stream for frame in connection.frames} - {0}
    how = "alpn" if number in tale.explanation.tls else "prior_knowledge"
    return {
        "how": "upgrade" if connection.upgrade is not None else how,
        "frames": len(connection.frames),
        "streams": len(used),
    }


def _asked(connection: Connection, shown: Container[int]) -> Mapping[int, str]:
    """What each stream that is shown asks for: the request that begins it."""
    found: dict[int, str] = {}
    for block in connection.blocks:
        if block.stream in shown and block.stream not in found and block.values(":method"):
            found[block.stream] = clean(unit_title(block.section), 40)
    return found


def _choices(page: str, used: list[int], stream: int, *, over_time: bool) -> tuple[Link, ...]:
    width = "&width=time" if over_time else ""
    return tuple(
        Link(
            _("Stream %(number)s", number=each),
            f"{page}?stream={each}{width}#states",
            each == stream,
        )
        for each in used[:SHOWN_STREAMS]
    )


def _widths(page: str, stream: int, *, over_time: bool) -> tuple[Link, ...]:
    address = f"{page}?stream={stream}"
    return (
        Link(_("Steps"), f"{address}#windows", not over_time),
        Link(_("Time"), f"{address}&width=time#windows", over_time),
    )


def _graphs(
    tale: Tale, base: str, connection: Connection, stream: int, *, over_time: bool
) -> tuple[Graph, ...]:
    ordered = in_order_of_time(connection.frames, tale)
    upgrade = connection.upgrade
    moments = [moment_ns(frame, tale) for frame in ordered] or [0]
    span = (min(moments), max(moments)) if over_time else None
    found: list[Graph] = []
    for who, direction in (("client", "sent"), ("server", "received")):
        for whose in dict.fromkeys((0, stream)):
            points = getattr(windows(ordered, whose, upgrade), direction)
            title = _title(who, whose)
            found.append(graph(title, points, tale, base, span=span, whose=who))
    return tuple(found)


def _title(who: str, stream: int) -> str:
    if who == "client" and stream:
        return _("What the client may send on stream %(number)s", number=stream)
    if who == "client":
        return _("What the client may send on the connection")
    if stream:
        return _("What the server may send on stream %(number)s", number=stream)
    return _("What the server may send on the connection")


def _packed(sections: tuple[SectionView, ...]) -> dict[str, Raw]:
    wire = sum(section.wire for section in sections)
    plain = sum(section.plain for section in sections)
    return {
        "count": len(sections),
        "wire": wire,
        "plain": plain,
        "percent": round(100 * wire / plain) if plain else 0,
    }
