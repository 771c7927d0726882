"""What the trace says crossed the wire is what tcpdump saw, octet by octet, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import Authority
from netcore.trace import Called
from tests.peers.bench import Bench, content, received
from tests.peers.servers import ALIAS, HOST, INCLUDES, LARGE, LONG, PLAIN, s_server, write_responses

pytestmark = [pytest.mark.peer, pytest.mark.wire]

CERTIFICATE = "11"  # RFC 8446 §4


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


def test_nginx_through_aliases_that_need_tcp(bench: Bench, web: dict[str, int]) -> None:
    trace = bench.fetch(f"http://{LONG[0]}:{web['plain']}/plain", web["plain"])
    assert content(trace).body_octets == len(PLAIN)
    assert sum(isinstance(e, Called) and e.call == "connect" for e in trace.events) > 3
    assert any("c" * 61 in row[4] for row in bench.exported.dns)


def test_nginx_asked_for_the_head(bench: Bench, web: dict[str, int]) -> None:
    port = web["plain"]
    trace = bench.fetch(f"http://{HOST}:{port}/plain", port, method="HEAD")
    assert (content(trace).status_code, content(trace).body_octets) == (200, 0)


def test_nginx_asked_for_what_we_have(bench: Bench, web: dict[str, int]) -> None:
    port = web["plain"]
    since = (("If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"),)
    trace = bench.fetch(f"http://{HOST}:{port}/plain", port, headers=since)
    assert (content(trace).status_code, content(trace).body_octets) == (304, 0)


def test_nginx_asked_for_a_range(bench: Bench, web: dict[str, int]) -> None:
    port = web["plain"]
    part = (("Range", "bytes=10-19"),)
    trace = bench.fetch(f"http://{HOST}:{port}/plain", port, headers=part)
    assert (content(trace).status_code, content(trace).body_octets) == (206, 10)


def test_nginx_ending_a_body_by_closing(bench: Bench, web: dict[str, int]) -> None:
    port = web["plain"]
    trace = bench.fetch(f"http://{HOST}:{port}/chunked", port, http="1.0")
    assert b"Content-Length" not in received(trace)
    assert 0 < content(trace).body_octets < len(INCLUDES)


def test_nginx_given_a_megabyte(bench: Bench, web: dict[str, int]) -> None:
    port = web["plain"]
    trace = bench.fetch(f"http://{HOST}:{port}/upload", port, method="PUT", body=bytes(LARGE))
    assert content(trace).status_code == 201


def test_nginx_resetting_the_connection(bench: Bench, web: dict[str, int]) -> None:
    port = web["plain"]
    bench.fetch(f"http://{HOST}:{port}/reset", port, code="tcp.reset")
    assert any(name == "tcp.flags.reset" for name, _ in bench.exported.ends)


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
        bench.fetch(
            f"https://{HOST}:{port}/plain", port, code="tls.unknown_ca", cacert=other.cacert
        )
    assert CERTIFICATE in bench.exported.handshakes  # it is opened although the handshake failed


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
