"""Numbers as people type them."""

from __future__ import annotations

import pytest

from exercises.answers import read_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("18", 18),
        (" 18\n", 18),
        ("18 204", 18_204),
        ("18,204", 18_204),
        ("0x12", 18),
        ("0X 1f", 31),
        ("0", 0),
        ("", None),
        ("-1", None),
        ("4k", None),
        ("0x", None),
        ("1" * 16, None),
        ("٣", None),
    ],
)
def test_a_number_is_read_in_any_of_its_spellings(typed: str, number: int | None) -> None:
    assert read_number(typed) == number
