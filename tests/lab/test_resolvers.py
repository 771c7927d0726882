"""The lab's name server over TLS and HTTPS, asked by dnspython and by a plain client."""

from __future__ import annotations

import socket
import ssl

import dns.message
import dns.query
import pytest

from lab import Authority
from lab.http import LabServer
from lab.resolvers import PATH, DnsOverHttps, DnsOverTls
from lab.zone import Zone

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

ZONE = Zone(["plain.lab.test"])
QUERY = dns.message.make_query("plain.lab.test", "A", id=0).to_wire()


def test_dns_over_tls_answers_inside_tls_for_its_address(authority: Authority) -> None:
    context = ssl.create_default_context(cafile=authority.cacert)
    query = dns.message.make_query("plain.lab.test", "A", use_edns=0, pad=128)
    with DnsOverTls(ZONE, authority) as server:
        assert server.notation == f"tls://{server.endpoint}"
        response = dns.query.tls(
            query,
            "127.0.0.1",
            port=server.port,
            timeout=5,
            ssl_context=context,
            server_hostname="127.0.0.1",
        )
    assert [each.to_text() for each in response.answer] == ["plain.lab.test. 60 IN A 127.0.0.1"]


def posted(server: LabServer, authority: Authority, request: bytes) -> bytes:
    """What a server answers over HTTP/1.1."""
    context = ssl.create_default_context(cafile=authority.cacert)
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
        context.wrap_socket(connection, server_hostname="127.0.0.1") as secured,
    ):
        secured.sendall(request)
        received = b""
        while octets := secured.recv(65536):
            received += octets
    return received


@pytest.mark.parametrize(
    ("line", "body", "status"),
    [
        (f"POST {PATH}", QUERY, b"200"),
        (f"POST {PATH}", b"nonsense", b"400"),
        ("POST /elsewhere", QUERY, b"400"),
        (f"GET {PATH}", b"", b"400"),
    ],
)
def test_dns_over_https_answers_a_post_with_a_query(
    authority: Authority, line: str, body: bytes, status: bytes
) -> None:
    head = f"{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    with DnsOverHttps(ZONE, authority) as server:
        received = posted(server, authority, head.encode() + body)
    assert received.startswith(b"HTTP/1.1 " + status)
    assert (b"application/dns-message" in received) == (status == b"200")
