"""Stage bar: how long each stage took, and which were not reached.

Over a drawing it has the places of what is drawn below it: in Time mode those of the same scale as
the lanes, folds included, in pixels; in Steps mode those of the stage's own steps, as shares of the
drawing, so that a phone may show it as wide as its page. Alone it is as wide as the page, and each
stage has its share of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from netcore.errors import INTERRUPTED
from netcore.figures import duration
from netcore.timeline import StageSpan
from web import words
from web.cuts import cuts_ns
from web.drawing.folding import Piece, Scale
from web.drawing.phases import phases
from web.drawing.shapes import Drawing, DrawnFold
from web.drawing.steps import FULL_WIDTH, RIGHT, columns_of
from web.drawing.timed import PAD, Timed
from web.feed import Standing
from web.look import span_text
from web.phrases import STAGE_SHORT, spoken, stage_layer
from web.spoken import figure
from web.spoken import gettext as _
from web.tale import Tale

STAGES_OF_A_HOP = ("dns", "connect", "tls", "request", "waiting", "response")
STAGES_OVER_QUIC = ("dns", "quic", "request", "waiting", "response")
UNREACHED_SHARE = 8.0  # percent of the bar
LEAST_SHARE = 1.6  # percent of the bar, for a stage however short
BAR_WIDTH = 1_300  # pixels at which labels are chosen
LABEL_CHARACTER = 7.6  # pixels
TIME_CHARACTER = 7.3
BELOW_CHARACTER = 6.2
PADDING = 5.0  # pixels at either side of what has little room
PHONE_WIDTH = 358  # pixels of a bar on a phone
PHONE_CHARACTER = 7.0

UNREACHED_WIDTH = 108.0  # pixels
UNREACHED_LEAST = 84.0  # pixels, where steps leave no more
MOST_RESERVE = 0.34  # of the width, for all that was not reached
LEAST_WIDTH = 4.0  # pixels, for a stage however short
TEAR = 8.0  # pixels at either side of a tear that are no longer whole


@dataclass(frozen=True)
class StageView:
    """A stage in the bar."""

    name: str
    hop: int
    css: str
    x: str  # with its unit: "12.5%" or "160"
    width: str
    label: str
    time: str
    label_x: float  # pixels from the stage's own beginning
    time_x: float
    spoken: str
    number: int  # of the event to open, 0 if there is none
    href: str
    span: str = ""  # over time: when it was, as `z` of a look has it
    below: str = ""  # in small below the label


@dataclass(frozen=True)
class Tear:
    """Where the bar is torn, because time is folded there."""

    x: float  # where the fold begins
    d: str
    title: str


@dataclass(frozen=True)
class StageBar:
    """The bar. `width` is in pixels, 0 if it is as wide as the page."""

    views: tuple[StageView, ...]
    width: int = 0
    stretches: bool = False  # whether its places are shares, of whatever width it is shown at
    tears: tuple[Tear, ...] = ()


def stage_bar(tale: Tale, standing: Standing, base: str) -> StageBar:
    """The bar: as long as each stage took, with those that were not reached said so."""
    spans = _spans(tale)
    unreached = _unreached(tale, spans, standing)
    room = 100.0 - UNREACHED_SHARE * len(unreached)
    lengths = _lengths(tale, standing, spans)
    stages = [_stage(tale, base, *each, sum(lengths)) for each in zip(spans, lengths, strict=True)]
    shares = _shares(lengths, room, [_least_share(view) for view in stages])
    views: list[StageView] = []
    x = 0.0
    for view, share in zip(stages, shares, strict=True):
        placed = replace(view, x=f"{round(x, 3)}%", width=f"{share}%")
        views.append(_labelled(placed, [(0.0, share / 100 * BAR_WIDTH)]))
        x += share
    share = UNREACHED_SHARE if spans else 100.0 / max(1, len(unreached))
    for name in unreached:
        view = _unreached_stage(name, standing, share / 100 * BAR_WIDTH)
        views.append(replace(view, x=f"{round(x, 3)}%", width=f"{round(share, 3)}%"))
        x += share
    return StageBar(tuple(views))


def steps_bar(tale: Tale, standing: Standing, base: str, drawing: Drawing) -> StageBar:
    """The bar over a drawing by steps: each stage as wide as its own steps."""
    spans = _spans(tale)
    lengths = _lengths(tale, standing, spans)
    marks = tale.timeline.marks[: len(drawing.marks)]
    kept = reserve(tale, standing, FULL_WIDTH)
    columns = columns_of(len(marks), fitted=not standing.live, kept=kept)
    views = [
        _stage(tale, base, span, length, sum(lengths))
        for span, length in zip(spans, lengths, strict=True)
    ]
    extents = phases(spans, marks, columns)
    end = max([columns.edge(len(marks)) if marks else 0.0, *(x2 for _, x2 in extents)])
    unreached = _unreached(tale, spans, standing)
    each = max(UNREACHED_LEAST, (drawing.width - RIGHT - end) / max(1, len(unreached)))
    views += [_unreached_stage(name, standing, each) for name in unreached]
    extents += [(end + each * at, end + each * (at + 1)) for at in range(len(unreached))]
    width = max(drawing.width, ceil(end + each * len(unreached)) + RIGHT)
    placed = (_over_steps(*one, width) for one in zip(views, extents, strict=True))
    return StageBar(tuple(placed), width, stretches=True)


def _over_steps(view: StageView, extent: tuple[float, float], width: int) -> StageView:
    """A stage at its place; where a phone has room for its name, that is said too."""
    x1, x2 = extent
    share = (x2 - x1) / width
    placed = replace(view, x=f"{x1 / width:.4%}", width=f"{share:.4%}")
    if view.number:
        placed = _labelled(placed, [(0.0, x2 - x1)])
    name = len(view.label) * PHONE_CHARACTER + 2 * PADDING
    return replace(placed, css=f"{view.css} named") if name <= share * PHONE_WIDTH else placed


def reserve(tale: Tale, standing: Standing, width: int) -> float:
    """How many pixels at the end of a bar the stages take that were not reached."""
    count = len(_unreached(tale, _spans(tale), standing))
    return min(count * UNREACHED_WIDTH, width * MOST_RESERVE)


def timed_bar(tale: Tale, standing: Standing, base: str, timed: Timed) -> StageBar:
    """The bar over the scale of a drawing. What is out of sight is still there to be asked for."""
    scale, width = timed.scale, timed.drawing.width
    spans = _spans(tale)
    lengths = _lengths(tale, standing, spans)
    views = [
        _over_time(_stage(tale, base, span, length, sum(lengths)), span, length, scale)
        for span, length in zip(spans, lengths, strict=True)
    ]
    x = scale.pieces[-1].x2
    unreached = _unreached(tale, spans, standing)
    if unreached and width - PAD - x > 1:
        each = (width - x) / len(unreached)
        for at, name in enumerate(unreached):
            view = _unreached_stage(name, standing, each)
            views.append(replace(view, x=f"{x + at * each:.1f}", width=f"{each:.1f}"))
    extents = [(float(view.x), float(view.x) + float(view.width)) for view in views]
    torn = [f for f in timed.drawing.folds if any(x1 < f.x < x2 for x1, x2 in extents)]
    return StageBar(tuple(views), width, tears=tuple(map(_tear, torn)))


def _tear(fold: DrawnFold) -> Tear:
    """Where the bar is torn: where a fold begins, so that beside it a name has room."""
    x = fold.x
    left = f"M{x - 7:.1f} -1" + "l4 6l-4 6" * 3
    right = f"L{x + 3:.1f} 35" + "l4 -6l-4 -6" * 3
    return Tear(x, f"{left}{right}z", fold.title)


def _over_time(view: StageView, span: StageSpan, length: int, scale: Scale) -> StageView:
    edges = scale.pieces[0].x1 - PAD, scale.pieces[-1].x2 + PAD
    x1, x2 = scale.x(span.start_ns), scale.x(span.start_ns + length)
    if x2 < edges[0] or x1 > edges[1]:
        return replace(view, css=f"{view.css} away", x="0", width="0")
    x1, x2 = max(x1, edges[0]), min(x2, edges[1])
    x2 = max(x2, x1 + LEAST_WIDTH)
    if _is_failed(view):
        x1 = max(edges[0], min(x1, x2 - _short_width(view)))  # over the stage before
    when = span_text((span.start_ns, span.start_ns + length))
    placed = replace(view, x=f"{x1:.1f}", width=f"{x2 - x1:.1f}", span=when)
    return _labelled(placed, _whole_parts(x1, x2, scale.folds))


def _whole_parts(x1: float, x2: float, folds: Sequence[Piece]) -> list[tuple[float, float]]:
    """What the tears leave of a stage, in pixels from its own beginning."""
    parts: list[tuple[float, float]] = []
    at = x1
    for fold in folds:
        if x1 < fold.x1 + TEAR and fold.x1 - TEAR < x2:
            parts.append((at - x1, fold.x1 - TEAR - x1))
            at = fold.x1 + TEAR
    return [*parts, (at - x1, x2 - x1)]


def _labelled(view: StageView, parts: Sequence[tuple[float, float]]) -> StageView:
    """The same stage with its name and its time, in the first part that has room for them.

    Side by side, else the time below the name, else the name alone, else its short form, else
    nothing: none is ever cut. A stage that failed is named whatever room it has.
    """
    short = STAGE_SHORT.get(view.name, view.label)
    for label in (view.label, short):
        placed = _placed(replace(view, label=label), parts)
        if placed.label:
            return placed
    if not _is_failed(view):
        return placed
    start, end = max(parts, key=lambda part: part[1] - part[0])
    x = max(start, start + (end - start - len(short) * LABEL_CHARACTER) / 2)
    return replace(view, label=short, label_x=round(x, 1), time="")


def _placed(view: StageView, parts: Sequence[tuple[float, float]]) -> StageView:
    """The same stage with its name, and as much of its time as has room beside it."""
    name = len(view.label) * LABEL_CHARACTER
    both = name + 8 + len(view.time) * TIME_CHARACTER
    over = max(name, len(view.time) * BELOW_CHARACTER)
    layouts = ((both, 10.0, view.time, ""), (over, PADDING, "", view.time), (name, PADDING, "", ""))
    for needed, padding, time, below in layouts:
        for start, end in parts:
            if needed <= end - start - 2 * padding:
                x = round(start + padding, 1)
                placed = replace(view, label_x=x, time=time, time_x=round(x + name + 8))
                return replace(placed, below=below)
    return replace(view, label="", time="")


def _is_failed(view: StageView) -> bool:
    return "failed" in view.css.split()


def _short_width(view: StageView) -> float:
    """How wide a stage has to be for its short name."""
    return len(STAGE_SHORT.get(view.name, view.label)) * LABEL_CHARACTER + 2 * PADDING


def _spans(tale: Tale) -> list[StageSpan]:
    return [span for span in tale.timeline.stages if span.name != "target" or span.error]


def _lengths(tale: Tale, standing: Standing, spans: Sequence[StageSpan]) -> list[int]:
    now_ns = max(tale.timeline.summary.total_ns, standing.elapsed_ns)
    return [max(0, (span.end_ns or now_ns) - span.start_ns) for span in spans]


def _unreached(tale: Tale, spans: Sequence[StageSpan], standing: Standing) -> list[str]:
    if tale.timeline.summary.failure is None and not standing.live:
        return []
    hop = max((span.hop for span in spans), default=1)
    reached = {span.name for span in spans if span.hop == hop}
    plain = tale.trace.url.strip().lower().startswith("http:")
    stages = STAGES_OVER_QUIC if tale.trace.options.http == "3" else STAGES_OF_A_HOP
    names = [name for name in stages if name != "tls" or not plain]
    last = max((names.index(name) for name in reached if name in names), default=-1)
    return names[last + 1 :]


def _least_share(view: StageView) -> float:
    """Percent of the bar, for a stage however short."""
    return _short_width(view) / BAR_WIDTH * 100 if _is_failed(view) else LEAST_SHARE


def _shares(lengths: Sequence[int], room: float, leasts: Sequence[float]) -> list[float]:
    """Percentages that are proportional, but never less than the least, and fill the room."""
    if not lengths:
        return []
    total = sum(lengths) or 1
    raw = [max(least, length / total * room) for least, length in zip(leasts, lengths, strict=True)]
    scale = room / sum(raw)
    return [round(share * scale, 3) for share in raw]


def _stage(tale: Tale, base: str, span: StageSpan, length: int, total: int) -> StageView:
    """A stage without its place."""
    title = words.stage(span.name).title
    css = ["stage", f"L-{stage_layer(span.name, tale.timeline.stages)}"]
    css += ["wait"] if span.name == "waiting" else []
    css += ["failed"] if span.error and span.error != INTERRUPTED else []
    css += ["running"] if span.end_ns is None else []
    end_ns = span.start_ns + length
    css += ["cut"] if any(span.start_ns <= at <= end_ns for at in cuts_ns(tale)) else []
    number = tale.opening_of(span)
    return StageView(
        name=span.name,
        hop=span.hop,
        css=" ".join(css),
        x="",
        width="",
        label=title if span.hop == 1 or span.name != "request" else f"{title} {span.hop}",
        time=figure(duration(length)),
        label_x=10,
        time_x=0,
        spoken=_spoken(tale, span, title, length, total),
        number=number,
        href=f"{base}/e/{number}" if number else "",
    )


def _spoken(tale: Tale, span: StageSpan, title: str, length: int, total: int) -> str:
    """A stage as it is read out: its name, how long it was, and what else is true of it."""
    percent = round(100 * length / total) if total else 0
    said = [title, spoken(length), _("%(number)s percent", number=percent)]
    if span.error:
        said.append(_("stopped") if span.error == INTERRUPTED else _("failed"))
    if span.hop > 1:
        said.append(_("request %(number)s", number=span.hop))
    if any(each.hop == span.hop for each in tale.timeline.reuses):
        said.append(_("on a connection that was there already"))
    return ", ".join(said)


def _unreached_stage(name: str, standing: Standing, width: float) -> StageView:
    """A stage that was not reached, without its place."""
    title = words.stage(name).title
    said = (
        _("%(stage)s: not yet reached", stage=title)
        if standing.live
        else _("%(stage)s: not reached", stage=title)
    )
    below = "" if standing.live else _("not reached")
    fits = max(len(title) * LABEL_CHARACTER, len(below) * BELOW_CHARACTER) <= width - 12
    label = title if fits or len(title) * LABEL_CHARACTER <= width - 12 else ""
    return StageView(
        name=name,
        hop=0,
        css=f"stage L-{stage_layer(name, ())} unreached",
        x="",
        width="",
        label=label,
        time="",
        label_x=10,
        time_x=0,
        spoken=said,
        number=0,
        href="",
        below=below if fits else "",
    )
