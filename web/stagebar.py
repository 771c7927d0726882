"""Stage bar: how long each stage took, and which were not reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.figures import duration
from netcore.timeline import StageSpan
from web import words
from web.feed import FAILED, Standing
from web.phrases import STAGE_LAYERS, spoken
from web.tale import Tale

STAGES_OF_A_HOP = ("dns", "connect", "tls", "request", "waiting", "response")
UNREACHED_SHARE = 8.0  # percent of the bar
LEAST_SHARE = 1.6  # percent of the bar, for a stage however short
BAR_WIDTH = 1_300  # pixels at which labels are chosen
LABEL_CHARACTER = 7.6  # pixels
TIME_CHARACTER = 7.3


@dataclass(frozen=True)
class StageView:
    """A stage in the bar. `x` and `width` are percentages."""

    name: str
    hop: int
    css: str
    x: float
    width: float
    label: str
    time: str
    time_x: int
    spoken: str
    number: int  # of the event to open, 0 if there is none
    href: str


def stage_views(tale: Tale, standing: Standing, base: str) -> tuple[StageView, ...]:
    """The bar: as long as each stage took, with those that were not reached said so."""
    spans = [span for span in tale.timeline.stages if span.name != "target" or span.error]
    unreached = _unreached(tale, spans, standing)
    room = 100.0 - UNREACHED_SHARE * len(unreached)
    now_ns = max(tale.timeline.summary.total_ns, standing.elapsed_ns)
    lengths = [max(0, (span.end_ns or now_ns) - span.start_ns) for span in spans]
    shares = _shares(lengths, room)
    total = sum(lengths)
    views: list[StageView] = []
    x = 0.0
    for span, length, share in zip(spans, lengths, shares, strict=True):
        views.append(_stage(tale, base, span, length, total, x, share))
        x += share
    for name in unreached:
        views.append(_unreached_stage(name, x, standing.state))
        x += UNREACHED_SHARE
    return tuple(views)


def _unreached(tale: Tale, spans: Sequence[StageSpan], standing: Standing) -> list[str]:
    if tale.timeline.summary.failure is None and not standing.live:
        return []
    hop = max((span.hop for span in spans), default=1)
    reached = {span.name for span in spans if span.hop == hop}
    plain = tale.trace.url.strip().lower().startswith("http:")
    names = [name for name in STAGES_OF_A_HOP if name != "tls" or not plain]
    last = max((names.index(name) for name in reached if name in names), default=-1)
    return names[last + 1 :]


def _shares(lengths: Sequence[int], room: float) -> list[float]:
    """Percentages that are proportional, but never less than the least, and fill the room."""
    if not lengths:
        return []
    total = sum(lengths) or 1
    raw = [max(LEAST_SHARE, length / total * room) for length in lengths]
    scale = room / sum(raw)
    return [round(share * scale, 3) for share in raw]


def _stage(
    tale: Tale, base: str, span: StageSpan, length: int, total: int, x: float, share: float
) -> StageView:
    title = words.stage(span.name).title
    took = duration(length)
    css = ["stage", f"L-{STAGE_LAYERS.get(span.name, 'http')}"]
    css += ["wait"] if span.name == "waiting" else []
    css += ["failed"] if span.error else []
    css += ["running"] if span.end_ns is None else []
    pixels = share / 100 * BAR_WIDTH - 20
    label_width, time_width = len(title) * LABEL_CHARACTER, len(took) * TIME_CHARACTER
    both = label_width + 8 + time_width <= pixels
    percent = round(100 * length / total) if total else 0
    said = f"{title}, {spoken(length)}, {percent} percent" + (", failed" if span.error else "")
    number = _first_mark(tale, span)
    return StageView(
        name=span.name,
        hop=span.hop,
        css=" ".join(css),
        x=round(x, 3),
        width=share,
        label=title if label_width <= pixels else "",
        time=took if both else "",
        time_x=round(10 + label_width + 8),
        spoken=said if span.hop == 1 else f"{said}, request {span.hop}",
        number=number,
        href=f"{base}/e/{number}" if number else "",
    )


def _first_mark(tale: Tale, span: StageSpan) -> int:
    marks = [m for m in tale.timeline.marks if (m.stage, m.hop) == (span.name, span.hop)]
    if span.error and marks:
        return marks[-1].number
    moved = [mark for mark in marks if mark.kind != "decision"] or marks
    return moved[0].number if moved else 0


def _unreached_stage(name: str, x: float, state: str) -> StageView:
    title = words.stage(name).title
    said = f"{title}: not reached" if state == FAILED else f"{title}: not yet reached"
    layer = STAGE_LAYERS.get(name, "http")
    label = f"{title}: not reached" if state == FAILED else title
    pixels = UNREACHED_SHARE / 100 * BAR_WIDTH - 12
    if len(label) * LABEL_CHARACTER > pixels:
        label = title
    return StageView(
        name,
        0,
        f"stage L-{layer} unreached",
        round(x, 3),
        UNREACHED_SHARE,
        label,
        "",
        0,
        said,
        0,
        "",
    )
