"""IP packets made by hand, as an interface would have passed them."""

from __future__ import annotations

from ipaddress import ip_address

from netcore.exports.packets import ACK, Endpoint, Path, tcp, udp
from netcore.trace import Captured

_ETHERNET = 14

OURS = "192.0.2.7:50000"
THEIRS = "198.51.100.9:443"


def endpoint(text: str) -> Endpoint:
    """ "192.0.2.7:50000" or "[::1]:443"."""
    host, _, port = text.rpartition(":")
    return Endpoint(ip_address(host.strip("[]")).packed, int(port))


def segment(
    source: str, target: str, sequence: int, flags: int, data: bytes = b"", acknowledged: int = 0
) -> bytes:
    """An IP packet with a segment of TCP; a SYN has options."""
    path = Path(endpoint(source), endpoint(target), inbound=False)
    return tcp(path, sequence, acknowledged, flags, data).octets[_ETHERNET:]


def datagram(source: str, target: str, data: bytes) -> bytes:
    """An IP packet with a datagram of UDP."""
    path = Path(endpoint(source), endpoint(target), inbound=False)
    return udp(path, data).octets[_ETHERNET:]


def captured(time_ns: int, packet: bytes, *, sent: bool, kept: int | None = None) -> Captured:
    """The event of a packet."""
    direction = "sent" if sent else "received"
    return Captured(time_ns, "eth0", direction, len(packet), packet[:kept])


def sent(
    time_ns: int, sequence: int, flags: int, data: bytes = b"", acknowledged: int = 0
) -> Captured:
    """Our segment, captured."""
    packet = segment(OURS, THEIRS, sequence, flags | ACK * bool(acknowledged), data, acknowledged)
    return captured(time_ns, packet, sent=True)


def received(
    time_ns: int, sequence: int, flags: int, data: bytes = b"", acknowledged: int = 0
) -> Captured:
    """Their segment, captured."""
    packet = segment(THEIRS, OURS, sequence, flags | ACK * bool(acknowledged), data, acknowledged)
    return captured(time_ns, packet, sent=False)
