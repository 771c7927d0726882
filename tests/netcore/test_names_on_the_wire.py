"""What a server sees of a name: Host and SNI, for trailing dots and names beyond ASCII."""

from __future__ import annotations

import re
import socket
import ssl

import pytest

from lab import Authority
from netcore import fetch
from tests.faults.case import options
from tests.faults.hostile import HostileServer, over_tls, receive_request, reply
from tests.faults.rows.dns import ARRIVED
from tests.netcore.following import completed, failure

pytestmark = pytest.mark.wire

NAMES = [
    ("example.com", "example.com", "example.com"),
    ("example.com.", "example.com.", "example.com"),
    ("EXAMPLE.com.", "example.com.", "example.com"),
    ("m\u00fcnchen.example.com", "xn--mnchen-3ya.example.com", "xn--mnchen-3ya.example.com"),
    ("M\u00dcNCHEN.example.com.", "xn--mnchen-3ya.example.com.", "xn--mnchen-3ya.example.com"),
    ("stra\u00dfe.example.com", "xn--strae-oqa.example.com", "xn--strae-oqa.example.com"),
    ("\U0001f600.example.com", "xn--e28h.example.com", "xn--e28h.example.com"),
]


class Seen:
    """The requests and the names in SNI that a server got."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.sni: list[str | None] = []

    def converse(self, connection: socket.socket) -> None:
        head = receive_request(connection).decode("latin-1")
        self.hosts += re.findall(r"(?im)^host: *(.*?)\r$", head)
        connection.sendall(ARRIVED)

    def note(self, _: object, name: str | None, __: object) -> None:
        self.sni.append(name)


@pytest.mark.parametrize(("written", "host", "_"), NAMES)
def test_host_keeps_the_dot_and_is_in_ascii(written: str, host: str, _: str) -> None:
    seen = Seen()
    with HostileServer(seen.converse) as server:
        entry = f"{written}:{server.port}:127.0.0.1"
        given = options(server, resolve=(entry,))
        trace = fetch(f"http://{written}:{server.port}/", given)
    completed(trace)
    assert seen.hosts == [f"{host}:{server.port}"]


@pytest.mark.parametrize(("written", "host", "name"), NAMES)
def test_sni_and_the_certificates_name_have_no_dot(
    authority: Authority, written: str, host: str, name: str
) -> None:
    seen = Seen()
    context = authority.server_context(authority.identity(name))
    context.sni_callback = seen.note  # type: ignore[assignment]
    with HostileServer(over_tls(context, seen.converse)) as server:
        given = options(
            server, resolve=(f"{name}:{server.port}:127.0.0.1",), cacert=authority.cacert
        )
        trace = fetch(f"https://{written}:{server.port}/", given)
    completed(trace)
    assert seen.sni == [name]
    assert seen.hosts == [f"{host}:{server.port}"]


def test_a_certificate_for_another_name_is_refused_with_the_dot_too(authority: Authority) -> None:
    context = authority.server_context(authority.identity("other.example.com"))
    with HostileServer(over_tls(context, reply(ARRIVED))) as server:
        entry = f"example.com:{server.port}:127.0.0.1"
        given = options(server, resolve=(entry,), cacert=authority.cacert)
        trace = fetch(f"https://example.com.:{server.port}/", given)
    assert failure(trace).code == "tls.hostname_mismatch"


def test_the_port_of_the_scheme_is_left_out_behind_a_dot() -> None:
    from netcore.target import parse

    assert parse("http://example.com.:80/").authority == "example.com."
    assert parse("https://example.com.:443/").url == "https://example.com./"


def test_ssl_would_send_a_dot_that_it_is_given() -> None:
    """So the name has to be cut before it: this is what the tests above rest on."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    inside = client.wrap_bio(incoming, outgoing, server_hostname="example.com.")
    with pytest.raises(ssl.SSLWantReadError):
        inside.do_handshake()
    assert b"example.com." in outgoing.read()
