"""Axis: ticks at round numbers, and the places where the axis is broken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from netcore.figures import duration
from web.drawing.folding import Interval, Scale
from web.drawing.shapes import Box, DrawnFold, Glyph, Label, Line
from web.spoken import figure
from web.spoken import gettext as _

ROW = 14.0  # where the times stand
SECOND_ROW = 28.0  # where a fold's time stands that has no room among them
TOP = 20.0  # where a fold begins, under its time
TICK_ROOM = 92.0  # pixels between two ticks, at least
CHARACTER = 6.7  # the width of a character of the axis
AIR = 12.0  # pixels at either side of a fold's words
_UNITS = (("s", 10**9, 10**9), ("ms", 10**6, 10**4), ("µs", 10**3, 0))  # with their least step
_WAITED = 0.5  # the share of a gap that has to be spent waiting to be called so
_TOOTH = 7


def nice_step(least_ns: float) -> int:
    """The least of 1, 2, 5, 10, 20, 50 ... that is not less, in nanoseconds."""
    steps = (digit * int(10**power) for power in range(20) for digit in (1, 2, 5))
    return next(step for step in steps if step >= least_ns)


def tick_text(time_ns: int, step_ns: int) -> str:
    """A time with as many digits as the step needs: "10 ms", "112.5 ms", "1,204.2 µs"."""
    unit, scale = next((u, s) for u, s, least in _UNITS if step_ns >= least)
    digits = 0 if step_ns >= scale or not time_ns else len(str(-(-scale // step_ns) - 1))
    return f"{time_ns / scale:,.{digits}f} {unit}"


def ticks(
    scale: Scale, bottom: float, taken: list[Interval], folds: Sequence[DrawnFold] = ()
) -> tuple[list[Line], list[Label]]:
    """Hairlines and their times.

    Args:
        scale: of the visible span.
        bottom: how far down the hairlines go.
        taken: pixels from and to, where the row of times has no room left.
        folds: through whose words no hairline goes.
    """
    step = nice_step(TICK_ROOM / scale.pixels_per_ns)
    lines: list[Line] = []
    labels: list[Label] = []
    for piece in scale.pieces:
        if piece.folded:
            continue
        first = -(-piece.from_ns // step) * step
        for time_ns in range(first, piece.to_ns + 1, step):
            x = round(scale.x(time_ns), 1)
            lines.append(Line("grid", x, _top(x, folds), x, bottom))
            text = figure(tick_text(time_ns, step))
            room = round(x), round(x + 8 + len(text) * CHARACTER)
            if is_free(room, taken) and room[1] <= scale.pieces[-1].x2 + 10:
                taken.append(room)
                labels.append(Label("tick-time", x + 4, ROW, text))
    return lines, labels


def _top(x: float, folds: Sequence[DrawnFold]) -> float:
    """Where a hairline begins: under the words that stand there."""
    words = (fold.label for fold in folds if fold.label is not None)
    rows = [word.y + 6 for word in words if abs(word.x - x) < _half(word.text)]
    return max(rows, default=2)


def _half(text: str) -> float:
    """Half of the room of a fold's words, with air around them."""
    return len(text) * CHARACTER / 2 + AIR


def is_free(room: Interval, taken: list[Interval]) -> bool:
    """Whether pixels from and to are touched by none that are taken."""
    return all(room[1] < low or room[0] > high for low, high in taken)


def draw_folds(
    scale: Scale, why: Callable[[Interval], str], bottom: float, taken: list[Interval]
) -> tuple[DrawnFold, ...]:
    """The folds, each with its time where there is room; `taken` is what they leave of the row.

    Args:
        scale: of the visible span.
        why: what a gap is called: "16.3 ms, waiting".
        bottom: how far down they go.
        taken: pixels from and to, where the row of times has no room left.
    """
    second: list[Interval] = []
    drawn: list[DrawnFold] = []
    edge = scale.pieces[-1].x2 + 10
    for piece in scale.folds:
        gap = piece.gap or (piece.from_ns, piece.to_ns)
        text, short = why(gap), figure(duration(gap[1] - gap[0]))
        places = ((text, taken, ROW), (short, taken, ROW), (short, second, SECOND_ROW))
        label = _fold_label((piece.x1 + piece.x2) / 2, edge, places)
        band = Box(
            "fold-band", round(piece.x1, 1), TOP, round(piece.x2 - piece.x1, 1), bottom - TOP, 0
        )
        edges = Glyph("fold-edge", f"{_zigzag(piece.x1, bottom)}{_zigzag(piece.x2, bottom)}")
        width = round(piece.x2 - piece.x1, 1)
        drawn.append(DrawnFold(round(piece.x1, 1), width, text, band, edges, label))
    return tuple(drawn)


def gap_text(gap: Interval, waits: Sequence[Interval], queries: Collection[Interval]) -> str:
    """What a gap is called: "16.3 ms, waiting", or another word where the client did not wait.

    Args:
        gap: the whole of it, in nanoseconds.
        waits: when the client did nothing but wait.
        queries: when answers of a resolver were waited for.
    """
    from_ns, to_ns = gap
    length = to_ns - from_ns
    if gap in queries:
        return _("the resolver took %(time)s", time=duration(length))
    waited = sum(max(0, min(b, to_ns) - max(a, from_ns)) for a, b in waits)
    if waited >= length * _WAITED:
        return _("%(time)s, waiting", time=duration(length))
    return _("%(time)s, nothing crossed", time=duration(length))


def _fold_label(
    fold: float, edge: float, places: Iterable[tuple[str, list[Interval], float]]
) -> Label | None:
    """The first text that has room at its place; next to the edge it gives way."""
    for text, row, y in places:
        half = _half(text)
        middle = max(half, min(fold, edge - half))
        room = round(middle - half), round(middle + half)
        if is_free(room, row):
            row.append(room)
            return Label("fold-time", round(middle, 1), y, text, "middle")
    return None


def _zigzag(x: float, bottom: float) -> str:
    """A line down with teeth: this is where the paper is folded."""
    teeth = int((bottom - TOP) // (2 * _TOOTH))
    return f"M{x:.1f} {TOP}" + f"l4 {_TOOTH}l-4 {_TOOTH}" * teeth
