"""Learning: what a session has done of the exercises, kept in its signed cookie."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from flask import session

from exercises.exercise import TRACKS, Exercise, of_track
from exercises.marking import mark
from web.panes import Panes
from web.spoken import N_
from web.spoken import gettext as _

SHOWN_AFTER_S: Final = 60
"""Show me is offered from the second minute on, or after the first attempt that failed."""


_WAY: Final = {
    True: N_("An event. Its bytes are below: click one."),
    False: N_("Click an arrow."),
}
"""What is said while no byte is selected, by whether the open event has any."""


@dataclass(frozen=True)
class Progress:
    """How far one exercise is."""

    code: str  # the server's size depends on it, and a new one is drawn when a solution was shown
    begun: int  # seconds since 1970
    prediction: str = ""
    failed: bool = False
    shown: bool = False  # a solution was
    done: str = ""  # "done", or "shown": done after a solution was shown
    trace: str = ""  # the id of the trace that was started for it

    @property
    def wait_s(self) -> int:
        """In how many seconds Show me is offered; 0: now."""
        if self.failed or self.shown or self.done:
            return 0
        return max(0, self.begun + SHOWN_AFTER_S - int(time.time()))

    @property
    def sign(self) -> str:
        """The word beside its tick."""
        return {
            "": _("not yet"),
            "done": _("done"),
            "shown": _("done, after Show me"),
        }[self.done]


@dataclass(frozen=True)
class Lesson:
    """The line above a trace that was started for an exercise."""

    title: str
    href: str
    text: str
    done: bool


def progress(exercise: Exercise) -> Progress:
    """How far the session is with it."""
    kept = _kept().get(exercise.key)
    return Progress(**kept) if kept else Progress(new_code(), int(time.time()))


def keep(exercise: Exercise, now: Progress) -> None:
    """Remember it for the session."""
    session["learn"] = {**_kept(), exercise.key: asdict(now)}


def tried(now: Progress, *, passed: bool) -> Progress:
    """The progress after an attempt."""
    if not passed:
        return replace(now, failed=True)
    return replace(now, done=now.done or ("shown" if now.shown else "done"))


def new_code() -> str:
    """Eight characters that nobody has seen before."""
    return secrets.token_hex(4)


def spoken(exercise: Exercise) -> Exercise:
    """An exercise in the language of the request; scripts stay as they are."""
    say = _in_language
    return replace(
        exercise,
        title=say(exercise.title),
        task=say(exercise.task),
        why=say(exercise.why),
        what_if=say(exercise.what_if),
        predict=say(exercise.predict),
        show=exercise.show if exercise.starter else say(exercise.show),
        paragraphs=tuple(map(say, exercise.paragraphs)),
        hints=tuple(map(say, exercise.hints)),
        checks=tuple(
            replace(each, want=say(each.want), seen=say(each.seen)) for each in exercise.checks
        ),
        remarks=tuple(replace(each, say=say(each.say)) for each in exercise.remarks),
    )


def _in_language(text: str) -> str:
    return _(text) if text else ""


def began(exercise_key: str, trace_id: str) -> None:
    """A trace was started for an exercise."""
    exercise = next((each for each in _all() if each.key == exercise_key), None)
    if exercise is not None:
        keep(exercise, replace(progress(exercise), trace=trace_id))


def noticed(trace_id: str, panes: Panes | None) -> Lesson | None:
    """What a page of a trace shows, if the trace was started for an exercise of this session.

    Args:
        trace_id: of the page.
        panes: what it shows of an event.
    """
    key = next((key for key, kept in _kept().items() if kept["trace"] == trace_id), "")
    exercise = next((spoken(each) for each in _all() if each.key == key), None)
    if exercise is None:
        return None
    now = progress(exercise)
    view = panes.view if panes else None
    selected = view.octets.select if view else ""
    name = view.detail.name if view else ""
    marking = mark(exercise, {"selection.field": selected, "selection.name": name})
    if marking.passed and not now.done:
        now = tried(now, passed=True)
        keep(exercise, now)
    text = marking.results[0].seen if marking.passed else _(_WAY[view is not None])
    return Lesson(exercise.title, f"/learn/{key}", text, bool(now.done))


def _kept() -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = session.get("learn", {})
    return kept


def _all() -> list[Exercise]:
    return [exercise for track in TRACKS for exercise in of_track(track)]
