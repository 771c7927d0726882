"""Folding: time to width. A long gap in which nothing happens is folded to a fixed width.

Theory of operation. The visible span is cut at its long gaps. What lies between them keeps one
scale, so many pixels a nanosecond, and a fold is 48 pixels whatever it stands for. The result is
a piecewise linear function, which stages, axis, lanes and marks all share: they cannot come apart.

A gap is long if it takes over 15 percent of the visible span. Where such gaps are folded, another
may take most of what is left: one that is longer than all the rest together is folded too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

FOLD = 48.0  # pixels
LEAST_SHARE = 0.15  # of the visible span
LEAST_PIXELS = 24.0
LEAST_SPAN_NS = 1_000  # that is drawn at its length
NEXT = 14.0  # pixels of a gap that stay at either side of its fold, for heads and pills

Interval = tuple[int, int]  # nanoseconds, the first not after the second


@dataclass(frozen=True)
class Piece:
    """A stretch of time and where it is drawn."""

    from_ns: int
    to_ns: int
    x1: float
    x2: float
    gap: Interval | None = None  # of a fold: the whole gap, also what is out of sight of it

    @property
    def folded(self) -> bool:
        """Whether it is narrower than its time."""
        return self.gap is not None


@dataclass(frozen=True)
class Scale:
    """From time to pixels and back. The pieces touch and cover the visible span."""

    pieces: tuple[Piece, ...]

    @property
    def from_ns(self) -> int:
        """Where the visible span begins."""
        return self.pieces[0].from_ns

    @property
    def to_ns(self) -> int:
        """Where it ends."""
        return self.pieces[-1].to_ns

    @property
    def folds(self) -> tuple[Piece, ...]:
        """The gaps that are folded."""
        return tuple(piece for piece in self.pieces if piece.folded)

    @property
    def pixels_per_ns(self) -> float:
        """The one scale of all that is not folded."""
        piece = next(piece for piece in self.pieces if not piece.folded)
        return (piece.x2 - piece.x1) / (piece.to_ns - piece.from_ns)

    def x(self, time_ns: float) -> float:
        """Where a moment is drawn. Outside of the visible span the scale goes on."""
        first, last = self.pieces[0], self.pieces[-1]
        if time_ns <= first.from_ns:
            return first.x1 - (first.from_ns - time_ns) * self.pixels_per_ns
        if time_ns >= last.to_ns:
            return last.x2 + (time_ns - last.to_ns) * self.pixels_per_ns
        at = bisect_right(self.pieces, time_ns, key=lambda piece: piece.to_ns)
        piece = self.pieces[min(at, len(self.pieces) - 1)]
        share = (time_ns - piece.from_ns) / (piece.to_ns - piece.from_ns)
        return piece.x1 + share * (piece.x2 - piece.x1)

    def time_ns(self, x: float) -> int:
        """The moment that is drawn there: the inverse of `x`."""
        first, last = self.pieces[0], self.pieces[-1]
        if x <= first.x1:
            return round(first.from_ns - (first.x1 - x) / self.pixels_per_ns)
        if x >= last.x2:
            return round(last.to_ns + (x - last.x2) / self.pixels_per_ns)
        at = bisect_right(self.pieces, x, key=lambda piece: piece.x2)
        piece = self.pieces[min(at, len(self.pieces) - 1)]
        share = (x - piece.x1) / (piece.x2 - piece.x1)
        return round(piece.from_ns + share * (piece.to_ns - piece.from_ns))


def gaps(busy: Iterable[Interval], end_ns: int) -> list[Interval]:
    """Where nothing happens in a whole trace, in order; none if nothing happens at all.

    Args:
        busy: when something happens, in any order; a moment begins and ends at once.
        end_ns: when the trace was over; it began at 0.
    """
    found: list[Interval] = []
    reached = 0
    some = False
    for from_ns, to_ns in sorted(busy):
        if from_ns > reached:
            found.append((reached, from_ns))
        reached = max(reached, to_ns)
        some = True
    if some and reached < end_ns:
        found.append((reached, end_ns))
    return found


def within_gap(quiet: Sequence[Interval], window: Interval) -> Interval | None:
    """The gap that a whole span lies in, if there is one."""
    at = bisect_right(quiet, window[0], key=lambda gap: gap[1])
    if at < len(quiet) and quiet[at][0] <= window[0] and window[1] <= quiet[at][1]:
        return quiet[at]
    return None


def fold(
    quiet: Sequence[Interval], window: Interval, left: float, right: float, *, folding: bool = True
) -> Scale:
    """The scale of a visible span.

    Args:
        quiet: the gaps of the trace, in order.
        window: what is visible.
        left, right: pixels between which it is drawn.
        folding: whether gaps are folded at all.
    """
    start, end = window[0], max(window[1], window[0] + LEAST_SPAN_NS)
    folds = _folds(quiet, (start, end), right - left) if folding else []
    drawn_ns = end - start - sum(b - a for (a, b), _ in folds)
    per_ns = (right - left - FOLD * len(folds)) / drawn_ns
    pieces: list[Piece] = []
    at, x = start, left
    for (from_ns, to_ns), gap in folds:
        x2 = x + (from_ns - at) * per_ns
        pieces.append(Piece(at, from_ns, x, x2))
        pieces.append(Piece(from_ns, to_ns, x2, x2 + FOLD, gap))
        at, x = to_ns, x2 + FOLD
    pieces.append(Piece(at, end, x, right))
    return Scale(tuple(pieces))


def _folds(
    quiet: Sequence[Interval], window: Interval, width: float
) -> list[tuple[Interval, Interval]]:
    """What is folded, in order: how much of each visible gap, and the whole gap.

    As much as a microsecond is always drawn at its length; the shortest gap gives way for it.
    """
    long = _long_gaps(quiet, window, width)
    drawn_ns = window[1] - window[0] - sum(b - a for (a, b), _ in long)
    while long:
        room = width - len(long) * (FOLD + 2 * NEXT)
        margin = max(1, round(NEXT * drawn_ns / room))
        a, b = long[-1][0]
        if drawn_ns >= LEAST_SPAN_NS and b - a > 3 * margin:
            return sorted(((a + margin, b - margin), gap) for (a, b), gap in long)
        long.pop()
        drawn_ns += b - a
    return []


def _longest(
    quiet: Sequence[Interval], first: int, last: int, window: Interval, most: int
) -> list[tuple[int, int]]:
    """The lengths of the longest visible parts, the longest first, and which gaps they are of."""
    lengths = [to_ns - from_ns for from_ns, to_ns in quiet[first:last]]
    for at in {0, len(lengths) - 1} if lengths else ():
        from_ns, to_ns = quiet[first + at]
        lengths[at] = min(to_ns, window[1]) - max(from_ns, window[0])
    found = nlargest(most, zip(lengths, range(0, -len(lengths), -1), strict=True))
    return [(length, first - at) for length, at in found]


def _long_gaps(
    quiet: Sequence[Interval], window: Interval, width: float
) -> list[tuple[Interval, Interval]]:
    """The visible parts of long gaps, the longest first, each with its whole gap."""
    start, end = window
    span = rest = end - start
    first = bisect_right(quiet, start, key=lambda gap: gap[1])
    last = bisect_left(quiet, end, key=lambda gap: gap[0])
    long: list[tuple[Interval, Interval]] = []
    for length, at in _longest(quiet, first, last, window, int(width / 2 / (FOLD + 2 * NEXT))):
        gap = quiet[at]
        part = max(gap[0], start), min(gap[1], end)
        rest -= length
        is_most_of_it = length > rest > 0
        if not is_most_of_it and length <= span * max(LEAST_SHARE, LEAST_PIXELS / width):
            break
        long.append((part, gap))
    return long
