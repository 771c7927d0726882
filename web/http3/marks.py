"""Units on the streams of an HTTP/3 connection in order, those that are alike put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from netcore.field import find
from netcore.framing.http3 import Http3
from netcore.framing.quic_connection import Connection
from netcore.pdu import Pdu
from netcore.registries.http3 import stream_type_name
from web.addresses import unit_href
from web.facts import clean
from web.spoken import gettext as _
from web.streams.marks import ALIKE, SHOWN_MARKS, crossed_ns
from web.tale import Tale
from web.titles import unit_title

_CARRYING = frozenset({"http3_data", "http3_headers", "http3_push_promise"})
_INSTRUCTIONS = frozenset({"qpack_encoder_instruction", "qpack_decoder_instruction"})
_OTHERS = frozenset({"quic_stream_data", "uncut"})
_NAMES = {
    "set_dynamic_table_capacity": "capacity",
    "insert_with_name_reference": "insert",
    "insert_with_literal_name": "insert",
    "section_acknowledgment": "acknowledge",
    "stream_cancellation": "cancel",
    "insert_count_increment": "increment",
}  # of instructions, short enough for a box


@dataclass(frozen=True)
class UnitMark:
    """A unit of a stream, or some in a row that differ in nothing but their content."""

    units: tuple[Pdu, ...]
    stream: int
    direction: str  # who sent it: "sent" is the client
    name: str  # "HEADERS"
    flags: str  # "FIN" where the stream ends with it
    title: str
    href: str
    moment_ns: int
    is_error: bool

    @property
    def octets(self) -> int:
        """Of all of them."""
        return sum(unit.size for unit in self.units)

    @property
    def count(self) -> int:
        """How many units it stands for."""
        return len(self.units)

    @property
    def is_data(self) -> bool:
        """Whether its size says more than its flags."""
        return True

    @property
    def carries(self) -> bool:
        """Whether it carries fields or content."""
        return self.units[0].name in _CARRYING


def unit_marks(
    connection: Connection, tale: Tale, number: str, base: str, most: int = SHOWN_MARKS
) -> tuple[list[UnitMark], int]:
    """The marks of a connection, and how many units have none because there are too many.

    In: the number of its socket; `base`, the path of the trace.
    """
    units = sorted(_units(tale.explanation.pdus, number), key=lambda unit: _order(unit, tale))
    groups: list[tuple[Pdu, ...]] = []
    for _key, alike in groupby(units, lambda unit: (unit.origin[0].channel, unit_name(unit))):
        group = tuple(alike)
        groups.extend([group] if len(group) >= ALIKE else [(each,) for each in group])
    ends = {
        stream.channel: stream.final_size
        for stream in connection.streams
        if stream.final_size is not None and not stream.has_hole
    }
    marks = [_mark(group, ends, tale, base) for group in groups[:most]]
    return marks, sum(len(group) for group in groups[most:])


def unit_name(unit: Pdu) -> str:
    """What a unit is called in a box."""
    if unit.name in _INSTRUCTIONS:
        parts = unit.fields().children
        name = parts[0].name if parts else "instruction"
        return _NAMES.get(name, name)
    if unit.name == "http3_stream_type":
        found = find(unit.fields(), "stream_type")
        return found.label if found and found.label else _("stream type")
    if unit.name in _OTHERS:
        return _("data")
    return clean(unit_title(unit).partition(",")[0], 40)


def stream_notes(http3: Http3, shown: Sequence[UnitMark]) -> Mapping[int, str]:
    """What each stream that is shown is for: its request, or its type."""
    notes = {mark.stream: "" for mark in shown}
    for (stream, _way), kind in http3.stream_types.items():
        if stream in notes:
            notes[stream] = stream_type_name(kind).removesuffix(" Stream")
    for block in http3.blocks:
        if notes.get(block.stream) == "" and block.values(":method"):
            notes[block.stream] = clean(unit_title(block.section), 40)
    return notes


def place(unit: Pdu) -> tuple[int, str]:
    """The stream that a unit is on, and its direction."""
    channel, _dot, direction = unit.origin[0].channel.rpartition(".")
    return int(channel.rpartition("/")[2]), direction


def _units(pdus: Sequence[Pdu], number: str) -> Iterator[Pdu]:
    for unit in pdus:
        channel = unit.origin[0].channel
        wanted = unit.name in _INSTRUCTIONS | _OTHERS or unit.name.startswith("http3_")
        if not wanted or unit.name == "http3_field_section":
            continue
        if channel.startswith(f"quic:{number}/") and unit.size:
            yield unit


def _order(unit: Pdu, tale: Tale) -> tuple[int, int, int]:
    direction = place(unit)[1]
    event = unit.events[0] if direction == "sent" else unit.events[-1]
    return crossed_ns(unit, direction, tale), event, unit.number


def _mark(
    units: tuple[Pdu, ...], ends: Mapping[str, int | None], tale: Tale, base: str
) -> UnitMark:
    first, span = units[0], units[-1].origin[0]
    stream, direction = place(first)
    return UnitMark(
        units=units,
        stream=stream,
        direction=direction,
        name=unit_name(first),
        flags="FIN" if ends.get(span.channel) == span.end else "",
        title=clean(unit_title(first)),
        href=unit_href(first, tale, base),
        moment_ns=crossed_ns(first, direction, tale),
        is_error=any(unit.error for unit in units),
    )
