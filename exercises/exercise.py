"""Exercises as they are written: a head in TOML between two lines "+++", then paragraphs.

The head has `title`, `task`, `target` (a server of the lab, or one of `lab.practice.TARGETS`),
`hints` (the last one nearly the answer), `show` (a solution), `why`, `what_if`, and may have
`predict` (a question that is asked first) and `starter` (a script to begin with). Of each
`[[checks]]`: `when` is a condition (`exercises.conditions`), `want` what it means, `seen` what is
said of what was seen. Of each `[[remarks]]`: `when` it is said, what it `say`s, and `sample`, a
script that it is meant for; the starter if there is none.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from exercises.conditions import asked, named

HERE: Final = Path(__file__).resolve().parent
TRACKS: Final = {"sockets": "Sockets"}
"""Title of each track by its name, in the order of the page."""


@dataclass(frozen=True)
class Check:
    """Something that has to hold."""

    when: str
    want: str
    seen: str


@dataclass(frozen=True)
class Remark:
    """What is said to a wrong attempt of one kind."""

    when: str
    say: str
    sample: str = ""


@dataclass(frozen=True)
class Exercise:
    """One task."""

    track: str
    number: int
    title: str
    task: str
    target: str
    paragraphs: tuple[str, ...]
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    show: str
    why: str
    what_if: str
    predict: str = ""
    starter: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def key(self) -> str:
        """Its name: "sockets/1"."""
        return f"{self.track}/{self.number}"

    @property
    def facts(self) -> list[str]:
        """The names of all facts that its checks and remarks are about."""
        conditions = [check.when for check in self.checks]
        conditions += [remark.when for remark in self.remarks]
        texts = [*(check.seen for check in self.checks), *(remark.say for remark in self.remarks)]
        return sorted(set().union(*map(asked, conditions), *map(named, texts)))


def find(track: str, number: int) -> Exercise | None:
    """The exercise of that number; None if there is none."""
    return next((each for each in of_track(track) if each.number == number), None)


@cache
def of_track(track: str) -> tuple[Exercise, ...]:
    """The exercises of a track, in order; none if there is no such track."""
    if track not in TRACKS:
        return ()
    files = sorted((HERE / track).glob("*.md"), key=lambda path: int(path.stem))
    return tuple(read(track, int(path.stem), path.read_text("utf-8")) for path in files)


def read(track: str, number: int, text: str) -> Exercise:
    """An exercise as it is written.

    Raises:
        ValueError: the head is not TOML, or lacks something.
    """
    start, head, body = text.split("+++\n", 2)
    if start:
        raise ValueError("an exercise begins with +++")
    entry: dict[str, Any] = tomllib.loads(head)
    return Exercise(
        track,
        number,
        paragraphs=tuple(" ".join(part.split()) for part in body.strip().split("\n\n")),
        checks=tuple(Check(**check) for check in entry.pop("checks")),
        remarks=tuple(Remark(**remark) for remark in entry.pop("remarks", ())),
        hints=tuple(entry.pop("hints")),
        **entry,
    )
