"""The lab's handshakes, seen by Python's own TLS."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab import Authority, LabServer
from lab.authority import DAY, Identity
from lab.shelves.handshakes import SPLIT_BODY
from tests.lab.asking import (
    answer,
    client_context,
    client_hello,
    connect,
    exchange,
    first_records,
    secured,
)

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]
HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a HelloRetryRequest: RFC 8446, 4.1.3."""


def test_a_hello_is_answered_with_a_request_for_another(
    authority: Authority, lab_server: Start
) -> None:
    server = lab_server("hello-retry")
    assert first_records(server, authority, 1)[0][6:38] == HELLO_RETRY
    with secured(server, client_context(authority)) as whole:
        assert answer(whole).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("name", "version"), [("resumption", "TLSv1.3"), ("resumption-tls12", "TLSv1.2")]
)
def test_who_comes_back_with_a_ticket_is_known(
    authority: Authority, lab_server: Start, name: str, version: str
) -> None:
    server, context = lab_server(name), client_context(authority)
    with secured(server, context) as first:
        assert first.version() == version
        assert b"for the first time" in answer(first)
        session = first.session
        assert session is not None
        assert session.has_ticket
    with context.wrap_socket(
        connect(server), server_hostname=server.host, session=session
    ) as second:
        assert b"came back with a ticket" in answer(second)
        assert second.session_reused


def client_identity(authority: Authority) -> Identity:
    """A certificate for a client: without an extendedKeyUsage it may be used for anything."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A client")]))
        .issuer_name(authority.root.certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
    return Identity(key, builder.sign(authority.root.key, hashes.SHA256()))


@pytest.mark.parametrize("name", ["client-cert-wanted", "client-cert-required"])
def test_a_client_certificate_is_looked_at(
    authority: Authority, lab_server: Start, name: str
) -> None:
    context = client_context(authority)
    context.load_cert_chain(authority.write_chain(client_identity(authority)))
    with secured(lab_server(name), context) as client:
        assert b"was shown one of " in answer(client)


def test_a_client_certificate_is_wanted_and_not_needed(
    authority: Authority, lab_server: Start
) -> None:
    with secured(lab_server("client-cert-wanted"), client_context(authority)) as client:
        assert b"was shown none" in answer(client)


def test_who_shows_no_certificate_where_it_is_required_gets_an_alert(
    authority: Authority, lab_server: Start
) -> None:
    client = secured(lab_server("client-cert-required"), client_context(authority))
    with client, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
        answer(client)


def test_messages_share_one_record(authority: Authority, lab_server: Start) -> None:
    server = lab_server("coalesced")
    (octets,) = first_records(server, authority, 1)
    assert [message[0] for message in messages(octets)] == [2, 11, 12, 14]
    with secured(server, client_context(authority)) as client:
        assert answer(client).startswith(b"HTTP/1.1 200 OK\r\n")


def messages(octets: bytes) -> list[bytes]:
    """Handshake messages, which end where these octets do."""
    found = []
    while octets:
        end = 4 + int.from_bytes(octets[1:4], "big")
        assert end <= len(octets)
        found.append(octets[:end])
        octets = octets[end:]
    return found


def test_a_message_is_spread_over_records(authority: Authority, lab_server: Start) -> None:
    server = lab_server("split-records")
    pieces = first_records(server, authority, 4)
    assert [len(piece) for piece in pieces] == [1, 2, 3, 5]
    assert b"".join(pieces)[0] == 2  # a ServerHello, whose length alone is in two records
    with secured(server, client_context(authority)) as client:
        assert answer(client).endswith(SPLIT_BODY)


def test_a_server_without_a_cipher_suite_in_common_says_handshake_failure(
    authority: Authority, lab_server: Start
) -> None:
    server = lab_server("no-shared-cipher")
    with connect(server) as raw, pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        client_context(authority).wrap_socket(raw, server_hostname=server.host)


def test_an_alert_comes_behind_the_certificate(authority: Authority, lab_server: Start) -> None:
    server = lab_server("alert")
    with connect(server) as raw, pytest.raises(ssl.SSLError, match="INTERNAL_ERROR"):
        client_context(authority).wrap_socket(raw, server_hostname=server.host)


def test_the_end_of_the_connection_is_no_end_of_tls(
    authority: Authority, lab_server: Start
) -> None:
    client = client_context(authority).wrap_socket(
        connect(server := lab_server("no-close-notify")),
        server_hostname=server.host,
        suppress_ragged_eofs=False,
    )
    with client, pytest.raises(ssl.SSLEOFError):
        answer(client)


def test_a_hello_is_answered_in_plain_http(authority: Authority, lab_server: Start) -> None:
    server = lab_server("not-tls")
    assert server.url.startswith("https://")
    received = exchange(server, client_hello(server, authority))
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    plain = exchange(server, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert plain.startswith(b"HTTP/1.1 200 OK\r\n")
