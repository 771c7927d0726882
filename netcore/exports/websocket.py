"""The messages of a WebSocket, as browsers write them into an HTTP archive."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

from netcore.dissect.websocket import TEXT
from netcore.framing.websocket import Connection

Json = dict[str, object]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def entry_of(connection: Connection | None, started: datetime) -> Json:
    """What is added to the entry of the request that opened it, nothing if it opened none.

    In: when the trace began.
    """
    if connection is None:
        return {}
    began_s = (started - _EPOCH).total_seconds()
    messages = sorted(connection.messages, key=lambda each: each.time_ns)
    return {
        "_resourceType": "websocket",
        "_webSocketMessages": [
            {
                "type": "send" if each.direction == "sent" else "receive",
                "time": began_s + each.time_ns / 1e9,
                "opcode": each.opcode,
                "data": _data(each.opcode, each.data),
            }
            for each in messages
        ],
    }


def _data(opcode: int, data: bytes) -> str:
    return data.decode("utf-8", "replace") if opcode == TEXT else b64encode(data).decode("ascii")
