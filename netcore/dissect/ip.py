"""IP packets: version 4 (RFC 791) and version 6 (RFC 8200), with what they carry.

A capture may keep only the first octets of a packet, and an ICMP error quotes only those: what is
missing behind the headers is no error.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from netcore.dissect.checksums import Pseudo, verdict
from netcore.dissect.icmp import read_icmp_message, read_icmpv6_message
from netcore.dissect.tcp_segment import read_quoted_segment, read_tcp_segment
from netcore.dissect.udp_datagram import read_udp_datagram
from netcore.field import Field
from netcore.reader import Reader
from netcore.registries.ip import DSCP, ECN, IP_OPTIONS, PROTOCOLS

_V4: Final = "RFC 791 §3.1"
_V6: Final = "RFC 8200 §3"
_HEADER: Final = 20
_EXTENSIONS: Final = frozenset({0, 43, 60})  # those that begin with a next header and a length
_FRAGMENT: Final = 44
_MOST_EXTENSIONS: Final = 16


def read_ip_datagram(r: Reader) -> None:
    """RFC 791 §3.1; RFC 8200 §3."""
    _read(r, quoted=False)


def read_icmp(r: Reader) -> None:
    """RFC 792 §Message Formats."""
    read_icmp_message(r, _read_quoted)


def _read_quoted(r: Reader) -> None:
    _read(r, quoted=True)


def _read(r: Reader, *, quoted: bool) -> None:
    first = r.peek(1)
    version = first[0] >> 4 if first else 0
    if version == 4:
        _read_v4(r, quoted=quoted)
    elif version == 6:
        _read_v6(r, quoted=quoted)
    else:
        r.uint("version", 4, {4: "IP", 6: "IPv6"}, _V4)
        r.malformed("this is neither version 4 nor version 6 of IP")


def _read_v4(r: Reader, *, quoted: bool) -> None:
    """RFC 791 §3.1."""
    header = r.peek(min(r.remaining, (r.peek(1)[0] & 15) * 4))
    found = verdict(header, 10, None)
    r.uint("version", 4, {4: "IP"}, _V4)
    words = r.uint("ihl", 4, spec=_V4)
    if words * 4 < _HEADER:
        r.blame("a header has at least five words of four octets")
    _read_traffic_class(r, "type_of_service")
    total = r.uint("total_length", 16, spec=_V4)
    r.uint("identification", 16, spec=_V4)
    with r.group("flags", _V4):
        r.flag("reserved")
        r.flag("dont_fragment")
        r.flag("more_fragments")
    fragment = r.uint("fragment_offset", 13, spec=_V4)
    r.uint("time_to_live", 8, spec=_V4)
    protocol = r.uint("protocol", 8, PROTOCOLS, _V4)
    r.uint("header_checksum", 16, spec=_V4, label=found)
    if found == "wrong":
        r.blame("the checksum does not fit the header: a router throws the packet away")
    source, destination = (
        _read_address(r, "source_address", 4),
        _read_address(r, "destination_address", 4),
    )
    if words * 4 > _HEADER:
        with r.block("options", words * 4 - _HEADER, _V4):
            while r.remaining:
                _read_v4_option(r)
    length = max(0, total - words * 4)
    pseudo = Pseudo(source, destination, protocol, length)
    _read_payload(r, pseudo, fragment=fragment, quoted=quoted)


def _read_v6(r: Reader, *, quoted: bool) -> None:
    """RFC 8200 §3."""
    r.uint("version", 4, {6: "IPv6"}, _V6)
    _read_traffic_class(r, "traffic_class")
    r.uint("flow_label", 20, spec="RFC 6437")
    length = r.uint("payload_length", 16, spec=_V6)
    following = r.uint("next_header", 8, PROTOCOLS, _V6)
    r.uint("hop_limit", 8, spec=_V6)
    source = _read_address(r, "source_address", 16)
    destination = _read_address(r, "destination_address", 16)
    fragment = 0
    for _ in range(_MOST_EXTENSIONS):
        if following not in _EXTENSIONS and following != _FRAGMENT:
            break
        size = 8 if following == _FRAGMENT else ((r.peek(2) + b"\0\0")[1] + 1) * 8
        with r.block("extension_header", size, "RFC 8200 §4", PROTOCOLS[following]):
            is_fragment = following == _FRAGMENT
            following = r.uint("next_header", 8, PROTOCOLS)
            fragment = _read_fragment(r) if is_fragment else _read_extension(r)
        length = max(0, length - size)
    _read_payload(
        r, Pseudo(source, destination, following, length), fragment=fragment, quoted=quoted
    )


def _read_traffic_class(r: Reader, name: str) -> None:
    with r.group(name, "RFC 2474 §3"):
        r.uint("dscp", 6, DSCP)
        r.uint("ecn", 2, ECN, "RFC 3168 §5")


def _read_address(r: Reader, name: str, count: int) -> bytes:
    octets = r.peek(count)
    if len(octets) < count:
        r.malformed(f"{name} needs {count} octets, {len(octets)} are left")
    text = str(ip_address(octets))
    r.add(Field(name, r.offset * 8, count * 8, text, spec=_V4 if count == 4 else _V6))
    return octets


def _read_v4_option(r: Reader) -> None:
    kind = r.peek(1)[0]
    if kind in (0, 1):
        r.uint("option_type", 8, IP_OPTIONS)
        if kind == 0:
            r.rest("padding")
        return
    length = r.peek(2)[-1] if r.remaining > 1 else 0
    if length < 2:
        r.malformed("an option is at least two octets long, its type and its length")
    with r.block("option", length, label=IP_OPTIONS.get(kind, "unassigned")):
        r.uint("option_type", 8, IP_OPTIONS)
        r.uint("option_length", 8)
        r.rest("option_data")


def _read_fragment(r: Reader) -> int:
    """RFC 8200 §4.5. Out: where the fragment stands, in units of eight octets."""
    r.uint("reserved", 8)
    offset = r.uint("fragment_offset", 13)
    r.uint("reserved_bits", 2)
    r.flag("more_fragments")
    r.uint("identification", 32)
    return offset


def _read_extension(r: Reader) -> int:
    r.uint("header_length", 8)
    r.rest("extension_data")
    return 0


def _read_payload(r: Reader, pseudo: Pseudo, *, fragment: int, quoted: bool) -> None:
    there = min(r.remaining, pseudo.length) if pseudo.length else r.remaining
    if there and fragment:
        r.octets("fragment", there)
    elif there:
        _read_carried(r, pseudo, there, quoted=quoted)
    r.rest("padding")


def _read_carried(r: Reader, pseudo: Pseudo, there: int, *, quoted: bool) -> None:
    """What the packet carries; of what is quoted no checksum is verified."""
    known = None if quoted else pseudo
    match pseudo.protocol:
        case 6:
            with r.block("tcp_segment", there, "RFC 9293 §3.1"):
                read_quoted_segment(r) if quoted else read_tcp_segment(r, known)
        case 17:
            with r.block("udp_datagram", there, "RFC 768"):
                read_udp_datagram(r, known)
        case 1 if not quoted:  # no error is sent about an error
            with r.block("icmp_message", there, "RFC 792"):
                read_icmp(r)
        case 58 if not quoted:
            with r.block("icmp_message_v6", there, "RFC 4443 §2.1"):
                read_icmpv6_message(r, known, _read_quoted)
        case _:
            r.octets("data", there)
