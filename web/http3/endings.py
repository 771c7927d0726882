"""How streams and the connection ended: RESET_STREAM, STOP_SENDING, GOAWAY, CONNECTION_CLOSE."""

from __future__ import annotations

from collections.abc import Iterator

from netcore.dissect.http3 import GOAWAY
from netcore.dissect.quic_frame_walk import RESET_STREAM, STOP_SENDING
from netcore.field import find
from netcore.framing.http3 import Frame, Http3
from netcore.framing.quic_connection import Close, Connection, Packet
from netcore.registries.http3 import error_name
from web import words
from web.addresses import unit_href
from web.facts import Raw, clean
from web.phrases import side
from web.quic.datagrams import packet_href, packet_title
from web.streams.endings import SHOWN_ENDINGS, Ending
from web.tale import Tale
from web.titles import unit_title

_WHO = {"sent": "client", "received": "server"}
_KINDS = {RESET_STREAM: "http3_reset_stream", STOP_SENDING: "http3_stop_sending"}
_FINE = ("NO_ERROR", "H3_NO_ERROR")


def endings(connection: Connection, http3: Http3, tale: Tale, base: str) -> tuple[Ending, ...]:
    """What ended the connection or one of its streams, in order of the calls.

    In: `base`, the path of the trace.
    """
    found: list[tuple[int, Ending]] = []
    for frame in http3.frames:
        if frame.type == GOAWAY and len(found) < SHOWN_ENDINGS:
            event = next(iter(frame.pdu.events), 0)
            found.append((event, _goaway(frame, tale, base)))
    for packet, kind, stream, code in _stopped(connection):
        if len(found) >= 2 * SHOWN_ENDINGS:
            break
        found.append((packet.event, _stop(packet, kind, stream, code, tale, base)))
    found.sort(key=lambda pair: pair[0])
    shown = [ending for _, ending in found[:SHOWN_ENDINGS]]
    if connection.close is not None:
        shown.append(_close(connection.close, tale, base))
    return tuple(shown)


def _stopped(connection: Connection) -> Iterator[tuple[Packet, int, int, int]]:
    for packet in connection.packets:
        for frame in packet.frames:
            if frame.type in _KINDS:
                yield packet, frame.type, frame.values[0], frame.values[1]


def _goaway(frame: Frame, tale: Tale, base: str) -> Ending:
    last = find(frame.pdu.fields(), "id")
    who = _WHO[frame.direction]
    facts: dict[str, Raw] = {"who": who, "last": str(last.value) if last else "?"}
    return Ending(
        who=side(who),
        title=clean(unit_title(frame.pdu)),
        href=unit_href(frame.pdu, tale, base),
        what=words.quic("http3_goaway", facts).what,
        meaning=words.Text(),
        debug="",
        is_error=False,
    )


def _stop(packet: Packet, kind: int, stream: int, code: int, tale: Tale, base: str) -> Ending:
    who = _WHO[packet.direction]
    facts: dict[str, Raw] = {"who": who, "stream": str(stream)}
    return Ending(
        who=side(who),
        title=packet_title(packet),
        href=packet_href(packet, tale, base),
        what=words.quic(_KINDS[kind], facts).what,
        meaning=_meaning(code, error_name(code)),
        debug="",
        is_error=error_name(code) not in _FINE,
    )


def _close(close: Close, tale: Tale, base: str) -> Ending:
    who = _WHO[close.direction]
    is_reset = close.how == "stateless reset"
    name = "http3_stateless_reset" if is_reset else "http3_close"
    return Ending(
        who=side(who),
        title=packet_title(close.packet),
        href=packet_href(close.packet, tale, base),
        what=words.quic(name, {"who": who}).what,
        meaning=words.Text() if is_reset else _meaning(close.error_code, close.label),
        debug=clean(close.reason, 200),
        is_error=is_reset or close.label not in _FINE,
    )


def _meaning(code: int, label: str) -> words.Text:
    facts: dict[str, Raw] = {"code": f"{code:#x}", "label": clean(label, 60)}
    return words.quic("http3_error", facts | {"named": label not in ("GREASE", "unassigned")}).what
