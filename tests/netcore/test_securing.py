"""What each connection of TLS is told and what comes of it, as the peer and the recording say."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from lab.authority import Authority
from netcore import Options, fetch
from tests.content.test_lab_words import general
from tests.faults.hostile import HostileServer, reply
from tests.netcore.tls_control import (
    HOST,
    OK,
    OPTIONS,
    TLS12,
    TLS13,
    chosen,
    client_identity,
    completed,
    failed,
    fetched,
    labels,
    messages,
    opened,
    secured,
    values,
)
from tests.netcore.tls_conversation import titles

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

BOTH = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["1.2", "1.3"])


# SNI


@BOTH
@pytest.mark.parametrize(
    ("sni", "sent"), [(None, HOST), ("", None), ("Other.Example", "other.example")]
)
def test_sni_is_what_was_asked_for(
    authority: Authority, version: ssl.TLSVersion, sni: str | None, sent: str | None
) -> None:
    heard: list[str | None] = []
    with secured(authority, version) as (server, context):
        context.sni_callback = lambda _, name, __: heard.append(name)
        trace = fetched(server, authority, sni=sni)
    completed(trace)
    assert heard == [sent]
    (hello,) = messages(opened(trace), "client_hello")
    assert values(hello, "host_name") == ([sent] if sent else [])
    assert chosen(trace, "sni") == ([] if sni is None else [sent or "none"])
    assert chosen(trace, "certificate") == ["verified"]


def test_a_name_for_sni_does_not_go_along_to_another_host(authority: Authority) -> None:
    heard: list[str | None] = []
    with secured(authority) as (there, context):
        context.sni_callback = lambda _, name, __: heard.append(name)
        where = f"https://{HOST}:{there.port}/".encode()
        moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % where
        with HostileServer(reply(moved)) as here:
            for sni in ("other.example", ""):
                options = Options(
                    allow_private=True,
                    limits=OPTIONS.limits,
                    cacert=authority.cacert,
                    follow_redirects=True,
                    sni=sni,
                )
                trace = fetch(f"http://{here.endpoint}/", options)
                completed(trace)
                assert chosen(trace, "sni") == [HOST if sni else "none"]
    assert heard == [HOST, None]


# ALPN


@pytest.mark.parametrize(
    ("alpn", "http", "offered", "agreed"),
    [
        (None, "auto", ["h2", "http/1.1"], "http/1.1"),
        (None, "2", ["h2", "http/1.1"], "http/1.1"),
        (None, "1.1", ["http/1.1"], "http/1.1"),
        (None, "1.0", ["http/1.0"], "none"),
        ((), "auto", [], "not offered"),
        (("h2", "http/1.1"), "auto", ["h2", "http/1.1"], "http/1.1"),
        (("spdy/1",), "auto", ["spdy/1"], "none"),
    ],
)
def test_alpn_offers_what_was_asked_for(
    authority: Authority,
    alpn: tuple[str, ...] | None,
    http: str,
    offered: list[str],
    agreed: str,
) -> None:
    with secured(authority) as (server, _):
        trace = fetched(server, authority, alpn=alpn, http=http)
    completed(trace)
    (hello,) = messages(opened(trace), "client_hello")
    assert values(hello, "protocol_name") == offered
    assert chosen(trace, "alpn") == [agreed]


@BOTH
@pytest.mark.parametrize(
    ("name", "http"), [("h2", "1.1"), ("http/1.0", "auto"), ("http/1.1", "1.0")]
)
def test_a_protocol_that_is_not_spoken_ends_the_fetch_before_a_request(
    authority: Authority, version: ssl.TLSVersion, name: str, http: str
) -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(connection.recv(65_536))

    with secured(authority, version, listen) as (server, context):
        context.set_alpn_protocols([name])
        trace = fetched(server, authority, alpn=(name,), http=http)
    assert (failed(trace).code, failed(trace).stage) == ("tls.unsupported_alpn", "tls")
    assert name in failed(trace).message
    assert chosen(trace, "alpn") == [name]
    assert heard == [b""], "close_notify came, and nothing before it"
    assert titles(opened(trace), "tls_alert")[0] == "alert close_notify"


# Ciphers and groups


def test_the_list_of_ciphers_is_offered_up_to_tls_1_2(authority: Authority) -> None:
    suite = "ECDHE-ECDSA-CHACHA20-POLY1305"
    with secured(authority, TLS12) as (server, _):
        trace = fetched(server, authority, ciphers=suite)
    completed(trace)
    (hello,) = messages(opened(trace), "client_hello")
    offered = labels(hello, "cipher_suite")
    assert [each for each in offered if "_WITH_" in each] == chosen(trace, "cipher suite")
    assert chosen(trace, "cipher suite")[0].startswith("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305")
    assert sum("_WITH_" not in each and "SCSV" not in each for each in offered) == 3
    assert chosen(trace, "cipher list") == []


def test_the_list_of_ciphers_says_nothing_of_tls_1_3(authority: Authority) -> None:
    with secured(authority, TLS13) as (server, _):
        trace = fetched(server, authority, ciphers="AES128-SHA")
    completed(trace)
    assert chosen(trace, "cipher suite")[0].startswith("TLS_AES")
    assert chosen(trace, "cipher list") == ["not used"]


@pytest.mark.parametrize(
    ("version", "curves", "group"),
    [
        *((TLS13, "X25519", "x25519"), (TLS13, "P-256", "secp256r1"), (TLS13, "x448", "x448")),
        *((TLS13, "P-384", "secp384r1"), (TLS13, "secp521r1", "secp521r1")),
        (TLS12, "prime256v1", "secp256r1"),
    ],
)
def test_one_group_is_offered_and_used(
    authority: Authority, version: ssl.TLSVersion, curves: str, group: str
) -> None:
    with secured(authority, version) as (server, _):
        trace = fetched(server, authority, curves=curves)
    completed(trace)
    (hello,) = messages(opened(trace), "client_hello")
    supported = next(each for each in hello.walk() if each.name == "named_group_list")
    assert labels(supported, "named_group") == [group]


def test_in_tls_1_2_the_group_is_that_of_the_certificates_key_too(authority: Authority) -> None:
    with secured(authority, TLS12) as (server, _):
        trace = fetched(server, authority, curves="X25519")
    assert failed(trace).code == "tls.alert", "the key is of P-256 (RFC 8422 §5.1)"


def test_another_group_than_the_server_takes_ends_the_handshake(authority: Authority) -> None:
    with secured(authority) as (server, context):
        context.set_ecdh_curve("X25519")
        trace = fetched(server, authority, curves="P-256")
    assert failed(trace).code == "tls.alert"
    assert "handshake_failure" in failed(trace).message


def test_a_group_that_the_hello_has_no_key_for_is_asked_for_again(authority: Authority) -> None:
    with secured(authority) as (server, context):
        context.set_ecdh_curve("secp384r1")
        trace = fetched(server, authority)
        alone = fetched(server, authority, curves="P-384")
    for each, retries in ((trace, 1), (alone, 0)):
        completed(each)
        assert titles(opened(each), "tls_handshake").count("HelloRetryRequest") == retries


# A client certificate


@BOTH
def test_a_client_certificate_is_shown_to_a_server_that_asks(
    authority: Authority, version: ssl.TLSVersion, tmp_path: Path
) -> None:
    cert, key, root = client_identity(tmp_path)
    subjects: list[object] = []

    def converse(connection: socket.socket) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        subjects.append(connection.getpeercert())
        reply(OK)(connection)

    with secured(authority, version, converse) as (server, context):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(root)
        trace = fetched(server, authority, cert=str(cert), key=str(key))
        without = fetched(server, authority)
    completed(trace)
    assert "A client" in str(subjects)
    assert chosen(trace, "client certificate") == ["ready"]
    explanation = opened(trace)
    names = titles(explanation, "tls_handshake")
    assert [names.count(each) for each in ("CertificateRequest", "Certificate")] == [1, 2]
    assert names.count("CertificateVerify") == (2 if version is TLS13 else 1)
    assert general(explanation, set()) == set()
    assert failed(without).code == "tls.alert"
    assert chosen(without, "client certificate") == []


def test_a_client_certificate_stays_behind_on_the_way_to_another_host(
    authority: Authority, tmp_path: Path
) -> None:
    cert, key, root = client_identity(tmp_path)
    shown: list[object] = []

    def converse(connection: socket.socket) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        shown.append(connection.getpeercert())
        reply(OK)(connection)

    with secured(authority, TLS13, converse) as (there, context):
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(root)
        where = f"https://{HOST}:{there.port}/".encode()
        moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % where
        with HostileServer(reply(moved)) as here:
            options = Options(
                allow_private=True,
                limits=OPTIONS.limits,
                cacert=authority.cacert,
                follow_redirects=True,
                cert=str(cert),
                key=str(key),
            )
            other = fetch(f"http://{here.endpoint}/", options)
            same = fetch(f"http://{HOST}:{here.port}/", options)
    for trace, value in ((other, "withheld"), (same, "ready")):
        completed(trace)
        assert chosen(trace, "client certificate") == [value]
    assert shown[0] is None
    assert "A client" in str(shown[1])
