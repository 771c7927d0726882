"""Picture: the timeline of a trace in one look, with its stage bar and what changes the look."""

from __future__ import annotations

from dataclasses import dataclass

from netcore.figures import duration
from web.drawing.flights import flights
from web.drawing.folding import Interval, Scale
from web.drawing.shapes import Drawing
from web.drawing.steps import draw_wide
from web.drawing.timed import Timed, draw_time, extent, time_scale
from web.feed import Standing
from web.look import STEPS, TIME, Look, look_query, span_text, within
from web.phrases import spoken
from web.stagebar import StageBar, reserve, stage_bar, timed_bar
from web.tale import Tale

ZOOM_SHARE = 0.5  # of the visible width that is visible after a step in


@dataclass(frozen=True)
class Control:
    """A link that leads to another look."""

    id: str
    title: str
    said: str  # what it does, for those who do not see the sign
    href: str
    key: str
    current: bool = False


@dataclass(frozen=True)
class Picture:
    """A timeline as it is shown."""

    mode: str
    drawing: Drawing
    stages: StageBar
    modes: tuple[Control, ...]  # none while the trace runs
    zoom: tuple[Control, ...]
    said: str  # the look in words
    legend: str
    stretched: bool
    wanted: str  # the mode that was asked for, now or before; "" for none
    span: str  # as `z` has it, "" for all of it
    folding: bool


def picture(tale: Tale, standing: Standing, base: str, look: Look) -> Picture:
    """The timeline in a look; a running trace is shown in steps.

    Args:
        tale: the trace as it is now.
        standing: how its fetch stands.
        base: the path of the trace.
        look: what is wanted.
    """
    if standing.live or look.mode == STEPS:
        return Picture(
            mode=STEPS,
            drawing=draw_wide(tale.timeline, fitted=not standing.live),
            stages=stage_bar(tale, standing, base),
            modes=() if standing.live else _modes(base, STEPS, look),
            zoom=(),
            said="Width shows steps: every event has the same room.",
            legend="",
            stretched=False,
            wanted=look.mode if look.chosen else "",
            span="",
            folding=look.folding,
        )
    return _timed(tale, standing, base, look)


def _timed(tale: Tale, standing: Standing, base: str, look: Look) -> Picture:
    flown = flights(tale.timeline.singles, tale.timeline.lanes)
    total = extent(tale.timeline, flown)

    def scale_of(window: Interval) -> Scale:
        kept = reserve(tale, standing, look.width) if window[1] >= total else 0.0
        return time_scale(flown, window, look.width, kept, folding=look.folding)

    def zoom(from_ns: int, to_ns: int) -> str:
        window = within((from_ns, to_ns), total)
        return f"{base}?{look_query(TIME, window, look.folding)}"

    scale = scale_of(_window(tale, look, total))
    if look.pixels is not None:
        window = scale.time_ns(look.pixels[0]), scale.time_ns(look.pixels[1])
        scale = scale_of(within(window, total))
    timed = draw_time(tale.timeline, flown, scale, look.width, zoom)
    window = scale.from_ns, scale.to_ns
    whole = window == within((0, total), total)
    return Picture(
        mode=TIME,
        drawing=timed.drawing,
        stages=timed_bar(tale, standing, base, timed),
        modes=_modes(base, TIME, look),
        zoom=_zoom(base, scale, total, look),
        said=_said(timed, whole=whole),
        legend=_legend(tale, timed),
        stretched=timed.stretched,
        wanted=look.mode if look.chosen else "",
        span="" if whole else span_text(window),
        folding=look.folding,
    )


def _window(tale: Tale, look: Look, total: int) -> Interval:
    """The span that is asked for, moved so far that it has the event that is asked for."""
    window = within(look.window or (0, total), total)
    event = tale.event(look.event)
    if event is None or window[0] <= event.time_ns <= window[1]:
        return window
    half = (window[1] - window[0]) // 2
    return within((event.time_ns - half, event.time_ns + half), total)


def _modes(base: str, mode: str, look: Look) -> tuple[Control, ...]:
    return tuple(
        Control(
            f"mode-{each}",
            each.capitalize(),
            f"Width shows {each}",
            f"{base}?{look_query(each, folding=look.folding)}",
            "m",
            current=each == mode,
        )
        for each in (TIME, STEPS)
    )


def _zoom(base: str, scale: Scale, total: int, look: Look) -> tuple[Control, ...]:
    """Links that zoom around the middle, show everything, and fold or unfold."""
    left, right = scale.pieces[0].x1, scale.pieces[-1].x2
    middle, half = (left + right) / 2, (right - left) / 2

    def link(share: float) -> str:
        ends = scale.time_ns(middle - share * half), scale.time_ns(middle + share * half)
        return f"{base}?{look_query(TIME, within(ends, total), look.folding)}"

    window = scale.from_ns, scale.to_ns
    unfolded = f"{base}?{look_query(TIME, window, not look.folding)}"
    whole = f"{base}?{look_query(TIME, None, look.folding)}"
    fold = "Unfold gaps" if look.folding else "Fold gaps"
    return (
        Control("fold", fold, fold, unfolded, "g"),
        Control("zoom-out", "−", "Zoom out", link(1 / ZOOM_SHARE), "-"),
        Control("zoom-in", "+", "Zoom in", link(ZOOM_SHARE), "+"),
        Control("zoom-fit", "Fit", "Fit all", whole, "0"),
    )


def _said(timed: Timed, *, whole: bool) -> str:
    scale = timed.scale
    span = f"{spoken(scale.from_ns)} to {spoken(scale.to_ns)}"
    count = len(scale.folds)
    gaps = f"{count or 'no'} gap{'' if count == 1 else 's'} folded"
    part = "all of it" if whole else span
    return f"Width shows time, {part}, {gaps}, {len(timed.drawing.marks)} marks."


def _legend(tale: Tale, timed: Timed) -> str:
    """What dashed means here, with the numbers that it rests on."""
    sentences = ["Dashed is estimated: we only saw our own end."]
    measured = [
        f"{lane.title.lower()} {duration(lane.round_trip_ns)}"
        for lane in tale.timeline.lanes
        if lane.round_trip_ns
    ]
    if measured:
        trips = ", ".join(dict.fromkeys(measured))
        sentences.append(f"Half of the round trip ({trips}) puts the other about there.")
    if timed.moved:
        sentences.append(
            "Half an arrow is dashed where that end was moved, "
            "so that no answer leaves before its message has arrived."
        )
    return " ".join(sentences)
