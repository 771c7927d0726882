"""The walk from the root, as the trace page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from netcore.dns_steps import Step, dns_steps
from netcore.figures import duration
from web.facts import clean
from web.spoken import gettext as _
from web.tale import Tale

MOST_GLUE = 3  # servers of a referral that are named


@dataclass(frozen=True)
class WalkStep:
    """One question of the walk."""

    number: int
    href: str
    zone: str
    server: str
    endpoint: str
    question: str
    outcome: str
    answer_number: int  # 0 if no answer came
    answer_href: str
    glue: tuple[str, ...]
    more: int  # servers that are not named
    took: str


def walk_steps(tale: Tale, base: str) -> tuple[WalkStep, ...]:
    """The steps of a trace, none if no name was walked to.

    In: `base`, the path of the trace.
    """
    return tuple(_view(step, base) for step in dns_steps(tale.trace, tale.explanation))


def _view(step: Step, base: str) -> WalkStep:
    return WalkStep(
        number=step.number,
        href=f"{base}/e/{step.number}",
        zone=_("the root") if step.zone == "." else clean(step.zone),
        server=clean(step.server) if step.server != step.endpoint else "",
        endpoint=clean(step.endpoint),
        question=clean(step.question),
        outcome=clean(step.outcome),
        answer_number=step.answer,
        answer_href=f"{base}/e/{step.answer}" if step.answer else "",
        glue=tuple(clean(each) for each in step.glue[:MOST_GLUE]),
        more=max(0, len(step.glue) - MOST_GLUE),
        took=duration(step.took_ns) if step.answer else "",
    )
