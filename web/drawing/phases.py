"""Phases: where the stages of a trace stand over a drawing by steps, each over its own marks.

Theory of operation. A mark belongs to the stage that it was made in; one that comes late counts for
the stage that has begun by then, so the columns of a stage are neighbours. A stage without a mark,
as waiting is, takes half of the columns beside it: it lies between what was done before and after.
With no mark after it, it stands behind the last column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from netcore.timeline import Mark, StageSpan

Extent = tuple[float, float]
"""Pixels from and to."""


@dataclass(frozen=True)
class Columns:
    """The columns of a drawing by steps: one a mark, all of one width."""

    left: float  # where the first one begins
    step: float

    def edge(self, index: int) -> float:
        """Where the column of a mark begins."""
        return self.left + index * self.step

    def middle(self, index: int) -> float:
        """Where the middle of a mark stands."""
        return self.edge(index) + self.step / 2


def phases(spans: Sequence[StageSpan], marks: Sequence[Mark], columns: Columns) -> list[Extent]:
    """Where each stage stands, in their order.

    Args:
        spans: the stages.
        marks: what is drawn, in order.
        columns: of the drawing.
    """
    owners = _owners(spans, marks)
    own = Counter(owners)
    starts = {owner: columns.edge(owners.index(owner)) for owner in own}
    ends = {owner: starts[owner] + columns.step * count for owner, count in own.items()}
    for is_empty, group in groupby(range(len(spans)), key=lambda at: at not in own):
        run = list(group)
        if is_empty:
            start, end = _between(run, starts, ends, own, columns)
            each = (end - start) / len(run)
            starts |= {at: start + each * index for index, at in enumerate(run)}
            ends |= {at: starts[at] + each for at in run}
    return [(starts[at], ends[at]) for at in range(len(spans))]


def _between(
    run: Sequence[int],
    starts: dict[int, float],
    ends: dict[int, float],
    own: Counter[int],
    columns: Columns,
) -> Extent:
    """The room of stages without a mark, which their neighbours give up.

    Args:
        run: their places, which follow each other.
        starts, ends: where the stages with marks stand.
        own: how many marks each of them has.
        columns: of the drawing.
    """
    before, after = run[0] - 1, run[-1] + 1
    if after not in own:
        start = columns.edge(own.total())
        return start, start + columns.step * len(run)
    border = starts[after]
    starts[after] += _lent(own[after], columns)
    if before not in own:
        return border, starts[after]
    ends[before] -= _lent(own[before], columns)
    return ends[before], starts[after]


def _lent(count: int, columns: Columns) -> float:
    """What a stage leaves to a neighbour without a mark; of a single column it keeps a third."""
    return columns.step / (2 if count > 1 else 3)


def _owners(spans: Sequence[StageSpan], marks: Sequence[Mark]) -> list[int]:
    """For each mark the place of its stage, which never goes back; -1 before all of them."""
    known: dict[tuple[str, int], list[int]] = {}
    for at, span in enumerate(spans):
        known.setdefault((span.name, span.hop), []).append(at)
    owners: list[int] = []
    latest = -1
    for mark in marks:
        places = known.get((mark.stage, mark.hop), [-1])
        begun = [at for at in places[1:] if spans[at].start_ns <= mark.time_ns]
        latest = max(latest, begun[-1] if begun else places[0])
        owners.append(latest)
    return owners
