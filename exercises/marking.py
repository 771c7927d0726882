"""Marking: which checks of an exercise hold, and what is said of those that do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exercises.conditions import Facts, fill, holds
from exercises.exercise import Exercise


@dataclass(frozen=True)
class Result:
    """One check, what is wanted beside what was seen."""

    want: str
    seen: str
    met: bool


@dataclass(frozen=True)
class Marking:
    """All checks of an attempt. `remark` is what this kind of wrong attempt gets, or ""."""

    results: tuple[Result, ...]
    remark: str

    @property
    def passed(self) -> bool:
        """Whether every check is met."""
        return all(result.met for result in self.results)


def mark(exercise: Exercise, facts: Facts) -> Marking:
    """Check what was seen. The goal counts and not the way, so other facts do not matter."""
    results = tuple(
        Result(check.want, fill(check.seen, facts), holds(check.when, facts))
        for check in exercise.checks
    )
    meant = [remark.say for remark in exercise.remarks if holds(remark.when, facts)]
    passed = all(result.met for result in results)
    return Marking(results, "" if passed or not meant else fill(meant[0], facts))


def mark_best(exercise: Exercise, attempts: Sequence[Facts]) -> tuple[Facts, Marking]:
    """The attempt that meets most checks, the latest of equal ones, and its marking.

    A script may open connections that are not the one that counts.
    """
    marked = [(facts, mark(exercise, facts)) for facts in attempts]
    return max(reversed(marked), key=lambda pair: sum(result.met for result in pair[1].results))
