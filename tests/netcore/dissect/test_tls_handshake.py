"""Handshake messages, where their layout depends on more than their type."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest
from cryptography import x509

from netcore.dissect import DISSECTORS
from netcore.dissect.tls_handshake import HELLO_RETRY_REQUEST_RANDOM
from netcore.field import Field, find, find_all
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets, tree_of

HANDSHAKE = VECTORS / "tls_handshake"
TLS13 = VECTORS / "tls_handshake.tls13"


def leaf(tree: Field, name: str) -> Field:
    field = find(tree, name)
    assert field is not None, name
    return field


def message(msg_type: int, body: bytes, variant: str = "") -> Field:
    octets = bytes([msg_type]) + len(body).to_bytes(3, "big") + body
    return dissect(DISSECTORS["tls_handshake" + variant], octets, "tls_handshake")


def server_hello(random: bytes) -> Field:
    return message(2, b"\x03\x03" + random + b"\x00\x13\x01\x00")


def test_a_hello_retry_request_is_told_by_its_random() -> None:
    tree = server_hello(HELLO_RETRY_REQUEST_RANDOM)
    assert tree.children[2].name == "hello_retry_request"
    assert leaf(tree, "random").label == "HelloRetryRequest"
    assert leaf(tree, "msg_type").label == "server_hello"
    assert server_hello(bytes(32)).children[2].name == "server_hello"


@pytest.mark.parametrize(("last", "version"), [(b"\x01", "TLS 1.2"), (b"\x00", "TLS 1.1")])
def test_a_downgrade_mark_in_the_random_is_pointed_out(last: bytes, version: str) -> None:
    assert version in leaf(server_hello(bytes(24) + b"DOWNGRD" + last), "random").label


def test_a_hello_without_extensions_is_whole() -> None:
    hello = b"\x03\x03" + bytes(32) + b"\x00\x00\x02\x00\x2f\x01\x00"
    assert all(not field.error for field in message(1, hello).walk())
    assert all(not field.error for field in server_hello(bytes(32)).walk())


def test_a_server_hello_names_what_it_chose() -> None:
    tree = tree_of(TLS13 / "server_hello_openssl.hex")
    assert leaf(tree, "cipher_suite").label == "TLS_AES_256_GCM_SHA384"
    assert leaf(tree, "selected_version").label == "TLS 1.3"
    assert leaf(tree, "group").label == "x25519"


def test_the_forms_of_key_share_differ_by_message() -> None:
    assert find(tree_of(HANDSHAKE / "client_hello_python.hex"), "client_shares")
    assert find(tree_of(TLS13 / "server_hello_openssl.hex"), "key_exchange")
    retry = tree_of(HANDSHAKE / "hello_retry_request_openssl.hex")
    assert leaf(retry, "selected_group").label == "secp384r1"


def test_the_field_of_a_certificate_holds_it_whole() -> None:
    for path in (HANDSHAKE / "certificate_openssl.hex", TLS13 / "certificate_openssl.hex"):
        field = leaf(tree_of(path), "cert_data")
        octets = read_octets(path)[field.start // 8 : field.end // 8]
        certificate = x509.load_der_x509_certificate(octets)
        assert certificate.subject.rfc4514_string() == f"CN={field.label}"


def test_the_same_octets_are_read_by_the_key_exchange_that_was_chosen() -> None:
    body = b"\x00\x03abc"
    assert leaf(message(16, body, ".dhe"), "dh_yc").length == 24
    assert leaf(message(16, body, ".rsa"), "encrypted_pre_master_secret").length == 24
    assert leaf(message(16, b"\x03abc"), "ecdh_yc").length == 24


def test_a_server_key_exchange_without_a_signature_is_whole() -> None:
    tree = message(12, b"\x00\x01p\x00\x01g\x00\x01y", ".dhe")
    assert [part.name for part in tree.children[2].children] == ["server_dh_params"]
    assert all(not field.error for field in tree.walk())


def test_a_curve_that_is_described_in_the_message_is_not_explained() -> None:
    tree = message(12, b"\x01" + bytes(40))
    assert "described in the message" in leaf(tree, "server_key_exchange").error


def test_an_unknown_message_is_one_leaf() -> None:
    tree = message(200, b"abc")
    assert [child.name for child in tree.children] == ["msg_type", "length", "msg_body"]


def test_grease_is_recognised_in_every_list_that_may_have_it() -> None:
    tree = tree_of(HANDSHAKE / "client_hello_chromium.hex")
    greased = {field.name for field in tree.walk() if field.label == "GREASE"}
    assert {"cipher_suite", "extension", "named_group", "version", "key_share_entry"} <= greased


def test_an_extension_that_no_table_knows_is_one_leaf() -> None:
    tree = tree_of(HANDSHAKE / "client_hello_rare_extensions.hex")
    unknown = [field for field in find_all(tree, "extension") if field.label == "unassigned"]
    assert [part.name for part in unknown[0].children] == [
        "extension_type",
        "extension_data_length",
        "extension_data",
    ]
    assert unknown[0].children[2].children == ()


def test_octets_that_are_no_certificate_have_no_name() -> None:
    tree = message(11, b"\x00\x00\x06\x00\x00\x03abc")
    assert leaf(tree, "cert_data").label == ""


KEYS_AND_SECRETS = {
    *("integer", "bit_string", "x", "y", "t", "c1", "c2", "key_exchange"),
    *("dh_p", "dh_g", "dh_ys", "dh_yc", "encrypted_pre_master_secret", "signature"),
    *("ticket", "payload"),
}
"""What may be long: numbers and bits of keys, signatures, what is encrypted."""
CARRIED = [
    path
    for folder in ("tls_handshake*", "x509_*")
    for path in sorted(VECTORS.glob(f"{folder}/*.hex"))
    if not path.stem.startswith("broken_")
]


@pytest.mark.parametrize("path", CARRIED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_longer_than_64_octets_is_a_key_a_signature_or_sealed(path: Path) -> None:
    octets = read_octets(path)
    long = [leaf for leaf in tree_of(path).leaves() if leaf.length > 64 * 8]
    for leaf in long:
        own = octets[leaf.start // 8 : leaf.end // 8]
        is_blank = leaf.name == "padding" and not any(own)
        assert leaf.name in KEYS_AND_SECRETS or is_blank, leaf


@pytest.mark.parametrize(
    "path", [path for path in CARRIED if "client_hello" in path.stem], ids=lambda path: path.stem
)
def test_half_of_the_leaves_of_a_client_hello_have_two_octets_or_fewer(path: Path) -> None:
    lengths = [leaf.length for leaf in tree_of(path).leaves() if leaf.length]
    assert median(lengths) <= 16


def test_a_status_of_another_type_is_one_leaf() -> None:
    assert leaf(message(22, b"\x02abc"), "response").length == 24
