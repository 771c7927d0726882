"""Apache, and haproxy in front of nginx: the same behaviours, by other implementations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.bench import Bench, content, received
from tests.peers.servers import HOST, LARGE, PLAIN, apache, haproxy

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.thorough]


@pytest.fixture(scope="module")
def servers(
    chain: Path, web: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Where each way to a server begins: scheme, host and port."""
    directory = tmp_path_factory.mktemp
    with (
        apache(directory("apache"), chain) as apaches,
        haproxy(directory("haproxy"), chain, web["plain"]) as proxies,
    ):
        yield {
            "apache": f"http://{HOST}:{apaches['plain']}",
            "apache-tls": f"https://{HOST}:{apaches['tls']}",
            "haproxy-http": f"https://{HOST}:{proxies['http']}",
            "haproxy-tcp": f"https://{HOST}:{proxies['tcp']}",
        }


@pytest.fixture(params=["apache", "apache-tls", "haproxy-http", "haproxy-tcp"])
def origin(request: pytest.FixtureRequest, servers: dict[str, str]) -> str:
    return servers[request.param]


def port_of(origin: str) -> int:
    return int(origin.rpartition(":")[2])


def test_plain(bench: Bench, origin: str) -> None:
    trace = bench.fetch(f"{origin}/plain", port_of(origin))
    assert content(trace).body_octets == len(PLAIN)


def test_gzip(bench: Bench, origin: str) -> None:
    trace = bench.fetch(f"{origin}/gzip", port_of(origin))
    assert content(trace).body_octets == len(PLAIN)


def test_redirect(bench: Bench, origin: str) -> None:
    trace = bench.fetch(f"{origin}/redirect", port_of(origin), follow_redirects=True)
    assert (content(trace).hop, content(trace).body_octets) == (2, len(PLAIN))


def test_a_megabyte(bench: Bench, origin: str) -> None:
    trace = bench.fetch(f"{origin}/large", port_of(origin))
    assert content(trace).body_octets == LARGE


def test_head(bench: Bench, origin: str) -> None:
    trace = bench.fetch(f"{origin}/plain", port_of(origin), method="HEAD")
    assert (content(trace).status_code, content(trace).body_octets) == (200, 0)


def test_an_upload(bench: Bench, origin: str) -> None:
    trace = bench.fetch(f"{origin}/upload", port_of(origin), method="PUT", body=b"u" * 200_000)
    assert content(trace).status_code in (201, 405)  # Apache only reads it
    assert received(trace)
