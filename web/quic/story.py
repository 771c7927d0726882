"""The page of one QUIC connection: its packets, acknowledgements, round trips, ids and keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort
from flask import render_template as render

from netcore.quic.recovery import recovery
from web import words
from web.pages import find_tale
from web.quic.acknowledgements import AcksView, acknowledgement_views
from web.quic.datagrams import datagrams
from web.quic.identity import ClosedRow, IdRow, PhaseRow, closed_rows, id_rows, phase_rows
from web.quic.lanes import PacketRow, PacketsView, packet_rows, packets_view
from web.quic.parameters import ParameterRow, hellos, parameter_rows
from web.quic.round_trips import LossRow, RoundTripsView, loss_rows, round_trips_view
from web.quic.turns import Glance, Turn, connection_facts, glances, turns
from web.spoken import gettext as _
from web.tale import Tale
from web.views import heading

quic = Blueprint("quic", __name__)


@dataclass(frozen=True)
class Link:
    """A link to the page of a connection."""

    title: str
    href: str
    current: bool


@dataclass(frozen=True)
class QuicView:
    """All that the page shows."""

    base: str
    url: str
    heading: str
    number: str
    others: tuple[Link, ...]  # all such connections of the trace, this one too
    http3: str  # the page of the HTTP/3 spoken on it, or ""
    handshake: str  # the page of the TLS inside it, or ""
    about: Mapping[str, words.Explanation]
    glances: tuple[Glance, ...]
    turns: tuple[Turn, ...]
    packets: PacketsView
    rows: tuple[PacketRow, ...]
    left_out: int  # datagrams
    acknowledgements: tuple[AcksView, ...]
    round_trips: RoundTripsView | None  # None: no ACK gave a sample
    losses: tuple[LossRow, ...]
    more_losses: int
    ids: tuple[IdRow, ...]
    more_ids: int
    phases: tuple[PhaseRow, ...]
    closed: tuple[ClosedRow, ...]
    more_closed: int
    parameters: tuple[ParameterRow, ...]


PARTS = ("packets", "acks", "round_trips", "losses", "ids", "phases", "closed", "parameters")


@quic.get("/t/<trace_id>/quic")
@quic.get("/t/<trace_id>/quic/<number>")
def told(trace_id: str, number: str = "") -> str:
    """Packets, acknowledgements, round trips, connection ids, keys of one connection."""
    tale, _standing = find_tale(trace_id)
    number = number or next(iter(tale.explanation.quic), "")
    if number not in tale.explanation.quic:
        abort(404, _("This trace has no QUIC connection of that number."))
    return render("pages/quic.html", view=quic_view(tale, f"/t/{trace_id}", number))


def quic_view(tale: Tale, base: str, number: str) -> QuicView:
    """The view of the QUIC connection of that number, as in "udp:1".

    In: `base`, the path of the trace.
    """
    connection = tale.explanation.quic[number]
    found = recovery(connection, tale.trace.events)
    shown, left_out = datagrams(connection.packets, found, tale, base)
    facts = connection_facts(connection, found)
    losses, more_losses = loss_rows(found, tale, base)
    ids, more_ids = id_rows(connection, tale, base)
    closed, more_closed = closed_rows(connection, tale, base)
    return QuicView(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        number=number,
        others=tuple(
            Link(_("Connection %(number)s", number=each), f"{base}/quic/{each}", each == number)
            for each in tale.explanation.quic
        ),
        http3=f"{base}/http3/{number}" if number in tale.explanation.http3 else "",
        handshake=f"{base}/tls/quic-{number}" if any(hellos(tale, number)) else "",
        about={part: words.quic(part, facts) for part in ("began", *PARTS)},
        glances=glances(connection),
        turns=turns(connection, facts, tale, base),
        packets=packets_view(shown),
        rows=packet_rows(shown),
        left_out=left_out,
        acknowledgements=acknowledgement_views(connection, found, tale, base),
        round_trips=round_trips_view(found, tale, base),
        losses=losses,
        more_losses=more_losses,
        ids=ids,
        more_ids=more_ids,
        phases=phase_rows(connection, tale, base),
        closed=closed,
        more_closed=more_closed,
        parameters=parameter_rows(tale, number, base),
    )
