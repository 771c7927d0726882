"""Left out: what of a capture is not told, in words, so that nobody takes a part for the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from netcore.imports.capture_file import LINKS, Packet
from netcore.packet_ends import TCP, UDP, read_ends

_FRAGMENTED = 0x3FFF  # more fragments follow, or the offset
_IPV6_FRAGMENT = 44


def left_out(packets: Iterable[Packet], links: Counter[int], without_ip: int) -> str:
    """What is not told: "2 fragments of IP, 1 packet without IP"; "" if all is.

    Args:
        packets: those that hold IP.
        links: how many there were of each link type that is not read.
        without_ip: how many held no IP.
    """
    why: Counter[str] = Counter(
        _why(packet.octets)
        for packet in packets
        if read_ends(packet.octets) is None or is_fragment(packet.octets)
    )
    why["without IP"] += without_ip
    said = [f"{count:,} {reason}" for reason, count in why.items() if count]
    for link, count in links.items():
        said.append(f"{count:,} of link type {link} (read are {', '.join(map(str, LINKS))})")
    return ", ".join(said)


def is_fragment(octets: bytes) -> bool:
    """Whether a packet of IP is only a part of one."""
    if octets[0] >> 4 == 4:
        return bool(int.from_bytes(octets[6:8], "big") & _FRAGMENTED)
    return octets[0] >> 4 == 6 and octets[6:7] == bytes([_IPV6_FRAGMENT])


def _why(octets: bytes) -> str:
    version = octets[0] >> 4
    if version not in (4, 6):
        return "without IP"
    if is_fragment(octets):
        return "fragments of IP"
    at = 9 if version == 4 else 6
    if len(octets) <= at or octets[at] in (TCP, UDP):
        return "cut within their headers"
    return "of neither TCP nor UDP"
