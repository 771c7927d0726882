"""What holds for the card of every failure: it names the case, and leads to what shows it."""

from __future__ import annotations

import re
from typing import Final

from netcore.trace import AnyEvent, Called, Chose, Failed, Trace
from web.tale import tell
from web.views import failure_view

_BANNED: Final = re.compile(r"\boops\b|!|\bsimply\b|\bjust\b", re.IGNORECASE)
_FACT: Final = re.compile(r"\d|[a-z]\.[a-z]")  # a number, or a name from the trace


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
    refused = failed.code.startswith("guard.")  # the address says it
    assert refused or any(map(_FACT.search, (view.card.saw, *view.card.todo))), failed.code
    if _before_anything(trace):
        return  # nothing was sent or decided: the address itself was refused
    assert 0 < view.number <= len(trace.events), failed.code
    assert view.href.startswith(f"/t/x/e/{view.number}"), failed.code
    shown = trace.events[view.number - 1]
    assert _shows(shown), (failed.code, shown)


def _before_anything(trace: Trace) -> bool:
    return not any(isinstance(event, Called | Chose) for event in trace.events)


def _shows(event: AnyEvent) -> bool:
    """Whether an event is evidence: octets, an errno, an end of the stream, or a decision."""
    if isinstance(event, Called):
        return bool(event.data or event.errno or event.call in ("recv", "select", "connect"))
    return isinstance(event, Chose)
