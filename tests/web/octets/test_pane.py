"""The rows of octets that a page shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from netcore.field import Field
from web.fieldtree import paths
from web.octets.pane import SHOWN_OCTETS, Octets, octet_pane
from web.octets.spot import Asked, spot

OCTETS = bytes(at % 251 for at in range(5_000))
KEYED = paths(Field("unit", 0, len(OCTETS) * 8))


@pytest.fixture(autouse=True)
def request_served(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def pane(place: str = "", view: str = "", first: int = 0) -> Octets:
    chosen = spot(OCTETS, KEYED, "", Asked(place, view), "?u=1")
    return octet_pane(OCTETS, KEYED, chosen, "?u=1", "?bin", first)


def text_of(shown: Octets, css: str) -> str:
    runs = [run for row in shown.rows for half in row.hex for run in half]
    return " ".join(run.text for run in runs if css in run.css.split())


def test_the_part_with_the_place_is_shown_and_the_place_is_marked() -> None:
    shown = pane("4500")
    assert (shown.first, shown.last) == (2 * SHOWN_OCTETS, 5_000)
    assert text_of(shown, "at") == f"{OCTETS[4_500]:02x}"


def test_a_range_is_selected_octet_by_octet() -> None:
    assert text_of(pane("14-17"), "sel") == OCTETS[14:18].hex(" ")


def test_text_has_more_in_a_row_and_links_stay_text() -> None:
    shown = pane(view="text")
    assert [row.offset for row in shown.rows][:2] == [0, 64]
    assert shown.after == f"?u=1&v=text&o={SHOWN_OCTETS}"


def test_what_is_asked_for_by_offset_is_shown() -> None:
    assert pane(first=3_000).first == SHOWN_OCTETS
    assert pane(first=10**9).last == 5_000
