"""What was inside records, as fields; the golden trees are in tests/vectors."""

from __future__ import annotations

import pytest

from netcore.dissect import DISSECTORS
from netcore.field import Field, find
from netcore.reader import dissect


def read(name: str, octets: bytes) -> Field:
    return dissect(DISSECTORS[name], octets, name.partition(".")[0])


def octets_of(tree: Field) -> dict[str, int]:
    return {leaf.name: leaf.length // 8 for leaf in tree.leaves()}


def test_the_type_is_the_last_octet_that_is_not_zero() -> None:
    tree = read("tls_inner_plaintext", b"ab\0\x17\0\0")
    assert octets_of(tree) == {"content": 3, "type": 1, "zeros": 2}
    kind = find(tree, "type")
    assert kind is not None
    assert kind.label == "application_data"


def test_a_type_without_content_is_read() -> None:
    assert octets_of(read("tls_inner_plaintext", b"\x16")) == {"type": 1}


@pytest.mark.parametrize(
    ("name", "mac"),
    [("etm", 0), ("sha1", 20), ("sha256", 32), ("sha384", 48)],
)
def test_a_block_ends_with_mac_and_padding(name: str, mac: int) -> None:
    octets = b"abc" + bytes(mac) + b"\2\2\2"
    expected = {"content": 3, "mac": mac, "padding": 2, "padding_length": 1}
    tree = read(f"tls_block_ciphered.{name}", octets)
    assert octets_of(tree) == {key: count for key, count in expected.items() if count}


def test_padding_that_has_no_room_is_an_error() -> None:
    tree = read("tls_block_ciphered.sha1", bytes(19) + b"\0")
    assert "no room" in tree.error
