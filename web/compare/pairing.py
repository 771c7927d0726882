"""Pairing: which event of one trace stands for which of another.

Two events are counterparts where they are of the same stage and direction, show the same type of
unit and are the same in number among those. A handshake counts as one stage, whether TLS made it
over TCP or QUIC with TLS inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from netcore.pdu import Pdu
from netcore.timeline import Mark
from netcore.titles import title_of
from netcore.trace import STAGES
from web.compare.sides import Side
from web.tale import Tale

Key = tuple[int, str, str, str, int]
"""Request, stage, direction, type of unit, and its number among those of that kind."""

_REQUESTS = {"http1_request_head": "", "http2_field_section": "sent", "http3_field_section": "sent"}
_RESPONSES = {
    "http1_response_head": "",
    "http2_field_section": "received",
    "http3_field_section": "received",
}
_CONTENT = ("message_body", "http1_chunk", "http2_data", "http3_data")
_ON_THE_WIRE = ("http1_request_head", "http1_response_head", "http2_headers", "http3_headers")


@dataclass(frozen=True)
class Step:
    """One row of steps: the marks that are counterparts, by side; None where a side has none."""

    stage: str
    hop: int
    marks: tuple[Mark | None, ...]


def keyed(side: Side) -> dict[Key, Mark]:
    """The marks of a side that is compared, by what they are paired by, in order."""
    seen: Counter[tuple[int, str, str, str]] = Counter()
    found: dict[Key, Mark] = {}
    for mark in side.tale.timeline.marks:
        if side.hop and mark.hop != side.hop:
            continue
        kind = (1 if side.hop else mark.hop, _stage(mark), mark.direction, role(mark, side.tale))
        seen[kind] += 1
        found[(*kind, seen[kind])] = mark
    return found


def counterparts(sides: list[Side], chosen: Side, number: int) -> list[Mark | None]:
    """The mark of an event, and its counterparts, in the order of the sides."""
    every = [keyed(side) for side in sides]
    own = every[sides.index(chosen)]
    key = next((key for key, mark in own.items() if number in mark.members), None)
    return [marks.get(key) if key else None for marks in every]


def steps(sides: list[Side]) -> list[Step]:
    """All marks of all sides, counterparts in one row, each side in its own order."""
    every = [keyed(side) for side in sides]
    order: list[Key] = []
    for marks in every:
        place = 0
        for key in marks:
            if key in order:
                place = max(place, order.index(key) + 1)
            else:
                order.insert(place, key)
                place += 1
    order.sort(key=lambda key: (key[0], STAGES.index(key[1])))
    return [Step(key[1], key[0], tuple(marks.get(key) for marks in every)) for key in order]


def role(mark: Mark, tale: Tale) -> str:
    """The type of what a mark shows."""
    if not mark.octets:
        return f"{mark.kind} {mark.title.partition(':')[0] if mark.kind == 'decision' else ''}"
    names = {pdu.name for number in mark.members for pdu in tale.explanation.of_event(number)}
    for told, heads in (("request", _REQUESTS), ("response", _RESPONSES)):
        if any(name in names and way in ("", mark.direction) for name, way in heads.items()):
            return told
    if names.intersection(_CONTENT):
        return "content"
    title = mark.title.removeprefix("more of ").partition(" and ")[0].partition(",")[0]
    if title.startswith("DNS"):
        return " ".join(title.split(" ")[: 3 if "query" in title else 2])
    return title


class Unit(NamedTuple):
    """A unit, and where it is opened."""

    event: int
    place: int  # its number among those of the event, from 1
    pdu: Pdu


def unit_of(mark: Mark, tale: Tale) -> Unit | None:
    """The unit that says most of a mark, None where it moved nothing that is explained."""
    for number in mark.members:
        pdus = list(enumerate(tale.explanation.of_event(number), start=1))
        told = [each for each in pdus if not each[1].is_opened]
        heads = [each for each in told if each[1].name in _ON_THE_WIRE]
        hellos = [each for each in told if title_of(each[1]) == mark.title.partition(" and ")[0]]
        fetched = [each for each in told if not each[1].name.startswith(("tls", "quic"))]
        best = (heads or hellos or fetched or told or pdus)[:1]
        if best:
            return Unit(number, *best[0])
    return None


def alike(units: Sequence[Unit | None]) -> list[Unit | None]:
    """The same units; where one is a message of TLS without a record, so are the others."""
    names = {unit.pdu.name for unit in units if unit}
    if names != {"tls_record", "tls_handshake"}:
        return list(units)
    return [
        unit._replace(pdu=unit.pdu.inside[0]) if unit and unit.pdu.inside else unit
        for unit in units
    ]


def _stage(mark: Mark) -> str:
    return "tls" if mark.stage == "quic" else mark.stage
