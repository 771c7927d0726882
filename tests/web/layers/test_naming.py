"""What rows and units are called, and where they are opened."""

from __future__ import annotations

import pytest
from flask import Flask

from netcore.boundaries import CALLS, FRAMES, Unit
from tests.web.layers.strips import answered, chunked
from web.layers.naming import key, layer, selected


def test_units_have_names_of_their_own(app: Flask) -> None:
    _, strip, names = chunked([40])
    with app.test_request_context("/"):
        named = [names.unit(unit, row, "received") for row in strip.rows for unit in row.units]
    assert named[0] == "read 1"
    assert "chunk of 40 bytes" in named
    assert "200 OK" in named


def test_what_came_from_outside_is_cut_short(app: Flask) -> None:
    _, strip, names = answered(b"HTTP/1.1 200 " + b"very " * 90 + b"\r\nContent-Length: 0\r\n\r\n")
    frames = strip.row(FRAMES)
    assert frames is not None
    with app.test_request_context("/"):
        assert len(names.unit(frames.units[0], frames, "received")) < 70


def test_a_call_is_opened_as_its_event_and_a_unit_in_the_panes_of_one() -> None:
    _, strip, names = chunked([40])
    calls, frames = strip.row(CALLS), strip.row(FRAMES)
    assert calls is not None
    assert frames is not None
    event = calls.units[0].event
    assert names.href(calls.units[0]) == f"/t/x/e/{event}"
    assert names.exact_href(frames.units[1]).startswith(f"/t/x/e/{event}?u=")


def test_each_unit_is_found_by_its_key() -> None:
    _, strip, _ = chunked([40, 40], 60)
    for row in strip.rows:
        for unit in row.units:
            assert selected((strip,), *key(unit)) == (strip, row, unit)
    assert selected((strip,), 0, 0) is None
    assert selected((strip,), 10_000, 0) is None
    assert selected((strip,), 0, 10_000) is None


@pytest.mark.parametrize(("row", "hue"), [(CALLS, "tcp"), (FRAMES, "http")])
def test_the_hue_is_the_layer(row: str, hue: str) -> None:
    _, strip, _ = chunked([40])
    found = strip.row(row)
    assert found is not None
    units: list[Unit] = found.units
    assert {layer(found, unit) for unit in units} == {hue}
