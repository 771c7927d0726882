"""What stands in a connection to a resolver: DNS, behind lengths or in HTTP (RFC 7766, RFC 8484).

Theory of operation. A client of DNS over HTTPS begins with a request or with the preface of
HTTP/2, of which the first octet is a letter; read as the length of a question, that would be one
of more than 16 kB. Each body whose head says that it is DNS is a message of its own, without a
length before it: a page that says what went wrong is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from netcore.channels import Channel
from netcore.framing import dns, http
from netcore.pdu import DE_CHUNKED, DE_FRAMED, SLICED, Pdu

MEDIA_TYPE: Final = "application/dns-message"  # RFC 8484 §6
_CONTENT_TYPE: Final = re.compile(rb"content-type:[ \t]*" + MEDIA_TYPE.encode())
_WHOLE = (SLICED, DE_CHUNKED, DE_FRAMED)


def frame(sent: Channel | None, received: Channel | None, connection: str) -> http.Framed:
    """Cut both directions; `connection` is its number, for names."""
    if sent is not None and sent.octets[:1].isalpha():
        framed = http.frame(sent, received, connection)
        bodies = _of_dns(framed.pdus) if framed.http2 is None else _of_dns_streams(framed)
        messages = [_message(each) for each in bodies if each.step in _WHOLE]
        return http.Framed(framed.pdus + messages, framed.channels, framed.http2)
    channels = [each for each in (sent, received) if each is not None]
    return http.Framed([pdu for each in channels for pdu in dns.frame(each)], [])


def _of_dns(units: Sequence[Pdu]) -> Iterator[Pdu]:
    """The bodies of HTTP/1.1 behind heads that have the media type of DNS."""
    heads: dict[str, bool] = {}
    for unit in units:
        direction = unit.origin[0].channel.rpartition(".")[2]
        if unit.name in ("http1_request_head", "http1_response_head"):
            lines = unit.octets.lower().split(b"\r\n")
            heads[direction] = any(map(_CONTENT_TYPE.match, lines))
        elif unit.name == "message_body" and heads.get(direction):
            yield unit


def _of_dns_streams(framed: http.Framed) -> Iterator[Pdu]:
    """The bodies of streams of HTTP/2 whose fields have the media type of DNS."""
    assert framed.http2 is not None
    streams = {
        f"{block.stream}.{block.direction}"
        for block in framed.http2.blocks
        if MEDIA_TYPE in block.values("content-type")
    }
    for unit in framed.pdus:
        if unit.name == "message_body" and unit.place.channel.rpartition("/")[2] in streams:
            yield unit


def _message(body: Pdu) -> Pdu:
    """The DNS message that is a body, cut out of it whole."""
    return Pdu("dns_message", body.octets, (body.place,))
