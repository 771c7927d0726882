"""The steps of a walk, read from its trace."""

from __future__ import annotations

import pytest

from lab import Lab
from netcore import Options, Trace, fetch
from netcore.dns_steps import Step, dns_steps
from netcore.pdus import explain
from netcore.terminal import draw
from netcore.timeline import timeline
from netcore.trace import Called, decode, encode

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def trace(lab: Lab) -> Trace:
    target = next(each for each in lab.targets if each.ask.dns_trace)
    return fetch(target.url, Options(lab=lab.options_lab(), dns_trace=True))


def steps(trace: Trace) -> list[Step]:
    return dns_steps(trace, explain(trace.events))


def test_each_question_is_a_step_with_its_server_and_its_outcome(trace: Trace) -> None:
    found = steps(trace)
    assert [(step.zone, step.kind, step.outcome) for step in found] == [
        (".", "referral", "referral: test"),
        ("test", "referral", "referral: lab.test"),
        ("lab.test", "answer", "answer: 127.0.0.1"),
        ("lab.test", "answer", "answer: no AAAA"),
    ]
    assert [step.endpoint.partition(":")[0] for step in found] == [
        "127.0.0.1",
        "127.0.0.2",
        *["127.0.0.3"] * 2,
    ]
    assert [step.server for step in found][1:] == ["ns.test", "ns.lab.test", "ns.lab.test"]
    assert found[0].glue == ("ns.test at 127.0.0.2",)
    assert all(step.took_ns > 0 for step in found)


def test_a_step_points_at_the_calls_that_moved_it(trace: Trace) -> None:
    for step in steps(trace):
        sent, received = trace.events[step.number - 1], trace.events[step.answer - 1]
        assert isinstance(sent, Called)
        assert isinstance(received, Called)
        assert (sent.call, received.call, sent.socket) == ("send", "recv", received.socket)


def test_a_running_trace_has_the_steps_so_far_and_a_saved_one_the_same(trace: Trace) -> None:
    whole = steps(trace)
    assert steps(decode(encode(trace))) == whole
    cut = Trace(trace.url, trace.started, trace.options, trace.events[: whole[1].number])
    found = steps(cut)
    assert [step.kind for step in found] == ["referral", "none"]
    assert found[1].outcome == "no answer"


def test_a_fetch_that_asked_a_resolver_has_no_steps(lab: Lab) -> None:
    plain = fetch(lab.servers["plain"].url, Options(lab=lab.options_lab()))
    assert steps(plain) == []


def test_the_terminal_draws_three_lines_for_each_step(trace: Trace) -> None:
    explanation = explain(trace.events)
    walk = dns_steps(trace, explanation)
    text = draw(timeline(trace, explanation), colour=False, walk=walk)
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.endswith("The walk from the root"))
    assert "the root: 127.0.0.1:" in lines[at + 1]
    assert "referral: test (ns.test at 127.0.0.2)" in lines[at + 3]
    assert all(len(line) <= 80 for line in lines)
