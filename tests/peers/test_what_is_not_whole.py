"""Exports of what failed, and of what was not kept."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from netcore.options import Limits
from tests.peers.bench import Bench, content
from tests.peers.process import free_port
from tests.peers.servers import HOST, LARGE

pytestmark = [pytest.mark.peer, pytest.mark.wire]


def test_a_connection_that_is_refused(bench: Bench) -> None:
    port = free_port()
    bench.fetch(f"http://{HOST}:{port}/", port, code="tcp.refused")
    assert sorted(name for name, _ in bench.exported.ends) == ["tcp.flags.reset", "tcp.flags.syn"]
    assert bench.exported.ends == bench.captured.ends


def test_a_connection_that_nobody_answers(bench: Bench) -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        socket.create_connection(server.getsockname()),  # it fills the queue
    ):
        port = server.getsockname()[1]
        limits = Limits(connect_s=0.3)
        bench.fetch(f"http://{HOST}:{port}/", port, code="tcp.timeout", limits=limits)
    assert [name for name, _ in bench.exported.ends] == ["tcp.flags.syn"]


CAPS = [
    *(("GET", "plain", kept) for kept in (100, 300_000)),
    *(("GET", "tls12", kept) for kept in (5_000, 300_000)),
    *(("GET", "tls13", kept) for kept in (100, 5_000, 300_000, LARGE + 100)),
    ("PUT", "plain", 300_000),
    ("PUT", "tls13", 5_000),
]


@pytest.mark.parametrize(("method", "name", "kept"), CAPS)
def test_octets_that_were_not_kept(
    bench: Bench, web: dict[str, int], name: str, kept: int, method: str
) -> None:
    url = f"{'http' if name == 'plain' else 'https'}://{HOST}:{web[name]}"
    more = {} if method == "GET" else {"body": bytes(LARGE)}
    path = "/large" if method == "GET" else "/upload"
    trace = bench.fetch(
        url + path, web[name], method=method, limits=Limits(kept_octets=kept), **more
    )
    assert content(trace).body_octets == (LARGE if method == "GET" else 6)


def test_no_answer_and_no_packet(bench: Bench, tmp_path: Path) -> None:
    bench.fetch("http://192.168.0.1/", code="guard.blocked_address")
    assert bench.exported.packets == 0
