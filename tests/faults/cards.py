"""What holds for the card of every failure: it names the case, and leads to what shows it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from netcore.trace import AnyEvent, Called, Chose, Failed, Trace
from tests.faults.held import held_by_octets, held_by_trace, words_of
from web.evidence import evidence
from web.tale import tell
from web.views import failure_view

_BANNED: Final = re.compile(r"\boops\b|!|\bsimply\b|\bjust\b", re.IGNORECASE)
NO_FIGURE: Final = {
    "guard.bad_url": "the address that was typed, or the Location that is opened",
    "guard.blocked_scheme": "the same",
    "tls.bad_option": "the option that was typed",
}
"""Codes whose `saw` need have nothing of the trace's calls in it, and what it is about."""
_SUM = "it is a count or a sum over many units, and the last of them is opened"
_AMISS = "the field is wrong by its place or form, or by what is missing, and bears that error"
NOT_IN_OCTETS: Final = {
    **dict.fromkeys(("h1.header_too_large", "h1.too_many_headers", "h1.incomplete_header"), _SUM),
    **dict.fromkeys(("h2.continuation_flood", "h2.header_list_too_large"), _SUM),
    **dict.fromkeys(("h2.flow_control", "limit.chunks", "redirect.too_many", "tls.flood"), _SUM),
    **dict.fromkeys(("quic.crypto_buffer", "h3.qpack", "tls.timeout", "limit.decoded"), _SUM),
    **dict.fromkeys(("tls.hostname_mismatch", "tls.bad_certificate", "h2.bad_header"), _AMISS),
    **dict.fromkeys(("h2.compression", "h2.protocol", "h3.protocol", "ws.protocol"), _AMISS),
    **dict.fromkeys(("ws.bad_close", "ws.bad_accept", "h1.bad_length", "chunk.bad_size"), _AMISS),
    **dict.fromkeys(("dns.malformed", "dns.malformed_record", "decode.error"), _AMISS),
    **dict.fromkeys(("guard.bad_url", "guard.blocked_scheme", "http.unsupported_scheme"), _AMISS),
}
"""Codes whose field may be opened without a word of it in `saw`, and why."""


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
    assert _shows(shown) or _is_about_what_was_typed(failed, shown), (failed.code, shown)


def _hold_words(trace: Trace, saw: str) -> None:
    """What a card saw has a figure or name of this trace, and one of the octets that it opens."""
    failed, explanation = trace.outcome, tell(trace).explanation
    assert isinstance(failed, Failed)
    host = urlsplit(trace.url).hostname or ""
    words = [*words_of(saw), *([host] if host in saw else ())]
    shown = evidence(trace.events, failed, explanation)
    in_octets = [each for each in words if shown.unit and held_by_octets(explanation, shown, each)]
    held = in_octets or [each for each in words if held_by_trace(trace, each)]
    assert held or failed.code in NO_FIGURE, (failed.code, saw, words)
    if shown.unit:
        assert in_octets or failed.code in NOT_IN_OCTETS, (failed.code, saw, words)


def _is_about_what_was_typed(failed: Failed, shown: AnyEvent) -> bool:
    """Whether the failure is of the address or the options, of which no call tells."""
    of_scheme = failed.code == "http.unsupported_scheme"
    return shown is failed and (failed.stage == "target" or of_scheme)


def _before_anything(trace: Trace) -> bool:
    return not any(isinstance(event, Called | Chose) for event in trace.events)


def _shows(event: AnyEvent) -> bool:
    """Whether an event is evidence: octets, an errno, an end of the stream, or a decision."""
    if isinstance(event, Called):
        return bool(event.data or event.errno or event.call in ("recv", "select", "connect"))
    return isinstance(event, Chose)
