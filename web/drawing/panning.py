"""Panning: the next span to the left or to the right, at the same scale, over folds and not into.

Theory of operation. The edge that a drawing moves away from goes as far as is asked for in pixels;
where that is inside of a fold, it goes to the end of it. The other edge follows from that: it is
put where as many pixels stand for a nanosecond as before, whatever is folded in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from web.drawing.folding import LEAST_SHARE, LEAST_SPAN_NS, Interval, Scale

ScaleOf = Callable[[Interval], Scale]
"""The scale of a span."""

_SLACK = 1 - 1e-9  # of a comparison of scales


def panned(scale: Scale, pixels: float, end_ns: int, scale_of: ScaleOf) -> Interval:
    """The span to show next.

    Args:
        scale: of what is shown.
        pixels: how far to go, negative to the left.
        end_ns: when the trace was over.
        scale_of: makes the scale of another span.
    """
    least = scale.pixels_per_ns * _SLACK

    def fits(from_ns: int, to_ns: int) -> bool:
        return scale_of((from_ns, to_ns)).pixels_per_ns >= least

    if pixels > 0:
        start = min(_beyond(scale, scale.pieces[0].x1 + pixels, 1), end_ns - LEAST_SPAN_NS)
        if not fits(start, end_ns):
            return start, _last(lambda to_ns: fits(start, to_ns), start + LEAST_SPAN_NS, end_ns)
        first = _last(lambda back: fits(end_ns - back, end_ns), end_ns - start, end_ns)
        return max(end_ns - first, scale.from_ns), end_ns
    end = max(_beyond(scale, scale.pieces[-1].x2 + pixels, 0), LEAST_SPAN_NS)
    if not fits(0, end):
        return end - _last(lambda back: fits(end - back, end), LEAST_SPAN_NS, end), end
    return 0, min(_last(lambda to_ns: fits(0, to_ns), end, end_ns), scale.to_ns)


def widened(window: Interval, quiet: Sequence[Interval], end_ns: int) -> Interval:
    """A span whose ends are moved out of the long gaps that they lie in.

    Zooming out goes on at the scale of what is drawn, and so would take long through a gap.

    Args:
        window: the span.
        quiet: the gaps of the trace.
        end_ns: when the trace was over.
    """
    start, end = window
    room = max(LEAST_SPAN_NS, (end - start) // 50)
    for from_ns, to_ns in quiet:
        if to_ns - from_ns <= (end - start) * LEAST_SHARE:
            continue
        if from_ns < start < to_ns:
            start = max(0, from_ns - room)
        if from_ns < end < to_ns:
            end = min(end_ns, to_ns + room)
    return start, end


def _beyond(scale: Scale, x: float, side: int) -> int:
    """The moment that is drawn there; of a fold its end, 0 for the left one."""
    for fold in scale.folds:
        if fold.x1 <= x <= fold.x2:
            return (fold.from_ns, fold.to_ns)[side]
    return scale.time_ns(x)


def _last(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The last number for which something holds; it holds for the first, and not for ever."""
    if low >= high or holds(high):
        return max(low, high)
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
