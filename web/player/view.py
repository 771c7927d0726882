"""View: the steps of a trace as the foot of its page shows them, and the one that is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from netcore.figures import duration
from web.evidence import Evidence
from web.phrases import STAGE_LAYERS
from web.phrases import caption as caption_of_mark
from web.player.steps import Step, every_step, first_of, open_step, steps
from web.player.words import caption, question
from web.spoken import gettext as _
from web.tale import Tale

BRIEF_NS = 1_000_000_000  # a fetch that was over in less is offered in slow motion


@dataclass(frozen=True)
class StepLine:
    """A step in words, and where it is opened. `number` counts from 1."""

    number: int
    event: int
    href: str
    caption: str
    ask: str  # what is asked before it, or ""
    time_ns: int
    stage: str
    hop: int
    layer: str  # whose hue its stage has


@dataclass(frozen=True)
class PlayerView:
    """The foot of a trace's page."""

    lines: tuple[StepLine, ...]
    at: int  # the number of the open step, 0 where what is open is none
    marked: int  # the same, or the first step of the open event; 0 if it has none
    first: StepLine | None
    before: StepLine | None
    after: StepLine | None
    last: StepLine | None
    place: str
    caption: str
    every: bool
    switch: str  # the address of the same place with the other choice of steps
    present: str  # of the projected form
    handout: str
    brief: str  # how long a fetch took that was over before one could look, else ""


def lines(tale: Tale, base: str, *, every: bool = False) -> tuple[StepLine, ...]:
    """The steps of a trace in words, in the language of the request.

    Args:
        tale: the trace, running or finished.
        base: the path of the trace, "/t/<id>".
        every: whether each mark is a step.
    """
    chosen = every_step(tale) if every else steps(tale)
    return tuple(_line(step, number, base, every) for number, step in enumerate(chosen, start=1))


def _line(step: Step, number: int, base: str, every: bool) -> StepLine:
    return StepLine(
        number=number,
        event=step.event,
        href=address(step, base, every=every),
        caption=caption(step.kind, step.facts) if step.kind else caption_of_mark(step.mark),
        ask=question(step.kind, step.facts) if step.kind else "",
        time_ns=step.mark.time_ns,
        stage=step.mark.stage,
        hop=step.mark.hop,
        layer=STAGE_LAYERS.get(step.mark.stage, "http"),
    )


def step_opened(tale: Tale, number: int) -> Evidence | None:
    """What the step of that number opens, counted from 1; None if there is no such step."""
    chosen = steps(tale) if number > 0 else ()
    step = next(iter(chosen[number - 1 : number]), None)
    return Evidence(step.event, step.unit, step.field) if step is not None else None


def address(step: Step, base: str, *, every: bool = False) -> str:
    """Where a step is opened."""
    query: dict[str, str | int] = {"u": step.unit} if step.unit else {}
    query |= {"f": step.field} if step.field else {}
    query |= {"every": 1} if every else {}
    return f"{base}/e/{step.event}" + (f"?{urlencode(query)}" if query else "")


def count_passed(tale: Tale, events: Iterable[int], event: int) -> int:
    """How many of the steps' events do not come after one; what is not drawn goes by its number."""
    here = tale.place_of(event)
    if here < 0:
        return sum(each <= event for each in events)
    return sum(tale.place_of(each) <= here for each in events)


def player_view(
    tale: Tale, base: str, event: int, selected: tuple[int, str] = (0, ""), *, every: bool = False
) -> PlayerView:
    """Where what is open stands among the steps.

    Args:
        tale: the trace, running or finished.
        base: the path of the trace, "/t/<id>".
        event: the number of the open event, 0 for none.
        selected: the open unit's place among those of the event, and the selected field's key.
        every: whether each mark is a step.
    """
    told = lines(tale, base, every=every)
    chosen = every_step(tale) if every else steps(tale)
    at = open_step(chosen, event, selected)
    marked = at or first_of(chosen, event)
    passed = marked or count_passed(tale, (step.event for step in chosen), event)
    mark = tale.mark_of(event)
    place = _("%(count)s steps", count=f"{len(told):,}")
    if marked:
        place = _("%(number)s / %(count)s", number=f"{marked:,}", count=f"{len(told):,}")
    said = caption_of_mark(mark) if mark is not None else ""
    other = "" if every else "every=1"
    return PlayerView(
        lines=told,
        at=at,
        marked=marked,
        first=told[0] if told and at != 1 else None,
        before=_nth(told, passed - 1 if marked else passed),
        after=_nth(told, passed + 1),
        last=told[-1] if told and at != len(told) else None,
        place=place,
        caption=told[at - 1].caption if at else said,
        every=every,
        switch=f"{base}/e/{event}?{other}" if event else f"{base}?{other}",
        present=f"{base}/present?step={max(1, passed)}" if not every else f"{base}/present",
        handout=f"{base}/handout",
        brief=brief(tale),
    )


def brief(tale: Tale) -> str:
    """How long the fetch took, if that was less than anybody can watch; "" while it runs."""
    summary = tale.timeline.summary
    is_brief = not summary.running and 0 < summary.total_ns < BRIEF_NS
    return duration(summary.total_ns) if is_brief else ""


def _nth(told: tuple[StepLine, ...], number: int) -> StepLine | None:
    return told[number - 1] if 0 < number <= len(told) else None
