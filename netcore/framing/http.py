"""Which version of HTTP a connection speaks, by what stands in it.

Theory of operation. A client of HTTP/2 begins with a preface that no request of HTTP/1 can be,
whether ALPN had chosen it or nothing had. A request of HTTP/1.1 may ask to switch; behind the
answer 101 both sides speak HTTP/2 (RFC 7540 §3.2). Some servers answer such a request with HTTP/2
at once, and servers of HTTP/1 answer a preface in their own version: then each direction is cut by
its own. To a client that asked for neither, an answer in HTTP/2 is no answer that it can read.
Behind an answer 101 that opens a WebSocket both sides send its frames (RFC 6455 §4).
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from typing import Final, NamedTuple

from netcore.channels import Channel
from netcore.framing import http1, http2, websocket
from netcore.pdu import Pdu
from netcore.websocket_accept import accept_steps

_ASKS: Final = re.compile(rb"(?i)\r\nupgrade:[ \t]*h2c[ \t]*\r\n")


class Framed(NamedTuple):
    """The units of one connection, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]
    http2: http2.Connection | None = None
    websocket: websocket.Connection | None = None


def frame(sent: Channel | None, received: Channel | None, connection: str) -> Framed:
    """Cut both directions of one connection; `connection` is its number, for names."""
    if http2.begins_http2(sent):
        if received is None or not received.octets.startswith(b"HTTP/"):
            return _joined(http2.frame(sent, received, connection))
        return _joined(http2.frame(sent, None, connection), http1.frame(None, received, connection))
    if http2.answers_http2(received) and sent is not None and _ASKS.search(sent.octets):
        return _joined(http2.frame(None, received, connection), http1.frame(sent, None, connection))
    before = http1.frame(sent, received, connection)
    if before.switched is None:
        return Framed(before.pdus, before.channels)
    starts = (before.switched.sent, before.switched.received)
    if before.switched.protocol == "websocket":
        return _websocket(sent, received, connection, before)
    upgrade = _settings(before.switched.request.first("http2-settings"))
    return _joined(http2.frame(sent, received, connection, starts, upgrade), before)


def _joined(framed: http2.Framed, beside: http1.Framed | None = None) -> Framed:
    if beside is None:
        return Framed(framed.pdus, framed.channels, framed.connection)
    pdus, channels = beside.pdus + framed.pdus, beside.channels + framed.channels
    return Framed(pdus, channels, framed.connection)


def _websocket(
    sent: Channel | None, received: Channel | None, connection: str, before: http1.Framed
) -> Framed:
    """The handshake that was cut already, and the frames behind it."""
    assert before.switched is not None
    request, answer = before.switched.request, before.switched.answer
    key = request.first("sec-websocket-key")
    accept = accept_steps(key, answer.first("sec-websocket-accept"))
    extensions = ", ".join(answer.values("sec-websocket-extensions"))
    starts = (before.switched.sent, before.switched.received)
    framed = websocket.frame(sent, received, connection, starts, accept, extensions)
    pdus, channels = before.pdus + framed.pdus, before.channels + framed.channels
    return Framed(pdus, channels, websocket=framed.connection)


def _settings(value: str) -> bytes:
    """The payload of a SETTINGS frame that HTTP2-Settings holds (RFC 7540 §3.2.1)."""
    try:
        return urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        return b""
