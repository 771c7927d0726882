"""What holds for the card of every failure: it names the case, and leads to what shows it."""

from __future__ import annotations

import re
from typing import Final

from netcore.trace import AnyEvent, Called, Chose, Failed, Trace
from tests.faults.held import held_by_octets, held_by_trace, words_of
from web.evidence import evidence
from web.tale import tell
from web.views import failure_view

_BANNED: Final = re.compile(r"\boops\b|!|\bsimply\b|\bjust\b", re.IGNORECASE)
NO_FIGURE: Final[dict[str, str]] = {}
"""Codes whose `saw` has nothing of the trace in it, and why."""
NOT_IN_OCTETS: Final[dict[str, str]] = {}
"""Codes whose field is opened without a word of it in `saw`, and why."""


def hold_card(trace: Trace) -> None:
    """Hold the card of a trace that failed to what C11 asks of all of them.

    It is none of the general ones; something in it is a number or a name of this trace; it links
    to an event, and that event shows octets, an error of the system, or a decision of ours.
    """
    failed = trace.outcome
    assert isinstance(failed, Failed)
    view = failure_view(tell(trace), "/t/x")
    assert view is not None
    texts = (view.card.headline, view.card.saw, view.card.why, *view.card.todo)
    assert view.card.headline not in ("The fetch failed.", "Stopped at our limit."), failed.code
    assert view.card.headline.endswith("."), failed.code
    assert view.card.todo, f"{failed.code}: nothing to do is said"
    for text in texts:
        assert not _BANNED.search(text), (failed.code, text)
        assert "{" not in text, (failed.code, text)
    _hold_words(trace, view.card.saw)
    if _before_anything(trace):
        return  # nothing was sent or decided: the address itself was refused
    assert 0 < view.number <= len(trace.events), failed.code
    assert view.href.startswith(f"/t/x/e/{view.number}"), failed.code
    shown = trace.events[view.number - 1]
    assert _shows(shown), (failed.code, shown)


def _hold_words(trace: Trace, saw: str) -> None:
    """What a card saw has a figure or name of this trace, and one of the octets that it opens."""
    failed, explanation = trace.outcome, tell(trace).explanation
    assert isinstance(failed, Failed)
    words = words_of(saw)
    shown = evidence(trace.events, failed, explanation)
    in_octets = [each for each in words if shown.unit and held_by_octets(explanation, shown, each)]
    held = in_octets or [each for each in words if held_by_trace(trace, each)]
    assert bool(held) != (failed.code in NO_FIGURE), (failed.code, saw, words)
    if shown.unit:
        assert bool(in_octets) != (failed.code in NOT_IN_OCTETS), (failed.code, saw, words)


def _before_anything(trace: Trace) -> bool:
    return not any(isinstance(event, Called | Chose) for event in trace.events)


def _shows(event: AnyEvent) -> bool:
    """Whether an event is evidence: octets, an errno, an end of the stream, or a decision."""
    if isinstance(event, Called):
        return bool(event.data or event.errno or event.call in ("recv", "select", "connect"))
    return isinstance(event, Chose)
