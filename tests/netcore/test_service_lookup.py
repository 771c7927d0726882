"""The question for HTTPS records by itself: asked once, and nothing that becomes of it raises."""

from __future__ import annotations

import pytest

from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.protocols.dns import Answer
from netcore.recorder import Recorder
from netcore.service_lookup import ServiceLookup
from netcore.trace import Called, Chose, Trace
from netcore.wire import Wire
from tests.faults.hostile import Datagram, HostileResolver
from tests.faults.rows.dns import record, response, silent
from tests.faults.rows.dns_tcp import answer, cut, prefixed, resolver

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

HTTPS = 65
SERVICE = record(HTTPS, b"\0\1\0")  # 1 .


class Asked:
    """One question, waited for so long at most, and its trace."""

    def __init__(self, address: str, extra_s: float = 5.0, room: int = 2) -> None:
        self.trace = Trace("", "", Options(), [])
        host, _, port = address.rpartition(":")
        server = Admitted(host, int(port), "A resolver.")
        with Wire(Recorder(self.trace)) as wire:
            lookup = ServiceLookup(wire, Guard(Options()), "a.example", room)
            lookup.start(server)
            lookup.start(server)
            self.answer: Answer | None = lookup.finish(extra_s)
            self.kept = lookup.close()
            assert lookup.close() == []
            self.queries = lookup.queries

    @property
    def told(self) -> list[str]:
        return [e.value for e in self.trace.events if isinstance(e, Chose)]


def test_an_answer_is_taken() -> None:
    with HostileResolver(lambda q: [Datagram(response(q, [SERVICE]))]) as server:
        asked = Asked(server.address)
    assert asked.answer
    assert [each.priority for each in asked.answer.services] == [1]
    assert (asked.queries, asked.told) == (1, [])
    assert [way.done for way in asked.kept] == [True]


def test_silence_is_not_waited_for() -> None:
    with HostileResolver(silent) as server:
        asked = Asked(server.address, 0)
    assert asked.answer is None
    assert [way.done for way in asked.kept] == [False]


def test_a_cut_answer_is_asked_for_over_tcp() -> None:
    with resolver(answer(lambda q: prefixed(response(q, [SERVICE])))) as server:
        server._answer = lambda query: [Datagram(cut(response(query)))]
        asked = Asked(server.address)
    assert asked.answer
    assert (asked.queries, asked.told) == (2, ["truncated"])
    assert [e.call for e in asked.trace.events if isinstance(e, Called)][-2:] == ["close", "close"]


def test_without_room_for_another_question_a_cut_answer_is_none() -> None:
    with HostileResolver(lambda q: [Datagram(cut(response(q)))]) as server:
        asked = Asked(server.address, room=1)
    assert (asked.answer, asked.queries) == (None, 1)


def test_answers_to_something_else_are_ignored_up_to_a_bound() -> None:
    def wrong(query: bytes) -> list[Datagram]:
        other = bytes((query[0] ^ 1,)) + response(query)[1:]
        return [Datagram(other)] * 20

    with HostileResolver(wrong) as server:
        asked = Asked(server.address)
    assert asked.answer is None
    assert asked.told == ["ignored"] * 8


def test_one_that_cannot_be_read_is_told() -> None:
    with HostileResolver(lambda q: [Datagram(response(q, [SERVICE])[:-1])]) as server:
        asked = Asked(server.address)
    assert asked.answer is None
    assert asked.told == ["none"]


def test_a_port_where_nobody_listens_is_told() -> None:
    with HostileResolver(silent) as server:
        address = server.address
    asked = Asked(address)
    assert asked.answer is None
    assert asked.told == ["none"]
