"""Folding: time to width. A long gap in which nothing happens is folded to a fixed width.

Theory of operation. The visible span is cut at its long gaps. What lies between them keeps one
scale, so many pixels a nanosecond, and a fold is 44 pixels whatever it stands for. The result is
a piecewise linear function, which stages, axis, lanes and marks all share: they cannot come apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FOLD = 44.0  # pixels
LEAST_SHARE = 0.15  # of the visible span
LEAST_PIXELS = 24.0
LEAST_SPAN_NS = 1_000

Interval = tuple[int, int]  # nanoseconds, the first not after the second


@dataclass(frozen=True)
class Piece:
    """A stretch of time and where it is drawn."""

    from_ns: int
    to_ns: int
    x1: float
    x2: float
    folded: bool = False


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


def fold(
    busy: Iterable[Interval], window: Interval, left: float, right: float, *, folding: bool = True
) -> Scale:
    """The scale of a visible span.

    Args:
        busy: when something happens, in any order; a moment begins and ends at once.
        window: what is visible.
        left, right: pixels between which it is drawn.
        folding: whether gaps are folded at all.
    """
    start, end = window[0], max(window[1], window[0] + LEAST_SPAN_NS)
    gaps = _long_gaps(busy, (start, end), right - left) if folding else []
    drawn_ns = end - start - sum(b - a for a, b in gaps)
    per_ns = (right - left - FOLD * len(gaps)) / drawn_ns
    pieces: list[Piece] = []
    at, x = start, left
    for from_ns, to_ns in gaps:
        if from_ns > at:
            x2 = x + (from_ns - at) * per_ns
            pieces.append(Piece(at, from_ns, x, x2))
            x = x2
        pieces.append(Piece(from_ns, to_ns, x, x + FOLD, folded=True))
        at, x = to_ns, x + FOLD
    if at < end:
        pieces.append(Piece(at, end, x, right))
    return Scale(tuple(pieces))


def _long_gaps(busy: Iterable[Interval], window: Interval, width: float) -> list[Interval]:
    """The gaps to fold. What is next to a gap keeps a little of it, for its head and its pill."""
    start, end = window
    span = end - start
    least = max(span * LEAST_SHARE, span * LEAST_PIXELS / width)
    long = [gap for gap in _gaps(busy, window) if gap[1] - gap[0] > least]
    if not long or len(long) * FOLD > width / 2:
        return []
    margin = (span - sum(b - a for a, b in long)) / 50 or least / 10
    margin = min(margin, least / 10)
    return [(a + round(margin), b - round(margin)) for a, b in long]


def _gaps(busy: Iterable[Interval], window: Interval) -> Sequence[Interval]:
    """Where nothing happens between two things that do, one of them perhaps out of sight."""
    gaps: list[Interval] = []
    start, end = window
    reached: int | None = None
    for from_ns, to_ns in sorted(busy):
        if reached is not None and from_ns > reached:
            gap = max(reached, start), min(from_ns, end)
            if gap[0] < gap[1]:
                gaps.append(gap)
        reached = to_ns if reached is None else max(reached, to_ns)
    return gaps
