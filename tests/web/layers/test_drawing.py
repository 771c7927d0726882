"""One direction in pixels."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from netcore.boundaries import CALLS, FRAMES, Strip
from tests.web.layers.strips import CHUNKED, chunked
from web.layers.asked import Asked
from web.layers.drawing import MARK_BUDGET, Drawing, DrawnUnit, draw
from web.layers.naming import Namer

HEAD = len(CHUNKED)


def drawn(strip: Strip, names: Namer, asked: Asked = Asked()) -> Drawing:  # noqa: B008
    return draw(strip, asked, names, None)


def row(drawing: Drawing, name: str) -> tuple[DrawnUnit, ...]:
    return next(each.units for each in drawing.rows if each.name == name)


def edges(unit: DrawnUnit) -> list[tuple[float, float]]:
    """From where to where its pieces go."""
    found = re.findall(r"M([\d.]+) [\d.]+h([\d.]+)v", unit.d + unit.low)
    return sorted((float(x), float(x) + float(wide)) for x, wide in found)


@pytest.fixture
def said(app: Flask) -> object:
    with app.test_request_context("/"):
        yield


@pytest.mark.usefixtures("said")
def test_a_chunk_that_straddles_is_drawn_over_both_reads() -> None:
    _, strip, names = chunked([200, 200], HEAD + 100)
    drawing = drawn(strip, names)
    assert [each.name for each in drawing.rows] == ["Content", "Heads, chunks", "Reads"]
    reads, chunks = row(drawing, "Reads"), row(drawing, "Heads, chunks")
    (_, cut), (after, _) = edges(reads[0])[-1], edges(reads[1])[0]
    begin, end = edges(chunks[1])[0][0], edges(chunks[1])[-1][1]
    assert begin < cut <= after < end
    assert chunks[1].low
    assert chunks[1].d
    assert [unit.css.split()[2] for unit in reads] == ["a", "b"]


@pytest.mark.usefixtures("said")
def test_marks_are_few_however_many_units_there_are() -> None:
    _, strip, names = chunked([40] * 3_000, *range(HEAD + 20, HEAD + 120_000, 60))
    drawing = drawn(strip, names)
    marks = [unit for each in drawing.rows for unit in each.units]
    assert len(marks) <= MARK_BUDGET
    assert drawing.collapsed > 4_000
    run = next(unit for unit in marks if " run " in f"{unit.css} ")
    assert re.search(r"[\d,]+ units between offset", run.label)
    assert run.href.startswith("?z=")


@pytest.mark.usefixtures("said")
def test_zoomed_in_units_are_drawn_one_by_one() -> None:
    _, strip, names = chunked([40] * 3_000)
    drawing = drawn(strip, names, Asked(received=(60_000, 60_200)))
    chunks = row(drawing, "Heads, chunks")
    assert 4 <= len(chunks) <= 7
    assert drawing.collapsed == 0
    assert all(" run" not in unit.css for unit in chunks)
    assert all(0 <= x <= drawing.width + 1 for unit in chunks for edge in edges(unit) for x in edge)


@pytest.mark.usefixtures("said")
def test_the_selected_unit_is_drawn_alone_and_marks_its_range() -> None:
    _, strip, names = chunked([40] * 3_000)
    frames = strip.row(FRAMES)
    assert frames is not None
    chosen = frames.units[1_500]
    drawing = draw(strip, Asked(), names, chosen)
    (on,) = [unit for each in drawing.rows for unit in each.units if unit.css.endswith(" on")]
    assert on.href == f"?u={chosen.pdu.number if chosen.pdu else 0}"
    assert len(drawing.bands) == 1


@pytest.mark.usefixtures("said")
def test_the_bands_of_a_body_in_pieces_are_its_pieces() -> None:
    _, strip, names = chunked([100, 100, 100])
    (body,) = [unit for each in strip.rows[-1:] for unit in each.units]
    drawing = draw(strip, Asked(), names, body)
    assert len(drawing.bands) == 3
    assert sum(band.width for band in drawing.bands) == pytest.approx(
        300 * drawing.width / strip.octets, abs=1
    )


@pytest.mark.usefixtures("said")
def test_the_ruler_has_round_numbers() -> None:
    _, strip, names = chunked([4_000])
    ticks = drawn(strip, names).ticks
    numbers = [int(tick.text.replace(",", "")) for tick in ticks]
    assert numbers[0] == 0
    step = numbers[1]
    assert step & (step - 1) == 0
    assert numbers == list(range(0, strip.octets + 1, step))


@pytest.mark.usefixtures("said")
def test_a_row_says_how_many_units_it_has() -> None:
    _, strip, names = chunked([10, 10], HEAD)
    notes = {each.name: each.note for each in drawn(strip, names).rows}
    assert notes == {"Content": "1", "Heads, chunks": "5", "Reads": "2"}
    assert strip.row(CALLS) is not None


@pytest.mark.usefixtures("said")
def test_no_edge_of_the_selection_strikes_a_text_out() -> None:
    _, strip, names = chunked([200, 200], HEAD + 195)
    chunk = next(each for each in strip.rows if each.name == FRAMES).units[1]
    drawing = draw(strip, Asked(), names, chunk)
    lines = [x for band in drawing.bands for x in (band.x, band.x + band.width)]
    assert lines
    for unit in (unit for each in drawing.rows for unit in each.units if unit.text):
        end = unit.text_x + 6.7 * len(unit.text)
        assert not [x for x in lines if unit.text_x - 1 < x < end + 1], unit.text
