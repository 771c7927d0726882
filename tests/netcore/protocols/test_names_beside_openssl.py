"""The certificate is for the URL's host, whatever SNI says: by our rules, which are OpenSSL's."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Sequence
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from netcore.protocols.certificate_names import is_for
from netcore.trace import Chose, Completed, Failed, StageStarted
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import Made, key_pem, make
from tests.netcore.protocols.refused import CASES, HOST, Case
from tests.netcore.protocols.shown import pem, shown
from tests.netcore.protocols.test_tls_refusal import fetched, sent_kinds

SHOWN = (
    *("a.example.com", "A.Example.COM", "*.example.com", "*.b.example.com", "*.EXAMPLE.com"),
    *("x*.example.com", "*x.example.com", "a.*.example.com", "*.*.example.com", "*"),
    *("*.com", "*.", "*.example.com.", "a.example.com.", ".example.com", "example.com", ""),
    *("xn--bcher-kva.example.com", "*.xn--bcher-kva.example", "127.0.0.1", "a_b.example.com"),
)
HOSTS = (
    *("a.example.com", "xa.example.com", "b.example.com", "a.b.example.com", "example.com", "com"),
    *("a_b.example.com", "-.example.com", "xn--bcher-kva.example.com", "c.xn--bcher-kva.example"),
    *("127.0.0.1", "127.0.0.2", "::1", "A.EXAMPLE.COM"),
)


_MISMATCHES = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH


@cache
def certificate(*names: x509.GeneralName) -> Made:
    return make(None, "CN.example.com", list(names))


def accepted(made: Made, host: str, directory: Path) -> bool:
    """Whether OpenSSL takes the certificate for the host, with the same name in SNI."""
    path = directory / "own.pem"
    path.write_bytes(key_pem(made.key) + pem([made]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ours.hostname_checks_common_name = False
    ours.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    ours.load_verify_locations(path)
    pipes = [ssl.MemoryBIO() for _ in range(4)]
    client = ours.wrap_bio(pipes[0], pipes[1], server_hostname=host)
    server = context.wrap_bio(pipes[2], pipes[3], server_side=True)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    pipes[2].write(pipes[1].read())
    with contextlib.suppress(ssl.SSLWantReadError):
        server.do_handshake()
    pipes[0].write(pipes[3].read())
    try:
        client.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return error.verify_code not in _MISMATCHES
    return True


@pytest.mark.parametrize("name", SHOWN)
def test_a_name_is_read_as_openssl_reads_it(name: str, tmp_path: Path) -> None:
    made = certificate(x509.DNSName(name))
    for host in HOSTS:
        assert is_for(made.der, host) == accepted(made, host, tmp_path), host


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_an_address_is_read_as_openssl_reads_it(address: str, tmp_path: Path) -> None:
    made = certificate(x509.IPAddress(ip_address(address)), x509.DNSName("a.example.com"))
    for host in HOSTS:
        assert is_for(made.der, host) == accepted(made, host, tmp_path), host


def test_nothing_but_the_alternative_names_counts() -> None:
    assert not is_for(make(None, HOST).der, HOST)
    assert not is_for(certificate().der, HOST)
    assert not is_for(refused.malformed_names().leaf.der, HOST)
    assert not is_for(refused.nul_in_name().leaf.der, HOST)
    assert not is_for(b"no certificate", HOST)


WRONG = [case for case in CASES if case.code == refused.MISMATCH]
WAYS: Sequence[tuple[str, str]] = [("1.2", "1.2"), ("1.3", "1.2"), ("1.0", "1.0")]


@pytest.mark.wire
@pytest.mark.parametrize("sni", ["", "other.example.com"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_nothing_is_sent_to_whom_a_certificate_does_not_name(case: Case, sni: str) -> None:
    for version, least in WAYS if case in WRONG else [("1.3", "1.2")]:
        if version not in case.versions:
            continue
        with shown(case.chain(), version) as server:
            trace = fetched(server, case.host, tls_min=least, sni=sni)
        failed = trace.events[-1]
        assert isinstance(failed, Failed), failed
        assert (failed.stage, failed.code) == ("tls", case.code), failed
        assert case.words in failed.message
        assert server.received == b""
        assert "ALERT" in server.alert, "the server was told"
        assert "request" not in [e.stage for e in trace.events if isinstance(e, StageStarted)]
        # Neither our keys nor our Finished left: the hello, and the alert.
        assert sent_kinds(trace) == [22, 21]


@pytest.mark.wire
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("sni", ["", "other.example.com"])
def test_a_certificate_for_the_url_is_taken_whatever_sni_says(sni: str, version: str) -> None:
    for chain, host in (
        (refused.sound(), HOST),
        (refused.under(None, "*.y.secure.example.com"), HOST),
        (refused.address_in_names(), refused.ADDRESS),
    ):
        with shown(chain, version) as server:
            trace = fetched(server, host, sni=sni)
        assert isinstance(trace.events[-1], Completed), trace.events[-1]
        told = {e.what: e for e in trace.events if isinstance(e, Chose)}
        assert told["sni"].value == (sni or "none")
        assert host in told["sni"].why
        assert told["certificate"].value == "verified"
