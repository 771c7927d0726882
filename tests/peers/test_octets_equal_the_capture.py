"""What the trace says crossed the wire is what tcpdump saw, octet by octet, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Authority
from netcore import Options, Trace, fetch
from netcore.options import Lab
from netcore.trace import Called, Completed, Failed
from tests.peers.capture import UDP, Capture, capturing
from tests.peers.servers import (
    ALIAS,
    HOST,
    INCLUDES,
    LARGE,
    PLAIN,
    dnsmasq,
    nginx,
    s_server,
    write_responses,
)

pytestmark = [pytest.mark.peer, pytest.mark.wire]


@pytest.fixture(scope="module")
def chain(authority: Authority) -> Path:
    """A PEM file for servers: a key, and a certificate for the peers' host."""
    return authority.write_chain(authority.identity(HOST))


@pytest.fixture(scope="module")
def web(chain: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    with nginx(tmp_path_factory.mktemp("nginx"), chain) as ports:
        yield ports


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with dnsmasq(tmp_path_factory.mktemp("dnsmasq")) as port:
        yield port


class Bench:
    """Fetches from a peer while tcpdump listens, and compares."""

    def __init__(self, authority: Authority, resolver: int, directory: Path) -> None:
        self._authority = authority
        self._resolver = resolver
        self._directory = directory

    def fetch(self, url: str, port: int, code: str = "ok", **more: Any) -> Trace:
        """Fetch, hold the outcome to `code` and the trace to the capture."""
        more.setdefault("cacert", self._authority.cacert)
        options = Options(
            dns_server=f"127.0.0.1:{self._resolver}",
            lab=Lab(endpoints=(f"127.0.0.1:{port}",)),
            **more,
        )
        with capturing(self._directory, (port, self._resolver)) as capture:
            trace = fetch(url, options)
        end = trace.events[-1]
        assert (end.code if isinstance(end, Failed) else "ok") == code, end
        assert_equal(trace, capture, f"127.0.0.1:{port}", f"127.0.0.1:{self._resolver}")
        return trace


@pytest.fixture
def bench(authority: Authority, resolver: int, tmp_path: Path) -> Bench:
    return Bench(authority, resolver, tmp_path)


def assert_equal(trace: Trace, capture: Capture, server: str, resolver: str) -> None:
    """TCP per connection in both directions, UDP datagram by datagram in both directions."""
    calls = [e for e in trace.events if isinstance(e, Called)]
    local = {e.socket: e.result for e in calls if e.call == "getsockname"}
    connections = [name for name in local if name.startswith("tcp:")]
    assert [local[name] for name in connections] == capture.connections(server)
    for name in connections:
        client = str(local[name])
        for channel, way in (("sent", (client, server)), ("received", (server, client))):
            recorded = b"".join(e.data for e in calls if e.channel == f"{name}.{channel}")
            assert recorded
            assert recorded == capture.stream(*way)
    asked = [e.data for e in calls if e.channel.startswith("udp:") and e.call == "send"]
    answered = [e.data for e in calls if e.channel.startswith("udp:") and e.call == "recv"]
    datagrams = [p for p in capture.packets if p.protocol == UDP]
    assert len(asked) >= 2  # A and AAAA
    assert asked == [p.payload for p in datagrams if p.destination == resolver]
    assert sorted(answered) == sorted(p.payload for p in datagrams if p.source == resolver)


def content(trace: Trace) -> Completed:
    end = trace.events[-1]
    assert isinstance(end, Completed)
    return end


def test_nginx_plain(bench: Bench, web: dict[str, int]) -> None:
    trace = bench.fetch(f"http://{HOST}:{web['plain']}/plain", web["plain"])
    assert (content(trace).status_code, content(trace).body_octets) == (200, len(PLAIN))


def test_nginx_through_an_alias(bench: Bench, web: dict[str, int]) -> None:
    trace = bench.fetch(f"http://{ALIAS}:{web['plain']}/plain", web["plain"])
    assert content(trace).body_octets == len(PLAIN)


def test_nginx_chunked(bench: Bench, web: dict[str, int]) -> None:
    trace = bench.fetch(f"http://{HOST}:{web['plain']}/chunked", web["plain"])
    assert received(trace).count(b"Transfer-Encoding: chunked") == 1
    assert 0 < content(trace).body_octets < len(INCLUDES)


def test_nginx_gzip(bench: Bench, web: dict[str, int]) -> None:
    trace = bench.fetch(f"http://{HOST}:{web['plain']}/gzip", web["plain"])
    assert b"Content-Encoding: gzip" in received(trace)
    assert content(trace).body_octets == len(PLAIN)


def test_nginx_redirect(bench: Bench, web: dict[str, int]) -> None:
    port = web["plain"]
    trace = bench.fetch(f"http://{HOST}:{port}/redirect", port, follow_redirects=True)
    assert (content(trace).hop, content(trace).body_octets) == (2, len(PLAIN))


@pytest.mark.parametrize("version", ["tls12", "tls13"])
def test_nginx_tls(bench: Bench, web: dict[str, int], version: str) -> None:
    trace = bench.fetch(f"https://{HOST}:{web[version]}/plain", web[version])
    assert content(trace).body_octets == len(PLAIN)


@pytest.mark.parametrize("version", ["tls12", "tls13"])
def test_nginx_with_a_megabyte(bench: Bench, web: dict[str, int], version: str) -> None:
    trace = bench.fetch(f"https://{HOST}:{web[version]}/large", web[version])
    assert content(trace).body_octets == LARGE


def test_nginx_given_a_body_to_take(bench: Bench, web: dict[str, int]) -> None:
    body = b"b" * 300_000
    trace = bench.fetch(
        f"http://{HOST}:{web['plain']}/plain", web["plain"], method="POST", body=body
    )
    assert content(trace).status_code == 405  # nginx has read the body all the same
    sent = [e for e in trace.events if isinstance(e, Called) and e.channel == "tcp:1.sent"]
    assert sum(e.length for e in sent) > len(body)


@pytest.mark.parametrize("version", ["tls12", "tls13"])
def test_nginx_with_a_certificate_that_is_refused(
    bench: Bench, web: dict[str, int], version: str
) -> None:
    with Authority() as other:
        port = web[version]
        bench.fetch(f"https://{HOST}:{port}/plain", port, "tls.unknown_ca", cacert=other.cacert)


@pytest.mark.parametrize("version", ["tls1_2", "tls1_3"])
@pytest.mark.parametrize("name", ["plain", "chunked", "gzip", "redirect"])
def test_openssl_sending_a_response_from_a_file(
    bench: Bench, chain: Path, tmp_path: Path, name: str, version: str
) -> None:
    write_responses(tmp_path)
    follow = name == "redirect"
    with s_server(tmp_path, chain, f"-{version}", "-HTTP") as port:
        trace = bench.fetch(f"https://{HOST}:{port}/{name}", port, follow_redirects=follow)
    sizes = {"plain": len(PLAIN), "gzip": len(PLAIN), "redirect": len(PLAIN), "chunked": 311}
    assert content(trace).body_octets == sizes[name]


@pytest.mark.parametrize("version", ["tls1_2", "tls1_3"])
@pytest.mark.parametrize(("option", "path"), [("-www", ""), ("-WWW", "file.txt")])
def test_openssl_as_a_web_server(
    bench: Bench, chain: Path, tmp_path: Path, option: str, path: str, version: str
) -> None:
    (tmp_path / "file.txt").write_bytes(PLAIN)
    with s_server(tmp_path, chain, f"-{version}", option) as port:
        trace = bench.fetch(f"https://{HOST}:{port}/{path}", port)
    assert content(trace).http_version == "1.0"
    assert content(trace).body_octets > 300


def received(trace: Trace) -> bytes:
    return b"".join(
        e.data for e in trace.events if isinstance(e, Called) and e.channel == "tcp:1.received"
    )
