"""DNS messages (RFC 1035 §4) with the extension mechanism EDNS (RFC 6891).

A compression pointer is a reference: the name that it stands for is looked up among the names
that were read earlier in this message, and becomes the value of the whole name. Nothing is read
a second time, so the fields still partition the message, and no pointer can make a loop.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from netcore.field import Field
from netcore.reader import Read, Reader
from netcore.registries.dns import (
    ADDRESS_FAMILIES,
    CLASSES,
    EDNS_OPTIONS,
    EXTENDED_DNS_ERRORS,
    OPCODES,
    RCODES,
    RESOURCE_RECORD_TYPES,
)

Names = dict[int, str]
"""Offset in the message -> the domain name that begins there."""

IN = 1
OPT = 41
NAME_OCTETS = 255  # RFC 1035 §2.3.4
LABEL_OCTETS = 63  # RFC 1035 §2.3.4
POINTER = 0b11


def read_dns_message(r: Reader) -> None:
    """RFC 1035 §4.1."""
    with r.group("header", "RFC 1035 §4.1.1"):
        counts = read_header(r)
    names: Names = {}
    sections = ("question", "answer", "authority", "additional")
    for section, count in zip(sections, counts, strict=True):
        read_entry = read_question if section == "question" else read_resource_record
        for number in range(count):
            if not r.remaining:
                r.malformed(
                    f"dns.malformed: the header counts {count:,} entries in the {section} "
                    f"section, {number:,} are there"
                )
            read_entry(r, section, names)


def read_header(r: Reader) -> tuple[int, int, int, int]:
    """RFC 1035 §4.1.1; AD and CD: RFC 4035 §3.2."""
    r.uint("id", 16)
    r.flag("qr")
    r.uint("opcode", 4, OPCODES)
    r.flag("aa")
    r.flag("tc")
    r.flag("rd")
    r.flag("ra")
    r.uint("z", 1)
    r.flag("ad", "RFC 4035 §3.2.3")
    r.flag("cd", "RFC 4035 §3.2.2")
    r.uint("rcode", 4, RCODES)
    return (
        r.uint("qdcount", 16),
        r.uint("ancount", 16),
        r.uint("nscount", 16),
        r.uint("arcount", 16),
    )


def read_question(r: Reader, section: str, names: Names) -> None:
    """RFC 1035 §4.1.2."""
    with r.group(section, "RFC 1035 §4.1.2") as group:
        read_domain_name(r, "qname", names)
        number = r.uint("qtype", 16, RESOURCE_RECORD_TYPES)
        group.label = _type_name(number)
        r.uint("qclass", 16, CLASSES)


def read_resource_record(r: Reader, section: str, names: Names) -> None:
    """RFC 1035 §4.1.3; RFC 6891 §6.1.2 for OPT."""
    with r.group(section, "RFC 1035 §4.1.3") as group:
        read_domain_name(r, "name", names)
        number = r.uint("type", 16, RESOURCE_RECORD_TYPES)
        group.label = _type_name(number)
        if number == OPT:
            _read_opt(r)
            return
        rclass = r.uint("class", 16, CLASSES)
        r.uint("ttl", 32)
        rdlength = r.uint("rdlength", 16)
        read_rdata = _RDATA.get(number) if rclass == IN else None
        if read_rdata is None:
            r.octets("rdata", rdlength)
            return
        spec, read = read_rdata
        with r.block("rdata", rdlength, spec):
            read(r, names)


def read_domain_name(r: Reader, name: str, names: Names) -> str:
    """RFC 1035 §4.1.4."""
    start = r.offset
    labels: list[tuple[int, str]] = []
    with r.group(name, "RFC 1035 §4.1.4") as group:
        tail = "."
        while (first := r.peek(1)) and first != b"\0":
            if first[0] >> 6 == POINTER:
                labels.append((r.offset, ""))
                tail = _read_pointer(r, names)
                break
            labels.append((r.offset, _read_label(r)))
            if r.offset - start > NAME_OCTETS:
                r.malformed(f"dns.malformed: this name is longer than {NAME_OCTETS} octets")
        else:
            r.uint("root", 8)
        for offset, label in reversed(labels):
            if label:
                tail = f"{label}." if tail == "." else f"{label}.{tail}"
            names[offset] = tail
        group.value = tail
    return tail


def _read_label(r: Reader) -> str:
    """RFC 1035 §3.1. The label, escaped as in a zone file (RFC 1035 §5.1)."""
    length = r.uint("label_length", 8)
    if length > LABEL_OCTETS:
        kind = length >> 6
        r.malformed(f"dns.malformed: a label cannot begin with the bits {kind:02b} (RFC 6891 §5)")
    return _escape(r.text("label", length))


def _read_pointer(r: Reader, names: Names) -> str:
    """RFC 1035 §4.1.4. The name that the pointer stands for."""
    here = r.offset
    r.uint("pointer_marker", 2, label="pointer")
    target = r.uint("pointer_offset", 14)
    expanded = names.get(target)
    if expanded is not None and len(expanded) <= 4 * NAME_OCTETS:  # escapes take four characters
        return expanded
    if expanded is not None:
        r.blame(f"dns.malformed: with what it points to this name exceeds {NAME_OCTETS} octets")
    elif target >= here:
        r.blame(f"dns.malformed: a pointer must go back; octet {target:,} is not before it")
    else:
        r.blame(f"dns.malformed: no name of this message begins at octet {target:,}")
    return f"(octet {target})."


def _escape(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    return "".join(_ESCAPES[ord(character)] for character in text)


_ESCAPES = [
    f"\\{chr(octet)}"
    if chr(octet) in '.\\";()@$'
    else chr(octet)
    if 0x21 <= octet < 0x7F
    else f"\\{octet:03d}"
    for octet in range(256)
]


def _type_name(number: int) -> str:
    return RESOURCE_RECORD_TYPES.get(number, f"TYPE{number}")  # RFC 3597 §5


def _read_address(r: Reader, octets: int) -> None:
    there = r.peek(octets)
    if len(there) == octets:
        value = str(ipaddress.ip_address(there))
        r.add(Field("address", r.offset * 8, octets * 8, value))


def read_a(r: Reader, _: Names) -> None:
    """RFC 1035 §3.4.1."""
    _read_address(r, 4)


def read_aaaa(r: Reader, _: Names) -> None:
    """RFC 3596 §2.2."""
    _read_address(r, 16)


def read_cname(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.1."""
    read_domain_name(r, "cname", names)


def read_ns(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.11."""
    read_domain_name(r, "nsdname", names)


def read_ptr(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.12."""
    read_domain_name(r, "ptrdname", names)


def read_mx(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.9."""
    r.uint("preference", 16)
    read_domain_name(r, "exchange", names)


def read_soa(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.13."""
    read_domain_name(r, "mname", names)
    read_domain_name(r, "rname", names)
    for name in ("serial", "refresh", "retry", "expire", "minimum"):
        r.uint(name, 32)


def read_txt(r: Reader, _: Names) -> None:
    """RFC 1035 §3.3.14."""
    while r.remaining:
        r.text("character_string", r.uint("character_string_length", 8))


_RDATA: dict[int, tuple[str, Callable[[Reader, Names], None]]] = {
    1: ("RFC 1035 §3.4.1", read_a),
    2: ("RFC 1035 §3.3.11", read_ns),
    5: ("RFC 1035 §3.3.1", read_cname),
    6: ("RFC 1035 §3.3.13", read_soa),
    12: ("RFC 1035 §3.3.12", read_ptr),
    15: ("RFC 1035 §3.3.9", read_mx),
    16: ("RFC 1035 §3.3.14", read_txt),
    28: ("RFC 3596 §2.2", read_aaaa),
}


def _read_opt(r: Reader) -> None:
    """RFC 6891 §6.1.2: what CLASS and TTL mean in an OPT record, and its options."""
    spec = "RFC 6891 §6.1.3"
    r.uint("udp_payload_size", 16, spec="RFC 6891 §6.1.2")
    r.uint("extended_rcode", 8, spec=spec)
    r.uint("version", 8, spec=spec)
    r.flag("do", spec)
    r.uint("z", 15, spec=spec)
    with r.block("rdata", r.uint("rdlength", 16), "RFC 6891 §6.1.2"):
        while r.remaining:
            read_option(r)


def read_option(r: Reader) -> None:
    """RFC 6891 §6.1.2."""
    with r.group("option") as group:
        code = r.uint("option_code", 16, EDNS_OPTIONS)
        group.label = EDNS_OPTIONS.get(code, "unassigned")
        length = r.uint("option_length", 16)
        known = _OPTIONS.get(code)
        if known is None:
            r.octets("option_data", length)
            return
        spec, read = known
        with r.block("option_data", length, spec, group.label):
            read(r)


def read_nsid(r: Reader) -> None:
    """RFC 5001 §2.3."""
    r.rest("nsid")


def read_client_subnet(r: Reader) -> None:
    """RFC 7871 §6."""
    r.uint("family", 16, ADDRESS_FAMILIES)
    r.uint("source_prefix_length", 8)
    r.uint("scope_prefix_length", 8)
    r.rest("subnet_address")


def read_cookie(r: Reader) -> None:
    """RFC 7873 §4."""
    r.octets("client_cookie", 8)
    r.rest("server_cookie")


def read_padding(r: Reader) -> None:
    """RFC 7830 §3."""
    r.rest("padding")


def read_extended_dns_error(r: Reader) -> None:
    """RFC 8914 §2."""
    r.uint("info_code", 16, EXTENDED_DNS_ERRORS)
    if r.remaining:
        r.text("extra_text", r.remaining)


_OPTIONS: dict[int, tuple[str, Read]] = {
    3: ("RFC 5001 §2.3", read_nsid),
    8: ("RFC 7871 §6", read_client_subnet),
    10: ("RFC 7873 §4", read_cookie),
    12: ("RFC 7830 §3", read_padding),
    15: ("RFC 8914 §2", read_extended_dns_error),
}
