"""Answers about certificates, against what the library reads in them."""

from __future__ import annotations

from datetime import datetime

import pytest
from cryptography.x509 import ocsp

from netcore.field import Field, find
from tests.netcore.dissect.elements import field
from tools.vectors import VECTORS, read_octets, tree_of

FOLDER = VECTORS / "x509_ocsp_response"
VERDICTS = ("good", "revoked", "revoked_without_reason", "unknown")


def both(name: str) -> tuple[Field, ocsp.OCSPResponse, bytes]:
    octets = read_octets(FOLDER / f"{name}.hex")
    return tree_of(FOLDER / f"{name}.hex"), ocsp.load_der_ocsp_response(octets), octets


def said(at: datetime) -> str:
    return f"{at.day} {at:%B} {at.year}, {at:%H:%M:%S} UTC"


@pytest.mark.parametrize("name", VERDICTS)
def test_verdict_and_moments_are_those_that_the_library_reads(name: str) -> None:
    tree, answer, octets = both(name)
    assert field(tree, "single_response").label == answer.certificate_status.name.lower()
    assert find(tree, answer.certificate_status.name.lower()) is not None
    assert field(tree, "this_update").label == said(answer.this_update_utc)
    assert answer.next_update_utc is not None
    assert field(tree, "next_update").label == said(answer.next_update_utc)
    assert field(tree, "produced_at").label == said(answer.produced_at_utc)
    number = field(field(tree, "serial_number"), "integer")
    assert int.from_bytes(octets[number.start // 8 : number.end // 8]) == answer.serial_number
    for part, expected in (
        ("issuer_name_hash", answer.issuer_name_hash),
        ("issuer_key_hash", answer.issuer_key_hash),
    ):
        leaf = field(field(tree, part), "octet_string")
        assert octets[leaf.start // 8 : leaf.end // 8] == expected


def test_a_revocation_has_its_moment_and_its_reason() -> None:
    tree, answer, _ = both("revoked")
    assert answer.revocation_time_utc is not None
    assert field(tree, "revocation_time").label == said(answer.revocation_time_utc)
    assert field(tree, "revocation_reason").label == "keyCompromise"
    assert find(both("revoked_without_reason")[0], "revocation_reason") is None


def test_the_responder_is_named_by_its_name_or_by_its_key() -> None:
    assert field(both("revoked")[0], "by_name").label == "CN=OCSP responder"
    tree, answer, octets = both("good")
    leaf = field(field(tree, "by_key"), "octet_string")
    assert octets[leaf.start // 8 : leaf.end // 8] == answer.responder_key_hash


def test_a_certificate_in_an_answer_is_read_like_any_other() -> None:
    tree, answer, _ = both("revoked")
    certificate = field(tree, "certificate")
    assert certificate.label == "OCSP responder"
    assert (
        field(certificate, "serial_number").label == f"{answer.certificates[0].serial_number:032x}"
    )


def test_no_answer_has_a_status_and_nothing_else() -> None:
    tree, _, _ = both("try_later")
    assert field(tree, "response_status").label == "tryLater"
    assert find(tree, "response_bytes") is None


def test_an_answer_in_a_handshake_is_read_in_its_place() -> None:
    tree = tree_of(VECTORS / "tls_handshake.tls13" / "certificate_server_ec.hex")
    assert field(field(tree, "ocsp_response"), "single_response").label == "good"
