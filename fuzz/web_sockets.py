"""WebSocket: whatever frames a server sends, events in bounds that do not depend on the cuts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from fuzz.mutations import pieces
from fuzz.target import Target, hold
from netcore.options import Limits
from netcore.protocols.websocket import Broken, Closed, Message, WebSocket, WebSocketEvent
from netcore.protocols.websocket_handshake import Agreement, Deflate
from tools.vectors import VECTORS, read_octets

_LIMITS: Final = Limits(message_octets=4_096, messages=50, messages_octets=8_192, control_frames=20)
_MASKED_OCTETS: Final = 4  # of a PONG, beyond the PING that it answers
_SENT: Final = 300  # octets of a Close frame, and to spare
_CLOSE: Final = bytes.fromhex("880203e8")
_TEXT: Final = bytes.fromhex("810548656c6c6f")
_DEFLATED: Final = bytes.fromhex("c107f248cdc9c90700")  # RFC 7692 §7.2.3.1
_AGAIN: Final = bytes.fromhex("c105f200110000")  # §7.2.3.2: by the window of the one before
_FRAGMENTS: Final = bytes.fromhex("010348656c80026c6f")
_PING: Final = bytes.fromhex("890548656c6c6f")
_BINARY: Final = bytes.fromhex("827e0100") + bytes(256)


def _seeds() -> Sequence[bytes]:
    frames = [read_octets(path) for path in sorted((VECTORS / "websocket_frame").glob("*.hex"))]
    said = [_TEXT, _DEFLATED + _AGAIN, _FRAGMENTS, _PING * 3, _BINARY, *frames]
    return [each + _PING + _CLOSE for each in said]


def _read(octets: bytes, chance: Random) -> int:
    deflate = Deflate() if chance.random() < 0.5 else None
    agreed = Agreement(deflate, "", "")
    whole, cut = WebSocket(_LIMITS, agreed), WebSocket(_LIMITS, agreed)
    events = _events(whole, [octets])
    again = _events(cut, pieces(octets, chance))
    same = _told(events, agreed) == _told(again, agreed)
    hold(same, "the events depend on how the octets were cut")
    ends = [each for each in events if isinstance(each, Closed | Broken)]
    hold(bool(ends) and ends == events[-1:], "events go on behind the end, or nothing ends")
    content = sum(len(each.octets) for each in events if isinstance(each, Message))
    most = _LIMITS.messages_octets + _LIMITS.message_octets
    hold(content <= most, f"messages of {content} octets were given out")
    return len(events)


def _events(socket: WebSocket, parts: Sequence[bytes]) -> list[WebSocketEvent]:
    events: list[WebSocketEvent] = []
    sent = 0
    for part in (*parts, b""):
        events += socket.receive(part)
        sent += len(socket.data_to_send())
    received = sum(map(len, parts))
    most = _SENT + received + _LIMITS.control_frames * _MASKED_OCTETS
    hold(sent <= most, f"{sent} octets answer {received}")
    for event in events:
        if isinstance(event, Broken):
            hold(event.code.startswith(("ws.", "limit.")), f"the code is {event.code}")
            hold(bool(event.message.strip()), "the failure has no message")
    return events


def _told(events: Sequence[WebSocketEvent], agreed: Agreement) -> list[WebSocketEvent]:
    """The events. Of two faults of one compressed message the cuts say which is met first."""
    either = Broken("", "")
    return [either if agreed.deflate and isinstance(e, Broken) else e for e in events]


WEBSOCKET: Final = Target(_seeds, _read, steps_an_octet=1_000)
"""Frames behind the opening handshake, with permessage-deflate one time in two."""
