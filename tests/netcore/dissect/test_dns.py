"""DNS messages: names and pointers, and the same answers as dnspython."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.dns import read_dns_message
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


def test_a_pointer_gives_the_name_that_stands_where_it_points() -> None:
    tree = answer(f"03 777777 0161 00 {A_RECORD} c00c {A_RECORD} c010 {A_RECORD}", 3)
    assert [name.value for name in find_all(tree, "name")] == ["www.a.", "www.a.", "a."]
    assert tree.error == ""


def test_a_pointer_to_a_pointer_is_followed_as_often_as_it_takes() -> None:
    tree = answer(f"0161 00 {A_RECORD} c00c {A_RECORD} c01d {A_RECORD} c02d {A_RECORD}", 4)
    assert {name.value for name in find_all(tree, "name")} == {"a."}


def test_a_pointer_to_itself_or_forwards_is_an_error_at_the_pointer() -> None:
    for target in ("c00c", "c040"):
        tree = answer(f"{target} {A_RECORD}")
        pointer = find(tree, "pointer_offset")
        assert pointer is not None
        assert "a pointer must go back" in pointer.error
        assert value(tree, "address") == "127.0.0.1"


def test_a_pointer_into_the_middle_of_a_label_is_an_error() -> None:
    tree = answer(f"03 777777 00 {A_RECORD} c00d {A_RECORD}", 2)
    errors = [field.error for field in find_all(tree, "pointer_offset")]
    assert errors == ["dns.malformed: no name of this message begins at octet 13"]


def test_a_name_is_at_most_255_octets_long() -> None:
    tree = answer(("3f" + "61" * 63) * 4 + f"00 {A_RECORD}")
    assert "longer than 255 octets" in tree.error


def test_a_label_with_reserved_bits_is_an_error() -> None:
    assert "a label cannot begin with the bits 01" in answer(f"41 61 00 {A_RECORD}").error
    assert "a label cannot begin with the bits 10" in answer(f"81 61 00 {A_RECORD}").error


def test_a_dot_or_an_unprintable_octet_in_a_label_is_escaped_in_the_name() -> None:
    tree = answer(f"03 612e62 01 00 01 e9 00 {A_RECORD}")
    assert value(tree, "name") == "a\\.b.\\000.\\233."
    assert [label.value for label in find_all(tree, "label")] == ["a.b", "\0", "é"]


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


def test_the_class_and_ttl_of_opt_are_read_as_edns_says() -> None:
    tree = answer("00 0029 04d0 00008000 0006 000f 0002 0012")
    assert (value(tree, "udp_payload_size"), value(tree, "do")) == (1232, True)
    info_code = find(tree, "info_code")
    assert info_code is not None
    assert info_code.label == "Prohibited"


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
