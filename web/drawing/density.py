"""Density: what crossed as sums, where there are more marks in sight than can be told apart.

Theory of operation. Up to the budget everything in sight is a mark. Above it what stands in long
rows on top of each other is summed up: for each layer and direction a stepped outline, two pixels
a step, as high as the logarithm of the octets that crossed there; sent above the client's lane and
received under it, so that the heights compare. What stands apart stays a mark, and so do the open
event and its neighbours, all that failed and all that was decided. Where thousands are in sight
none is looked at one by one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import log2

from netcore.figures import size
from web.drawing.bundles import Strand, strands
from web.drawing.flown import Flown, Series, is_summed, sums
from web.drawing.folding import Scale
from web.drawing.shapes import MARK_BUDGET, DrawnSum
from web.phrases import LAYERS

COLUMN = 2.0  # pixels
LEAST_HEIGHT, MOST_HEIGHT = 4.0, 26.0
MOST_SINGLE = 3_000  # flights in sight that are looked at one by one
LONG_ROW = 12  # members of a bundle above which it is summed up, where the budget is exceeded

_NOUNS = {"send": "writes", "receive": "reads", "segment": "packets"}
_ONE = {"send": "write", "receive": "read", "segment": "packet"}


def divide(flown: Flown, scale: Scale, chosen: int = 0) -> tuple[list[Strand], tuple[Series, ...]]:
    """What of the visible span is drawn as marks, and what as sums.

    Args:
        flown: the whole trace.
        scale: of the visible span.
        chosen: the number of the open event, 0 for none.
    """
    window = scale.from_ns, scale.to_ns
    count = flown.count(window)
    if count <= MARK_BUDGET:
        return strands(flown.between(window), scale, flown.place), ()
    own = flown.around(chosen)
    apart = {id(flight) for flight in own}
    if count > MOST_SINGLE:
        known = {id(flight): flight for flight in (*flown.rare, *own)}
        single = sorted(known.values(), key=lambda flight: flown.place[id(flight)])
        return strands(single, scale, flown.place, apart), flown.series
    seen = flown.between(window)
    made = strands(seen, scale, flown.place, apart, widening=False)
    summed = _summed(made, apart)
    if not summed:
        return made, ()
    gone = {id(flight) for strand in summed for flight in strand.flights}
    rest = [flight for flight in seen if id(flight) not in gone]
    return strands(rest, scale, flown.place, apart), sums(
        flight for strand in summed for flight in strand.flights
    )


def _summed(made: Sequence[Strand], apart: set[int]) -> list[Strand]:
    able = [
        strand
        for strand in made
        if is_summed(strand.flights[0]) and id(strand.flights[0]) not in apart
    ]
    long = [strand for strand in able if len(strand.flights) > LONG_ROW]
    return able if len(made) - len(long) > MARK_BUDGET else long


def draw_sums(series: Sequence[Series], scale: Scale, client: float) -> tuple[DrawnSum, ...]:
    """The outlines over a scale, those that have nothing in sight left out.

    Args:
        series: what is summed up.
        scale: of the visible span.
        client: the y of the client's lane.
    """
    left, right = scale.pieces[0].x1, scale.pieces[-1].x2
    columns = max(1, int((right - left) / COLUMN))
    edges = [scale.time_ns(left + at * COLUMN) for at in range(columns)] + [scale.to_ns + 1]
    drawn = (_outline(each, edges, left, client) for each in series)
    return tuple(each for each in drawn if each is not None)


def _outline(series: Series, edges: Sequence[int], left: float, client: float) -> DrawnSum | None:
    places = [bisect_left(series.times_ns, edge) for edge in edges]
    if places[0] == places[-1]:
        return None
    sign = -1 if series.direction == "sent" else 1
    heights = [
        _height(series.octets[there] - series.octets[here]) if there > here else 0.0
        for here, there in pairwise(places)
    ]
    path = [f"M{left:g} {client:g}"]
    at = 0.0
    for column, height in enumerate(heights):
        if height != at:
            path.append(f"H{left + column * COLUMN:g}V{client + sign * height:g}")
            at = height
    path.append(f"H{left + len(heights) * COLUMN:g}V{client:g}z")
    calls = series.calls[places[-1]] - series.calls[places[0]]
    octets = series.octets[places[-1]] - series.octets[places[0]]
    noun = _ONE[series.kind] if calls == 1 else _NOUNS[series.kind]
    layer = LAYERS[series.layer]
    return DrawnSum(
        css=f"sum L-{series.layer} {series.direction}",
        d="".join(path),
        label=f"{layer}, {series.direction}: {calls:,} {noun}, {size(octets)} in all",
        text=f"{calls:,} {noun}, {size(octets)}" if calls > LONG_ROW else "",
        x=left + COLUMN * _middle(heights),
        y=client + sign * (MOST_HEIGHT + 16),
    )


def _middle(heights: Sequence[float]) -> int:
    filled = [column for column, height in enumerate(heights) if height]
    return filled[len(filled) // 2]


def _height(octets: int) -> float:
    return round(min(MOST_HEIGHT, max(LEAST_HEIGHT, 2 * log2(octets) if octets else 0)), 1)
