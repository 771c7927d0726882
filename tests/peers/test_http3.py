"""HTTP/3 with servers that we did not write, beside a capture and tshark: caddy, and aioquic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import Authority
from lab.quic import V2, Conversation, Quic, QuicServer, bound_twice
from lab.streams import Asked
from netcore import Trace
from netcore.trace import Called, Chose, SecretLogged
from tests.netcore.exports.archive import entries_of
from tests.peers.bench import Bench, content
from tests.peers.h2_servers import LARGE
from tests.peers.process import free_port, program, running, wait_for_port
from tests.peers.relay import Relay
from tests.peers.servers import HOST, PLAIN

pytestmark = [pytest.mark.peer, pytest.mark.wire]


@contextmanager
def caddy(directory: Path, chain: Path) -> Iterator[int]:
    """caddy, which is quic-go, with h1, h2 and h3 on one port."""
    (directory / "www").mkdir()
    (directory / "www" / "plain").write_bytes(PLAIN)
    (directory / "www" / "large").write_bytes(LARGE)
    port = free_port()
    redirect = {"handler": "static_response", "status_code": 302}
    redirect["headers"] = {"Location": ["/plain"]}
    routes = [
        {"match": [{"path": ["/redirect"]}], "handle": [redirect], "terminal": True},
        {"handle": [{"handler": "file_server", "root": str(directory / "www")}]},
    ]
    server = {
        "listen": [f"127.0.0.1:{port}"],
        "protocols": ["h1", "h2", "h3"],
        "tls_connection_policies": [{}],
        "automatic_https": {"disable": True},
        "routes": routes,
    }
    certificates = {"load_files": [{"certificate": str(chain), "key": str(chain)}]}
    configuration = {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "ERROR"}}},
        "storage": {"module": "file_system", "root": str(directory / "storage")},
        "apps": {"http": {"servers": {"h3": server}}, "tls": {"certificates": certificates}},
    }
    file = directory / "caddy.json"
    file.write_text(json.dumps(configuration))
    homes = {"XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    command = [program("caddy", "caddy"), "run", "--config", str(file)]
    with running(command, directory, **homes) as process:
        wait_for_port(process, port)
        yield port


@pytest.fixture(scope="module")
def port(chain: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with caddy(tmp_path_factory.mktemp("caddy"), chain) as started:
        yield started


def get(bench: Bench, port: int, path: str, **more: object) -> Trace:
    """Fetch beside a capture, over HTTP/3; tshark opened every datagram of ours."""
    trace = bench.fetch(f"https://{HOST}:{port}{path}", port, **({"http": "3"} | more))
    assert content(trace).http_version == "3"
    return trace


def chosen(trace: Trace, what: str) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == what]


def test_a_file(bench: Bench, port: int) -> None:
    trace = get(bench, port, "/plain")
    assert content(trace).body_octets == len(PLAIN)
    (entry,) = entries_of(trace)
    assert entry["request"]["httpVersion"] == "h3"
    assert entry["timings"]["connect"] == entry["timings"]["ssl"] > 0
    assert entry["serverIPAddress"] == "127.0.0.1"


def test_a_megabyte(bench: Bench, port: int) -> None:
    assert content(get(bench, port, "/large")).body_octets == len(LARGE)


def test_a_megabyte_of_which_every_fiftieth_datagram_is_lost(bench: Bench, port: int) -> None:
    with Relay(port, lambda number: number % 50 == 0) as relay:
        trace = get(bench, relay.port, "/large")
    assert relay.lost >= len(LARGE) // 1_500 // 50
    assert content(trace).body_octets == len(LARGE)


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_what_came_before_is_spoken_on_the_same_port(bench: Bench, port: int, version: str) -> None:
    trace = bench.fetch(f"https://{HOST}:{port}/plain", port, http=version)
    assert (content(trace).http_version, content(trace).body_octets) == (version, len(PLAIN))


def test_head(bench: Bench, port: int) -> None:
    end = content(get(bench, port, "/plain", method="HEAD"))
    assert (end.status_code, end.body_octets) == (200, 0)


def test_content_that_caddy_takes_whole(bench: Bench, port: int) -> None:
    trace = get(bench, port, "/plain", method="POST", body=b"u" * 500)  # in one datagram
    assert content(trace).status_code in (200, 405)


def test_an_upload_through_windows(bench: Bench, port: int) -> None:
    trace = get(bench, port, "/plain", method="POST", body=b"u" * 200_000, midway=True)
    assert content(trace).status_code in (200, 405)


def test_a_second_request_is_the_next_stream(bench: Bench, port: int) -> None:
    trace = get(bench, port, "/redirect", follow_redirects=True)
    assert (content(trace).hop, chosen(trace, "connection")) == (2, ["reused"])


def test_a_request_in_the_first_flight(bench: Bench, port: int) -> None:
    trace = get(bench, port, "/plain", resume_session=True)
    assert chosen(trace, "session") == ["offered", "resumed"]
    assert chosen(trace, "early data") == ["sent", "accepted"]
    lines = [e.line for e in trace.events if isinstance(e, SecretLogged)]
    assert sum(line.startswith("CLIENT_EARLY_TRAFFIC_SECRET ") for line in lines) == 1


def test_without_its_authority_nothing_is_asked_of_it(bench: Bench, port: int) -> None:
    trace = bench.fetch(
        f"https://{HOST}:{port}/plain", port, http="3", cacert="", code="tls.unknown_ca"
    )
    assert getattr(trace.outcome, "stage", "") == "quic"


def test_what_caddy_offers_in_alt_svc_is_noted(bench: Bench, port: int) -> None:
    trace = bench.fetch(f"https://{HOST}:{port}/plain", port)
    assert chosen(trace, "alt-svc") == [f'h3=":{port}"']
    assert content(trace).http_version == "2"


@contextmanager
def aioquic(authority: Authority, behaviour: Quic) -> Iterator[int]:
    """The server of the library that is our client's too, with what caddy cannot be asked for."""
    stream, datagrams = bound_twice()
    with stream, QuicServer(datagrams, behaviour, authority.identity(HOST), (), "peer"):
        yield datagrams.getsockname()[1]


def hello(conversation: Conversation, asked: Asked) -> None:
    conversation.respond(asked, 200, PLAIN)


@pytest.mark.parametrize(
    "behaviour",
    [Quic(hello), Quic(hello, retry=True), Quic(hello, early_data=True)],
    ids=["plain", "retry", "early data"],
)
def test_aioquic(bench: Bench, authority: Authority, behaviour: Quic) -> None:
    with aioquic(authority, behaviour) as port:
        trace = get(bench, port, "/plain", resume_session=behaviour.early_data)
    assert content(trace).body_octets == len(PLAIN)
    assert chosen(trace, "retry") == ["followed"] * behaviour.retry
    assert bench.exported.sealed == bench.captured.sealed == []


def test_another_version(bench: Bench, authority: Authority) -> None:
    with aioquic(authority, Quic(hello, versions=(V2,))) as port:
        trace = get(bench, port, "/plain")
    assert chosen(trace, "quic version") == ["2"]
    # tshark derives keys anew from a connection ID that they do not come from (RFC 9001 §5.2).
    assert bench.exported.sealed == bench.captured.sealed


def test_the_client_hello_is_the_same_after_retry(bench: Bench, authority: Authority) -> None:
    with aioquic(authority, Quic(hello, retry=True)) as port:
        trace = get(bench, port, "/plain")
    randoms = {e.line.split(" ")[1] for e in trace.events if isinstance(e, SecretLogged)}
    assert len(randoms) == 1
    sent = [e for e in trace.events if isinstance(e, Called) and e.channel.endswith(".sent")]
    assert len([e for e in sent if e.length == 1_200]) >= 2
