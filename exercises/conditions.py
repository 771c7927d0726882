"""Conditions over facts: "script.received == lab.sent and not script.timed_out"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Fact = bool | int | float | str
Facts = Mapping[str, Fact]
"""What was seen, by name: "lab.reads", "script.received", "predict"."""

NAME: Final = r"[a-z]+(?:\.[a-z_]+)*"
_CLAUSE: Final = re.compile(rf"(not )?({NAME})|({NAME}) (==|<=|>=|<|>) (\d+|{NAME})")
_NAMED: Final = re.compile(rf"\{{({NAME})\}}")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def holds(condition: str, facts: Facts) -> bool:
    """Whether every clause of a condition holds. One whose fact is missing does not.

    Raises:
        ValueError: this is no condition.
    """
    clauses = [_CLAUSE.fullmatch(clause) for clause in condition.split(" and ")]
    if None in clauses:
        raise ValueError(f"not a condition: {condition}")
    return all(_holds(clause, facts) for clause in clauses if clause)


def asked(condition: str) -> set[str]:
    """The facts that a condition is about."""
    words = re.split(r" (?:and|==|<=|>=|<|>) ", condition)
    return {word.removeprefix("not ") for word in words if not word.isdigit()}


def named(text: str) -> set[str]:
    """The facts that a text has in braces."""
    return set(_NAMED.findall(text))


def fill(text: str, facts: Facts) -> str:
    """A text with its facts: "You got {script.received} bytes." Numbers get their commas."""
    return _NAMED.sub(lambda found: shown(facts.get(found[1], "?")), text)


def shown(fact: Fact) -> str:
    """A fact as a reader sees it."""
    return f"{fact:,}" if isinstance(fact, int) and not isinstance(fact, bool) else str(fact)


def _holds(clause: re.Match[str], facts: Facts) -> bool:
    negated, alone, name, comparison, wanted = clause.groups()
    if alone:
        return alone in facts and bool(facts[alone]) is not bool(negated)
    other = int(wanted) if wanted.isdigit() else facts.get(wanted)
    if name not in facts or other is None:
        return False
    return _COMPARE[comparison](facts[name], other)
