"""Names: of issuers and subjects, and the nine kinds of general names."""

from __future__ import annotations

import ipaddress

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.x509_names import read_general_name, read_name
from netcore.field import Field
from netcore.registries.oids import SHORT_NAMES
from tests.netcore.dissect.elements import errors, field, oid, read, sequence, tlv

LETTERS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=16)
KINDS = [x509.ObjectIdentifier(dotted) for dotted in ("2.5.4.3", "2.5.4.10", "2.5.4.11", "2.5.4.7")]
COMMON_NAME = oid("550403")


def name(octets: bytes) -> Field:
    return read(lambda r: read_name(r, "issuer"), octets)


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(KINDS), LETTERS), max_size=5))
def test_a_name_reads_as_the_library_wrote_it(attributes: list[tuple[object, str]]) -> None:
    written = x509.Name([x509.NameAttribute(kind, text) for kind, text in attributes])  # type: ignore[arg-type]
    tree = name(written.public_bytes())
    expected = ", ".join(
        f"{SHORT_NAMES[attribute.oid.dotted_string]}={attribute.value!s}" for attribute in written
    )
    assert field(tree, "issuer").label == expected[:200]
    assert errors(tree) == []


def test_two_attributes_of_one_step_are_joined_by_a_plus() -> None:
    one, two = (sequence(COMMON_NAME, tlv(12, text)) for text in (b"A", b"B"))
    assert field(name(sequence(tlv(0x31, one, two))), "issuer").label == "CN=A+CN=B"


def test_a_long_name_is_cut_in_its_label_and_whole_in_its_leaf() -> None:
    tree = name(sequence(*[tlv(0x31, sequence(COMMON_NAME, tlv(12, b"a" * 500)))] * 9))
    assert len(field(tree, "issuer").label) == 200
    assert len(str(field(tree, "utf8_string").value)) == 500


def test_an_attribute_that_is_no_text_is_read_as_an_element() -> None:
    tree = name(sequence(tlv(0x31, sequence(COMMON_NAME, tlv(2, b"\x05")))))
    assert field(tree, "issuer").label == "CN=…"
    assert field(tree, "value").value == 5


@pytest.mark.parametrize(
    ("general", "kind", "value"),
    [
        (x509.DNSName("*.example.com"), "dns_name", "*.example.com"),
        (x509.RFC822Name("a@example.com"), "rfc822_name", "a@example.com"),
        (
            x509.UniformResourceIdentifier("http://a.example/"),
            "uniform_resource_identifier",
            "http://a.example/",
        ),
        (x509.IPAddress(ipaddress.ip_address("192.0.2.9")), "ip_address", "192.0.2.9"),
        (x509.IPAddress(ipaddress.ip_address("2001:db8::9")), "ip_address", "2001:db8::9"),
        (x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4")), "registered_id", "1.2.3.4"),
    ],
)
def test_a_general_name_has_the_value_that_the_library_wrote(
    general: x509.GeneralName, kind: str, value: str
) -> None:
    octets = x509.SubjectAlternativeName([general]).public_bytes()[2:]
    tree = read(read_general_name, octets)
    assert (tree.children[0].name, tree.children[0].value) == (kind, value)
    assert errors(tree) == []


def test_a_name_of_a_directory_has_the_text_of_its_parts() -> None:
    inner = x509.Name([x509.NameAttribute(KINDS[0], "Anna")])
    octets = x509.SubjectAlternativeName([x509.DirectoryName(inner)]).public_bytes()[2:]
    assert field(read(read_general_name, octets), "directory_name").label == "CN=Anna"


def test_a_kind_that_is_not_one_of_the_nine_is_blamed() -> None:
    tree = read(read_general_name, tlv(0x89, b"x"))
    assert errors(tree) == ["a name of a kind that RFC 5280 does not have"]


def test_as_a_subtree_an_address_has_a_mask() -> None:
    octets = tlv(0x87, bytes([10, 0, 0, 0, 255, 0, 0, 0]))
    tree = read(lambda r: read_general_name(r, is_subtree=True), octets)
    assert field(tree, "ip_address").label == "10.0.0.0/255.0.0.0"
    assert errors(read(read_general_name, octets)) != []
