"""TLS records, alerts and ChangeCipherSpec."""

from __future__ import annotations

from netcore.dissect import DISSECTORS
from netcore.field import Field, find
from netcore.reader import dissect


def explain(octets: bytes, name: str = "tls_record") -> Field:
    return dissect(DISSECTORS[name], octets, name)


def names(tree: Field) -> list[str]:
    return [leaf.name for leaf in tree.leaves()]


def test_a_record_is_a_header_and_a_fragment() -> None:
    tree = explain(bytes.fromhex("16 0301 0002 abcd"))
    assert names(tree) == ["type", "legacy_record_version", "length", "fragment"]
    assert [leaf.label for leaf in tree.leaves()][:2] == ["handshake", "TLS 1.0"]


def test_application_data_and_what_follows_change_cipher_spec_are_encrypted_records() -> None:
    assert names(explain(bytes.fromhex("17 0303 0002 abcd")))[-1] == "encrypted_record"
    tree = explain(bytes.fromhex("16 0303 0002 abcd"), "tls_ciphertext")
    assert names(tree)[-1] == "encrypted_record"


def test_a_record_that_was_cut_says_how_many_octets_are_missing() -> None:
    tree = explain(bytes.fromhex("16 0301 0200 abcd"))
    assert tree.error == "fragment should be 512 octets long, 2 are there"
    assert names(tree)[-1] == "fragment"


def test_a_length_over_the_limit_is_an_error_at_the_length() -> None:
    for start, limit in (("16", 0x4000), ("17", 0x4800)):
        for extra in (0, 1):
            tree = explain(bytes.fromhex(f"{start} 0303 {limit + extra:04x}") + bytes(9))
            length = find(tree, "length")
            assert length is not None
            assert bool(length.error) == bool(extra)
    assert "at most 18,432 octets" in explain(bytes.fromhex("17 0303 ffff")).children[2].error


def test_octets_of_another_protocol_are_called_that() -> None:
    first = explain(b"HTTP/1.1 400 Bad Request\r\n\r\n").children[0]
    assert first.error == "tls.not_tls: no TLS record begins with this number"


def test_an_alert_has_the_names_of_its_level_and_description() -> None:
    tree = explain(b"\x02\x28", "tls_alert")
    assert [leaf.label for leaf in tree.leaves()] == ["fatal", "handshake_failure"]


def test_change_cipher_spec_is_one_octet() -> None:
    assert names(explain(b"\x01", "tls_change_cipher_spec")) == ["type"]
    assert names(explain(b"\x01\x01", "tls_change_cipher_spec"))[-1] == "not_explained"
