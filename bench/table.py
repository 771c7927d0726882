"""A table as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; the first to the left, the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    text = []
    for number, line in enumerate(lines):
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        text.append("  ".join(cells).rstrip())
        if not number:
            text.append("-" * len(text[0]))
    return "\n".join(text)


def percentile(measured: Iterable[float], percent: int) -> float:
    """The least of the values that so many percent of them do not exceed (the nearest rank).

    Raises: ValueError without any.
    """
    ordered = sorted(measured)
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
