"""SRV, URI, NAPTR, SVCB and HTTPS, as dnspython writes them."""

from __future__ import annotations

import dns.message
import dns.rdatatype
import dns.rrset
import pytest

from netcore.dissect.dns import read_dns_message
from netcore.field import Field, find, find_all
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
        (
            "SRV",
            "10 60 443 b.example.",
            {"priority": 10, "weight": 60, "port": 443, "srv_target": "b.example."},
        ),
        (
            "NAPTR",
            '100 10 "U" "E2U+sip" "!a!b!" .',
            {
                "order": 100,
                "preference": 10,
                "flags": "U",
                "services": "E2U+sip",
                "regexp": "!a!b!",
                "replacement": ".",
            },
        ),
        (
            "URI",
            '10 1 "https://example.com/a"',
            {"priority": 10, "weight": 1, "uri_target": "https://example.com/a"},
        ),
        ("SVCB", "0 b.example.", {"svc_priority": 0, "target_name": "b.example."}),
    ],
)
def test_a_record_is_read(rdtype: str, text: str, expected: dict[str, object]) -> None:
    assert values(explain(rdtype, text)) == expected


def test_every_parameter_of_an_https_record_is_read() -> None:
    rdata = explain(
        "HTTPS",
        "1 . mandatory=alpn,port alpn=h3,h2 no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2"
        " ech=AAr+DQAGAAEAIAAg ipv6hint=2001:db8::1 key7=/q key8 key65280=private",
    )
    labels = " ".join(field.label for field in find_all(rdata, "svc_param"))
    assert labels == (
        "mandatory alpn no-default-alpn port ipv4hint ech ipv6hint dohpath ohttp key65280"
    )
    assert [field.label for field in find_all(rdata, "mandatory_key")] == ["alpn", "port"]
    assert [field.value for field in find_all(rdata, "alpn_id")] == ["h3", "h2"]
    hints = [*find_all(rdata, "ipv4_address"), *find_all(rdata, "ipv6_address")]
    assert [field.value for field in hints] == ["192.0.2.1", "192.0.2.2", "2001:db8::1"]
    assert find(rdata, "address") is None  # a hint is no answer
    ports = [field.value for field in find_all(rdata, "port")]
    assert ports == [8443]
    config = find(rdata, "ech_config")
    assert config is not None
    assert [field.name for field in config.children] == [
        "ech_version",
        "contents_length",
        "contents",
    ]
