"""Runs: how far arrows run sideways, so that each can be seen and none breaks the order of things.

Theory of operation. An arrow runs ten pixels at least, however short its time. Where a message and
its answer stand closer than that allows, they meet in the middle: order comes before visibility.
And no arrow gets past another one to the same peer, in pixels as in time.
"""

from __future__ import annotations

from collections.abc import Sequence

from web.drawing.flights import Flight
from web.drawing.folding import Scale
from web.drawing.shapes import is_arrow

LEAST_RUN = 10.0  # pixels that an arrow runs sideways, at least, where order allows it


def far_ends(seen: Sequence[Flight], scale: Scale) -> dict[int, float]:
    """The x of the far end of each flight, by its id.

    Args:
        seen: what is drawn.
        scale: of the visible span.
    """
    far = {id(flight): _far(flight, scale) for flight in seen}
    lanes: dict[tuple[str, str], list[Flight]] = {}
    for flight in seen:
        if is_arrow(flight.mark) and not flight.mark.lost:
            lanes.setdefault((flight.mark.lane, flight.mark.direction), []).append(flight)
    for (_, direction), lane in lanes.items():
        _no_overtaking(sorted(lane, key=_near), far, came=direction == "received")
    return far


def _near(flight: Flight) -> int:
    return flight.near_ns


def _far(flight: Flight, scale: Scale) -> float:
    """The far end on its side of the near one; as far from it as order allows."""
    near = scale.x(flight.near_ns)
    if not is_arrow(flight.mark):
        return near
    x = scale.x(flight.far_ns)
    if flight.mark.direction == "sent":
        least = near + LEAST_RUN
        return max(x, least if flight.other is None else min(least, _meeting(flight, scale)))
    least = near - LEAST_RUN
    return min(x, least if flight.other is None else max(least, _meeting(flight, scale)))


def _meeting(flight: Flight, scale: Scale) -> float:
    """The x that a message is not to pass and its answer not to leave before."""
    assert flight.other is not None
    near, far = flight.other
    low, high = sorted((scale.x(flight.far_ns), scale.x(far)))
    return min(max((scale.x(flight.near_ns) + scale.x(near)) / 2, low), high)


def _no_overtaking(lane: Sequence[Flight], far: dict[int, float], *, came: bool) -> None:
    """Messages arrive not later than those behind them, answers leave not before those ahead."""
    limit: float | None = None
    for flight in lane if came else reversed(lane):
        x = far[id(flight)]
        if limit is not None:
            x = max(x, limit) if came else min(x, limit)
        limit = far[id(flight)] = x
