"""The lab's DNS server."""

import socket
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from lab import DnsServer, Lab
from lab.zone import OF_EVERY_TYPE


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(["plain.lab.test"]) as started:
        yield started


def ask(server: DnsServer, name: str, kind: str = "A", **options: object) -> dns.message.Message:
    query = dns.message.make_query(name, kind, **options)  # type: ignore[arg-type]
    return dns.query.udp(query, "127.0.0.1", timeout=5, port=server.port)


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
def test_it_knows_the_address_of_a_lab_host() -> None:
    with DnsServer(["plain.lab.test"]) as server:
        response = ask(server, "plain.lab.test")
    assert response.flags & dns.flags.AA
    assert [rrset.to_text() for rrset in response.answer] == ["plain.lab.test. 60 IN A 127.0.0.1"]


def test_a_lab_host_has_no_ipv6_address_and_the_answer_says_for_how_long(server: DnsServer) -> None:
    response = ask(server, "plain.lab.test", "AAAA")
    assert (response.rcode(), response.answer) == (dns.rcode.NOERROR, [])
    assert [rrset.rdtype for rrset in response.authority] == [dns.rdatatype.SOA]


def test_an_unknown_name_is_denied_with_the_soa(server: DnsServer) -> None:
    response = ask(server, "no-such-name.lab.test")
    assert (response.rcode(), response.answer) == (dns.rcode.NXDOMAIN, [])
    assert [rrset.name.to_text() for rrset in response.authority] == ["lab.test."]


def test_the_zone_itself_exists(server: DnsServer) -> None:
    assert ask(server, "lab.test").rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("name", ["example.com", "notlab.test", "."])
def test_other_zones_are_refused(server: DnsServer, name: str) -> None:
    response = ask(server, name)
    assert (response.rcode(), response.authority) == (dns.rcode.REFUSED, [])


def test_edns_is_answered_with_edns_only(server: DnsServer) -> None:
    assert ask(server, "plain.lab.test").edns == -1
    response = ask(server, "plain.lab.test", use_edns=0, payload=4096)
    assert (response.edns, response.payload) == (0, 1232)


def test_the_question_comes_back_with_the_case_it_had(server: DnsServer) -> None:
    response = ask(server, "pLaIn.LAB.test")
    assert response.question[0].name.to_text() == "pLaIn.LAB.test."
    assert len(response.answer) == 1


@pytest.mark.parametrize("octets", [b"", b"\0" * 5, b"\xff" * 40])
def test_what_is_no_query_gets_no_answer(server: DnsServer, octets: bytes) -> None:
    assert server.answer(octets) == b""


def test_other_operations_are_not_implemented(server: DnsServer) -> None:
    query = dns.message.make_query("plain.lab.test", "A")
    query.set_opcode(dns.opcode.STATUS)
    response = dns.message.from_wire(server.answer(query.to_wire()))
    assert response.rcode() == dns.rcode.NOTIMP


def test_the_lab_denies_the_one_name_that_it_says_does_not_exist(lab: Lab) -> None:
    port = int(lab.dns_server.rpartition(":")[2])
    for target in lab.targets:
        query = dns.message.make_query(f"{target.name}.lab.test", "NSEC")
        response = dns.query.udp(query, "127.0.0.1", timeout=5, port=port)
        denied = response.rcode() == dns.rcode.NXDOMAIN
        assert denied == (target.name == "no-such-name"), target.name


def test_what_is_too_long_for_a_datagram_is_cut_and_whole_over_tcp(lab: Lab) -> None:
    port = int(lab.dns_server.rpartition(":")[2])
    query = dns.message.make_query("every-type.lab.test", "A")
    cut = dns.query.udp(query, "127.0.0.1", timeout=5, port=port)
    assert cut.flags & dns.flags.TC
    assert cut.answer == []
    whole = dns.query.tcp(query, "127.0.0.1", timeout=5, port=port)
    assert len(whole.additional) == len(OF_EVERY_TYPE)


@pytest.mark.usefixtures("nothing_left")
def test_a_connection_takes_many_queries_and_ends_with_the_server() -> None:
    with DnsServer(["plain.lab.test"]) as server, socket.socket() as connection:
        connection.connect(("127.0.0.1", server.port))
        for _ in range(3):
            query = dns.message.make_query("plain.lab.test", "A")
            dns.query.send_tcp(connection, query)
            answer, _ = dns.query.receive_tcp(connection)
            assert query.is_response(answer)
