"""Records of keys and signatures, as dnspython writes them."""

from __future__ import annotations

import dns.message
import dns.rdatatype
import dns.rdtypes.util
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


HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("rdtype", "text", "expected"),
    [
        ("DS", f"4711 13 2 {HASH}", {"key_tag": 4711, "algorithm": 13, "digest_type": 2}),
        ("CDS", f"4711 13 2 {HASH}", {"key_tag": 4711, "algorithm": 13, "digest_type": 2}),
        (
            "DNSKEY",
            "385 3 8 AwEAAQ==",
            {
                "reserved": 0,
                "zone_key": True,
                "revoke": True,
                "secure_entry_point": True,
                "protocol": 3,
                "algorithm": 8,
            },
        ),
        (
            "RRSIG",
            "AAAA 13 2 3600 20261225193717 20261125193717 25274 a.example. AAAA",
            {
                "type_covered": 28,
                "algorithm": 13,
                "labels": 2,
                "original_ttl": 3600,
                "signature_expiration": 1798227437,
                "signature_inception": 1795635437,
                "key_tag": 25274,
                "signers_name": "a.example.",
            },
        ),
        (
            "NSEC3PARAM",
            "1 1 5 A1B2",
            {"hash_algorithm": 1, "reserved": 0, "opt_out": True, "iterations": 5},
        ),
        (
            "TLSA",
            f"3 1 1 {HASH}",
            {"certificate_usage": 3, "selector": 1, "matching_type": 1},
        ),
        ("SSHFP", f"4 2 {HASH}", {"sshfp_algorithm": 4, "fingerprint_type": 2}),
        (
            "CAA",
            '128 issue "ca.example; a=b"',
            {
                "issuer_critical": True,
                "reserved": 0,
                "tag": "issue",
                "caa_value": "ca.example; a=b",
            },
        ),
    ],
)
def test_a_record_is_read(rdtype: str, text: str, expected: dict[str, object]) -> None:
    assert values(explain(rdtype, text)) == expected


TYPES = "A NS SOA MX TXT AAAA RRSIG NSEC DNSKEY HTTPS CAA TYPE65280"


def test_the_types_of_a_gap_are_listed() -> None:
    rdata = explain("NSEC", f"b.a.example. {TYPES}")
    assert values(rdata)["next_domain_name"] == "b.a.example."
    listed = [field.label for field in find_all(rdata, "type_bit_map")]
    assert " ".join(listed) == TYPES
    assert len(listed) == 3  # windows 0, 1 and 255


def test_a_hashed_gap_has_its_hash_and_types() -> None:
    rdata = explain("NSEC3", "1 0 0 A1B2C3D4 024BHB6Q5I2GVODN7O329CFFCBU0S5A7 A RRSIG")
    lengths = {field.name: field.length // 8 for field in rdata.children}
    assert (lengths["salt"], lengths["next_hashed_owner_name"]) == (4, 20)
    assert [field.label for field in find_all(rdata, "type_bit_map")] == ["A RRSIG"]


@pytest.mark.parametrize("bitmap", ["00 00", "00 21" + "ff" * 33])
def test_a_bitmap_of_no_octets_or_too_many_is_an_error(bitmap: str) -> None:
    data = bytes.fromhex("00" + bitmap)
    octets = bytes.fromhex("123481800000000100000000") + b"\0\0\x2f\0\1" + bytes(4)
    tree = dissect(read_dns_message, octets + len(data).to_bytes(2, "big") + data, "dns_message")
    assert any("a bitmap has 1 to 32 octets" in field.error for field in tree.walk())


def test_a_bitmap_full_of_types_names_forty() -> None:
    data = bytes.fromhex("00" + "0020" + "ff" * 32)
    octets = bytes.fromhex("123481800000000100000000") + b"\0\0\x2f\0\1" + bytes(4)
    tree = dissect(read_dns_message, octets + len(data).to_bytes(2, "big") + data, "dns_message")
    types = find(tree, "type_bit_map")
    assert types is not None
    assert len(types.label.split()) == 40 + len(["and", "216", "more"])
    assert types.label.endswith(" and 216 more")


def test_an_openpgp_key_is_all_of_its_record() -> None:
    rdata = explain("OPENPGPKEY", "mDMEZf8=")
    assert [(field.name, field.length) for field in rdata.children] == [("openpgp_public_key", 40)]
    assert rdata.spec == "RFC 7929 §2.3"
