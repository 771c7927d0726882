"""The data of records, as dnspython writes them."""

from __future__ import annotations

import dns.message
import dns.rdatatype
import dns.rrset
import pytest

from netcore.dissect.dns import read_dns_message
from netcore.field import Field, find
from netcore.reader import dissect


def explain(rdtype: str, text: str) -> Field:
    """The tree of an answer with one such record, which must be read to its last bit."""
    query = dns.message.make_query("a.example", rdtype)
    made = dns.message.make_response(query)
    made.answer = [dns.rrset.from_text("a.example.", 60, "IN", rdtype, text)]
    tree = dissect(read_dns_message, made.to_wire(), "dns_message")
    assert [field.error for field in tree.walk() if field.error] == []
    rdata = find(tree, "rdata")
    assert rdata is not None
    assert rdata.children
    return rdata


def values(rdata: Field) -> dict[str, object]:
    """The values of the record by their names, lengths left out."""
    return {
        field.name: field.value
        for field in rdata.children
        if field.value is not None and not field.name.endswith("_length")
    }


@pytest.mark.parametrize(
    ("rdtype", "text", "expected"),
    [
        ("A", "192.0.2.1", {"address": "192.0.2.1"}),
        ("AAAA", "2001:db8::1", {"address": "2001:db8::1"}),
        ("NS", "ns.a.example.", {"nsdname": "ns.a.example."}),
        ("CNAME", "b.example.", {"cname": "b.example."}),
        ("PTR", "a.example.", {"ptrdname": "a.example."}),
        ("MX", "10 mail.a.example.", {"preference": 10, "exchange": "mail.a.example."}),
        ("TXT", '"one"', {"character_string": "one"}),
        ("HINFO", '"ARM64" "Linux"', {"cpu": "ARM64", "os": "Linux"}),
        ("DNAME", "new.example.", {"dname_target": "new.example."}),
        (
            "SOA",
            "ns.a.example. admin.a.example. 1 2 3 4 5",
            {
                "mname": "ns.a.example.",
                "rname": "admin.a.example.",
                "serial": 1,
                "refresh": 2,
                "retry": 3,
                "expire": 4,
                "minimum": 5,
            },
        ),
    ],
)
def test_a_record_is_read(rdtype: str, text: str, expected: dict[str, object]) -> None:
    assert values(explain(rdtype, text)) == expected


def test_a_text_of_several_strings_has_them_all() -> None:
    rdata = explain("TXT", '"one" "" "three"')
    strings = [field.value for field in rdata.children if field.name == "character_string"]
    assert strings == ["one", "", "three"]
