"""The lab's versions and cipher suites, seen by Python's own TLS."""

import ssl
import warnings
from collections.abc import Callable

import pytest

from lab import Authority, LabServer
from lab.shelves.tls import SHELF
from tests.lab.asking import answer, client_context, connect, first_records, secured

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]

SUITES = {
    "tls12": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "chacha20": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "cbc": "ECDHE-ECDSA-AES128-SHA256",
    "mac-then-encrypt": "ECDHE-ECDSA-AES128-SHA256",
    "rsa-key-exchange": "AES128-GCM-SHA256",
    "dhe": "DHE-RSA-AES128-GCM-SHA256",
}
ENCRYPT_THEN_MAC = b"\x00\x16\x00\x00"
"""The extension, which is empty (RFC 7366)."""
OLD = {"tls11": ("TLSv1.1", ssl.TLSVersion.TLSv1_1), "tls10": ("TLSv1", ssl.TLSVersion.TLSv1)}


def test_every_server_of_the_shelf_is_tried_here() -> None:
    assert {*SUITES, *OLD} == {*SHELF.rows}


@pytest.mark.parametrize(("name", "suite"), SUITES.items())
def test_a_server_of_tls_1_2_agrees_on_one_cipher_suite(
    authority: Authority, lab_server: Start, name: str, suite: str
) -> None:
    context = client_context(authority)
    context.set_ciphers("ALL:!aNULL")
    with secured(lab_server(name), context) as client:
        assert client.version() == "TLSv1.2"
        assert (client.cipher() or ("",))[0] == suite
        assert answer(client).startswith(b"HTTP/1.1 200 OK\r\n")


def test_only_the_mended_order_answers_to_encrypt_then_mac(
    authority: Authority, lab_server: Start
) -> None:
    names = ("cbc", "mac-then-encrypt")
    hellos = {name: first_records(lab_server(name), authority, 1)[0] for name in names}
    answered = {name: ENCRYPT_THEN_MAC in hello for name, hello in hellos.items()}
    assert answered == {"cbc": True, "mac-then-encrypt": False}


@pytest.mark.parametrize("name", OLD)
def test_an_old_version_is_refused_unless_the_client_lowers_itself(
    authority: Authority, lab_server: Start, name: str
) -> None:
    version, minimum = OLD[name]
    server = lab_server(name)
    context = client_context(authority)
    with connect(server) as raw, pytest.raises(ssl.SSLError, match=r"(?i)version|unsupported"):
        context.wrap_socket(raw, server_hostname=server.host)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = minimum
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with secured(server, context) as client:
        assert client.version() == version
