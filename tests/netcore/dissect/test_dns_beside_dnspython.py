"""Messages that dnspython wrote, of records of every type: what is read is what was written."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final

import dns.edns
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab.zone import OF_EVERY_TYPE
from netcore.dissect import DISSECTORS
from netcore.field import NOT_EXPLAINED, Field, find, find_all
from netcore.reader import dissect

LABELS: Final = st.text("abcxyz-0189", min_size=1, max_size=12)
NAMES: Final = st.lists(LABELS, min_size=1, max_size=4).map(lambda parts: ".".join(parts) + ".")
NUMBERS: Final = st.integers(0, 65_535)
TEXTS: Final = st.binary(max_size=40).map(bytes.hex)

RECORDS: Final = st.one_of(
    st.ip_addresses(v=4).map(lambda each: ("A", str(each))),
    st.ip_addresses(v=6).map(lambda each: ("AAAA", str(each))),
    *(NAMES.map(lambda name, kind=kind: (kind, name)) for kind in ("CNAME", "NS", "PTR", "DNAME")),
    st.tuples(NUMBERS, NAMES).map(lambda e: ("MX", f"{e[0]} {e[1]}")),
    st.tuples(NUMBERS, NUMBERS, NUMBERS, NAMES).map(
        lambda e: ("SRV", f"{e[0]} {e[1]} {e[2]} {e[3]}")
    ),
    TEXTS.map(lambda text: ("TXT", f'"{text}" ""')),
    st.tuples(NAMES, NAMES, NUMBERS).map(
        lambda e: ("SOA", f"{e[0]} {e[1]} {e[2]} 3600 600 86400 60")
    ),
    st.tuples(NUMBERS, NAMES, NUMBERS, st.ip_addresses(v=4), st.ip_addresses(v=6)).map(
        lambda e: (
            "HTTPS",
            f"{e[0] or 1} {e[1]} alpn=h2,h3 port={e[2]} ipv4hint={e[3]} ipv6hint={e[4]}",
        )
    ),
    st.sampled_from([(k, d) for k, _, d in (each.partition(" ") for each in OF_EVERY_TYPE)]),
)

SAME: Final[dict[str, Callable[[Field, Any], bool]]] = {
    "A": lambda ours, theirs: value(ours, "address") == theirs.address,
    # An address with an IPv4 address in it has more than one spelling.
    "AAAA": lambda ours, theirs: ip_address(value(ours, "address")) == ip_address(theirs.address),
    "CNAME": lambda ours, theirs: value(ours, "cname") == str(theirs.target),
    "NS": lambda ours, theirs: value(ours, "nsdname") == str(theirs.target),
    "PTR": lambda ours, theirs: value(ours, "ptrdname") == str(theirs.target),
    "DNAME": lambda ours, theirs: value(ours, "dname_target") == str(theirs.target),
    "MX": lambda ours, theirs: (
        (value(ours, "preference"), value(ours, "exchange"))
        == (theirs.preference, str(theirs.exchange))
    ),
    "SRV": lambda ours, theirs: (
        (value(ours, "port"), value(ours, "srv_target")) == (theirs.port, str(theirs.target))
    ),
    "SOA": lambda ours, theirs: (
        (value(ours, "mname"), value(ours, "serial")) == (str(theirs.mname), theirs.serial)
    ),
    "TXT": lambda ours, theirs: (
        [each.value for each in find_all(ours, "character_string")]
        == [each.decode("latin-1") for each in theirs.strings]
    ),
    "HTTPS": lambda ours, theirs: (
        (value(ours, "svc_priority"), value(ours, "target_name"))
        == (theirs.priority, str(theirs.target))
        and [each.value for each in find_all(ours, "svc_param_key")] == sorted(theirs.params)
    ),
    "DNSKEY": lambda ours, theirs: value(ours, "protocol") == theirs.protocol,
    "RRSIG": lambda ours, theirs: (
        (value(ours, "key_tag"), value(ours, "signers_name"))
        == (theirs.key_tag, str(theirs.signer))
    ),
    "DS": lambda ours, theirs: value(ours, "key_tag") == theirs.key_tag,
    "NSEC3": lambda ours, theirs: value(ours, "iterations") == theirs.iterations,
    "TLSA": lambda ours, theirs: value(ours, "selector") == theirs.selector,
    "CAA": lambda ours, theirs: value(ours, "caa_value") == theirs.value.decode(),
}
"""Whether the data of a record is read alike, for types with values that both show."""


def value(tree: Field, name: str) -> object:
    field = find(tree, name)
    return None if field is None else field.value


OPTIONS: Final = st.lists(
    st.sampled_from(
        [
            dns.edns.ECSOption("192.0.2.0", 24, 0),
            dns.edns.ECSOption("2001:db8::", 32, 0),
            dns.edns.CookieOption(b"clientco", b""),
            dns.edns.CookieOption(b"clientco", b"server__cookie__"),
            dns.edns.EDEOption(dns.edns.EDECode.BLOCKED, "a reason"),
            dns.edns.EDEOption(dns.edns.EDECode.OTHER, None),
            dns.edns.NSIDOption(b"ns1"),
            dns.edns.GenericOption(12, bytes(40)),
            dns.edns.GenericOption(11, b"\0\x64"),
            dns.edns.GenericOption(65_001, b"local"),
        ]
    ),
    max_size=4,
)


@example([("a.test.", 1, ("AAAA", "::ffff:0:0"), 0)], [], "a.test.")
@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(NAMES, NUMBERS, RECORDS, st.integers(0, 2)), max_size=8), OPTIONS, NAMES)
def test_every_record_is_read_as_it_was_written(
    written: list[tuple[str, int, tuple[str, str], int]],
    options: list[dns.edns.Option],
    asked: str,
) -> None:
    message = dns.message.make_response(dns.message.make_query(asked, "ANY"))
    message.use_edns(0, payload=1232, options=options)
    sections = (message.answer, message.authority, message.additional)
    for owner, ttl, (kind, data), section in written:
        sections[section].append(dns.rrset.from_text(owner, ttl, "IN", kind, data))
    octets = message.to_wire(max_size=65_535)
    tree = dissect(DISSECTORS["dns_message"], octets, "dns_message")
    assert [(field.name, field.error) for field in tree.walk() if field.error] == []
    assert not list(find_all(tree, NOT_EXPLAINED))
    read = dns.message.from_wire(octets, one_rr_per_rrset=True)
    for name in ("answer", "authority", "additional"):
        ours = [each for each in find_all(tree, name) if each.label != "OPT"]
        theirs = getattr(read, name)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert value(one, "name") == str(other.name)
            assert value(one, "ttl") == other.ttl
            kind = dns.rdatatype.to_text(other.rdtype)
            assert one.label == kind
            data = find(one, "rdata")
            assert data is not None
            assert SAME.get(kind, lambda ours, theirs: True)(data, other[0]), (kind, other)
    codes = [field.value for field in find_all(tree, "option_code")]
    assert codes == [int(option.otype) for option in read.options]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 5))
def test_where_dnspython_reads_a_message_so_do_we(tail: bytes, count: int) -> None:
    """The other way round: octets of any kind behind a header; what it takes has no error."""
    octets = b"\0\1\x81\x80\0\0" + count.to_bytes(2, "big") + bytes(4) + tail
    tree = dissect(DISSECTORS["dns_message"], octets, "dns_message")
    try:
        dns.message.from_wire(octets)
    except Exception:
        return
    assert not any(field.error for field in tree.walk())
