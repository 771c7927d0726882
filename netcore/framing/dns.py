"""Where DNS messages begin and end on a TCP connection (RFC 1035 §4.2.2).

Theory of operation. Each message stands behind its length in two octets, and both are one unit.
The last unit is what is left: a message that did not come whole, or half a length.
"""

from __future__ import annotations

from netcore.channels import Channel, Span
from netcore.pdu import MOST_UNITS, Pdu

_LENGTH = 2


def frame(channel: Channel) -> list[Pdu]:
    """Cut one direction of a connection to a resolver."""
    pdus: list[Pdu] = []
    octets, at = channel.octets, 0
    while at < len(octets):
        due = int.from_bytes(octets[at : at + _LENGTH], "big")
        end = min(at + _LENGTH + due, len(octets))
        protocol = "dns_message.tcp"
        if len(pdus) >= MOST_UNITS:
            protocol, end = "uncut", len(octets)
        pdus.append(Pdu(protocol, octets[at:end], (Span(channel.name, at, end),)))
        at = end
    if channel.missing:
        span = Span(channel.name, len(octets), len(octets))
        pdus.append(Pdu("not_kept", b"", (span,), missing=channel.missing))
    return pdus
