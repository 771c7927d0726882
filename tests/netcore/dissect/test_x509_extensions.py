"""Extensions of certificates, against what the library reads in the same octets."""

from __future__ import annotations

import pytest
from cryptography import x509

from netcore.dissect.x509_extensions import KEY_USAGES, NOT_READ
from netcore.field import Field, find, find_all
from tests.netcore.dissect.elements import field
from tools.vectors import VECTORS, read_octets, tree_of

FOLDER = VECTORS / "x509_certificate"
READABLE = ("server_ec", "authority", "rsa", "constraints", "precertificate", "many_names")


def both(name: str) -> tuple[Field, x509.Extensions, bytes]:
    octets = read_octets(FOLDER / f"{name}.hex")
    extensions = x509.load_der_x509_certificate(octets).extensions
    return tree_of(FOLDER / f"{name}.hex"), extensions, octets


@pytest.mark.parametrize("name", READABLE)
def test_extensions_and_their_flags_are_those_that_the_library_reads(name: str) -> None:
    tree, extensions, _ = both(name)
    found = [
        (field(each, "extn_id").value, find(each, "critical") is not None)
        for each in find_all(tree, "extension")
    ]
    assert found == [(each.oid.dotted_string, each.critical) for each in extensions]


@pytest.mark.parametrize("name", ["server_ec", "authority", "rsa", "constraints"])
def test_each_bit_of_key_usage_is_the_one_that_the_library_reads(name: str) -> None:
    tree, extensions, _ = both(name)
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    bits = {flag: bool(found and found.value) for flag in KEY_USAGES if (found := find(tree, flag))}
    assert bits.get("digital_signature", False) == usage.digital_signature
    assert bits.get("non_repudiation", False) == usage.content_commitment
    assert bits.get("key_encipherment", False) == usage.key_encipherment
    assert bits.get("data_encipherment", False) == usage.data_encipherment
    assert bits.get("key_agreement", False) == usage.key_agreement
    assert bits.get("key_cert_sign", False) == usage.key_cert_sign
    assert bits.get("crl_sign", False) == usage.crl_sign
    assert bits.get("decipher_only", False) == (usage.key_agreement and usage.decipher_only)


def test_names_of_keys_are_those_that_the_library_reads() -> None:
    tree, extensions, octets = both("server_ec")
    for kind, name in (
        (x509.SubjectKeyIdentifier, "subject_key_identifier"),
        (x509.AuthorityKeyIdentifier, "key_identifier"),
    ):
        leaf = field(field(tree, name), "octet_string")
        value = extensions.get_extension_for_class(kind).value
        expected = getattr(value, "digest", None) or value.key_identifier
        assert octets[leaf.start // 8 : leaf.end // 8] == expected


def test_limits_of_an_authority_are_those_that_the_library_reads() -> None:
    tree, extensions, _ = both("authority")
    limits = extensions.get_extension_for_class(x509.BasicConstraints).value
    assert field(tree, "ca").value == limits.ca
    assert field(tree, "path_len_constraint").value == limits.path_length


def test_limits_on_names_are_those_that_the_library_reads() -> None:
    tree, _, _ = both("constraints")
    permitted = [each.children[0] for each in find_all(field(tree, "permitted_subtrees"), "base")]
    assert [each.value or each.label for each in permitted] == [
        "example.com",
        "192.0.2.0/255.255.255.0",
        "2001:db8::/ffff:ffff::",
    ]
    excluded = [each.children[0] for each in find_all(field(tree, "excluded_subtrees"), "base")]
    assert [each.value or each.label for each in excluded] == [
        ".internal.example.com",
        "CN=Mallory",
    ]


def test_places_to_ask_are_those_that_the_library_reads() -> None:
    tree, extensions, _ = both("server_ec")
    places = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [each.value for each in find_all(tree, "access_method")] == [
        each.access_method.dotted_string for each in places
    ]
    found = find_all(field(tree, "information_access"), "uniform_resource_identifier")
    assert [each.value for each in found] == [each.access_location.value for each in places]


def test_reasons_of_a_list_are_those_that_the_library_reads() -> None:
    tree, extensions, _ = both("constraints")
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    reasons = points[1].reasons
    assert reasons is not None
    names = field(tree, "reasons").label.split(", ")
    assert set(names) == {reason.name for reason in reasons}


def test_what_a_server_must_do_is_named_after_the_extension_of_tls() -> None:
    assert field(tree_of(FOLDER / "server_ec.hex"), "tls_feature").label == "status_request"


def test_an_extension_that_no_table_knows_is_read_as_elements_or_says_that_it_is_not() -> None:
    tree = tree_of(FOLDER / "unknown_extensions.hex")
    values = [field(each, "extn_value") for each in find_all(tree, "extension")]
    assert values[0].children[-1].label == "SEQUENCE"
    assert values[1].children[-1].label == NOT_READ
    assert values[1].children[-1].length == 17 * 8
