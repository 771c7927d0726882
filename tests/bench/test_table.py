"""A percentile is the nearest rank."""

from __future__ import annotations

import pytest

from bench.table import percentile


def test_of_a_hundred_values_five_are_above_the_95th_percentile() -> None:
    assert percentile(range(1, 101), 95) == 95
    assert percentile(range(1, 21), 95) == 19
    assert percentile([9.0, 1.0, 2.0], 50) == 2
    assert percentile([7.0], 1) == percentile([7.0], 99) == 7
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)
