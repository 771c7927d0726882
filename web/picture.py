"""Picture: the timeline of a trace in one look, with its stage bar and what changes the look."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log10

from netcore.boundaries import sockets
from netcore.figures import duration
from netcore.round_trips import BY_KERNEL, BY_QUERY
from netcore.trace import HAR
from web.drawing.flights import is_measured
from web.drawing.folding import Interval, Scale
from web.drawing.legend import Sign, legend
from web.drawing.links import NO_PAIRS
from web.drawing.panning import panned, widened
from web.drawing.shapes import Drawing, party
from web.drawing.steps import FULL_WIDTH, draw_wide
from web.drawing.timed import Timed, draw_time, time_scale
from web.feed import Standing
from web.look import STEPS, TIME, Look, look_query, span_text, within
from web.on_streams import on_streams
from web.spoken import N_, figure, ngettext, number
from web.spoken import gettext as _
from web.stagebar import StageBar, reserve, steps_bar, timed_bar
from web.tale import Tale

_SPOKEN = (
    (10**9, N_("%(start)s to %(end)s seconds")),
    (10**6, N_("%(start)s to %(end)s milliseconds")),
    (1_000, N_("%(start)s to %(end)s microseconds")),
)
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
    elsewhere: bool = False  # on a page of its own


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
    signs: tuple[Sign, ...] = ()  # of a finished drawing
    facts: tuple[str, ...] = ()  # what else has to be said of the drawing, each in a few words
    scale: str = ""  # pixels a nanosecond, as panning goes on with it


def picture(tale: Tale, standing: Standing, base: str, look: Look) -> Picture:
    """The timeline in a look; a running trace is shown in steps.

    Args:
        tale: the trace as it is now.
        standing: how its fetch stands.
        base: the path of the trace.
        look: what is wanted.
    """
    if standing.live or look.mode == STEPS:
        known = NO_PAIRS if standing.live else tale.paired
        kept = reserve(tale, standing, FULL_WIDTH)
        wide = draw_wide(tale.timeline, fitted=not standing.live, pairs=known, kept=kept)
        steps = on_streams(wide, tale)
        return Picture(
            mode=STEPS,
            drawing=steps,
            stages=steps_bar(tale, standing, base, steps),
            modes=() if standing.live else _modes(tale, base, STEPS, look),
            zoom=(),
            said=_("Width shows steps: every event has the same room."),
            legend="" if standing.live else _steps_legend(steps),
            stretched=False,
            wanted=look.mode if look.chosen else "",
            span="",
            folding=look.folding,
            signs=() if standing.live else legend(steps),
            facts=tuple(filter(None, (_both(tale),))),
        )
    return _timed(tale, standing, base, look)


def _timed(tale: Tale, standing: Standing, base: str, look: Look) -> Picture:
    flown = tale.flown
    total, quiet = flown.extent_ns, flown.quiet

    def scale_of(window: Interval) -> Scale:
        kept = reserve(tale, standing, look.width) if window[1] >= total else 0.0
        return time_scale(quiet, window, look.width, kept, folding=look.folding)

    def zoom(from_ns: int, to_ns: int) -> str:
        window = within((from_ns, to_ns), total)
        return f"{base}?{look_query(TIME, window, look.folding)}"

    scale = scale_of(_window(tale, look, total))
    if look.pixels is not None:
        scale = scale_of(_span(scale, *look.pixels, quiet, total))
    elif look.pan:
        kept = look.scale or scale.pixels_per_ns
        window = panned(scale, look.pan, quiet, total, scale_of, kept)
        scale = scale_of(within(window, total))
    timed = draw_time(tale.timeline, flown, scale, look.width, zoom, look.open, tale.paired)
    signs = legend(timed.drawing)
    window = scale.from_ns, scale.to_ns
    whole = window == within((0, total), total)
    return Picture(
        mode=TIME,
        drawing=on_streams(timed.drawing, tale),
        stages=timed_bar(tale, standing, base, timed),
        modes=_modes(tale, base, TIME, look),
        zoom=_zoom(base, scale, quiet, total, look),
        said=_said(timed, whole=whole),
        legend=_legend(tale, timed) if _is_estimated(signs) else "",
        stretched=timed.stretched,
        wanted=look.mode if look.chosen else "",
        span="" if whole else span_text(window),
        folding=look.folding,
        signs=signs,
        facts=_facts(tale, timed),
        scale=f"{(look.pan and look.scale) or scale.pixels_per_ns:.6e}",
    )


def _span(scale: Scale, x1: float, x2: float, quiet: list[Interval], total: int) -> Interval:
    """The span between two pixels of a drawing, which may lie outside of it."""
    ends = scale.time_ns(x1), scale.time_ns(x2)
    if ends[1] - ends[0] > scale.to_ns - scale.from_ns:
        ends = widened(ends, quiet, total)
    return within(ends, total)


def _window(tale: Tale, look: Look, total: int) -> Interval:
    """The span that is asked for, moved so far that it has the event that is asked for."""
    window = within(look.window or (0, total), total)
    event = tale.event(look.event)
    if event is None or window[0] <= event.time_ns <= window[1]:
        return window
    half = (window[1] - window[0]) // 2
    return within((event.time_ns - half, event.time_ns + half), total)


def _modes(tale: Tale, base: str, mode: str, look: Look) -> tuple[Control, ...]:
    timelines = tuple(
        Control(
            f"mode-{each}",
            _("Time") if each == TIME else _("Steps"),
            _("Width shows time") if each == TIME else _("Width shows steps"),
            f"{base}?{look_query(each, folding=look.folding)}",
            "m",
            current=each == mode,
        )
        for each in (TIME, STEPS)
    )
    octets = Control(
        "mode-bytes", _("Bytes"), _("Width shows bytes"), f"{base}/layers", "", elsewhere=True
    )
    return (*timelines, octets) if sockets(tale.explanation) else timelines


def _zoom(
    base: str, scale: Scale, quiet: list[Interval], total: int, look: Look
) -> tuple[Control, ...]:
    """Links that zoom around the middle, show everything, and fold or unfold."""
    left, right = scale.pieces[0].x1, scale.pieces[-1].x2
    middle, half = (left + right) / 2, (right - left) / 2

    def link(share: float) -> str:
        ends = _span(scale, middle - share * half, middle + share * half, quiet, total)
        return f"{base}?{look_query(TIME, ends, look.folding)}"

    window = scale.from_ns, scale.to_ns
    unfolded = f"{base}?{look_query(TIME, window, not look.folding)}"
    whole = f"{base}?{look_query(TIME, None, look.folding)}"
    fold = _("Unfold gaps") if look.folding else _("Fold gaps")
    return (
        Control("fold", fold, fold, unfolded, "g"),
        Control("zoom-out", "−", _("Zoom out"), link(1 / ZOOM_SHARE), "-"),
        Control("zoom-in", "+", _("Zoom in"), link(ZOOM_SHARE), "+"),
        Control("zoom-fit", _("Fit"), _("Fit all"), whole, "0"),
    )


def _said(timed: Timed, *, whole: bool) -> str:
    scale = timed.scale
    folds, marks = len(scale.folds), len(timed.drawing.marks)
    gaps = _("no gaps folded")
    if folds:
        gaps = ngettext("%(count)s gap folded", "%(count)s gaps folded", folds, count=folds)
    said = ngettext(
        "Width shows time, %(part)s, %(gaps)s, %(count)s mark.",
        "Width shows time, %(part)s, %(gaps)s, %(count)s marks.",
        marks,
        part=_("all of it") if whole else span_words((scale.from_ns, scale.to_ns)),
        gaps=gaps,
        count=marks,
    )
    return f"{said} {totals_line()}" if timed.drawing.sums else said


def totals_line() -> str:
    """What is said where sums stand for marks."""
    line: str = _("Showing totals, zoom in for single events.")
    return line


def span_words(window: Interval) -> str:
    """A span with as many digits as tell its ends apart: "96.3012 to 96.3022 milliseconds"."""
    scale, sentence = next(each for each in _SPOKEN if window[1] >= each[0])
    parts = scale / max(1, window[1] - window[0])
    digits = max(0, ceil(log10(parts) + 1.5))
    start, end = (f"{ns / scale:,.{digits}f}" for ns in window)
    return _(sentence, start=number(start), end=number(end))


def _steps_legend(drawing: Drawing) -> str:
    dashed = any("far" in line.css for mark in drawing.marks for line in mark.lines)
    return _("Half an arrow is dashed where nothing answered.") if dashed else ""


def _is_estimated(signs: tuple[Sign, ...]) -> bool:
    return any(sign.look == "assumed" for sign in signs)


def _legend(tale: Tale, timed: Timed) -> str:
    """What dashed means here, with the numbers that it rests on."""
    if tale.trace.origin == HAR:
        said: str = _("Dashed is put together from the log: nothing was seen crossing.")
        return said
    if _all_measured(tale):
        both: str = _(
            "Solid arrows have both ends measured: the servers noted their own calls by the same "
            "clock. Half an arrow is dashed where only our kernels took part."
        )
        return both
    sentences = [_("Dashed is estimated: we only saw our own end."), *_measured(tale)]
    sentences += _dashed(timed)
    asked = [
        lane for lane in tale.timeline.lanes if lane.measured_by == BY_QUERY and not lane.measured
    ]
    if asked:
        took = duration(min(lane.round_trip_ns for lane in asked))
        sentences.append(_("A DNS query took %(time)s; its halves are a guess.", time=took))
    return " ".join(sentences)


def _facts(tale: Tale, timed: Timed) -> tuple[str, ...]:
    stretched = _("slopes not to scale") if timed.stretched else ""
    sums = _("showing totals, zoom in for single events") if timed.drawing.sums else ""
    return tuple(filter(None, (_both(tale), stretched, sums)))


def _both(tale: Tale) -> str:
    """Of whom both ends were measured, "" if of nobody."""
    peers = [lane for lane in tale.timeline.lanes if lane.kind != "client"]
    known = [lane for lane in peers if lane.measured]
    if not known:
        return ""
    if len(known) == len(peers):
        said: str = _("both ends measured")
        return said
    names = ", ".join(dict.fromkeys(party(lane) for lane in known))
    return _("both ends measured: %(names)s", names=names)


def _all_measured(tale: Tale) -> bool:
    peers = [lane for lane in tale.timeline.lanes if lane.kind != "client"]
    return bool(peers) and all(lane.measured for lane in peers)


def _dashed(timed: Timed) -> list[str]:
    """Where half an arrow is dashed, if any is."""
    if timed.moved and timed.unanswered:
        return [
            _(
                "Half an arrow is dashed where that end was moved, so that no answer leaves before "
                "its message has arrived, or where nothing answered."
            )
        ]
    if timed.moved:
        return [
            _(
                "Half an arrow is dashed where that end was moved, so that no answer leaves before "
                "its message has arrived."
            )
        ]
    return [_("Half an arrow is dashed where nothing answered.")] if timed.unanswered else []


def _measured(tale: Tale) -> list[str]:
    """Who measured the ways of which lanes."""
    lanes = [lane for lane in tale.timeline.lanes if is_measured(lane) and not lane.measured]
    trips: dict[str, list[str]] = {}
    for lane in lanes:
        by = _("the kernel") if lane.measured_by == BY_KERNEL else lane.measured_by
        took = f"{figure(lane.kind)} {figure(duration(lane.round_trip_ns))}"
        trips.setdefault(by, []).append(took)
    if not trips:
        return []
    said = "; ".join(
        _("%(trips)s, measured by %(by)s", trips=", ".join(dict.fromkeys(each)), by=by)
        for by, each in trips.items()
    )
    return [_("Half of the round trip (%(measured)s) puts the other about there.", measured=said)]
