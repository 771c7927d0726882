"""The steps of a trace: few, in order, each once, and of what matters."""

from __future__ import annotations

import pytest

from netcore.options import Options
from netcore.trace import Trace
from tests.web.player.conftest import Told
from tests.web.recordings import exchange, refused
from web.fieldtree import paths
from web.player.steps import MOST_STEPS, Step, every_step, steps
from web.player.words import KINDS, caption, question
from web.tale import Tale, tell

pytestmark = pytest.mark.wire

TOLD = {
    "plain": ("dns_query", "dns_answer", "connect", "request_line", "host", "body"),
    "tls13": ("client_hello", "record_length", "server_name", "sealed", "certificate", "response"),
    "tls12": ("server_key_exchange", "client_key_exchange", "response"),
    "h2": ("alpn_offer", "alpn_choice", "headers", "headers_response", "data"),
    "h3": ("quic_initial", "quic_padding", "client_hello", "headers", "body"),
    "ws-echo": ("upgrade", "switching", "ws_mask", "ws_received", "ws_close"),
    "redirect": ("redirect", "reused", "request_line_again", "redirect_again", "response_again"),
    "resumption": ("certificate", "resumed"),
    "chunked": ("chunk", "body_in_reads"),
    "gzip": ("coding",),
    "port-closed": ("refused", "failure"),
    "no-such-name": ("dns_error", "failure"),
    "expired": ("certificate", "alert", "failure"),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_matters_is_told_in_few_steps_and_in_order(told: Told, name: str) -> None:
    tale = told(name)
    chosen = steps(tale)
    kinds = [step.kind for step in chosen]
    assert set(TOLD[name]) <= set(kinds)
    assert len(chosen) <= MOST_STEPS
    events = [step.event for step in chosen]
    assert events == sorted(events)
    assert len({step.selection for step in chosen}) == len(chosen)
    # Every fact that the words name is there; a missing one raises KeyError.
    assert all(caption(step.kind, step.facts) for step in chosen)
    assert all(question(step.kind, step.facts) or not KINDS[step.kind].ask for step in chosen)


@pytest.mark.parametrize("name", ["tls13", "tls12", "h2", "h3"])
def test_a_typical_fetch_has_twelve_to_twenty(told: Told, name: str) -> None:
    assert 12 <= len(steps(told(name))) <= MOST_STEPS


@pytest.mark.parametrize("name", ["h2", "h3", "ws-echo"])
def test_what_a_step_opens_exists(told: Told, name: str) -> None:
    tale = told(name)
    for step in steps(tale):
        units = tale.explanation.of_event(step.event)
        assert step.unit <= len(units)
        if step.field:
            assert step.field in paths(tale.explanation.tree(units[step.unit - 1]))


def test_the_record_length_is_read_from_its_own_two_bytes(told: Told) -> None:
    tale = told("tls13")
    step = next(step for step in steps(tale) if step.kind == "record_length")
    octets = tale.explanation.of_event(step.event)[step.unit - 1].octets
    assert step.field == "24-40"
    assert caption(step.kind, step.facts) == (
        f"Two bytes, {octets[3:5].hex(' ')}, "
        f"say how much follows this header of 5: {len(octets) - 5:,}."
    )


def test_every_event_is_every_mark() -> None:
    tale = recorded()
    assert [step.mark for step in every_step(tale)] == list(tale.timeline.marks)


def test_a_running_trace_has_the_steps_so_far() -> None:
    whole, part = recorded(), recorded(20)
    assert [step.selection for step in steps(part)] == [
        step.selection for step in steps(whole) if step.event <= 20
    ]


def test_what_is_left_out_is_what_says_least_and_never_the_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = Trace("http://plain.example/", "2026-01-02T03:04:05Z", Options(), refused())
    monkeypatch.setattr("web.player.steps.MOST_STEPS", 3)
    kinds = [step.kind for step in steps(tell(trace))]
    assert kinds[-1:] != ["dns_nothing"]
    assert min(KINDS[kind].weight for kind in kinds) == 3


def test_nothing_has_no_steps() -> None:
    assert steps(recorded(0)) == ()


def recorded(count: int = 1 << 30) -> Tale:
    """The tale of the first events of a fetch."""
    events = exchange()[:count]
    return tell(Trace("http://plain.example/", "2026-01-02T03:04:05Z", Options(), events))


def step_of(tale: Tale, kind: str) -> Step:
    """The step of that kind."""
    return next(step for step in steps(tale) if step.kind == kind)
