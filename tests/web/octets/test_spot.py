"""What is selected: a field, a byte, a bit, a range."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcore.dissect import DISSECTORS
from netcore.reader import dissect
from tests.web.octets.agreeing import assert_agreement
from tests.web.recordings import ANSWER
from tools.vectors import VECTORS, read_octets
from web.fieldtree import paths
from web.octets.spot import Asked, Spot, spot

TREE = dissect(DISSECTORS["dns_message"], ANSWER, "dns_message")
KEYED = paths(TREE)


@pytest.fixture(autouse=True)
def request_served(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def chosen(place: str = "", key: str = "", view: str = "") -> Spot:
    return spot(ANSWER, KEYED, key, Asked(place, view), "/e/1?u=1")


def test_a_byte_selects_the_leaf_that_it_belongs_to() -> None:
    found = chosen("4")
    assert (found.field, found.chosen, found.cursor, found.text) == (
        "32-48",
        (4, 6),
        4,
        "offset 4, qdcount",
    )
    assert found.ruler == ()


def test_a_bit_selects_its_leaf_and_shows_the_bits() -> None:
    found = chosen("2.7")
    assert (found.field, found.text) == ("16-17", "bit 7 at offset 2, qr")
    assert [octet.octet for octet in found.ruler] == [2]


def test_a_range_is_selected_as_it_is_and_read() -> None:
    found = chosen("1-4")
    assert (found.chosen, found.field) == ((1, 5), "0-16")
    assert found.text == "offsets 1 to 4, 4 bytes: id, qr, opcode, aa, tc, rd, …"
    assert found.readings[0].value == f"{int.from_bytes(ANSWER[1:5]):,}"


def test_a_field_that_is_no_whole_octets_shows_its_bits_without_being_asked() -> None:
    assert [octet.octet for octet in chosen(key="17-21").ruler] == [2]
    assert chosen(key="17-21").text == "bits 6 to 3 at offset 2, opcode"
    assert chosen(key="32-48").ruler == ()
    assert [octet.octet for octet in chosen(key="32-48", view="bits").ruler] == [4, 5]


def test_a_field_is_kept_that_the_place_lies_in() -> None:
    header = next(key for key, path in KEYED.items() if path[-1].name == "header")
    assert chosen("4", header).field == header
    assert chosen("4", "0-16").field == "32-48"


def test_of_a_long_field_the_bits_around_the_place_are_shown() -> None:
    keyed = paths(TREE.__class__("unit", 0, 800))
    found = spot(bytes(100), keyed, "0-800", Asked("21", "bits"), "?u=1")
    assert [octet.octet for octet in found.ruler] == [*range(16, 24)]


@pytest.mark.parametrize("untrusted", ["x", "9999", "2.9", "6-3", "<b>", "0-99999"])
def test_a_place_that_is_not_there_is_said_and_nothing_is_selected(untrusted: str) -> None:
    found = chosen(untrusted)
    assert untrusted in found.state
    assert (found.place, found.field, found.cursor) == ("", "", -1)


def test_the_address_of_a_selection_selects_it_again() -> None:
    for place in ("4", "2.7", "1-4"):
        found = chosen(place, view="bits")
        query = dict(part.split("=") for part in found.href.partition("?")[2].split("&"))
        assert chosen(query["b"], query["f"], query["v"]) == found


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=8), st.sampled_from([*KEYED, ""]), st.text(max_size=5))
def test_no_address_is_an_error(place: str, key: str, view: str) -> None:
    found = chosen(place, key, view)
    assert bool(found.state) == (bool(place) and not found.place)


@pytest.mark.parametrize("path", sorted(VECTORS.rglob("*.hex"))[::9], ids=lambda path: path.stem)
def test_leaves_and_places_of_the_vectors_point_at_each_other(path: Path) -> None:
    octets = read_octets(path)
    assert_agreement(dissect(DISSECTORS[path.parent.name], octets, "unit"), octets)
