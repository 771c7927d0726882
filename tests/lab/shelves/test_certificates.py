"""The lab's certificates, seen by Python's own TLS."""

import ssl
from collections.abc import Callable

import pytest

from lab import Authority, LabServer
from lab.shelves.certificates import SHELF
from tests.lab.asking import answer, client_context, connect, secured

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]

REFUSED = {
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
    "wrong-host": "Hostname mismatch",
    "self-signed": "self-signed certificate",
    "unknown-ca": "self-signed certificate in certificate chain",
    "missing-intermediate": "unable to get local issuer certificate",
    "weak-key": "EE certificate key too weak",
}
TAKEN = ("wrong-order", "huge-certificate")


def test_every_certificate_is_refused_or_taken_here() -> None:
    assert {*REFUSED, *TAKEN} == {*SHELF.rows}


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_a_wrong_certificate_is_wrong_in_one_way(
    authority: Authority, lab_server: Start, name: str, reason: str
) -> None:
    server = lab_server(name)
    context = client_context(authority)
    with connect(server) as raw, pytest.raises(ssl.SSLCertVerificationError, match=reason):
        context.wrap_socket(raw, server_hostname=server.host)


@pytest.mark.parametrize("name", TAKEN)
def test_an_odd_chain_is_taken(authority: Authority, lab_server: Start, name: str) -> None:
    with secured(lab_server(name), client_context(authority)) as client:
        assert answer(client).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("name", SHELF.rows)
def test_who_does_not_verify_is_served(lab_server: Start, name: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with secured(lab_server(name), context) as client:
        assert answer(client).startswith(b"HTTP/1.1 200 OK\r\n")
