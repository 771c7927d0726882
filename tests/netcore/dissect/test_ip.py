"""IP packets and what they carry, also cut, quoted and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect import DISSECTORS
from netcore.dissect.checksums import sum_of, verdict
from netcore.field import Field, find, find_all
from netcore.reader import dissect
from tests.netcore.made_packets import OURS, THEIRS, datagram, segment

SYN, ACK = 2, 16


def read(octets: bytes, name: str = "ip_datagram") -> Field:
    return dissect(DISSECTORS[name], octets, name)


def value(tree: Field, name: str) -> object:
    field = find(tree, name)
    return None if field is None else field.value


def label(tree: Field, name: str) -> str:
    field = find(tree, name)
    return "" if field is None else field.label


def test_the_sum_of_rfc_1071_section_3() -> None:
    assert sum_of(bytes.fromhex("0001 f203 f4f5 f6f7")) == 0xDDF2
    assert sum_of(b"") == 0
    assert sum_of(b"\1") == 0x0100


@given(st.binary(min_size=2, max_size=60))
def test_the_sum_is_that_of_words_with_the_carry_put_back(octets: bytes) -> None:
    total = 0
    for at in range(0, len(octets), 2):
        total += int.from_bytes(octets[at : at + 2].ljust(2, b"\0"), "big")
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert sum_of(octets) == total


def test_a_checksum_that_is_not_there_is_not_judged() -> None:
    assert verdict(b"\0" * 9, 10, None) == ""


def test_what_is_not_whole_is_not_judged() -> None:
    packet = segment(OURS, THEIRS, 1, ACK, b"x" * 100)
    assert label(read(packet), "checksum") == "right"
    cut = read(packet[:-1])
    assert label(cut, "checksum") == "not verified"
    assert [field.error for field in cut.walk() if field.error] == []


def test_one_changed_octet_makes_it_wrong() -> None:
    packet = bytearray(segment(OURS, THEIRS, 1, ACK, b"x" * 100))
    packet[-1] ^= 1
    tree = read(bytes(packet))
    assert label(tree, "checksum") == "wrong"
    assert label(tree, "header_checksum") == "right"


def test_flags_are_named_in_their_order() -> None:
    assert label(read(segment(OURS, THEIRS, 1, SYN | ACK)), "control_bits") == "ACK, SYN"


def test_a_datagram_of_version_6() -> None:
    tree = read(datagram("[2001:db8::7]:5", "[2001:db8::9]:53", b"question"))
    assert value(tree, "source_address") == "2001:db8::7"
    assert value(tree, "destination_port") == 53
    assert label(tree, "checksum") == "right"


def icmp(quoted: bytes) -> bytes:
    """A message that a time to live ran out, without a right checksum."""
    header = bytes.fromhex("45000000000000004001 0000 cb007101 c0000207".replace(" ", ""))
    message = bytes.fromhex("0b00 0000 00000000".replace(" ", "")) + quoted
    return header[:2] + (20 + len(message)).to_bytes(2, "big") + header[4:] + message


def test_an_error_quotes_what_it_is_about() -> None:
    tree = read(icmp(segment(OURS, THEIRS, 77, SYN)[:28]))
    assert label(tree, "type") == "Time Exceeded"
    addresses = [field.value for field in find_all(tree, "destination_address")]
    assert addresses == ["192.0.2.7", "198.51.100.9"]
    assert value(tree, "sequence_number") == 77
    assert find(tree, "acknowledgment_number") is None


def test_a_wrong_quote_is_an_error_of_the_quote_alone() -> None:
    tree = read(icmp(b"\xf0 is no IP"))
    assert label(tree, "code") == "Time to Live exceeded in Transit"
    assert any("neither version 4" in field.error for field in tree.walk())


def test_an_error_about_an_error_is_not_read_for_ever() -> None:
    packet = segment(OURS, THEIRS, 1, SYN)
    for _ in range(2_000):
        packet = icmp(packet)[:60_000]
    assert len(list(find_all(read(packet), "ip_datagram"))) == 2


@pytest.mark.parametrize("name", ["ip_datagram", "tcp_segment", "udp_datagram", "icmp_message"])
@given(octets=st.binary(max_size=120))
def test_any_octets_give_a_tree(name: str, octets: bytes) -> None:
    tree = read(octets, name)
    assert sum(leaf.length for leaf in tree.leaves()) == len(octets) * 8


@given(st.integers(0, 59), st.integers(0, 255))
def test_any_changed_octet_of_a_header_gives_a_tree(at: int, octet: int) -> None:
    packet = bytearray(segment(OURS, THEIRS, 1, SYN) + b"data and more of it")
    packet[min(at, len(packet) - 1)] = octet
    tree = read(bytes(packet))
    assert sum(leaf.length for leaf in tree.leaves()) == len(packet) * 8
