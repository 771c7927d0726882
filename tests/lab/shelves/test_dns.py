"""The shelf of names: its records, and who is reached by them."""

from __future__ import annotations

import socket
import ssl

import dns.message
import dns.query
import dns.rdatatype
import pytest

from lab import Lab
from lab.shelves import dns as names
from tests.lab.asking import asked

pytestmark = pytest.mark.wire


def records(lab: Lab, name: str, kind: str) -> list[str]:
    port = int(lab.dns_server.rpartition(":")[2])
    query = dns.message.make_query(f"{name}.lab.test", kind)
    response = dns.query.udp(query, "127.0.0.1", timeout=5, port=port)
    return [
        f"{dns.rdatatype.to_text(rrset.rdtype)} {rdata.to_text()}"
        for rrset in response.answer
        for rdata in rrset
    ]


def test_three_aliases_lead_to_an_address(lab: Lab) -> None:
    kinds = [each.partition(" ")[0] for each in records(lab, "alias", "A")]
    assert kinds == ["CNAME", "CNAME", "CNAME", "A"]


def test_the_https_record_leads_to_a_port_that_the_lab_has_registered(lab: Lab) -> None:
    port = lab.servers[names.SERVICE].port
    (record,) = records(lab, f"_{port}._https.{names.SERVICE}", "HTTPS")
    other = record.partition('port="')[2].partition('"')[0]
    assert f"127.0.0.1:{other}" in lab.endpoints
    assert int(other) != port


def test_the_lab_says_which_of_its_names_have_what(lab: Lab) -> None:
    told = lab.options_lab()
    assert told.services == (f"{names.SERVICE}.lab.test",)
    transports = {
        name: server.partition("://")[0]
        for name, server in told.resolvers
        if not name.startswith("resolver-")
    }
    assert transports == {
        "over-tcp.lab.test": "tcp",
        "over-tls.lab.test": "tls",
        "over-https.lab.test": "https",
    }


def test_who_was_found_says_so(lab: Lab) -> None:
    with asked(lab.servers["alias"]) as response:
        assert response.read() == names.FOUND


def test_the_port_behind_the_record_is_for_the_name_in_the_url(lab: Lab) -> None:
    context = ssl.create_default_context(cafile=lab.cacert)
    server = lab.servers[names.SERVICE]
    for port, line in ((server.port, names.BY_ITS_PORT), (lab.service_port, names.BY_THE_RECORD)):
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as connection,
            context.wrap_socket(connection, server_hostname=server.host) as secured,
        ):
            secured.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            received = b"".join(iter(lambda at=secured: at.recv(65536), b""))
        assert received.endswith(line)
