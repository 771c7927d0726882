"""The words of steps, from content/steps: a caption of at most fourteen words, often a question."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from web.spoken import figure, gettext

FOLDER: Final = Path(__file__).resolve().parents[2] / "content" / "steps"
MOST_WORDS: Final = 14  # of a caption: it is read while something moves
_FACT: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Kind:
    """The words of one kind of step, with its facts in braces."""

    caption: str
    ask: str = ""  # a question that is put before, or ""
    weight: int = 2  # 3 is never left out before 2, 2 not before 1


def _read() -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, entry in tomllib.loads(path.read_text("utf-8")).items():
            assert name not in kinds, f"{path.name} has a second entry for {name}"
            kinds[name] = Kind(**entry)
    return kinds


KINDS: Final[Mapping[str, Kind]] = _read()
"""Every kind of step."""


def caption(kind: str, facts: Iterable[tuple[str, str]]) -> str:
    """What a step says, in the language of the request."""
    return fill(gettext(KINDS[kind].caption), facts)


def question(kind: str, facts: Iterable[tuple[str, str]]) -> str:
    """What is asked before a step is shown, "" for nothing."""
    ask = KINDS[kind].ask
    return fill(gettext(ask), facts) if ask else ""


def fill(template: str, facts: Iterable[tuple[str, str]]) -> str:
    """A template with its facts. Raises KeyError for one that is not there."""
    known = dict(facts)
    return _FACT.sub(lambda match: figure(known[match[1]]), template)
