"""Telling: what a strip answers, in sentences with its own numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
from web.spoken import gettext as _
from web.spoken import ngettext

_DATA = ("http2_data", "http3_data")


@dataclass(frozen=True)
class Measures:
    """The numbers of a strip. Where it has content of HTTP they are about that alone."""

    direction: str
    octets: int
    has_body: bool
    calls: int
    before: int  # calls before the first of these, where nothing is sealed
    segments: int
    records: int
    packets: int
    sizes: tuple[int, ...]  # of the pieces that the sender made: chunks, or DATA frames
    are_chunks: bool
    edges: int  # places between two of these
    same: int  # where a call ended, too
    straddling: int  # pieces that lie in more than one call
    messages: int  # of a WebSocket
    frames: int  # of a WebSocket


def measure(strip: Strip) -> Measures:
    """Who cut what into how many pieces, and which edges of two layers are the same."""
    body = _body(strip)
    pieces = _inner(strip, body)
    calls = strip.row(CALLS)
    ends = sorted(unit.parts[-1].end for unit in calls.units) if calls else []
    return Measures(
        direction=strip.direction,
        octets=sum(part.end - part.start for part in body) or strip.octets,
        has_body=bool(body),
        calls=_count(strip, CALLS, body),
        before=_before(strip, body),
        segments=_count(strip, SEGMENTS, body),
        records=_count(strip, RECORDS, body),
        packets=_count(strip, PACKETS, body),
        sizes=tuple(unit.payload for unit in pieces),
        are_chunks=any(unit.pdu and unit.pdu.name == "http1_chunk" for unit in pieces[:1]),
        edges=max(0, len(pieces) - 1),
        same=sum(_ends_between(one, two, ends) for one, two in pairwise(pieces)),
        straddling=sum(_is_cut(unit, ends) for unit in pieces),
        messages=_named(strip, MESSAGES, "websocket_message"),
        frames=_named(strip, FRAMES, "websocket_frame"),
    )


def _named(strip: Strip, row: str, name: str) -> int:
    """How many units of a row have this name."""
    found = strip.row(row)
    return (
        sum(unit.pdu is not None and unit.pdu.name == name for unit in found.units) if found else 0
    )


def _ends_between(one: Unit, two: Unit, ends: Sequence[int]) -> bool:
    """Whether a call ended behind one unit and before the next: a record's tag may lie there."""
    at = bisect_left(ends, one.parts[-1].end)
    return at < len(ends) and ends[at] <= two.start


def _is_cut(unit: Unit, edges: Sequence[int]) -> bool:
    """Whether one of these edges lies inside of a unit."""
    at = bisect_right(edges, unit.start)
    return at < len(edges) and edges[at] < unit.parts[-1].end


def sentences(found: Measures) -> tuple[str, ...]:
    """The same as sentences."""
    told = [_moved(found), _first(found), _segments(found), _sealed(found), _cut(found)]
    told += [_edges(found), _straddling(found), _frames(found), _messages(found)]
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


def _count(strip: Strip, name: str, body: Sequence[Part]) -> int:
    """How many units of a row have octets of the content, or of anything where there is none."""
    row = strip.row(name)
    if row is None:
        return 0
    return len(row.within(body)) if body else len(row.units)


def _before(strip: Strip, body: Sequence[Part]) -> int:
    """How many calls brought what stands before the content alone, where nothing is sealed."""
    row = strip.row(CALLS)
    if row is None or not body or strip.row(RECORDS) or strip.row(PACKETS):
        return 0
    return sum(unit.parts[-1].end <= body[0].start for unit in row.units)


def _first(found: Measures) -> str:
    if not found.before or found.direction == "sent":
        return ""
    return ngettext(
        "One read before these brought the head.",
        "%(count)s reads before these brought the head.",
        found.before,
        count=f"{found.before:,}",
    )


def _moved(found: Measures) -> str:
    calls, body = found.calls, found.has_body
    numbers = {"octets": f"{found.octets:,}", "calls": f"{calls:,}"}
    if found.direction == "sent":
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


def _segments(found: Measures) -> str:
    count = found.segments
    if not count:
        return ""
    return ngettext(
        "TCP carried them in one segment.",
        "TCP carried them in %(count)s segments.",
        count,
        count=f"{count:,}",
    )


def _sealed(found: Measures) -> str:
    records, packets = found.records, found.packets
    if records:
        return ngettext(
            "TLS put them into one record.",
            "TLS cut them into %(count)s records.",
            records,
            count=f"{records:,}",
        )
    if packets:
        return ngettext(
            "QUIC put them into one packet.",
            "QUIC cut them into %(count)s packets.",
            packets,
            count=f"{packets:,}",
        )
    return ""


def _cut(found: Measures) -> str:
    """Into how many pieces the sender cut its content, and of which sizes."""
    sizes = found.sizes
    if not sizes:
        return ""
    numbers = {
        "count": f"{len(sizes):,}",
        "least": f"{min(sizes):,}",
        "most": f"{max(sizes):,}",
    }
    if min(sizes) == max(sizes):
        return _cut_alike(found, numbers)
    if not found.are_chunks:
        return _(
            "HTTP cut them into %(count)s DATA frames of %(least)s to %(most)s bytes.", **numbers
        )
    return _("The sender cut them into %(count)s chunks of %(least)s to %(most)s bytes.", **numbers)


def _cut_alike(found: Measures, numbers: Mapping[str, str]) -> str:
    """The same where all pieces are of one size, or there is but one."""
    if not found.are_chunks:
        return ngettext(
            "HTTP put them into one DATA frame of %(most)s bytes.",
            "HTTP cut them into %(count)s DATA frames of %(most)s bytes each.",
            len(found.sizes),
            **numbers,
        )
    return ngettext(
        "The sender made one chunk of them, of %(most)s bytes.",
        "The sender cut them into %(count)s chunks of %(most)s bytes each.",
        len(found.sizes),
        **numbers,
    )


def _edges(found: Measures) -> str:
    """At how many places between the sender's pieces a call ended."""
    if not found.edges:
        return ""
    numbers = {"edges": f"{found.edges:,}", "same": f"{found.same:,}"}
    if found.direction == "sent":
        return ngettext(
            "At %(same)s of the %(edges)s places between two of them, a write ended.",
            "At %(same)s of the %(edges)s places between two of them, a write ended.",
            found.same,
            **numbers,
        )
    if found.same == found.edges:
        return _("Here a read ended between each two of them. TCP does not promise that.")
    if not found.same:
        return _("No read ended between two of them.")
    return ngettext(
        "At one of the %(edges)s places between two of them, a read ended. TCP keeps no such "
        "edges.",
        "At %(same)s of the %(edges)s places between two of them, a read ended. TCP keeps no such "
        "edges.",
        found.same,
        **numbers,
    )


def _straddling(found: Measures) -> str:
    """How many of the pieces lie in more than one call."""
    if not found.straddling or found.direction == "sent":
        return ""
    return ngettext(
        "One of them straddles two or more reads.",
        "%(count)s of them straddle two or more reads.",
        found.straddling,
        count=f"{found.straddling:,}",
    )


def _frames(found: Measures) -> str:
    """In how many frames a WebSocket said it."""
    if not found.frames:
        return ""
    return ngettext(
        "One frame of a WebSocket is in them.",
        "%(frames)s frames of a WebSocket are in them.",
        found.frames,
        frames=f"{found.frames:,}",
    )


def _messages(found: Measures) -> str:
    """How many messages its frames come to."""
    if not found.messages:
        return ""
    return ngettext(
        "They come to one message.",
        "They come to %(messages)s messages.",
        found.messages,
        messages=f"{found.messages:,}",
    )


def low_parts(strip: Strip) -> str:
    """What of a strip is drawn half as high, in words; "" where all is payload."""
    names = {
        "http1_chunk": _("the size lines of chunks"),
        "tls": _("headers and tags of records"),
        "quic": _("headers and tags of packets, heads of frames"),
        "websocket": _("heads of frames"),
        "http2": _("heads and padding of frames"),
        "http3": _("heads of frames"),
        "": _("heads of segments"),
    }
    found = {
        unit.pdu.name if unit.pdu else ""
        for row in strip.rows
        for unit in row.units
        if not all(part.is_payload for part in unit.parts)
    }
    told = [names.get(name) or names.get(name.partition("_")[0], "") for name in sorted(found)]
    return ", ".join(dict.fromkeys(filter(None, told)))
