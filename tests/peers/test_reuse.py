"""Several requests to nginx: over one connection, until it wants another one."""

from __future__ import annotations

import pytest

from netcore import Trace
from netcore.reuse import reuses
from netcore.trace import Called, Chose
from tests.netcore.exports.archive import entries_of
from tests.peers.bench import Bench, content
from tests.peers.servers import HOST, PLAIN

pytestmark = [pytest.mark.peer, pytest.mark.wire]


def told(trace: Trace) -> list[tuple[str, str]]:
    chosen = [e for e in trace.events if isinstance(e, Chose) and e.what == "connection"]
    return [(each.value, each.why) for each in chosen]


def sockets(trace: Trace) -> set[str]:
    calls = [e for e in trace.events if isinstance(e, Called) and e.call == "connect"]
    return {call.socket for call in calls if call.socket.startswith("tcp:")}


@pytest.mark.parametrize(("scheme", "spoken"), [("http", "plain"), ("https", "tls13")])
def test_three_requests_go_over_one_connection(
    bench: Bench, web: dict[str, int], scheme: str, spoken: str
) -> None:
    url = f"{scheme}://{HOST}:{web[spoken]}/plain"
    trace = bench.fetch(url, web[spoken], further_urls=(url, url))
    assert (content(trace).hop, content(trace).body_octets) == (3, len(PLAIN))
    assert len(sockets(trace)) == 1
    assert [value for value, _ in told(trace)] == ["reused", "reused"]
    assert [reuse.hop for reuse in reuses(trace.events)] == [2, 3]
    assert [entry["timings"]["connect"] for entry in entries_of(trace)][1:] == [-1, -1]


def test_where_nginx_allows_one_request_a_connection_the_next_has_its_own(
    bench: Bench, web: dict[str, int]
) -> None:
    url = f"http://{HOST}:{web['plain']}/once"
    trace = bench.fetch(url, web["plain"], further_urls=(url,))
    assert content(trace).hop == 2
    assert len(sockets(trace)) == 2
    assert told(trace) == [("new", "The response said Connection: close.")]
    assert reuses(trace.events) == ()
    assert all(entry["timings"]["connect"] >= 0 for entry in entries_of(trace))
