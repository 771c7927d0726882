"""The hops that recorded probes found."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcore.options import Options
from netcore.path import PathProbe, read_path
from netcore.pdus import explain
from netcore.terminal import draw
from netcore.timeline import timeline
from netcore.trace import AnyEvent, Called, Completed, StageEnded, StageStarted, Trace

TARGET = "198.51.100.9:443"


def probe(number: int, hops: int, *answer: Called, errno: str = "EINPROGRESS") -> list[AnyEvent]:
    name = f"tcp:{number}"
    at = number * 1_000_000
    return [
        Called(at, name, "setsockopt", ("IPPROTO_IP", "IP_TTL", hops), 0),
        Called(at + 10, name, "connect", (TARGET,), errno=errno),
        *answer,
        Called(at + 900_000, name, "close"),
    ]


def reported(number: int, text: str, wait_ns: int = 400_000) -> Called:
    at = number * 1_000_000 + 10
    return Called(at, f"tcp:{number}", "recvmsg", (576, 512), text, duration_ns=wait_ns)


def connected(number: int, errno: str = "") -> Called:
    at = number * 1_000_000 + 10
    arguments = ("SOL_SOCKET", "SO_ERROR")
    return Called(at, f"tcp:{number}", "getsockopt", arguments, 0, errno, 700_000)


def trace(*probes: list[AnyEvent]) -> Trace:
    inside = [event for each in probes for event in each]
    events = [
        Called(1, "tcp:1", "connect", ("203.0.113.5:80",)),
        StageStarted(2, "path"),
        *inside,
        StageEnded(99_000_000, "path"),
        Completed(99_000_001, 200),
    ]
    return Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(path=True), events)


PASSED = "EHOSTUNREACH ICMP 11 0 10.0.0.1"
WHOLE = trace(
    probe(2, 1, reported(2, PASSED)),
    probe(3, 2),
    probe(4, 3, connected(4)),
    probe(5, 4, connected(5)),
    probe(6, 1, reported(6, "EHOSTUNREACH ICMP 11 0 10.0.0.3")),
)


def test_each_hop_has_its_probes_and_the_path_ends_at_the_target() -> None:
    path = read_path(WHOLE.events)
    assert path is not None
    assert (path.target, path.protocol, path.reached) == (TARGET, "TCP", True)
    assert [(hop.number, hop.addresses, hop.answer) for hop in path.hops] == [
        (1, ("10.0.0.1", "10.0.0.3"), "time exceeded"),
        (2, (), ""),
        (3, ("198.51.100.9",), "connected"),
    ]
    assert path.hops[0].waits == ("400 µs", "400 µs")
    assert path.hops[1].waits == ("*",)
    assert path.hops[0].probes[0] == PathProbe(5, "10.0.0.1", 400_000, "time exceeded")


def test_a_target_that_refuses_is_reached() -> None:
    path = read_path(trace(probe(2, 1, connected(2, "ECONNREFUSED"))).events)
    assert path is not None
    assert (path.reached, path.hops[0].answer) == (True, "refused")
    at_once = read_path(trace(probe(2, 1, errno="ECONNREFUSED")).events)
    assert at_once is not None
    assert (at_once.reached, at_once.hops[0].answer) == (True, "refused")


def test_a_router_that_knows_no_way_ends_the_path() -> None:
    unreachable = reported(3, "EHOSTUNREACH ICMP 3 1 10.0.0.1")
    path = read_path(trace(probe(2, 1, reported(2, PASSED)), probe(3, 2, unreachable)).events)
    assert path is not None
    assert not path.reached
    assert path.hops[-1].answer == "unreachable: ICMP 3/1"


def test_of_a_path_that_ends_in_silence_one_silent_hop_is_told() -> None:
    silent = [probe(3 + hops, hops) for hops in range(2, 12)]
    path = read_path(trace(probe(2, 1, reported(2, PASSED)), *silent).events)
    assert path is not None
    assert [hop.number for hop in path.hops] == [1, 2]


def test_a_trace_without_the_stage_has_no_path() -> None:
    assert read_path([]) is None
    assert read_path(WHOLE.events[:2]) is None
    assert read_path([event for event in WHOLE.events if isinstance(event, Called)]) is None


def test_the_terminal_lists_the_hops() -> None:
    text = draw(timeline(WHOLE, explain(WHOLE.events)), read_path(WHOLE.events), colour=False)
    assert "The path to 198.51.100.9:443, asked by TCP" in text
    lines = [line.split() for line in text.splitlines() if line.startswith("    2 ")]
    assert lines[-1] == ["2", "*", "*"]
    assert "198.51.100.9  connected" in text
    assert max(map(len, text.splitlines())) <= 80


def test_probes_are_no_marks() -> None:
    assert [mark.number for mark in timeline(WHOLE, explain(WHOLE.events)).marks] == [1]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.data())
def test_any_answers_make_a_path(data: st.DataObject) -> None:
    """A trace is a file that anybody can write."""
    texts = st.text(max_size=20) | st.sampled_from([PASSED, "E ICMP 3 1 10.0.0.9", ""])
    limits = st.integers(-5, 300) | st.none() | st.text(max_size=3)
    events: list[AnyEvent] = [StageStarted(0, "path")]
    for number in range(data.draw(st.integers(0, 6))):
        name = f"tcp:{data.draw(st.integers(1, 3))}"
        events += [
            Called(number, name, "setsockopt", ("IPPROTO_IP", "IP_TTL", data.draw(limits))),
            Called(number, name, "connect", data.draw(st.sampled_from([(), ("x",), (TARGET,)]))),
            Called(number, name, "recvmsg", (), data.draw(texts)),
        ]
    path = read_path(events)
    assert path is None or all(hop.waits for hop in path.hops)
