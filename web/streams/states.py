"""The states of one stream: the figure of RFC 9113 §5.1 with the way that the stream took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.figures import duration
from netcore.http2.streams import ALLOWED, TRANSITIONS, Change, Transition
from netcore.registries.http2 import FRAME_TYPES
from web.addresses import unit_href
from web.facts import clean
from web.phrases import way_said
from web.spoken import gettext as _
from web.streams.marks import moment_ns
from web.tale import Tale
from web.titles import unit_title

SHOWN_ERRORS = 20  # frames that a state did not allow; a hostile peer may send thousands
WIDTH, HEIGHT = 592, 452
BOX = (132, 46)
_PLACES = {
    "idle": (296, 32),
    "reserved_local": (96, 124),
    "open": (296, 152),
    "reserved_remote": (496, 124),
    "half_closed_remote": (96, 284),
    "half_closed_local": (496, 284),
    "closed": (296, 416),
}  # the middle of each box, as in the RFC's figure 2
_WAYS = {
    ("idle", "open"): ("M296 55V129", 296, 88, "middle"),
    ("idle", "reserved_local"): ("M230 42L150 101", 172, 74, "middle"),
    ("idle", "reserved_remote"): ("M362 42L442 101", 422, 74, "middle"),
    ("reserved_local", "half_closed_remote"): ("M96 147V261", 96, 192, "middle"),
    ("reserved_remote", "half_closed_local"): ("M496 147V261", 496, 192, "middle"),
    ("open", "half_closed_remote"): ("M250 175L148 261", 196, 226, "middle"),
    ("open", "half_closed_local"): ("M342 175L444 261", 396, 226, "middle"),
    ("open", "closed"): ("M296 175V393", 296, 292, "middle"),
    ("half_closed_remote", "closed"): ("M148 307L236 394", 186, 352, "middle"),
    ("half_closed_local", "closed"): ("M444 307L356 394", 406, 352, "middle"),
    ("reserved_local", "closed"): ("M30 130H14V424H230", 84, 428, "middle"),
    ("reserved_remote", "closed"): ("M562 130H578V424H362", 508, 428, "middle"),
}
"""Between two states: the line of the arrow, and where its label stands."""


@dataclass(frozen=True)
class StateBox:
    """A state."""

    x: int
    y: int
    lines: tuple[str, ...]
    css: str


@dataclass(frozen=True)
class Label:
    """One line of what is written beside an arrow."""

    y: int
    text: str
    is_walked: bool


@dataclass(frozen=True)
class Arrow:
    """All transitions between two states."""

    d: str
    x: int
    anchor: str
    labels: tuple[Label, ...]
    steps: str  # "2", the places on the stream's way; "" if it did not go here
    href: str
    spoken: str


@dataclass(frozen=True)
class Step:
    """One change of the stream."""

    number: int
    time: str
    direction: str
    frame: str
    trigger: str
    before: str
    after: str
    href: str
    error: str


@dataclass(frozen=True)
class Cell:
    """A transition in the table of all states."""

    trigger: str
    after: str
    href: str  # of the frame that caused it, "" if none did


@dataclass(frozen=True)
class StateRow:
    """A state with what leads out of it, and what may cross without a change."""

    name: str
    sent: tuple[Cell, ...]
    received: tuple[Cell, ...]
    sent_allowed: str
    received_allowed: str
    is_walked: bool


@dataclass(frozen=True)
class StatesView:
    """The states of one stream, drawn and as tables."""

    stream: int
    last: str
    boxes: tuple[StateBox, ...]
    arrows: tuple[Arrow, ...]
    steps: tuple[Step, ...]
    more: int  # frames that its state did not allow, and that are not listed
    rows: tuple[StateRow, ...]


def states_view(
    stream: int, changes: Sequence[Change], first: str, tale: Tale, base: str
) -> StatesView:
    """The states of one stream.

    In: `changes` of this stream, in order; `first`, the state that it began in; `base`, the path
    of the trace.
    """
    told = [change for change in changes if change.before != change.after]
    wrong = [change for change in changes if change.before == change.after]
    shown = {id(change) for change in (*told, *wrong[:SHOWN_ERRORS])}
    listed = [change for change in changes if id(change) in shown]
    steps = tuple(_step(at, change, tale, base) for at, change in enumerate(listed, start=1))
    walked: dict[tuple[str, str, str], Step] = {}
    for change, step in zip(listed, steps, strict=True):
        if change.before != change.after:
            walked[change.before, change.frame.direction, change.trigger] = step
    last = changes[-1].after if changes else first
    seen = {first, last, *(change.before for change in changes)}
    return StatesView(
        stream=stream,
        last=_words(last),
        boxes=tuple(_box(state, seen, last) for state in _PLACES),
        arrows=tuple(sorted((_arrow(ends, walked) for ends in _WAYS), key=lambda a: bool(a.steps))),
        steps=steps,
        more=len(changes) - len(listed),
        rows=tuple(_row(state, walked, state in seen) for state in _PLACES),
    )


def _words(state: str) -> str:
    """As the RFC writes it: "half-closed (local)"."""
    name, _mark, side = state.rpartition("_")
    return f"{name.replace('_', '-')} ({side})" if side in ("local", "remote") else state


def _step(number: int, change: Change, tale: Tale, base: str) -> Step:
    return Step(
        number=number,
        time=duration(moment_ns(change.frame, tale)),
        direction=way_said(change.frame.direction),
        frame=clean(unit_title(change.frame.pdu)),
        trigger=change.trigger,
        before=_words(change.before),
        after=_words(change.after),
        href=unit_href(change.frame.pdu, tale, base),
        error=change.error,
    )


def _box(state: str, seen: set[str], last: str) -> StateBox:
    x, y = _PLACES[state]
    css = ["state"] + (["walked"] if state in seen else []) + (["last"] if state == last else [])
    name, _space, side = _words(state).partition(" ")
    lines = (name, side) if side else (name,)
    return StateBox(x - BOX[0] // 2, y - BOX[1] // 2, lines, " ".join(css))


def _between(before: str, after: str) -> list[Transition]:
    return [each for each in TRANSITIONS if (each.before, each.after) == (before, after)]


def _arrow(ends: tuple[str, str], walked: dict[tuple[str, str, str], Step]) -> Arrow:
    d, x, y, anchor = _WAYS[ends]
    found = _between(*ends)
    taken = {each: walked[each[:3]] for each in found if each[:3] in walked}
    texts: dict[str, bool] = {}
    for trigger in dict.fromkeys(each.trigger for each in found):
        own = [each for each in found if each.trigger == trigger]
        if len(own) > 1 and not any(each in taken for each in own):
            texts[trigger] = False
            continue
        for each in own:
            if len(own) == 1 or each in taken:
                texts[f"{trigger} {way_said(each.direction)}"] = each in taken
    top = y - 7 * (len(texts) - 1)
    labels = tuple(Label(top + 14 * at, text, on) for at, (text, on) in enumerate(texts.items()))
    steps = list(taken.values())
    return Arrow(
        d=d,
        x=x,
        anchor=anchor,
        labels=labels,
        steps=", ".join(str(step.number) for step in steps),
        href=steps[0].href if steps else "",
        spoken=_spoken(ends, steps),
    )


def _spoken(ends: tuple[str, str], steps: Sequence[Step]) -> str:
    before, after = map(_words, ends)
    if not steps:
        return _("Not taken, from %(before)s to %(after)s", before=before, after=after)
    return _(
        "Step %(number)s, from %(before)s to %(after)s: %(trigger)s %(direction)s",
        number=steps[0].number,
        before=before,
        after=after,
        trigger=steps[0].trigger,
        direction=steps[0].direction,
    )


def _row(state: str, walked: dict[tuple[str, str, str], Step], is_walked: bool) -> StateRow:
    def cells(direction: str) -> tuple[Cell, ...]:
        found = [each for each in TRANSITIONS if each[:2] == (state, direction)]
        return tuple(
            Cell(
                each.trigger,
                _words(each.after),
                walked[each[:3]].href if each[:3] in walked else "",
            )
            for each in found
        )

    def allowed(direction: str) -> str:
        return ", ".join(FRAME_TYPES[kind] for kind in sorted(ALLOWED[state, direction]))

    return StateRow(
        name=_words(state),
        sent=cells("sent"),
        received=cells("received"),
        sent_allowed=allowed("sent"),
        received_allowed=allowed("received"),
        is_walked=is_walked,
    )
