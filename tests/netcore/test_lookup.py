"""A and AAAA of one name, from several servers, over UDP and over TCP."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.late_answers import LateAnswers
from netcore.lookup import Lookup
from netcore.options import Limits, Options
from netcore.protocols.dns import Answer
from netcore.recorder import Recorder
from netcore.trace import Called, Chose, Trace
from netcore.wire import CallFailed, Wire
from tests.faults.hostile import Datagram, HostileResolver, finish, hold
from tests.faults.rows.dns import AAAA, LOCALHOST, A, kind_of, record, response, silent
from tests.faults.rows.dns_tcp import answer, cut, prefixed, receive_query, resolver

pytestmark = pytest.mark.wire

LIMITS: Final = Limits(dns_try_s=0.3)
V6: Final = record(AAAA, bytes(15) + b"\1")


class LookedUp:
    """One lookup, its trace, and what came of it."""

    def __init__(
        self, *addresses: str, limits: Limits = LIMITS, within_s: float | None = None
    ) -> None:
        self.trace = Trace("http://a.example/", "", Options(), [])
        self.answers: list[Answer] = []
        self.error: FetchError | None = None
        recorder = Recorder(self.trace)
        servers = [Admitted(*_split(each), "A resolver.") for each in addresses]
        guard = Guard(Options())
        deadlines = Deadlines(recorder.now_s)
        deadlines.set("stage", within_s, "dns.timeout", "Not within {limit}.")
        with Wire(recorder) as wire:
            lookup = Lookup(wire, guard, deadlines, limits, servers, "a.example")
            try:
                self.answers = lookup.run()
            except FetchError as error:
                self.error = error
            finally:
                late = LateAnswers(recorder)
                late.keep(lookup.close())
                late.close()
            self.queries = lookup.queries
            self.left_open = list(wire._open)

    @property
    def addresses(self) -> list[str]:
        return [address for each in self.answers for address in each.addresses]

    @property
    def told(self) -> list[str]:
        return [e.value for e in self.trace.events if isinstance(e, Chose)]

    def calls(self, call: str, protocol: str) -> list[Called]:
        called = [e for e in self.trace.events if isinstance(e, Called) and e.call == call]
        return [e for e in called if e.socket.startswith(protocol)]


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def answers(make: Callable[[bytes], bytes]) -> HostileResolver:
    return HostileResolver(lambda query: [Datagram(make(query))])


def both(query: bytes) -> bytes:
    return response(query, [LOCALHOST if kind_of(query) == A else V6])


def test_ipv6_stands_first_whichever_answer_came_first() -> None:
    with answers(both) as server:
        found = LookedUp(server.address)
    assert found.addresses == ["::1", "127.0.0.1"]
    assert found.queries == 2
    assert found.left_open == []


def test_another_server_is_asked_when_one_fails() -> None:
    with answers(lambda q: response(q, rcode=2)) as first, answers(both) as second:
        found = LookedUp(first.address, second.address)
    assert found.addresses == ["::1", "127.0.0.1"]
    assert len(first.queries) == 2


@pytest.mark.slow
def test_what_a_server_refused_with_is_told_when_the_others_are_silent() -> None:
    with answers(lambda q: response(q, rcode=5)) as first, HostileResolver(silent) as second:
        found = LookedUp(first.address, second.address)
    assert {each.rcode for each in found.answers} == {"REFUSED"}


def test_a_late_datagram_is_kept_and_ignored() -> None:
    """The same answer twice: the second one is read while the other question is waited for."""

    def twice(query: bytes) -> Sequence[Datagram]:
        return [Datagram(both(query))] * 2 if kind_of(query) == A else []

    with HostileResolver(twice) as server:
        found = LookedUp(server.address)
    assert found.addresses == ["127.0.0.1"]
    assert found.told == ["ignored"]
    assert len(found.calls("recv", "udp")) == 2


def test_both_answers_can_be_cut_and_come_over_tcp() -> None:
    with resolver(answer(lambda q: prefixed(both(q)), finish)) as server:
        server._answer = lambda query: [Datagram(cut(response(query)))]
        found = LookedUp(server.address)
    assert found.addresses == ["::1", "127.0.0.1"]
    assert found.told == ["truncated", "truncated"]
    assert len(found.calls("connect", "tcp")) == 2
    assert found.queries == 4
    assert found.left_open == []


def test_a_cut_answer_is_never_used_even_if_it_has_addresses() -> None:
    with answers(lambda q: cut(both(q))) as server:
        found = LookedUp(server.address)
    assert found.error
    assert found.error.code == "dns.tcp_refused"
    assert found.addresses == []


def test_a_server_that_refuses_tcp_leaves_the_other_type_to_be_used() -> None:
    def half(query: bytes) -> Sequence[Datagram]:
        return [Datagram(cut(both(query)) if kind_of(query) == A else both(query))]

    with HostileResolver(half) as server:
        found = LookedUp(server.address)
    assert found.addresses == ["::1"]
    assert found.told == ["truncated", "none"]


def test_a_server_that_refuses_tcp_leaves_another_server_to_be_asked() -> None:
    with answers(lambda q: cut(response(q))) as first, answers(both) as second:
        found = LookedUp(first.address, second.address)
    assert found.addresses == ["::1", "127.0.0.1"]
    assert len(first.queries) == 2  # it was not asked again


def test_questions_over_tcp_count_as_questions() -> None:
    with answers(lambda q: cut(response(q))) as server:
        found = LookedUp(server.address, limits=Limits(dns_queries=3))
    assert found.error
    assert found.error.code == "dns.timeout"
    assert "3 questions" in found.error.message


def test_a_resolver_that_nobody_runs_is_given_up_at_once() -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(HostileResolver(silent))
        address = server.address
    found = LookedUp(address, limits=Limits(dns_try_s=30))
    assert found.error
    assert found.error.code == "dns.refused"
    assert address in found.error.message
    assert "ECONNREFUSED" in found.error.message
    assert set(found.told) == {"none"}


def test_a_resolver_that_nobody_runs_beside_a_silent_one_is_a_timeout() -> None:
    with contextlib.ExitStack() as stack:
        gone = stack.enter_context(HostileResolver(silent)).address
    with HostileResolver(silent) as server:
        found = LookedUp(gone, server.address, limits=Limits(dns_try_s=0.05))
    assert found.error
    assert found.error.code == "dns.timeout"


def test_a_resolver_to_which_no_way_leads_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(socket: Any) -> bool:
        raise CallFailed("connect", OSError(errno.ENETUNREACH, "Network is unreachable"))

    monkeypatch.setattr("netcore.wire.Socket.connect", none)
    found = LookedUp("192.0.2.1:53")
    assert found.error
    assert found.error.code == "dns.unreachable"
    assert "ENETUNREACH" in found.error.message


def broken(query: bytes) -> bytes:
    return response(query, [LOCALHOST])[:-2]


def test_an_unreadable_answer_leaves_the_other_family_to_be_used() -> None:
    with answers(lambda q: broken(q) if kind_of(q) == A else both(q)) as server:
        found = LookedUp(server.address)
        assert set(server.delivered) == {e.data for e in found.calls("recv", "udp")}
    assert found.addresses == ["::1"]
    assert "unreadable" in found.told


def test_a_right_answer_behind_an_unreadable_one_is_taken() -> None:
    def forged_first(query: bytes) -> Sequence[Datagram]:
        return [Datagram(broken(query)), Datagram(both(query))]

    with HostileResolver(forged_first) as server:
        found = LookedUp(server.address)
    assert found.addresses == ["::1", "127.0.0.1"]
    assert found.told == ["unreadable", "unreadable"]
    assert found.queries == 2


def test_behind_an_unreadable_answer_the_question_is_asked_again() -> None:
    seen: list[int] = []

    def second_time(query: bytes) -> bytes:
        seen.append(kind_of(query))
        return both(query) if seen.count(kind_of(query)) == 2 else broken(query)

    with answers(second_time) as server:
        found = LookedUp(server.address, limits=Limits(dns_try_s=30))
    assert found.addresses == ["::1", "127.0.0.1"]
    assert found.queries == 4


def test_another_server_is_asked_behind_an_unreadable_answer() -> None:
    with answers(broken) as first, answers(both) as second:
        found = LookedUp(first.address, second.address)
    assert found.addresses == ["::1", "127.0.0.1"]


def test_nothing_but_unreadable_answers_fail_as_that() -> None:
    with answers(broken) as server:
        found = LookedUp(server.address, limits=Limits(dns_try_s=30))
        assert len(server.delivered) == 4
        assert len(found.calls("recv", "udp")) == 4
    assert found.error
    assert found.error.code == "dns.malformed"


def test_unreadable_answers_without_end_are_given_up() -> None:
    with HostileResolver(lambda query: [Datagram(broken(query))] * 50) as server:
        found = LookedUp(server.address, limits=Limits(dns_try_s=30))
    assert found.error
    assert found.error.code == "dns.malformed"
    assert found.told.count("unreadable") == 8


def test_an_unreadable_answer_tells_more_than_that_the_time_is_up() -> None:
    with answers(lambda q: broken(q)) as first, HostileResolver(silent) as second:
        found = LookedUp(first.address, second.address, limits=Limits(dns_try_s=30), within_s=0.5)
    assert found.error
    assert found.error.code == "dns.malformed"


def test_the_peer_of_a_tcp_connection_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netcore.wire.Socket.peer", lambda socket: ("127.0.0.66", 53))
    with resolver(hold) as server:
        found = LookedUp(server.address)
    assert found.error
    assert found.error.code == "guard.peer_mismatch"
    assert found.calls("send", "tcp") == []
    assert found.left_open == []


def test_answers_over_tcp_may_come_in_pieces_of_any_size() -> None:
    def pieces(connection: Any) -> None:
        whole = prefixed(both(receive_query(connection)))
        for start in range(0, len(whole), 7):
            connection.sendall(whole[start : start + 7])
        hold(connection)

    with resolver(pieces) as server:
        found = LookedUp(server.address)
    assert found.addresses == ["127.0.0.1"]
