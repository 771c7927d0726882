"""The page of one HTTP/3 connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort
from flask import render_template as render

from netcore.framing.http3 import Http3
from web import words
from web.facts import Raw
from web.http3.endings import endings
from web.http3.marks import stream_notes, unit_marks
from web.http3.sections import section_views
from web.http3.settings import setting_rows
from web.pages import find_tale
from web.spoken import gettext as _
from web.streams.endings import Ending
from web.streams.lanes import FrameRow, LanesView, frame_rows, lanes_view
from web.streams.sections import SectionView, plain_octets
from web.streams.settings import SettingRow
from web.streams.story import Link
from web.tale import Tale
from web.views import heading

http3 = Blueprint("http3", __name__)

PARTS = ("lanes", "sections", "settings", "endings")


@dataclass(frozen=True)
class Http3View:
    """All that the page shows."""

    base: str
    url: str
    heading: str
    number: str
    quic: str  # the page of the connection below
    others: tuple[Link, ...]  # all such connections of the trace, this one too
    about: Mapping[str, words.Explanation]
    lanes: LanesView
    rows: tuple[FrameRow, ...]
    left_out: int
    sections: tuple[SectionView, ...]
    more_sections: int
    settings: tuple[SettingRow, ...]
    endings: tuple[Ending, ...]


@http3.get("/t/<trace_id>/http3")
@http3.get("/t/<trace_id>/http3/<number>")
def told(trace_id: str, number: str = "") -> str:
    """Streams, field sections with the tables of QPACK, and settings of one connection."""
    tale, _standing = find_tale(trace_id)
    number = number or next(iter(tale.explanation.http3), "")
    if number not in tale.explanation.http3:
        abort(404, _("This trace has no HTTP/3 connection of that number."))
    return render("pages/http3.html", view=http3_view(tale, f"/t/{trace_id}", number))


def http3_view(tale: Tale, base: str, number: str) -> Http3View:
    """The view of the HTTP/3 connection of that number, as in "udp:1".

    In: `base`, the path of the trace.
    """
    spoken, connection = tale.explanation.http3[number], tale.explanation.quic[number]
    marks, left_out = unit_marks(connection, tale, number, base)
    sections, more = section_views(spoken, tale, base)
    facts: dict[str, Raw] = {
        "units": sum(mark.count for mark in marks) + left_out,
        "requests": sum(bool(block.values(":method")) for block in spoken.blocks),
        "one_way": len(spoken.stream_types),
    } | _packed(spoken)
    return Http3View(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        number=number,
        quic=f"{base}/quic/{number}",
        others=tuple(
            Link(_("Connection %(number)s", number=each), f"{base}/http3/{each}", each == number)
            for each in tale.explanation.http3
        ),
        about={part: words.quic(f"http3_{part}", facts) for part in ("began", *PARTS)},
        lanes=lanes_view(marks, stream_notes(spoken, marks)),
        rows=frame_rows(marks),
        left_out=left_out,
        sections=sections,
        more_sections=more,
        settings=setting_rows(spoken, tale, base),
        endings=endings(connection, spoken, tale, base),
    )


def _packed(spoken: Http3) -> dict[str, Raw]:
    """What all fields cost on the wire, with what the encoders said, and what they are as text."""
    fields = (entry for block in spoken.blocks for entry in block.block.fields)
    plain = sum(plain_octets(entry) for entry in fields)
    wire = sum(block.pdu.size for block in spoken.blocks)
    wire += sum(each.pdu.size for each in spoken.instructions)
    percent = round(100 * wire / plain) if plain else 0
    return {"count": len(spoken.blocks), "wire": wire, "plain": plain, "percent": percent}
