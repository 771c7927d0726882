"""What a request asks of the boundary ruler."""

from __future__ import annotations

import pytest

from web.layers.asked import LEAST_OCTETS, MOST_WIDTH, WIDTH, Asked, read_asked, within


def test_a_request_without_a_query_asks_for_all() -> None:
    asked = read_asked({})
    assert asked == Asked()
    assert asked.window("received", 900) == (0, 900)
    assert asked.query() == ""


def test_what_is_asked_for_stands_in_the_query_again() -> None:
    asked = read_asked({"z": "100-4196", "zs": "0-64", "u": "12", "w": "700"})
    assert (asked.received, asked.sent, asked.unit, asked.width) == ((100, 4196), (0, 64), 12, 700)
    assert asked.query() == "?z=100-4196&zs=0-64&u=12"
    assert asked.selecting(0, 9).query() == "?z=100-4196&zs=0-64&e=9"
    assert asked.zoomed("received", None).selecting(0, 0).query() == "?zs=0-64"


def test_what_was_selected_in_a_unit_stays_with_that_unit_alone() -> None:
    asked = read_asked({"u": "12", "f": "24-40", "b": "3.2"})
    assert asked.query() == "?u=12&f=24-40&b=3.2"
    assert asked.zoomed("sent", (0, 64)).selecting(12, 0).query() == "?zs=0-64&u=12&f=24-40&b=3.2"
    assert asked.selecting(13, 0).query() == "?u=13"
    assert asked.selecting(0, 9).query() == "?e=9"


@pytest.mark.parametrize(
    "query",
    [
        *({"z": "5"}, {"z": "9-3"}, {"z": "-1-4"}, {"z": "1e3-4"}, {"z": "٣-٤"}),
        *({"u": "x"}, {"u": "-1"}, {"e": "1.5"}, {"w": "wide"}, {"z": "1" * 40 + "-2"}),
        *({"f": "<b>"}, {"b": "1&e=2"}),
    ],
)
def test_what_is_not_understood_is_as_if_it_were_not_there(query: dict[str, str]) -> None:
    assert read_asked(query) == Asked()


def test_a_width_has_its_bounds() -> None:
    assert read_asked({"w": "9999999"}).width == MOST_WIDTH
    assert read_asked({"w": "1"}).width < WIDTH


def test_a_window_lies_inside_of_the_strip_and_can_be_seen() -> None:
    assert within((-50, 50), 1_000) == (0, 100)
    assert within((980, 1_080), 1_000) == (900, 1_000)
    assert within((500, 501), 1_000) == (500, 500 + LEAST_OCTETS)
    assert within((0, 10**12), 7) == (0, 7)
