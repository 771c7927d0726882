"""Which entry of a certificate makes it one for a name, and by which rule."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from netcore.protocols.certificate_names import (
    compare,
    compare_dns_name,
    compare_ip_address,
    covers,
)
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import make


@pytest.mark.parametrize(
    ("entry", "name", "rule"),
    [
        ("a.example.com", "a.example.com", "exact"),
        ("A.Example.com", "a.eXample.com", "exact"),
        ("b.example.com", "a.example.com", "different"),
        ("a.example.com.", "a.example.com", "different"),
        ("*.example.com", "a.example.com", "wildcard"),
        ("*.example.com", "a.b.example.com", "wildcard_depth"),
        ("*.example.com", "example.com", "wildcard_depth"),
        ("*.example.com", "a.example.org", "different"),
        ("*.example.com", "a.notexample.com", "different"),
        ("a*.example.com", "ab.example.com", "wildcard_partial"),
        ("a.*.example.com", "a.b.example.com", "wildcard_partial"),
        ("*.*.example.com", "a.b.example.com", "wildcard_partial"),
        ("*.com", "example.com", "wildcard_wide"),
        ("*", "localhost", "wildcard_wide"),
        ("192.0.2.1", "192.0.2.1", "address_as_name"),
        ("a.example.com", "192.0.2.1", "other_kind"),
        ("*.0.2.1", "192.0.2.1", "other_kind"),
        ("", "a.example.com", "different"),
    ],
)
def test_a_dns_name_is_compared_by_one_rule(entry: str, name: str, rule: str) -> None:
    assert compare_dns_name(entry, name) == rule


@pytest.mark.parametrize(
    ("entry", "name", "rule"),
    [
        ("192.0.2.1", "192.0.2.1", "address"),
        ("2001:db8::1", "2001:DB8:0::1", "address"),
        ("192.0.2.1", "::ffff:192.0.2.1", "different"),
        ("192.0.2.1", "192.0.2.2", "different"),
        ("192.0.2.1", "a.example.com", "other_kind"),
        ("192.0.2.0/24", "192.0.2.0", "other_kind"),
    ],
)
def test_an_address_is_compared_octet_by_octet(entry: str, name: str, rule: str) -> None:
    assert compare_ip_address(entry, name) == rule


def test_entries_of_other_kinds_are_named_and_match_nothing() -> None:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a.example.com")])
    entries = [
        x509.RFC822Name("a@example.com"),
        x509.UniformResourceIdentifier("https://a.example.com"),
        x509.DirectoryName(subject),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
        x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\5\0"),
        x509.IPAddress(ip_network("192.0.2.0/24")),
    ]
    found = compare(entries, "a.example.com")
    assert [each.kind for each in found][:3] == [
        "rfc822Name",
        "uniformResourceIdentifier",
        "directoryName",
    ]
    assert found[2].value == "CN=a.example.com"
    assert {each.rule for each in found} == {"other_kind"}
    assert not any(each.matches for each in found)


def test_a_certificate_covers_what_its_subject_alt_name_says_and_nothing_else() -> None:
    address = x509.IPAddress(ip_address("192.0.2.1"))
    made = make(None, "cn.example.com", [*refused.dns("a.example.com", "*.b.example.com"), address])
    certificate = x509.load_der_x509_certificate(made.der)
    for name in ("a.example.com", "x.b.example.com", "192.0.2.1"):
        assert covers(certificate, name)
    for name in ("cn.example.com", "b.example.com", "x.y.b.example.com", "192.0.2.2"):
        assert not covers(certificate, name)


def test_without_names_or_with_names_that_cannot_be_read_it_covers_nothing() -> None:
    for chain in (refused.no_names(refused.HOST), refused.malformed_names()):
        assert not covers(x509.load_der_x509_certificate(chain.leaf.der), refused.HOST)
