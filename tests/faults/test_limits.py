"""The limits that the faults name are the web application's defaults, and a trace keeps to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from netcore import fetch
from netcore.options import Limits
from netcore.trace import Completed, StageEnded, StageStarted, Truncated
from tests.faults.case import octets_of, options
from tests.faults.hostile import HostileServer, drip, reply

DATA: Final = Path(__file__).parents[1] / "data" / "faults.json"
DEFAULTS: Final[dict[str, int]] = json.loads(DATA.read_text())["meta"]["default_limits"]
NAMES: Final = {
    "header_bytes": "header_octets",
    "body_read_bytes": "body_read_octets",
    "body_kept_bytes": "kept_octets",
    "decoded_bytes": "decoded_octets",
}
LATER: Final = {
    "h2_control_frames",
    "h2_continuation",
    "quic_window",
    "ws_message_bytes",
    "ws_total_bytes",
    "trace_bytes",  # follows from the octets kept of each channel and the number of events
}
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize("name", sorted(set(DEFAULTS) - LATER))
def test_a_default_is_the_one_that_the_faults_name(name: str) -> None:
    assert getattr(Limits(), NAMES.get(name, name)) == DEFAULTS[name]


@pytest.mark.wire
@pytest.mark.slow
def test_a_trace_of_very_many_calls_says_from_where_it_is_incomplete() -> None:
    most = 40
    with HostileServer(drip(HEAD % 200 + b"a" * 200, every_s=0.001)) as server:
        wanted = options(server, limits={"trace_events": most})
        trace = fetch(f"http://{server.endpoint}/", wanted)
    end = trace.events[-1]
    assert isinstance(end, Completed)
    assert end.body_octets == 200
    assert [e for e in trace.events if isinstance(e, Truncated)] == [trace.events[most]]
    behind = trace.events[most + 1 :]
    assert all(isinstance(e, StageStarted | StageEnded | Completed) for e in behind)


@pytest.mark.wire
@pytest.mark.parametrize("excess", [-1, 0, 1, 5000])
def test_of_a_channel_as_much_is_kept_as_the_limit_says(excess: int) -> None:
    body = b"a" * 10_000
    sent = HEAD % len(body) + body
    most = len(sent) - excess
    with HostileServer(reply(sent)) as server:
        wanted = options(server, limits={"kept_octets": most})
        trace = fetch(f"http://{server.endpoint}/", wanted)
    assert isinstance(trace.events[-1], Completed)
    assert octets_of(trace, "tcp:1.received") == sent[:most]
    cuts = [e for e in trace.events if isinstance(e, Truncated)]
    assert [(e.what, e.limit) for e in cuts] == [("tcp:1.received", most)] * (excess > 0)
