"""DNS messages (RFC 1035 §4), alone in a datagram or behind their length on a TCP connection.

The parts have modules of their own: `dns_names` reads domain names, `dns_records`, `dns_security`,
`dns_services` and `dns_location` the data of records, `dns_options` the extension mechanism EDNS.
"""

from __future__ import annotations

from netcore.dissect import dns_location, dns_records, dns_security, dns_services
from netcore.dissect.dns_names import Names, read_domain_name
from netcore.dissect.dns_options import read_opt
from netcore.reader import Reader
from netcore.registries.dns import CLASSES, OPCODES, RCODES, RESOURCE_RECORD_TYPES

IN = 1
CHAOS_AND_HESIOD = (3, 4)
OPT = 41


def read_dns_message(r: Reader) -> None:
    """RFC 1035 §4.1."""
    _read_message(r, Names())


def read_dns_message_over_tcp(r: Reader) -> None:
    """RFC 1035 §4.2.2."""
    length = r.uint("length", 16, spec="RFC 1035 §4.2.2")
    names = Names(r.offset)
    with r.block("message", length, "RFC 1035 §4.1"):
        _read_message(r, names)


def _read_message(r: Reader, names: Names) -> None:
    with r.group("header", "RFC 1035 §4.1.1"):
        counts = read_header(r)
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
            read_opt(r)
            return
        rclass = r.uint("class", 16, CLASSES)
        r.uint("ttl", 32)
        rdlength = r.uint("rdlength", 16)
        known = _reading(number, rclass)
        if known is None:
            r.octets("rdata", rdlength)
            return
        spec, read = known
        with r.block("rdata", rdlength, spec):
            read(r, names)


def _reading(number: int, rclass: int) -> dns_records.Rdata | None:
    """How the data of this type is read in this class; None for plain octets (RFC 3597 §3)."""
    if rclass == IN or (rclass in CHAOS_AND_HESIOD and number in dns_records.IN_ANY_CLASS):
        return _RDATA.get(number)
    return None


def _type_name(number: int) -> str:
    return RESOURCE_RECORD_TYPES.get(number, f"TYPE{number}")  # RFC 3597 §5


_RDATA = dns_records.RDATA | dns_security.RDATA | dns_services.RDATA | dns_location.RDATA
