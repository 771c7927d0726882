"""Policies, against what the library reads in the same certificate."""

from __future__ import annotations

from cryptography import x509

from netcore.field import find_all
from tests.netcore.dissect.elements import field
from tools.vectors import VECTORS, read_octets, tree_of

PATH = VECTORS / "x509_certificate" / "constraints.hex"
SERVER = VECTORS / "x509_certificate" / "server_ec.hex"


def test_a_policy_is_called_by_its_registered_name() -> None:
    tree = tree_of(SERVER)
    certificate = x509.load_der_x509_certificate(read_octets(SERVER))
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [each.value for each in find_all(tree, "policy_identifier")] == [
        policy.policy_identifier.dotted_string for policy in policies
    ]
    assert field(tree, "policy_information").label == "domain-validated"


def test_address_and_notice_of_a_policy_are_texts() -> None:
    tree = tree_of(PATH)
    assert field(tree, "cps_uri").value == "https://ca.example.net/cps"
    assert field(tree, "organization").value == "Example Trust"
    assert [each.value for each in find_all(tree, "notice_number")] == [1, 4]
    assert field(tree, "explicit_text").value == "Read the rules before you rely."


def test_limits_on_policies_are_those_that_the_library_reads() -> None:
    tree = tree_of(PATH)
    extensions = x509.load_der_x509_certificate(read_octets(PATH)).extensions
    limits = extensions.get_extension_for_class(x509.PolicyConstraints).value
    assert field(tree, "require_explicit_policy").value == limits.require_explicit_policy
    assert field(tree, "inhibit_policy_mapping").value == limits.inhibit_policy_mapping
    skip = extensions.get_extension_for_class(x509.InhibitAnyPolicy).value
    assert field(tree, "inhibit_any_policy").value == skip.skip_certs
    assert field(tree, "issuer_domain_policy").value == "1.3.6.1.4.1.32473.1.2"
    assert field(tree, "subject_domain_policy").value == "1.3.6.1.4.1.32473.2.7"
