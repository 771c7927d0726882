"""LOC records, as dnspython and the RFC's own text write them."""

from __future__ import annotations

import struct

import pytest

from netcore.dissect.dns import read_dns_message
from netcore.field import Field, find
from netcore.reader import dissect
from tests.netcore.dissect.test_dns_records import explain

EQUATOR = 1 << 31
SEA_LEVEL_CM = 10_000_000


def by_hand(data: bytes) -> Field:
    """The tree of an answer with these octets as the data of a LOC record."""
    header = struct.pack("!HHHHHH", 1, 0x8180, 1, 1, 0, 0)
    question = b"\1a\0" + struct.pack("!HH", 29, 1)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 29, 1, 60, len(data)) + data
    return dissect(read_dns_message, header + question + record, "dns_message")


def place(
    latitude: int = EQUATOR, size: int = 0x12, altitude: int = SEA_LEVEL_CM, version: int = 0
) -> Field:
    return by_hand(struct.pack("!BBBBIII", version, size, 0x16, 0x13, latitude, EQUATOR, altitude))


def label(tree: Field, name: str) -> str:
    field = find(tree, name)
    assert field is not None
    return field.label


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            "42 21 54 N 71 06 18 W -24m 30m",
            ["30 m", "10,000 m", "10 m", "42° 21′ 54.000″ N", "71° 6′ 18.000″ W", "-24 m"],
        ),
        (
            "52 14 05.25 S 0 8 50 E 10.25m 0.05m 90000000m 0m",
            ["0.05 m", "90,000,000 m", "0 m", "52° 14′ 5.250″ S", "0° 8′ 50.000″ E", "10.25 m"],
        ),
    ],
)
def test_a_place_is_told_as_people_write_it(text: str, labels: list[str]) -> None:
    rdata = explain("LOC", text)
    assert [field.label for field in rdata.children[1:]] == labels
    assert rdata.spec == "RFC 1876 §2"


def test_values_are_the_numbers_of_the_wire() -> None:
    tree = place(latitude=EQUATOR + 1, altitude=0)
    latitude, altitude = find(tree, "latitude"), find(tree, "altitude")
    assert latitude is not None
    assert altitude is not None
    assert (latitude.value, latitude.label) == (EQUATOR + 1, "0° 0′ 0.001″ N")
    assert (altitude.value, altitude.label) == (0, "-100,000 m")


@pytest.mark.parametrize("size", [0xA0, 0x1A, 0x01])
def test_a_length_without_a_meaning_is_blamed_and_the_rest_is_read(size: int) -> None:
    tree = place(size=size)
    errors = [field.error for field in tree.walk() if field.error]
    assert errors == [f"dns.malformed: {size >> 4} × 10^{size & 15} centimetres is not defined"]
    assert label(tree, "size") == ""
    assert label(tree, "altitude") == "0 m"


def test_a_place_beyond_the_pole_is_blamed() -> None:
    tree = place(latitude=EQUATOR - 90 * 3_600_000 - 1)
    assert [field.error for field in tree.walk() if field.error] == [
        "dns.malformed: latitude ends at 90°"
    ]


def test_of_another_version_nothing_is_read() -> None:
    tree = place(version=1)
    assert find(tree, "latitude") is None
    field = find(tree, "not_explained")
    assert field is not None
    assert "version 0" in field.error


def test_a_record_that_is_cut_has_a_tree() -> None:
    tree = by_hand(b"\0\x12\x16\x13\x80\0")
    errors = [field.error for field in tree.walk() if field.error]
    assert any("latitude needs 32 bits" in error for error in errors)
