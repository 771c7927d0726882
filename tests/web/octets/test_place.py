"""Places as addresses name them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.octets.place import read_place


@pytest.mark.parametrize("text", ["0", "7", "7.0", "7.7", "3-6", "3-3"])
def test_a_place_reads_back_as_it_was_written(text: str) -> None:
    assert str(read_place(text, 8)) == text


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.8", "6-3", "8", "8.0", "0-8", "1.2-3", "٣", "9" * 40, "1 ", "1e3"]
)
def test_what_names_no_place_of_these_octets_is_none(text: str) -> None:
    assert read_place(text, 8) is None


def test_bit_7_is_the_first_of_its_octet_and_bit_0_the_last() -> None:
    found = [read_place(text, 8) for text in ("2.7", "2.0", "2")]
    assert [place.start_bit for place in found if place] == [16, 23, 16]


@given(st.text(max_size=12), st.integers(0, 300))
def test_no_text_is_an_error(text: str, size: int) -> None:
    place = read_place(text, size)
    assert place is None or 0 <= place.first < place.end <= size
