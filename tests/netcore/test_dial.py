"""Several addresses: in turns, staggered, the first to connect wins (RFC 8305)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Final

import pytest

from netcore.deadline import Deadlines
from netcore.dial import dial, in_turns, shown
from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.recorder import Recorder
from netcore.trace import Called, Chose, Trace
from netcore.wire import Socket, Wire
from tests.faults.hostile import HostileServer, hold
from tests.faults.rows.tcp import black_hole

DELAY_NS: Final = 250_000_000


def endpoint(address: str, port: int = 443) -> Admitted:
    return Admitted(address, port, "Why not.")


class Dialled:
    """One dial, its trace, and what came of it."""

    def __init__(
        self, endpoints: Sequence[Admitted], *, within_s: float = 5.0, guard: Guard | None = None
    ) -> None:
        self.trace = Trace("http://a.example/", "", Options(), [])
        self.error: FetchError | None = None
        self.peer = ""
        recorder = Recorder(self.trace)
        deadlines = Deadlines(recorder.now_s)
        deadlines.set("stage", within_s, "tcp.timeout", "Not within {limit}.")
        with Wire(recorder) as wire:
            try:
                guarded = guard or Guard(Options(allow_private=True))
                socket = dial(wire, guarded, endpoints, deadlines)
                self.peer = shown(socket.admitted)
            except FetchError as error:
                self.error = error
            self.left_open = [each.name for each in wire._open]

    def calls(self, call: str) -> list[Called]:
        return [e for e in self.trace.events if isinstance(e, Called) and e.call == call]

    def chosen(self, what: str) -> list[str]:
        return [e.value for e in self.trace.events if isinstance(e, Chose) and e.what == what]


@pytest.mark.parametrize(
    ("given", "turns"),
    [
        ("6a 6b 4a 4b", "6a 4a 6b 4b"),
        ("6a 6b 6c 4a", "6a 4a 6b 6c"),
        ("4a 6a 4b", "4a 6a 4b"),
        ("4a 4b", "4a 4b"),
        ("6a", "6a"),
    ],
)
def test_addresses_come_in_turns_of_their_families(given: str, turns: str) -> None:
    by_name = {f"6{each}": endpoint(f"2001:db8::{each}") for each in "abc"}
    by_name |= {f"4{each}": endpoint(f"192.0.2.{ord(each)}") for each in "abc"}
    ordered = in_turns([by_name[each] for each in given.split()])
    assert ordered == [by_name[each] for each in turns.split()]


@pytest.mark.wire
def test_the_first_that_connects_is_used_and_the_next_is_never_begun() -> None:
    with HostileServer(hold) as server:
        dialled = Dialled([endpoint("127.0.0.1", server.port), endpoint("127.0.0.2", server.port)])
    assert dialled.peer == server.endpoint
    assert dialled.chosen("address") == [server.endpoint]
    assert dialled.chosen("attempt") == []


@pytest.mark.wire
def test_a_refusal_brings_the_next_attempt_forward() -> None:
    with HostileServer(hold) as server:
        dead = [endpoint(f"127.0.0.{n}", server.port) for n in (2, 3)]
        dialled = Dialled([*dead, endpoint("127.0.0.1", server.port)])
    assert dialled.peer == server.endpoint
    asked = [e for e in dialled.calls("getsockopt") if "SO_ERROR" in e.arguments]
    assert [e.errno for e in asked] == ["ECONNREFUSED"] * 2 + [""]
    waits = [e.arguments for e in dialled.calls("select")]
    assert all(len(each) == 3 for each in waits)  # one socket at a time
    assert len(dialled.calls("close")) == 3  # two attempts, and the socket when its fetch ended


@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_a_silent_address_delays_the_next_one_by_250_ms_and_is_closed() -> None:
    with HostileServer(hold) as server, black_hole(server.port):
        dialled = Dialled([endpoint("::1", server.port), endpoint("127.0.0.1", server.port)])
    assert dialled.peer == server.endpoint
    first, second = dialled.calls("connect")
    assert second.time_ns - first.time_ns >= DELAY_NS
    assert dialled.chosen("attempt") == [f"[::1]:{server.port}"]
    assert dialled.chosen("address")[-1] == server.endpoint
    assert dialled.left_open == ["tcp:2"]


@pytest.mark.wire
@pytest.mark.slow
def test_behind_a_silent_address_the_most_telling_failure_is_raised() -> None:
    with HostileServer(hold, listening=False) as closed, black_hole(closed.port):
        addresses = [endpoint("::1", closed.port), endpoint("127.0.0.1", closed.port)]
        dialled = Dialled(addresses, within_s=2)
    assert dialled.error
    assert dialled.error.code == "tcp.refused"
    assert dialled.left_open == []


@pytest.mark.wire
@pytest.mark.slow
def test_when_all_are_silent_the_deadline_ends_it() -> None:
    with HostileServer(hold, listening=False) as closed, black_hole(closed.port):
        dialled = Dialled([endpoint("::1", closed.port)], within_s=0.3)
    assert dialled.error
    assert dialled.error.code == "tcp.timeout"
    assert dialled.left_open == []


@pytest.mark.wire
@pytest.mark.slow
def test_eight_silent_attempts_at_most_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netcore.dial._ATTEMPT_DELAY_S", 0.01)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(HostileServer(hold, listening=False))
        stack.enter_context(black_hole(server.port))
        dialled = Dialled([endpoint("::1", server.port)] * 12, within_s=1.5)
    assert len(dialled.calls("connect")) == 8


@pytest.mark.wire
def test_of_a_thousand_addresses_64_are_tried() -> None:
    refusing = [endpoint(f"127.1.{n // 250}.{n % 250 + 1}", 1) for n in range(1000)]
    dialled = Dialled(refusing)
    assert dialled.error
    assert dialled.error.code == "tcp.refused"
    assert len(dialled.calls("connect")) == 64


@pytest.mark.wire
@pytest.mark.slow
def test_a_peer_that_was_not_admitted_ends_the_race(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Socket, "peer", lambda socket: ("127.0.0.66", 80))
    with HostileServer(hold) as server, black_hole(server.port):
        dialled = Dialled([endpoint("::1", server.port), endpoint("127.0.0.1", server.port)])
    assert isinstance(dialled.error, Refused)
    assert dialled.error.code == "guard.peer_mismatch"
    assert dialled.left_open == []
    assert dialled.calls("send") == []
