"""The lab's servers over TLS, seen by Python's own."""

import ssl
import warnings
from collections.abc import Callable

import pytest

from lab import Authority, LabServer
from tests.lab.asking import CLOSE, client_context, connect, secured

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


@pytest.mark.parametrize(("name", "version"), [("tls12", "TLSv1.2"), ("tls13", "TLSv1.3")])
def test_a_tls_server_speaks_one_version_under_the_labs_authority(
    authority: Authority, lab_server: Start, name: str, version: str
) -> None:
    with secured(lab_server(name), client_context(authority)) as client:
        assert client.version() == version
        client.sendall(b"GET / HTTP/1.1\r\n" + CLOSE)
        received = b"".join(iter(lambda: client.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong-host", "Hostname mismatch"),
        ("self-signed", "self-signed certificate"),
    ],
)
def test_a_wrong_certificate_is_wrong_in_one_way(
    authority: Authority, lab_server: Start, name: str, reason: str
) -> None:
    server = lab_server(name)
    context = client_context(authority)
    with connect(server) as raw, pytest.raises(ssl.SSLCertVerificationError, match=reason):
        context.wrap_socket(raw, server_hostname=server.host)


def test_tls10_is_refused_unless_the_client_lowers_itself(
    authority: Authority, lab_server: Start
) -> None:
    server = lab_server("tls10")
    context = client_context(authority)
    with connect(server) as raw, pytest.raises(ssl.SSLError, match=r"(?i)version|unsupported"):
        context.wrap_socket(raw, server_hostname=server.host)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with secured(server, context) as client:
        assert client.version() == "TLSv1"
