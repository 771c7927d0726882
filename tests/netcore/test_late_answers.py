"""Answers that come when the lookup is over: they are in the trace, and told, and not used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from netcore import Trace, fetch
from netcore.late_answers import LateAnswers
from netcore.options import Options
from netcore.pdus import explain
from netcore.recorder import Recorder
from netcore.timeline import timeline
from netcore.trace import AnyEvent, Called, Chose, Completed, Failed
from tests.faults.case import options
from tests.faults.hostile import (
    PATIENCE_S,
    Datagram,
    HostileResolver,
    HostileServer,
    hold,
    receive_request,
)
from tests.faults.rows.dns import AAAA, ARRIVED, LOCALHOST, A, kind_of, record, response
from tests.faults.rows.dns_tcp import cut

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

V6: Final = record(AAAA, bytes(15) + b"\1")


def right(query: bytes) -> bytes:
    return response(query, [V6])


class Scene:
    """A is answered at once, AAAA once the server has the request; the reply comes after that."""

    def __init__(self, late: Callable[[bytes], bytes] = right, reply: bytes = ARRIVED) -> None:
        requested, sent = threading.Event(), threading.Event()

        def answer(query: bytes) -> Iterator[Datagram]:
            if kind_of(query) == A:
                yield Datagram(response(query, [LOCALHOST]))
                return
            requested.wait(PATIENCE_S)
            yield Datagram(late(query))
            sent.set()  # the kernel has the datagram now

        def converse(connection: object) -> None:
            receive_request(connection)  # type: ignore[arg-type]
            requested.set()
            sent.wait(PATIENCE_S)
            connection.sendall(reply)  # type: ignore[attr-defined]
            hold(connection)  # type: ignore[arg-type]

        with HostileResolver(answer) as resolver, HostileServer(converse) as server:
            self.trace: Trace = fetch(
                f"http://victim.example.com:{server.port}/",
                options(
                    server,
                    limits={"dns_try_s": 1.0, "dns_queries": 2},  # none for HTTPS records
                    dns_server=resolver.address,
                ),
            )
            self.resolver = resolver

    @property
    def told(self) -> list[Chose]:
        return [e for e in self.trace.events if isinstance(e, Chose) and e.what == "dns answer"]

    @property
    def received(self) -> list[bytes]:
        return [e.data for e in _calls(self.trace.events) if e.call == "recv"]


def _calls(events: list[AnyEvent]) -> list[Called]:
    return [e for e in events if isinstance(e, Called) and e.socket.startswith("udp:")]


def test_a_late_answer_is_recorded_and_told_at_the_end_of_the_fetch() -> None:
    scene = Scene()
    assert isinstance(scene.trace.outcome, Completed)
    assert scene.received == scene.resolver.delivered
    (decision,) = scene.told
    assert decision.value == "late"
    assert "victim.example.com AAAA" in decision.why
    assert _calls(scene.trace.events)[-1].call == "close"


def test_a_late_answer_is_recorded_also_when_the_fetch_fails() -> None:
    scene = Scene(reply=b"nonsense\r\n\r\n")
    assert isinstance(scene.trace.outcome, Failed)
    assert scene.trace.outcome.code == "h1.bad_status_line"
    assert scene.received == scene.resolver.delivered
    assert [each.value for each in scene.told] == ["late"]


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(lambda q: bytes((q[0] ^ 1,)) + right(q)[1:], id="another id"),
        pytest.param(lambda q: right(q)[:5], id="five octets"),
        pytest.param(lambda q: right(q)[:12] + b"\xc0\xff" + bytes(4), id="no question in it"),
    ],
)
def test_a_late_datagram_that_does_not_fit_is_ignored(late: Callable[[bytes], bytes]) -> None:
    scene = Scene(late)
    assert scene.received == scene.resolver.delivered
    (decision,) = scene.told
    assert decision.value == "ignored"
    assert decision.why.endswith(".")


def test_a_late_answer_that_was_cut_is_not_asked_for_again() -> None:
    scene = Scene(lambda q: cut(right(q)))
    assert len(scene.resolver.queries) == 2
    assert [each.value for each in scene.told] == ["late"]


def test_the_timeline_has_the_late_answer_on_the_resolvers_lane() -> None:
    scene = Scene()
    drawn = timeline(scene.trace, explain(scene.trace.events))
    lane = next(each.key for each in drawn.lanes if each.kind == "resolver")
    assert [
        each.layer for each in drawn.singles if each.kind == "receive" and each.lane == lane
    ] == [
        "dns",
        "dns",
    ]
    assert [each.title for each in drawn.singles if each.title.startswith("dns answer")] == [
        "dns answer: late"
    ]


def test_nothing_to_keep_is_nothing_to_do() -> None:
    trace = Trace("", "", Options(), [])
    late = LateAnswers(Recorder(trace))
    late.keep([])
    late.take()
    late.close()
    assert trace.events == []
