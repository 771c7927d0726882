"""EDNS: the OPT record and its options, as dnspython writes them."""

from __future__ import annotations

import dns.edns
import dns.message
import pytest

from netcore.dissect.dns import read_dns_message
from netcore.field import Field, find
from netcore.reader import dissect


def explain(*options: dns.edns.Option) -> Field:
    """The tree of a query with these options."""
    query = dns.message.make_query("a.example", "A", use_edns=0, payload=1232, want_dnssec=True)
    query.use_edns(0, dns.flags.DO, 1232, options=list(options))
    return dissect(read_dns_message, query.to_wire(max_size=65_535), "dns_message")


def value(tree: Field, name: str) -> object:
    field = find(tree, name)
    return None if field is None else field.value


def length(tree: Field, name: str) -> int:
    field = find(tree, name)
    return 0 if field is None else field.length // 8


def test_the_class_and_ttl_of_opt_are_read_as_edns_says() -> None:
    tree = explain(dns.edns.EDEOption(18, "because"))
    assert (value(tree, "udp_payload_size"), value(tree, "do")) == (1232, True)
    info_code = find(tree, "info_code")
    assert info_code is not None
    assert info_code.label == "Prohibited"
    assert value(tree, "extra_text") == "because"


@pytest.mark.parametrize("octets", [1023, 1024, 1025, 3000])
def test_a_text_is_read_out_up_to_1_kib(octets: int) -> None:
    tree = explain(dns.edns.GenericOption(15, b"\0\0" + b"<" * octets))
    assert value(tree, "extra_text") == "<" * min(octets, 1024)
    assert length(tree, "extra_text_rest") == max(0, octets - 1024)
    assert value(tree, "extra_text_rest") is None


def test_the_client_subnet_is_read() -> None:
    tree = explain(dns.edns.ECSOption("192.0.2.0", 24))
    assert (value(tree, "family"), value(tree, "source_prefix_length")) == (1, 24)
    assert length(tree, "subnet_address") == 3


def test_a_cookie_has_a_part_of_the_client_and_one_of_the_server() -> None:
    tree = explain(dns.edns.CookieOption(bytes(8), bytes(16)))
    assert (length(tree, "client_cookie"), length(tree, "server_cookie")) == (8, 16)


def test_the_other_options_are_read() -> None:
    tree = explain(
        dns.edns.NSIDOption(b"here"),
        dns.edns.GenericOption(12, bytes(20)),
        dns.edns.GenericOption(11, b"\0\x64"),
        dns.edns.GenericOption(65001, b"abc"),
    )
    assert length(tree, "nsid") == 4
    assert length(tree, "padding") == 20
    assert value(tree, "timeout") == 100
    assert [field.error for field in tree.walk() if field.error] == []


def test_an_option_that_is_longer_than_its_record_is_an_error_inside_it() -> None:
    query = dns.message.make_query("a.example", "A", use_edns=0)
    octets = query.to_wire()[:-2] + b"\0\4" + b"\0\3\0\x09"
    tree = dissect(read_dns_message, octets, "dns_message")
    assert any("should be 9 octets long" in field.error for field in tree.walk())
