"""DNS messages: their sections, and the same answers as dnspython."""

from __future__ import annotations

import time

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.dns import read_dns_message, read_dns_message_over_tcp
from netcore.field import Field, find, find_all
from netcore.reader import dissect

HEADER = "1234 8180 0000 {:04x} 0000 0000"


def explain(octets: bytes) -> Field:
    return dissect(read_dns_message, octets, "dns_message")


def answer(hexadecimal: str, count: int = 1) -> Field:
    """The tree of an answer whose records follow the header."""
    return explain(bytes.fromhex(HEADER.format(count) + hexadecimal))


def value(tree: Field, name: str) -> object:
    field = find(tree, name)
    return None if field is None else field.value


A_RECORD = "0001 0001 0000003c 0004 7f000001"


def test_more_entries_counted_than_there_are_keeps_those_that_are_there() -> None:
    tree = answer(f"00 {A_RECORD}", 3)
    assert value(tree, "address") == "127.0.0.1"
    assert tree.error == (
        "dns.malformed: the header counts 3 entries in the answer section, 1 are there"
    )


def test_octets_behind_the_last_record_are_not_explained() -> None:
    tree = answer(f"00 {A_RECORD} 0000")
    assert [leaf.name for leaf in tree.leaves()][-1] == "not_explained"


def test_rdata_that_is_too_short_is_contained_in_its_record() -> None:
    tree = answer(f"00 0001 0001 00000000 0003 7f0000 00 {A_RECORD}", 2)
    records = list(find_all(tree, "answer"))
    assert [find(record, "address") is not None for record in records] == [False, True]
    assert tree.error == ""


def test_an_a_record_of_another_class_is_plain_rdata() -> None:
    tree = answer("00 0001 0003 00000000 0004 7f000001")
    assert find(tree, "address") is None


def test_the_same_message_over_tcp_has_the_same_names() -> None:
    plain = bytes.fromhex(HEADER.format(2) + f"03 777777 0161 00 {A_RECORD} c00c {A_RECORD}")
    tree = dissect(read_dns_message_over_tcp, len(plain).to_bytes(2, "big") + plain, "dns_message")
    assert [field.error for field in tree.walk() if field.error] == []
    assert [name.value for name in find_all(tree, "name")] == ["www.a.", "www.a."]
    assert value(tree, "length") == len(plain)


def test_a_message_that_is_shorter_than_its_length_says_so() -> None:
    tree = dissect(read_dns_message_over_tcp, b"\0\x20" + bytes(12), "dns_message")
    message = find(tree, "message")
    assert message is not None
    assert message.error == "message should be 32 octets long, 12 are there"


def test_what_stands_behind_the_length_is_not_read_as_the_message() -> None:
    tree = dissect(read_dns_message_over_tcp, b"\0\x0c" + bytes(14), "dns_message")
    assert [field.name for field in tree.children] == ["length", "message", "not_explained"]


def test_a_record_of_rfc_1035_has_the_same_form_in_the_class_chaos() -> None:
    tree = answer("00 0010 0003 00000000 0004 03 616263")
    assert value(tree, "character_string") == "abc"


def stuffed(number: int, rdata: bytes) -> bytes:
    """The longest message that TCP carries: one record of this type, full to the end."""
    fixed = bytes.fromhex(HEADER.format(1)) + b"\0" + number.to_bytes(2, "big") + b"\0\1" + bytes(4)
    room = 65_535 - len(fixed) - 2
    data = (rdata * (room // len(rdata) + 1))[:room]
    return fixed + len(data).to_bytes(2, "big") + data


@pytest.mark.parametrize(
    ("number", "rdata"),
    [
        pytest.param(41, b"\0\3\0\0", id="options"),
        pytest.param(47, b"\0" + b"\0\x20" + b"\xff" * 32, id="bitmaps"),
        pytest.param(64, b"\0\0\0\0", id="parameters"),
        pytest.param(16, b"\0", id="strings"),
        pytest.param(1, b"\1", id="an address"),
    ],
)
def test_a_record_stuffed_with_the_smallest_parts_takes_a_bounded_time(
    number: int, rdata: bytes
) -> None:
    octets = stuffed(number, rdata)
    start = time.process_time()
    tree = explain(octets)
    assert time.process_time() - start < 2
    assert sum(leaf.length for leaf in tree.leaves()) == len(octets) * 8
    assert sum(1 for _ in tree.walk()) < 80_000


NAME = st.lists(
    st.binary(min_size=1, max_size=12).filter(lambda label: label != b""), min_size=0, max_size=6
).map(lambda labels: dns.name.Name([*labels, b""]))
RECORD = st.tuples(NAME, st.sampled_from(["A", "AAAA", "CNAME", "NS", "PTR", "MX"]), NAME)


def record(name: dns.name.Name, rdtype: str, target: dns.name.Name) -> dns.rrset.RRset:
    rdata = {"A": "192.0.2.1", "AAAA": "2001:db8::1", "MX": f"10 {target}"}.get(rdtype, str(target))
    return dns.rrset.from_text(name, 60, "IN", rdtype, rdata)


@settings(deadline=None, max_examples=200)
@given(NAME, st.lists(RECORD, max_size=8), st.integers(0, 65535), st.booleans())
def test_names_and_addresses_are_those_that_dnspython_reads(
    qname: dns.name.Name,
    records: list[tuple[dns.name.Name, str, dns.name.Name]],
    number: int,
    is_authoritative: bool,
) -> None:
    query = dns.message.make_query(qname, "A", use_edns=0)
    query.id = number
    made = dns.message.make_response(query)
    if is_authoritative:
        made.flags |= dns.flags.AA
    made.answer = [record(*each) for each in records]
    octets = made.to_wire()
    tree = explain(octets)
    read = dns.message.from_wire(octets, one_rr_per_rrset=True)
    assert [field.error for field in tree.walk() if field.error] == []
    assert value(tree, "id") == read.id
    assert value(tree, "aa") == bool(read.flags & dns.flags.AA)
    assert value(tree, "qname") == str(read.question[0].name)
    answers = list(find_all(tree, "answer"))
    assert [value(field, "name") for field in answers] == [str(rr.name) for rr in read.answer]
    for field, rr in zip(answers, read.answer, strict=True):
        assert field.label == dns.rdatatype.to_text(rr.rdtype)
        target = {"MX": "exchange", "NS": "nsdname", "PTR": "ptrdname", "CNAME": "cname"}
        name = target.get(field.label, "address")
        assert value(field, name) == rr[0].to_text().split()[-1]
