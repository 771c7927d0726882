"""What lies in the range of the selected unit."""

from __future__ import annotations

from flask import Flask

from netcore.boundaries import FRAMES, MESSAGES, Strip, Unit
from tests.web.layers.strips import CHUNKED, chunked
from web.layers.asked import Asked
from web.layers.naming import Namer
from web.layers.selection import NAMED, Selected, describe

HEAD = len(CHUNKED)


def told(app: Flask, strip: Strip, names: Namer, row: str, at: int) -> Selected:
    found = strip.row(row)
    assert found is not None
    unit: Unit = found.units[at]
    with app.test_request_context("/"):
        return describe(strip, found, unit, Asked(), names)


def test_a_chunk_that_straddles_says_in_which_reads_it_came(app: Flask) -> None:
    _, strip, names = chunked([200, 200], HEAD + 100)
    found = told(app, strip, names, FRAMES, 1)
    assert found.name == "chunk of 200 bytes"
    assert found.said == (
        f"Offsets {HEAD} to {HEAD + 205} of what the server sent: 206 bytes, "
        "of which 200 are payload."
    )
    by_row = {layer.row: layer for layer in found.layers}
    assert by_row["Reads"].said == "It came in 2 reads."
    assert [(share.name, share.said) for share in by_row["Reads"].shares] == [
        ("read 1", f"100 of its {HEAD + 100} bytes"),
        ("read 2", f"106 of its {strip.octets - HEAD - 100} bytes"),
    ]
    assert by_row["Content"].said == "These bytes belong to one message."
    assert found.pieces == ""


def test_a_body_says_in_how_many_pieces_it_stands(app: Flask) -> None:
    _, strip, names = chunked([200, 200, 200])
    found = told(app, strip, names, MESSAGES, 0)
    assert found.pieces.startswith("It stands in 3 pieces")
    assert found.layers[0].said == "It lies in 3 units of this row."


def test_of_many_units_the_first_are_named(app: Flask) -> None:
    _, strip, names = chunked([10] * 40)
    found = told(app, strip, names, MESSAGES, 0)
    assert len(found.layers[0].shares) == NAMED
    assert found.layers[0].more == f"and {40 - NAMED} more"


def test_the_zoom_to_it_holds_it(app: Flask) -> None:
    _, strip, names = chunked([200, 200, 200])
    found = told(app, strip, names, FRAMES, 2)
    low, high = map(int, found.zoom.removeprefix("?z=").split("-"))
    frames = strip.row(FRAMES)
    assert frames is not None
    assert low < frames.units[2].start
    assert frames.units[2].parts[-1].end < high < strip.octets
    assert found.clear == "?"
