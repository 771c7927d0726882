"""OpenSSL's server, told to want what the options of TLS are for; the capture agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcore import Trace
from tests.netcore.tls_control import chosen, client_identity, completed, labels, messages, opened
from tests.netcore.tls_conversation import titles
from tests.peers.bench import Bench
from tests.peers.servers import HOST, PLAIN, s_server

pytestmark = [pytest.mark.peer, pytest.mark.wire]


def fetch(
    bench: Bench, directory: Path, chain: Path, *options: str, code: str = "ok", **more: object
) -> Trace:
    """A page from a file of a server with these options."""
    (directory / "file.txt").write_bytes(PLAIN)
    with s_server(directory, chain, "-WWW", *options) as port:
        return bench.fetch(f"https://{HOST}:{port}/file.txt", port, code=code, **more)


@pytest.mark.parametrize(
    ("options", "form"),
    [
        (("-tls1_3",), "ticket"),
        (("-tls1_3", "-no_ticket"), "ticket"),
        (("-tls1_2",), "ticket"),
        (("-tls1_2", "-no_ticket"), "session ID"),
        (("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"), "ticket"),
        (("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"), "ticket"),
    ],
    ids=" ".join,
)
def test_a_session_is_resumed(
    bench: Bench, tmp_path: Path, chain: Path, options: tuple[str, ...], form: str
) -> None:
    trace = fetch(bench, tmp_path, chain, *options, resume_session=True)
    assert completed(trace).hop == 2
    assert chosen(trace, "session") == ["offered", "resumed"]
    assert any(form in getattr(event, "why", "") for event in trace.events)
    names = titles(opened(trace), "tls_handshake")
    assert (names.count("ClientHello"), names.count("Certificate")) == (2, 1)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_server_without_sessions_makes_whole_handshakes(
    bench: Bench, tmp_path: Path, chain: Path, version: str
) -> None:
    more = ("-num_tickets", "0") if version == "-tls1_3" else ("-no_ticket", "-no_cache")
    trace = fetch(bench, tmp_path, chain, version, *more, resume_session=True)
    assert completed(trace).hop == 2
    assert chosen(trace, "session")[0] in ("none", "offered")
    assert chosen(trace, "session")[1:] in ([], ["not resumed"])
    assert titles(opened(trace), "tls_handshake").count("Certificate") == 2


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_server_that_demands_a_certificate_is_shown_one(
    bench: Bench, tmp_path: Path, chain: Path, version: str
) -> None:
    cert, key, root = client_identity(tmp_path)
    demand = (version, "-Verify", "2", "-verify_return_error", "-CAfile", str(root))
    trace = fetch(bench, tmp_path, chain, *demand, cert=str(cert), key=str(key))
    completed(trace)
    names = titles(opened(trace), "tls_handshake")
    assert names.count("CertificateRequest") == 1
    assert names.count("Certificate") == 2
    twice = fetch(
        bench, tmp_path, chain, *demand, cert=str(cert), key=str(key), resume_session=True
    )
    assert chosen(twice, "session") == ["offered", "resumed"]
    opened(twice)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_server_that_demands_a_certificate_in_vain_says_so(
    bench: Bench, tmp_path: Path, chain: Path, version: str
) -> None:
    fetch(bench, tmp_path, chain, version, "-Verify", "2", code="tls.alert")


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384", "P-521", "X448"])
def test_one_group_is_taken_in_tls_1_2(
    bench: Bench, tmp_path: Path, rsa_chain: Path, group: str
) -> None:
    cacert = str(rsa_chain.with_suffix(".crt"))
    trace = fetch(bench, tmp_path, rsa_chain, "-tls1_2", curves=group, cacert=cacert)
    completed(trace)
    (exchange,) = messages(opened(trace), "server_key_exchange")
    assert labels(exchange, "named_curve") == [
        {"X25519": "x25519", "X448": "x448"}.get(group, f"secp{group[2:]}r1")
    ]


def test_a_group_that_the_server_does_not_take_is_refused_by_it(
    bench: Bench, tmp_path: Path, chain: Path
) -> None:
    only = ("-tls1_3", "-groups", "X25519")
    fetch(bench, tmp_path, chain, *only, curves="P-256", code="tls.alert")


def test_a_group_that_the_hello_has_no_key_for_is_asked_for_again(
    bench: Bench, tmp_path: Path, chain: Path
) -> None:
    only = ("-tls1_3", "-groups", "P-384")
    for more, retries in (({}, 1), ({"curves": "P-384"}, 0)):
        trace = fetch(bench, tmp_path, chain, *only, **more)
        assert titles(opened(trace), "tls_handshake").count("HelloRetryRequest") == retries
    retried = fetch(bench, tmp_path, chain, *only, resume_session=True)
    assert chosen(retried, "session") == ["offered", "resumed"]
    assert titles(opened(retried), "tls_handshake").count("HelloRetryRequest") == 2


@pytest.mark.parametrize("sni", ["", "other.example.com"])
def test_the_name_in_sni_chooses_the_certificate_and_not_whom_we_trust(
    bench: Bench, tmp_path: Path, chain: Path, sni: str
) -> None:
    completed(fetch(bench, tmp_path, chain, "-tls1_3", sni=sni))


def test_a_list_of_ciphers_decides_in_tls_1_2(bench: Bench, tmp_path: Path, chain: Path) -> None:
    wanted = "ECDHE-ECDSA-AES128-SHA256"
    trace = fetch(bench, tmp_path, chain, "-tls1_2", ciphers=wanted)
    assert chosen(trace, "cipher suite") == ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"]
    opened(trace)
    only = ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384")
    fetch(bench, tmp_path, chain, *only, ciphers=wanted, code="tls.alert")


def test_a_server_that_speaks_http_2_is_left_where_1_1_alone_is_wanted(
    bench: Bench, tmp_path: Path, chain: Path
) -> None:
    speaks = ("-tls1_3", "-alpn", "h2")
    offered = ("h2", "http/1.1")
    code = "tls.unsupported_alpn"
    fetch(bench, tmp_path, chain, *speaks, alpn=offered, http="1.1", code=code)
