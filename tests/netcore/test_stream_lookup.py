"""The questions for one name over a connection, beside a stand-in for that connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from netcore.deadline import Deadlines
from netcore.dns_connection import DnsConnection, OnAnswer
from netcore.errors import FetchError
from netcore.guard import Guard
from netcore.options import Limits, Options
from netcore.protocols.dns import Answer
from netcore.recorder import Recorder
from netcore.service_lookup import ServiceLookup
from netcore.stream_lookup import StreamLookup
from netcore.trace import Chose, Trace


class Fake:
    """Gives these answers, then fails if it is to."""

    def __init__(self, *answers: Answer, error: FetchError | None = None) -> None:
        self.wanted: list[tuple[str, str]] = []
        self._answers = answers
        self._error = error

    def ask(self, wanted: Sequence[tuple[str, str]], on_answer: OnAnswer) -> None:
        self.wanted = list(wanted)
        for answer in self._answers:
            on_answer(answer)
        if self._error:
            raise self._error


A = Answer("A", "NOERROR", False, (), ("192.0.2.1",))
AAAA = Answer("AAAA", "NOERROR", False, (), ())
HTTPS = Answer("HTTPS", "NOERROR", False, (), ())
FAILED = FetchError("dns.tcp_closed", "It closed.")


def looked_up(fake: Fake, *, queries: int = 0, beside: bool = False) -> tuple[Any, ...]:
    trace = Trace("", "", Options(), [])
    recorder = Recorder(trace)
    deadlines = Deadlines(recorder.now_s)
    service = ServiceLookup(cast(Any, None), Guard(Options()), "a.example", 3) if beside else None
    connection = cast(DnsConnection, fake)
    lookup = StreamLookup(recorder, connection, deadlines, Limits(), "a.example", service)
    lookup.queries = queries
    answers = lookup.run()
    assert deadlines.remaining_s() is None
    return answers, service, [e for e in trace.events if isinstance(e, Chose)]


def test_ipv6_stands_first_whichever_answer_came_first() -> None:
    answers, _, _ = looked_up(Fake(A, AAAA))
    assert [each.rdtype for each in answers] == ["AAAA", "A"]


def test_https_records_are_asked_for_on_the_same_connection() -> None:
    fake = Fake(A, AAAA, HTTPS)
    answers, service, _ = looked_up(fake, beside=True)
    assert [rdtype for _, rdtype in fake.wanted] == ["A", "AAAA", "HTTPS"]
    assert [each.rdtype for each in answers] == ["AAAA", "A"]
    assert service.answer is HTTPS
    assert (service.queries, service.waiting) == (1, [])


def test_what_came_before_a_failure_has_to_do_and_the_failure_is_told() -> None:
    answers, _, decisions = looked_up(Fake(A, error=FAILED))
    assert answers == [A]
    assert [each.why for each in decisions] == ["It closed."]


def test_without_an_answer_the_failure_is_the_outcome() -> None:
    with pytest.raises(FetchError, match="It closed"):
        looked_up(Fake(error=FAILED))


def test_the_end_of_the_whole_fetch_is_no_failure_of_the_lookup() -> None:
    with pytest.raises(FetchError, match="Over"):
        looked_up(Fake(A, error=FetchError("limit.total", "Over.")))


def test_an_answer_about_https_records_alone_is_none() -> None:
    with pytest.raises(FetchError) as caught:
        looked_up(Fake(HTTPS, error=FAILED), beside=True)
    assert caught.value.code == "dns.timeout"


def test_too_many_questions_are_not_asked() -> None:
    fake = Fake(A)
    with pytest.raises(FetchError, match="20 questions"):
        looked_up(fake, queries=19)
    assert fake.wanted == []
