"""Telling: what a strip answers, in sentences with its own numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netcore.boundaries import (
    CALLS,
    FRAMES,
    MESSAGES,
    PACKETS,
    RECORDS,
    SEGMENTS,
    Part,
    Strip,
    Unit,
)
from web.layers.spoken import gettext as _
from web.layers.spoken import ngettext

_DATA = ("http2_data", "http3_data")


def sentences(strip: Strip) -> tuple[str, ...]:
    """Who cut what into how many pieces, and whether the edges of two layers are the same."""
    body = _body(strip)
    pieces = _inner(strip, body)
    told = [_moved(strip, body), _segments(strip, body), _sealed(strip, body), _cut(pieces)]
    told += [_edges(strip, pieces), _straddling(strip, pieces)]
    return tuple(filter(None, told))


def _body(strip: Strip) -> list[Part]:
    """Where content of HTTP stands; nothing where there is none."""
    units = [
        unit
        for name in (FRAMES, MESSAGES)
        if (row := strip.row(name)) is not None
        for unit in row.units
        if unit.pdu is not None and unit.pdu.name == "message_body"
    ]
    return [part for unit in units for part in unit.parts]


def _inner(strip: Strip, body: Sequence[Part]) -> list[Unit]:
    """The pieces that the sender cut its content into: chunks, or frames with data."""
    row = strip.row(FRAMES)
    if row is None or not body:
        return []
    names = ("http1_chunk", *_DATA)
    return [unit for unit in row.units if unit.pdu and unit.pdu.name in names and unit.payload]


def _octets(parts: Iterable[Part]) -> int:
    return sum(part.end - part.start for part in parts)


def _count(strip: Strip, name: str, body: Sequence[Part]) -> int:
    """How many units of a row have octets of the content, or of anything where there is none."""
    row = strip.row(name)
    if row is None:
        return 0
    return len(row.within(body)) if body else len(row.units)


def _moved(strip: Strip, body: Sequence[Part]) -> str:
    calls = _count(strip, CALLS, body)
    numbers = {
        "octets": f"{_octets(body) if body else strip.octets:,}",
        "calls": f"{calls:,}",
    }
    if strip.direction == "sent":
        if body:
            return ngettext(
                "The client wrote %(octets)s bytes of body in one write.",
                "The client wrote %(octets)s bytes of body in %(calls)s writes.",
                calls,
                **numbers,
            )
        return ngettext(
            "The client wrote %(octets)s bytes in one write.",
            "The client wrote %(octets)s bytes in %(calls)s writes.",
            calls,
            **numbers,
        )
    if body:
        return ngettext(
            "The server sent %(octets)s bytes of body; the client read them in one read.",
            "The server sent %(octets)s bytes of body; the client read them in %(calls)s reads.",
            calls,
            **numbers,
        )
    return ngettext(
        "The server sent %(octets)s bytes; the client read them in one read.",
        "The server sent %(octets)s bytes; the client read them in %(calls)s reads.",
        calls,
        **numbers,
    )


def _segments(strip: Strip, body: Sequence[Part]) -> str:
    count = _count(strip, SEGMENTS, body)
    if not count:
        return ""
    return ngettext(
        "TCP carried them in one segment.",
        "TCP carried them in %(count)s segments.",
        count,
        count=f"{count:,}",
    )


def _sealed(strip: Strip, body: Sequence[Part]) -> str:
    records, packets = _count(strip, RECORDS, body), _count(strip, PACKETS, body)
    if records:
        return ngettext(
            "TLS cut them into one record.",
            "TLS cut them into %(count)s records.",
            records,
            count=f"{records:,}",
        )
    if packets:
        return ngettext(
            "QUIC cut them into one packet.",
            "QUIC cut them into %(count)s packets.",
            packets,
            count=f"{packets:,}",
        )
    return ""


def _cut(pieces: Sequence[Unit]) -> str:
    if not pieces:
        return ""
    assert pieces[0].pdu is not None
    sizes = [unit.payload for unit in pieces]
    numbers = {
        "count": f"{len(pieces):,}",
        "least": f"{min(sizes):,}",
        "most": f"{max(sizes):,}",
    }
    if pieces[0].pdu.name in _DATA:
        return ngettext(
            "HTTP cut them into one DATA frame of %(most)s bytes.",
            "HTTP cut them into %(count)s DATA frames of %(least)s to %(most)s bytes.",
            len(pieces),
            **numbers,
        )
    return ngettext(
        "The sender made one chunk of them, of %(most)s bytes.",
        "The sender cut them into %(count)s chunks of %(least)s to %(most)s bytes.",
        len(pieces),
        **numbers,
    )


def _edges(strip: Strip, pieces: Sequence[Unit]) -> str:
    """How many edges between the sender's pieces are edges of calls too."""
    calls = strip.row(CALLS)
    edges = {unit.parts[-1].end for unit in pieces[:-1]}
    if calls is None or not edges:
        return ""
    same = len(edges & {unit.parts[-1].end for unit in calls.units})
    numbers = {"edges": f"{len(edges):,}", "same": f"{same:,}"}
    if strip.direction == "sent":
        return _("Edges between them: %(edges)s. Of writes, too: %(same)s.", **numbers)
    if same == len(edges):
        return _("Here each piece ended where a read ended, too. TCP does not promise that.")
    if not same:
        return _("No edge between two of them is an edge between two reads.")
    return ngettext(
        "Of the %(edges)s edges between them, one is an edge between two reads, too. TCP keeps "
        "none.",
        "Of the %(edges)s edges between them, %(same)s are edges between two reads, too. TCP keeps "
        "none.",
        same,
        **numbers,
    )


def _straddling(strip: Strip, pieces: Sequence[Unit]) -> str:
    """How many of the pieces lie in more than one call."""
    calls = strip.row(CALLS)
    if calls is None or not pieces:
        return ""
    count = sum(len(calls.within(unit.parts)) > 1 for unit in pieces)
    if not count or strip.direction == "sent":
        return ""
    return ngettext(
        "One of them straddles two or more reads.",
        "%(count)s of them straddle two or more reads.",
        count,
        count=f"{count:,}",
    )
