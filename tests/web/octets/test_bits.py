"""The ruler of bits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from netcore.dissect import DISSECTORS
from netcore.reader import dissect
from tests.web.recordings import ANSWER
from web.fieldtree import paths
from web.octets.bits import OctetBits, ruler
from web.octets.place import Place

TREE = dissect(DISSECTORS["dns_message"], ANSWER, "dns_message")
KEYED = paths(TREE)


@pytest.fixture(autouse=True)
def request_served(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def shown(first: int, end: int, place: Place | None = None) -> tuple[OctetBits, ...]:
    return ruler(ANSWER, KEYED, range(first, end), (16, 17), place, "/e/1?u=1")


def test_the_flags_of_a_dns_message_are_each_under_their_bits() -> None:
    (flags, codes) = shown(2, 4)
    assert [bar.name for bar in flags.bars] == ["qr", "opcode", "aa", "tc", "rd"]
    assert [(bar.column, bar.end) for bar in flags.bars[:2]] == [(0, 1), (1, 5)]
    assert [bar.name for bar in codes.bars] == ["ra", "z", "ad", "cd", "rcode"]


def test_the_cells_are_the_octet_from_its_highest_bit() -> None:
    for octet in shown(0, len(ANSWER)):
        assert [cell.bit for cell in octet.cells] == [7, 6, 5, 4, 3, 2, 1, 0]
        assert int("".join(str(cell.value) for cell in octet.cells), 2) == ANSWER[octet.octet]


def test_a_bit_says_where_it_is_what_it_is_and_whose() -> None:
    first = shown(2, 3)[0].cells[0]
    assert first.said == f"bit 7 at offset 2, value 1, qr: {shown(2, 3)[0].bars[0].value}"
    assert first.href == "/e/1?u=1&f=16-17&b=2.7"


def test_a_field_of_several_octets_says_which_of_its_bits_these_are() -> None:
    parts = [bar.part for octet in shown(0, 2) for bar in octet.bars]
    assert parts == ["bits 15 to 8 of its 16", "bits 7 to 0 of its 16"]


def test_the_marked_bit_is_the_one_of_the_place() -> None:
    marked = [
        (octet.octet, cell.bit)
        for octet in shown(2, 4, Place(3, 4, 1))
        for cell in octet.cells
        if cell.is_cursor
    ]
    assert marked == [(3, 1)]


def test_bits_are_numbered_by_their_field_where_it_goes_on_in_another_octet() -> None:
    count, flags = shown(4, 6), shown(2, 3)
    assert [octet.numbers for octet in count] == [tuple(range(15, 7, -1)), tuple(range(7, -1, -1))]
    assert flags[0].numbers == tuple(range(7, -1, -1))


def test_the_set_bits_of_a_number_say_what_they_are_worth() -> None:
    tree = dissect(DISSECTORS["tls_record"], bytes.fromhex("160301020a") + bytes(522), "tls_record")
    octets = bytes.fromhex("160301020a") + bytes(522)
    length = ruler(octets, paths(tree), range(3, 5), (24, 40), None, "/e/1?u=1")
    assert [bar.weights for octet in length for bar in octet.bars] == ["2⁹ = 512", "2³ + 2¹ = 10"]
    assert [bar.weights for bar in shown(2, 3)[0].bars] == [""] * 5
