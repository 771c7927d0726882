"""The pages of the exercises: /learn and /learn/<track>/<n>."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from flask import Blueprint, Response, abort, current_app, redirect, request, session
from flask import render_template as render
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from exercises.answers import read_number
from exercises.conditions import Facts
from exercises.exercise import TRACKS, Exercise, find, of_track
from exercises.line import LENGTH, BadLine, read_line
from exercises.marking import Marking, Result, mark, mark_best
from exercises.running import SCRIPT_OCTETS, Call, run
from web import words
from web.facts import size
from web.learning import Progress, keep, new_code, progress, spoken, tried
from web.pages import Settings, attachment
from web.spoken import gettext as _

RUNNING_AT_ONCE: Final = 2
CALLS_SHOWN: Final = (8, 3)  # at the beginning and at the end

learn = Blueprint("learn", __name__)
_places = threading.BoundedSemaphore(RUNNING_AT_ONCE)


@dataclass(frozen=True)
class Seen:
    """What an attempt showed."""

    output: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    left_out: int = 0  # calls between the first and the last ones


@dataclass(frozen=True)
class Attempt:
    """What one sending of the form led to."""

    script: str = ""
    line: str = ""
    marking: Marking | None = None
    seen: Seen | None = None
    errors: dict[str, str] = field(default_factory=dict)
    shows: bool = False

    def error(self, name: str) -> str:
        """What is wrong with a field of the form, or ""."""
        return self.errors.get(name, "")


@learn.get("/learn")
def overview() -> ResponseReturnValue:
    """The tracks and their exercises. With the key that the start of the program printed, this
    session may run scripts."""
    settings = _settings()
    key = request.args.get("key", "")
    if key:
        if settings.scripts_key and secrets.compare_digest(
            key.encode(), settings.scripts_key.encode()
        ):
            session["scripts"] = settings.scripts_key
        return redirect("/learn", 303)
    tracks = [
        (title, [(spoken(exercise), progress(exercise)) for exercise in of_track(track)])
        for track, title in TRACKS.items()
    ]
    return render("pages/learn.html", tracks=tracks)


@learn.get("/learn/<track>/<int:number>")
def exercise_page(track: str, number: int) -> str:
    """One exercise."""
    exercise = _find(track, number)
    now = progress(exercise)
    keep(exercise, now)
    return _page(exercise, now, Attempt())


@learn.get("/learn/<track>/<int:number>/script.py")
def starter(track: str, number: int) -> Response:
    """The script that an exercise begins with, to be saved."""
    exercise = _find(track, number)
    if not exercise.starter:
        abort(404, _("This exercise has no script."))
    return attachment(exercise.starter.encode(), "text/x-python", f"{track}-{number}.py")


@learn.post("/learn/<track>/<int:number>")
def attempt(track: str, number: int) -> ResponseReturnValue:
    """A prediction, a script, a line from the command line, or the wish to be shown."""
    exercise = _find(track, number)
    now = progress(exercise)
    act = _ACTS.get(request.form.get("do", ""))
    if act is None:
        abort(404, _("There is nothing here that does that."))
    now, led = act(exercise, now)
    keep(exercise, now)
    return _page(exercise, now, led), 422 if led.errors else 200


def may_run() -> bool:
    """Whether this session may run scripts here: it was opened with the key of this process."""
    key = _settings().scripts_key
    return bool(key) and secrets.compare_digest(session.get("scripts", "").encode(), key.encode())


def _predict(exercise: Exercise, now: Progress) -> tuple[Progress, Attempt]:
    number = read_number(request.form.get("prediction", "")[:40])
    if number is None:
        text = _("That is no number. 4096, 4,096 and 0x1000 are; any guess will do.")
        return now, Attempt(errors={"prediction": text})
    return replace(now, prediction=f"{number:,}"), Attempt()


def _run(exercise: Exercise, now: Progress) -> tuple[Progress, Attempt]:
    if not may_run():
        abort(403, _("Scripts are run here only for whoever started Wiretale with --scripts."))
    script = request.form.get("script", "").replace("\r\n", "\n")
    error = _refused(exercise, now, script)
    if error:
        return now, Attempt(script, errors={"script": error})
    if not _places.acquire(blocking=False):
        text = _("Other scripts are running. Press Run again in five seconds.")
        return now, Attempt(script, errors={"script": text})
    try:
        done = run(script, exercise.target, now.code)
    finally:
        _places.release()
    _other, marking = mark_best(exercise, done.attempts)
    calls = max(done.connections, key=len, default=())
    led = Attempt(script, marking=marking, seen=_seen(done.output, calls))
    return tried(now, passed=marking.passed), led


def _refused(exercise: Exercise, now: Progress, script: str) -> str:
    """Why a script is not run, or ""."""
    if exercise.predict and not now.prediction:
        return _("Predict first: what you expect, you see better.")
    if not script.strip():
        return _("There is no script to run.")
    if len(script.encode()) > SCRIPT_OCTETS:
        return _("That script is longer than %(most)s.", most=f"{SCRIPT_OCTETS:,} bytes")
    return ""


def _read_line(exercise: Exercise, now: Progress) -> tuple[Progress, Attempt]:
    line = request.form.get("line", "")[: 2 * LENGTH]
    if exercise.predict and not now.prediction:
        return now, Attempt(line=line, errors={"prediction": _("Predict first.")})
    try:
        facts: Facts = read_line(line, exercise.key, now.code)
    except BadLine as error:
        return now, Attempt(line=line, errors={"line": str(error)})
    marking = mark(exercise, facts)
    return tried(now, passed=marking.passed), Attempt(line=line, marking=marking)


def _show(exercise: Exercise, now: Progress) -> tuple[Progress, Attempt]:
    """A solution; the numbers change, so that those that were seen are not the answer."""
    script = request.form.get("script", "").replace("\r\n", "\n")
    if now.wait_s:
        return now, Attempt(script)
    return replace(now, shown=True, code=new_code()), Attempt(script, shows=True)


_ACTS: Final[dict[str, Callable[[Exercise, Progress], tuple[Progress, Attempt]]]] = {
    "predict": _predict,
    "run": _run,
    "line": _read_line,
    "show": _show,
}


def _find(track: str, number: int) -> Exercise:
    exercise = find(track, number)
    if exercise is None:
        abort(404, _("There is no such exercise."))
    return spoken(exercise)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _page(exercise: Exercise, now: Progress, led: Attempt) -> str:
    return render(
        "pages/exercise.html",
        exercise=exercise,
        track_title=TRACKS[exercise.track],
        paragraphs=[words.text(paragraph) for paragraph in exercise.paragraphs],
        now=now,
        led=led,
        results=led.marking.results if led.marking else _before(exercise, now),
        may_run=may_run(),
        script=led.script or exercise.starter,
        starter=_marked_up(exercise.starter),
        solution=_marked_up(exercise.show) if exercise.starter else None,
        previous=_beside(exercise, -1),
        following=_beside(exercise, 1),
    )


def _beside(exercise: Exercise, way: int) -> Exercise | None:
    beside = find(exercise.track, exercise.number + way)
    return None if beside is None else spoken(beside)


def _before(exercise: Exercise, now: Progress) -> Sequence[Result]:
    """The checks as they stand before anything was seen."""
    seen = "" if now.done else _("Nothing seen so far.")
    return [Result(check.want, seen, bool(now.done)) for check in exercise.checks]


def _seen(output: str, calls: Sequence[Call]) -> Seen:
    first, last = CALLS_SHOWN
    shown = calls if len(calls) <= first + last else [*calls[:first], *calls[-last:]]
    return Seen(output, tuple(map(_call, shown)), len(calls) - len(shown))


def _call(call: Call) -> tuple[str, str]:
    """A call and its result, as a reader of Python would write them."""
    if call.name.startswith("connect"):
        return f"{call.name}(…)", call.error or _("connected")
    writes = call.name.startswith("send")
    given = f"<{size(call.asked)}>" if writes else f"{call.asked}"
    result = call.error or (size(call.moved) if call.moved else 'b""')
    return f"{call.name}({given})", result


def _marked_up(script: str) -> Markup:
    # Pygments escapes what it marks up.
    return Markup(highlight(script, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)))  # noqa: S704
