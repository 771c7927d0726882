"""Naming: what rows and units of the boundary ruler are called, and where they are opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from netcore.boundaries import (
    CALLS,
    DNS,
    MESSAGES,
    PACKETS,
    QUIC_FRAMES,
    RECORDS,
    SEGMENTS,
    Row,
    Strip,
    Unit,
)
from netcore.dissect.http2 import FrameHeader, frame_header
from netcore.pdu import DECRYPTED, Pdu
from netcore.pdus import Explanation
from netcore.registries.tls import CONTENT_TYPES
from web.addresses import part_hrefs, unit_href
from web.facts import clean
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

TITLE_LENGTH = 60  # characters of a title that may come from the wire
_PREFIXES = {"tls": "tls", "websocket": "ws", "dns": "dns", "quic": "quic", "raw": "raw"}


@dataclass(frozen=True)
class Namer:
    """Names the units of one connection."""

    tale: Tale
    base: str  # the path of the trace
    socket: str
    contents: dict[int, str]  # what records hold, by the number of the unit

    def row(self, row: Row, direction: str) -> str:
        """The name of a row, short enough to stand beside it."""
        if row.name == CALLS:
            return _("Reads") if direction == "received" else _("Writes")
        names = {
            SEGMENTS: _("TCP segments"),
            RECORDS: _("TLS records"),
            PACKETS: _("QUIC packets"),
            QUIC_FRAMES: _("QUIC frames"),
            DNS: _("DNS messages"),
        }
        return names.get(row.name) or self._upper_row(row)

    def _upper_row(self, row: Row) -> str:
        """Frames, or what HTTP/1 has instead; and what they carry."""
        number, known = self.socket.rpartition(":")[2], self.tale.explanation
        over_udp = self.socket.startswith("udp:")
        has_streams = number in (known.http3 if over_udp else known.http2)
        is_websocket = not over_udp and number in known.websocket
        if row.name == MESSAGES:
            if has_streams:
                return _("Streams")
            return _("Messages") if is_websocket else _("Content")
        if has_streams or is_websocket:
            return _("Frames")
        if "http1_chunk" in row.kinds:
            return _("Heads, chunks")
        if row.kinds & {"http1_request_head", "http1_response_head", "message_body"}:
            return _("Heads, bodies")
        return _("TLS messages") if "tls_handshake" in row.kinds else _("Octets")

    def unit(self, unit: Unit, row: Row, direction: str) -> str:
        """What a unit is called, without its size: "read 3", "record 5: handshake"."""
        number = f"{unit.number:,}"
        if row.name == CALLS and direction == "received":
            return _("read %(number)s", number=number)
        if row.name == CALLS:
            return _("write %(number)s", number=number)
        if row.name == SEGMENTS:
            return _("segment %(number)s", number=number)
        assert unit.pdu is not None
        if row.name == RECORDS:
            held = self.contents.get(unit.pdu.number) or clean(unit_title(unit.pdu), TITLE_LENGTH)
            return _("record %(number)s: %(held)s", number=number, held=held)
        if unit.pdu.name == "http1_chunk" and unit.payload:
            return _("chunk of %(octets)s bytes", octets=f"{unit.payload:,}")
        if unit.pdu.name == "http2_data":
            header = _header(unit.pdu)
            return _("DATA, stream %(stream)s", stream=header.stream)
        return clean(unit_title(unit.pdu), TITLE_LENGTH)

    def href(self, unit: Unit) -> str:
        """Where a unit is opened with its octets explained."""
        if unit.pdu is None:
            return f"{self.base}/e/{unit.event}"
        return unit_href(unit.pdu, self.tale, self.base)

    def exact_href(self, unit: Unit) -> str:
        """The same, and where it is part of another unit's tree its field is selected there."""
        if unit.pdu is None:
            return self.href(unit)
        parts = part_hrefs(unit.pdu, self.tale, self.base, (unit.pdu.name,))
        return parts.get(0) or self.href(unit)

    def spot_href(self, unit: Unit, spot: Mapping[str, str]) -> str:
        """The same with what was selected within the unit; where nothing was, all of it is."""
        if not spot:
            return self.exact_href(unit)
        href = self.href(unit)
        return f"{href}{'&' if '?' in href else '?'}{urlencode(spot)}"


_HELD: WeakKeyDictionary[Explanation, dict[int, str]] = WeakKeyDictionary()


def namer(tale: Tale, base: str, socket: str) -> Namer:
    """Names for one connection of a trace. In: `base`, the path of the trace."""
    held = _HELD.get(tale.explanation)
    if held is None:
        held = _HELD[tale.explanation] = _contents(tale.explanation)
    return Namer(tale, base, socket, held)


def layer(row: Row, unit: Unit) -> str:
    """The protocol layer of a unit, whose hue it has."""
    if row.name in (CALLS, SEGMENTS) or unit.pdu is None:
        return "tcp"
    return _PREFIXES.get(unit.pdu.name.partition("_")[0], "http")


def key(unit: Unit) -> tuple[int, int]:
    """The unit's number in the trace, 0 if it is none; and the event of a call or a segment."""
    return (unit.pdu.number, 0) if unit.pdu else (0, unit.event)


def selected(strips: tuple[Strip, ...], number: int, event: int) -> tuple[Strip, Row, Unit] | None:
    """The unit of that key, with its row and strip; None if there is none."""
    if not number and not event:
        return None
    for strip in strips:
        for row in strip.rows:
            for unit in row.units:
                if unit.pdu.number == number if unit.pdu else unit.event == event:
                    return strip, row, unit
    return None


def _contents(explanation: Explanation) -> dict[int, str]:
    """What each record of TLS holds, by the number of its unit, without reading its fields."""
    held = {
        pdu.origin[0]: _type_of(pdu)
        for pdu in explanation.pdus
        if pdu.step == DECRYPTED and pdu.carries is not None
    }
    found = {}
    for pdu in explanation.pdus:
        if pdu.name == "tls_record" and pdu.size:
            found[pdu.number] = _content_type(pdu.octets[0])
        elif pdu.name == "tls_ciphertext":
            found[pdu.number] = held.get(pdu.origin[0], "")
    return found


def _type_of(plain: Pdu) -> str:
    assert plain.carries is not None
    kind = plain.carries.channel.partition("/")[2].partition(".")[0]
    return kind or "application data"


def _content_type(number: int) -> str:
    return CONTENT_TYPES.get(number, str(number)).replace("_", " ")


def _header(pdu: Pdu) -> FrameHeader:
    return frame_header(bytes(pdu.view[:9]))
