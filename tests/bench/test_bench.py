"""The benchmark's clients fetch, and its tables hold what they took. No figure is judged here."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bench import decrypting, explaining, large, small, streams, timestamps
from bench.caddy import Caddy, caddy
from bench.clients.large import CLIENTS as LARGE_CLIENTS
from bench.clients.silent import Silent
from bench.clients.small import CLIENTS as SMALL_CLIENTS
from bench.clients.streams import CLIENTS as STREAM_CLIENTS
from bench.run import python, run
from bench.server import SMALL, Server, nginx
from bench.table import table
from netcore.recorder import Recorder

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.thorough]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with nginx() as started:
        yield started


def test_a_table_has_columns_as_wide_as_they_need() -> None:
    drawn = table(("client", "MB/s"), [["curl", "1,234"], ["a longer name", "5"]])
    assert drawn.splitlines() == [
        "client          MB/s",
        "--------------------",
        "curl           1,234",
        "a longer name      5",
    ]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("client", large.CLIENTS)
def test_each_client_fetches_all_octets(client: str, scheme: str, server: Server) -> None:
    took = large._fetch(client, server, scheme, "small", SMALL)
    assert took.wall_s > 0
    assert took.peak_mb > 1


def test_a_client_that_came_short_fails(server: Server) -> None:
    with pytest.raises(RuntimeError, match="1024 octets came"):
        python("bench.clients.large", "netcore", server.url("http", "small"), server.cacert, "1025")


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError):
        run("false")


@pytest.mark.parametrize("client", small.CLIENTS)
def test_each_client_says_how_long_each_small_fetch_took(client: str, server: Server) -> None:
    took = python("bench.clients.small", client, server.url("https", "small"), server.cacert, "2")
    assert len(took.said["took_ns"]) == 2


def test_the_tables_have_a_row_for_each_client() -> None:
    assert set(LARGE_CLIENTS) <= set(large.CLIENTS)
    assert set(SMALL_CLIENTS) == set(small.CLIENTS)


def test_the_silent_recorder_silences_whatever_records() -> None:
    recording = {"record", "called", "moved", "chose", "secrets", "stamped"}
    assert recording <= set(vars(Silent))
    for name in recording:
        assert getattr(Silent, name) is not getattr(Recorder, name)


def test_explaining_tells_each_part(server: Server) -> None:
    drawn = explaining.explaining(server)
    assert [line.split()[0] for line in drawn.splitlines()[2:6]] == ["page", "ten", "page", "ten"]


def test_decrypting_tells_netcore_and_tshark(server: Server) -> None:
    drawn = decrypting.decrypting(server, octets=SMALL, count=2, rounds=1)
    names = [line.split()[0] for line in drawn.splitlines() if line]
    assert names.count("netcore,") == 2
    assert names.count("tshark") == 4


@pytest.fixture(scope="module")
def other() -> Iterator[Caddy]:
    with caddy() as started:
        yield started


def test_the_tables_of_streams_have_a_row_for_each_client(other: Caddy) -> None:
    assert tuple(STREAM_CLIENTS) == streams.CLIENTS
    drawn = streams.small(other, rounds=1, count=1)
    assert [line.partition("  ")[0] for line in drawn.splitlines()[2:-3]] == [*STREAM_CLIENTS]


def test_explaining_tells_of_streams_too(other: Caddy) -> None:
    drawn = explaining.over_streams(other, rounds=1)
    assert [line.split()[2] for line in drawn.splitlines()[2:]] == ["h2", "h3"]


def test_curl_is_another_client_of_a_large_body(other: Caddy) -> None:
    took = streams.fetch(other, streams.CURL, "large", 1)
    assert took.wall_s > 0


@pytest.mark.skipif(os.geteuid() != 0, reason="tcpdump captures as root only")
def test_each_time_of_a_trace_is_compared_with_a_packet(server: Server) -> None:
    drawn = timestamps.timestamps(server, count=3)
    rows = drawn.splitlines()[2:-1]
    for what in ("sent, by the kernel", "send() called", "recv() returned"):
        assert any(row.startswith(what) for row in rows), what
