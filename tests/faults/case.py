"""One hostile scene, what has to come of it, and what holds after every one of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from netcore import Options, Trace, fetch
from netcore.options import Lab, Limits
from netcore.pdus import explain
from netcore.trace import Called, Chose, Completed, Failed, StageEnded, StageStarted, decode, encode
from tests.faults.hostile import Converse, HostileResolver, HostileServer

LIMITS: Final = Limits(
    dns_s=1.0,
    dns_try_s=0.2,
    connect_s=1.0,
    tls_s=0.9,
    quic_s=0.6,
    quic_idle_s=1.5,
    first_byte_s=0.7,
    headers_s=0.9,
    stall_s=0.8,
    body_s=2.5,
    slow_window_s=1.2,
    total_s=5.0,
)
"""The limits of the web application with every time scaled down."""

PATIENT: Final = ("tls_s", "quic_s", "first_byte_s", "headers_s", "stall_s", "body_s", "total_s")
"""Limits on time that a slow machine must not overrun where they are not what a case is about."""
PATIENCE: Final = 8  # times as long

SLACK_S: Final = 5.0
"""What a fetch may take beyond the limit that ends it, on a machine that has other things to do."""

TRACE_OCTETS: Final = 8 << 20
"""How long a trace may be when it is saved."""


@dataclass
class Scene:
    """Servers that run, and the fetch that meets them."""

    url: str
    options: Options
    servers: list[HostileServer] = field(default_factory=list)
    resolver: HostileResolver | None = None


Stage = Callable[[contextlib.ExitStack], Scene]


@dataclass(frozen=True)
class Case:
    """A row of faults.json, or one of several behaviours that a row names."""

    row: str
    title: str
    scene: Stage
    code: str  # the code of the failure; "ok" for a complete response
    stage: str = "response"  # where it failed
    hop: int = 1
    limit: str = ""  # the limit on time that ends it, as Limits names it
    cpu_s: float = 2.0  # what the fetch may compute
    noted: str = ""  # the `what` of a Chose event that has to be there
    plain: bool = True  # the server's octets are on the wire as it wrote them
    check: Callable[[Scene, Trace], None] | None = None


def options(*servers: HostileServer, limits: dict[str, Any] | None = None, **more: Any) -> Options:
    """Options for which these servers are lab endpoints; everything else is as for the public."""
    endpoints = tuple(server.endpoint for server in servers)
    scaled = msgspec.structs.replace(LIMITS, **(limits or {}))
    return Options(lab=Lab(endpoints=endpoints), limits=scaled, **more)


def plain_http(converse: Converse, *, limits: dict[str, Any] | None = None, **more: Any) -> Stage:
    """A scene with one server, spoken to over plain HTTP by its address."""

    def scene(stack: contextlib.ExitStack) -> Scene:
        server = stack.enter_context(HostileServer(converse))
        url = f"http://{server.endpoint}/"
        return Scene(url, options(server, limits=limits, **more), [server])

    return scene


def octets_of(trace: Trace, channel: str) -> bytes:
    """The octets of a channel that were kept; fails where its offsets leave a gap."""
    kept, crossed = b"", 0
    for event in trace.events:
        if isinstance(event, Called) and event.channel == channel:
            assert event.offset == crossed
            assert not event.data or len(kept) == crossed  # nothing is kept behind a cut
            kept += event.data
            crossed += event.length
    return kept


def chosen(trace: Trace, what: str) -> list[Chose]:
    """The decisions of one kind."""
    return [e for e in trace.events if isinstance(e, Chose) and e.what == what]


def play(case: Case) -> Trace:
    """Run the scene once and hold it to everything that is true of every case."""
    with contextlib.ExitStack() as stack:
        scene = case.scene(stack)
        began, cpu_began = time.monotonic(), time.thread_time()
        trace = fetch(scene.url, scene.options if case.limit else _patient(scene.options))
        took, computed = time.monotonic() - began, time.thread_time() - cpu_began
        assert computed <= case.cpu_s
        _check_time(case, scene, took)
        _check_outcome(case, trace)
        _check_stages(case, trace)
        _check_kept(case, scene, trace)
        if case.check:
            case.check(scene, trace)
    saved = encode(trace)
    assert decode(saved) == trace
    assert len(saved) <= TRACE_OCTETS
    assert len(trace.events) <= scene.options.limits.trace_events + 30  # the last stages
    _check_explained(trace)
    return trace


def _patient(wanted: Options) -> Options:
    """The same, with more time for whatever the row has not set a time of its own for."""
    more = {
        name: PATIENCE * getattr(LIMITS, name)
        for name in PATIENT
        if getattr(wanted.limits, name) == getattr(LIMITS, name)
    }
    return msgspec.structs.replace(wanted, limits=msgspec.structs.replace(wanted.limits, **more))


def _check_explained(trace: Trace) -> None:
    """Every unit has a tree that covers it, however wrong its octets are."""
    for pdu in explain(trace.events).pdus:
        tree = pdu.fields()
        assert (tree.start, tree.length) == (0, 8 * len(pdu.octets)), pdu


def _check_time(case: Case, scene: Scene, took: float) -> None:
    """Where a limit on time ends it: not before the limit, and not long after it."""
    if case.limit:
        limit = getattr(scene.options.limits, case.limit)
        assert limit <= took <= limit + SLACK_S, f"it took {took:.2f} s"


def _check_outcome(case: Case, trace: Trace) -> None:
    ends = [e for e in trace.events if isinstance(e, Completed | Failed)]
    assert len(ends) == 1
    assert ends[0] is trace.events[-1]
    end = ends[0]
    if case.code == "ok":
        assert isinstance(end, Completed), end
    else:
        assert isinstance(end, Failed), end
        assert (end.stage, end.code, end.hop) == (case.stage, case.code, case.hop), end
        assert end.message.endswith(".")
    if case.noted:
        assert any(note.why for note in chosen(trace, case.noted)), trace.events[-4:]


def _check_stages(case: Case, trace: Trace) -> None:
    """Every stage that was entered was left, and the one that failed says with what."""
    entered = [(e.stage, e.hop) for e in trace.events if isinstance(e, StageStarted)]
    left = [(e.stage, e.hop) for e in trace.events if isinstance(e, StageEnded)]
    assert sorted(left) == sorted(entered)
    errors = [(e.stage, e.error) for e in trace.events if isinstance(e, StageEnded) and e.error]
    if case.code != "ok":
        assert errors == [(case.stage, case.code)]
    else:
        assert errors == []
    times = [e.time_ns for e in trace.events]
    assert all(isinstance(t, int) and t >= 0 for t in times)


def _check_kept(case: Case, scene: Scene, trace: Trace) -> None:
    """What the servers sent is in the trace, as far as the client read it."""
    if scene.resolver:
        calls = [e for e in trace.events if isinstance(e, Called) and e.call == "recv"]
        datagrams = [e.data for e in calls if e.socket.startswith("udp:") and e.length]
        assert all(data in scene.resolver.delivered for data in datagrams)
    if not case.plain:
        return
    sent = [octets for server in scene.servers for octets in server.sent]
    for number, octets in enumerate(sent, start=1):
        received = octets_of(trace, f"tcp:{number}.received")
        assert octets.startswith(received)
        assert received or not octets
