"""Panning: the next span to the left or to the right, at the same scale, over folds and not into.

Theory of operation. The edge that a drawing moves away from goes as far as is asked for in pixels;
where that is inside of a fold, it goes to the end of it. The other edge follows from that: it is
put where as many pixels stand for a nanosecond as before, whatever is folded in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from web.drawing.folding import LEAST_SHARE, LEAST_SPAN_NS, Interval, Scale, within_gap

ScaleOf = Callable[[Interval], Scale]
"""The scale of a span."""

Fits = Callable[[int, int], bool]
"""Whether a span has no more nanoseconds to a pixel than before."""

_SLACK = 1 - 1e-9  # of a comparison of scales


def panned(
    scale: Scale,
    pixels: float,
    quiet: Sequence[Interval],
    end_ns: int,
    scale_of: ScaleOf,
    wanted: float = 0.0,
) -> Interval:
    """The span to show next.

    Args:
        scale: of what is shown.
        pixels: how far to go, negative to the left.
        quiet: the gaps of the trace.
        end_ns: when the trace was over.
        scale_of: makes the scale of another span.
        wanted: pixels a nanosecond that panning began at, 0 for those of now. Where a gap is half
            in sight no span may have just them; with what it began at that is made up for later.
    """
    least = (wanted or scale.pixels_per_ns) * _SLACK

    def fits(from_ns: int, to_ns: int) -> bool:
        return scale_of((from_ns, to_ns)).pixels_per_ns >= least

    gap = within_gap(quiet, (scale.from_ns, scale.to_ns))
    if gap is not None:
        return _out_of(gap, scale, pixels, end_ns)
    drawn_ns = sum(piece.to_ns - piece.from_ns for piece in scale.pieces if not piece.folded)
    long = [each for each in quiet if each[1] - each[0] > drawn_ns * LEAST_SHARE]
    go = _to_the_right if pixels > 0 else _to_the_left
    return go(scale, pixels, end_ns, _Reach(fits, long, drawn_ns // 20))


def _out_of(gap: Interval, scale: Scale, pixels: float, end_ns: int) -> Interval:
    """With nothing in sight, what comes next comes into sight."""
    length = scale.to_ns - scale.from_ns
    if pixels > 0:
        start = min(max(scale.from_ns, gap[1] - length // 2), end_ns - length)
    else:
        start = max(min(scale.from_ns, gap[0] - length // 2), 0)
    return start, start + length


def _to_the_right(scale: Scale, pixels: float, end_ns: int, reach: _Reach) -> Interval:
    start = min(_beyond(scale, scale.pieces[0].x1 + pixels, 1), end_ns - LEAST_SPAN_NS)
    if not reach.fits(start, end_ns):
        return start, reach.right_of(start, start + LEAST_SPAN_NS, end_ns)
    return max(reach.left_of(end_ns, start, 0), scale.from_ns), end_ns


def _to_the_left(scale: Scale, pixels: float, end_ns: int, reach: _Reach) -> Interval:
    end = max(_beyond(scale, scale.pieces[-1].x2 + pixels, 0), LEAST_SPAN_NS)
    if not reach.fits(0, end):
        return reach.left_of(end, end - LEAST_SPAN_NS, 0), end
    return 0, min(reach.right_of(0, end, end_ns), scale.to_ns)


@dataclass(frozen=True)
class _Reach:
    """How far a span may go with one end held.

    With every long gap whole behind it a longer span has more to draw, so those are tried first;
    while a gap comes into sight, and before it folds, a longer span may well have less.
    """

    fits: Fits
    long: Sequence[Interval]
    beyond_ns: int  # that has to be seen on the far side of a gap

    def right_of(self, start: int, low: int, high: int) -> int:
        """The last end that fits; `low` does."""
        for _, to_ns in self.long:
            end = to_ns + self.beyond_ns
            if low < end < high and to_ns > start:
                if not self.fits(start, end):
                    break
                low = end
        return _last(lambda end: self.fits(start, end), low, high)

    def left_of(self, end: int, high: int, low: int) -> int:
        """The first start that fits; `high` does."""
        for from_ns, _ in reversed(self.long):
            start = from_ns - self.beyond_ns
            if low < start < high and from_ns < end:
                if not self.fits(start, end):
                    break
                high = start
        return end - _last(lambda back: self.fits(end - back, end), end - high, end - low)


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
