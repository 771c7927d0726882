"""Real fetches of the whole lab: every field and every event has words of its own."""

from __future__ import annotations

import msgspec
import pytest

from lab import Lab, LabTarget
from netcore import Options, fetch
from netcore.field import Field
from netcore.pdus import Explanation, explain
from netcore.trace import Called, Chose, Failed, Trace
from tests.faults.cards import hold_card
from tests.patience import limits_of
from web import words
from web.failure import failure_facts

pytestmark = [pytest.mark.wire, pytest.mark.slow]


@pytest.fixture(scope="module")
def traces() -> list[Trace]:
    with Lab(hold_s=0.05) as lab:
        options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), follow_redirects=True)
        return [fetch(target.url, asking(target, options)) for target in lab.targets]


def asking(target: LabTarget, options: Options) -> Options:
    """The options, with what the target wants to be asked."""
    wishes = target.ask.options(target.url)
    return msgspec.structs.replace(options, **wishes, limits=limits_of(target.name))


Seen = set[tuple[str, tuple[str, ...], str]]
"""Fields that were looked at: a unit's protocol, the names of the path, and the value."""


def general(explanation: Explanation, seen: Seen) -> set[str]:
    """The fields that have only the general sentence, in units by themselves and grafted.

    In: `seen`, the fields of other traces; one with the same path and value is not asked again.
    """
    found = set()

    def visit(protocol: str, octets: bytes, tree: Field, above: tuple[Field, ...]) -> None:
        path = (*above, tree)
        names = tuple(field.name for field in path)
        known = (protocol, names, str(tree.value))
        if known not in seen:
            seen.add(known)
            text = words.explain_field(protocol, path, octets).what
            if not text or text.startswith(f"{tree.name} stands at offset"):
                found.add(f"{protocol}: {'.'.join(names)}")
        for child in tree.children:
            visit(protocol, octets, child, path)

    for pdu in explanation.pdus:
        visit(pdu.protocol, pdu.octets, pdu.fields(), ())
        visit(pdu.protocol, pdu.octets, explanation.tree(pdu), ())
    return found


@pytest.mark.thorough
def test_every_field_of_a_lab_trace_has_words_of_its_own(traces: list[Trace]) -> None:
    seen: Seen = set()
    assert set().union(*(general(explain(trace.events), seen) for trace in traces)) == set()


def test_every_event_of_a_lab_trace_has_words_of_its_own(traces: list[Trace]) -> None:
    for event in (event for trace in traces for event in trace.events):
        found = words.explain_event(event)
        assert found.what, event
        if isinstance(event, Called | Chose):
            assert not found.ask.startswith(("What did {", "What was decided about")), event
            assert f"What did {getattr(event, 'call', '')}() do?" != found.ask, event


def test_every_failure_of_the_lab_has_its_card_and_points_at_an_event(traces: list[Trace]) -> None:
    failed = [trace for trace in traces if isinstance(trace.outcome, Failed)]
    assert failed
    for trace in failed:
        assert isinstance(trace.outcome, Failed)
        card = words.failure_card(trace.outcome.code, failure_facts(trace))
        assert card.headline != "The fetch failed."
        assert 1 <= card.event <= len(trace.events)
        hold_card(trace)
