"""What was typed by hand, and what came back: cut by HTTP if it is that, else not cut at all.

Theory of operation. TCP keeps no edges between writes, so each direction of a connection is one
unit; a datagram is one by itself. Octets that begin like a request of HTTP/1 are read as such.
"""

from __future__ import annotations

import re
from typing import Final

from netcore.channels import Channel, Span
from netcore.framing import http
from netcore.pdu import MOST_UNITS, Pdu

_REQUEST: Final = re.compile(rb"[A-Z]{1,20} [^ \r\n]+ HTTP/1\.[01]\r?\n")


def frame(sent: Channel | None, received: Channel | None, number: str) -> http.Framed:
    """Both directions of a TCP connection; `number` is that of its socket."""
    if sent is not None and _REQUEST.match(sent.octets):
        return http.frame(sent, received, number)
    pdus = [pdu for channel in (sent, received) if channel for pdu in _whole(channel)]
    return http.Framed(pdus, [])


def frame_datagrams(channel: Channel | None) -> list[Pdu]:
    """One unit for each datagram."""
    if channel is None:
        return []
    pdus = [_unit(channel, piece.start, piece.end) for piece in channel.pieces[:MOST_UNITS]]
    rest = channel.pieces[MOST_UNITS:]
    if rest:
        pdus.append(_unit(channel, rest[0].start, rest[-1].end, "uncut"))
    return pdus + _missing(channel)


def _whole(channel: Channel) -> list[Pdu]:
    pdus = [_unit(channel, 0, len(channel.octets))] if channel.octets else []
    return pdus + _missing(channel)


def _unit(channel: Channel, start: int, end: int, protocol: str = "raw_octets") -> Pdu:
    return Pdu(protocol, channel.octets[start:end], (Span(channel.name, start, end),))


def _missing(channel: Channel) -> list[Pdu]:
    if not channel.missing:
        return []
    end = len(channel.octets)
    return [Pdu("not_kept", b"", (Span(channel.name, end, end),), missing=channel.missing)]
