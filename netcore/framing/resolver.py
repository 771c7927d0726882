"""What stands in a connection to a resolver: DNS, behind lengths or in HTTP (RFC 7766, RFC 8484).

Theory of operation. A client of DNS over HTTPS begins with a request or with the preface of
HTTP/2, of which the first octet is a letter; read as the length of a question, that would be one
of more than 16 kB. Each body is a message of its own, without a length before it.
"""

from __future__ import annotations

from netcore.channels import Channel
from netcore.framing import dns, http
from netcore.pdu import DE_CHUNKED, DE_FRAMED, SLICED, Pdu

_WHOLE = (SLICED, DE_CHUNKED, DE_FRAMED)


def frame(sent: Channel | None, received: Channel | None, connection: str) -> http.Framed:
    """Cut both directions; `connection` is its number, for names."""
    if sent is not None and sent.octets[:1].isalpha():
        framed = http.frame(sent, received, connection)
        bodies = [each for each in framed.pdus if each.name == "message_body"]
        messages = [_message(each) for each in bodies if each.step in _WHOLE]
        return http.Framed(framed.pdus + messages, framed.channels, framed.http2)
    channels = [each for each in (sent, received) if each is not None]
    return http.Framed([pdu for each in channels for pdu in dns.frame(each)], [])


def _message(body: Pdu) -> Pdu:
    """The DNS message that is a body, cut out of it whole."""
    return Pdu("dns_message", body.octets, (body.place,))
