"""Questions over TCP, TLS and HTTPS: to the lab's own name server, and to ones that do it wrong."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

import dns.message
import pytest

from lab import Authority
from lab.resolvers import DnsOverHttps, DnsOverTls, for_the_address
from lab.tls import Tls
from lab.zone import Zone
from netcore import Options, Trace, fetch
from netcore.options import Lab, Limits
from netcore.pdus import explain
from netcore.trace import Called, Chose, Completed, Failed, TrustAnchorFound
from tests.faults.hostile import (
    Converse,
    HostileServer,
    finish,
    hold,
    over_tls,
    receive_request,
    reply,
)
from tests.faults.rows.dns import AAAA, ARRIVED, LOCALHOST, A, kind_of, response
from tests.faults.rows.dns_tcp import cut, prefixed

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

NAME: Final = "a.example.com"
LIMITS: Final = Limits(dns_s=2, connect_s=2, tls_s=2, first_byte_s=2, total_s=5)


def asked(
    notation: str, authority: Authority | None = None, *, name: str = "", follow: bool = False
) -> Trace:
    """Fetch from a server on loopback whose name such a resolver knows."""
    with HostileServer(reply(ARRIVED)) as server:
        options = Options(
            dns_server=notation,
            dns_name=name,
            cacert=authority.cacert if authority else "",
            lab=Lab(endpoints=(server.endpoint,)),
            limits=LIMITS,
            follow_redirects=follow,
        )
        return fetch(f"http://{NAME}:{server.port}/", options)


def told(trace: Trace, what: str) -> list[Chose]:
    return [e for e in trace.events if isinstance(e, Chose) and e.what == what]


def code(trace: Trace) -> str:
    end = trace.outcome
    if isinstance(end, Failed):
        assert end.stage == "dns"
        assert end.message.endswith(".")
        return end.code
    assert isinstance(end, Completed)
    return "ok"


def each(make: Callable[[bytes], bytes], end: Converse = hold) -> Converse:
    """Answer each query on a connection with what `make` makes of it."""

    def converse(connection: socket.socket) -> None:
        unread = b""
        while octets := connection.recv(65536):
            unread += octets
            while len(unread) > 2 and len(unread) - 2 >= (due := int.from_bytes(unread[:2], "big")):
                query, unread = unread[2 : 2 + due], unread[2 + due :]
                connection.sendall(make(query))
        end(connection)

    return converse


def good(query: bytes) -> bytes:
    return prefixed(response(query, [LOCALHOST] if kind_of(query) == A else []))


class Lives:
    """What knows one name that no zone of the lab has."""

    def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
        return response(untrusted, [LOCALHOST] if kind_of(untrusted) == A else [])


def test_all_questions_go_out_together_over_tcp() -> None:
    with HostileServer(each(good)) as resolver:
        trace = asked(f"tcp://{resolver.endpoint}")
    assert code(trace) == "ok"
    sends = [e for e in trace.events if isinstance(e, Called) and e.channel == "tcp:1.sent"]
    assert len(sends) == 1
    units = [pdu for pdu in explain(trace.events).pdus if pdu.protocol == "dns_message.tcp"]
    assert len(units) == 6
    assert [each.value for each in told(trace, "dns transport")] == ["DNS over TCP"]


def test_answers_may_come_in_any_order_and_octet_by_octet() -> None:
    waiting: list[bytes] = []

    def backwards(query: bytes) -> bytes:
        waiting.append(good(query))
        return b"".join(reversed(waiting)) if len(waiting) == 3 else b""

    with HostileServer(each(backwards)) as resolver:
        assert code(asked(f"tcp://{resolver.endpoint}")) == "ok"


def test_over_tls_the_questions_are_padded_and_the_certificate_is_verified(
    authority: Authority,
) -> None:
    with DnsOverTls(Lives(), authority) as resolver:
        trace = asked(resolver.notation, authority)
    assert code(trace) == "ok"
    explanation = explain(trace.events)
    messages = [pdu for pdu in explanation.pdus if pdu.protocol == "dns_message.tcp"]
    assert [pdu.size - 2 for pdu in messages if pdu.origin[0].channel.endswith("sent")] == [128] * 3
    (decision,) = told(trace, "dns transport")
    assert "TLS 1.3" in decision.why
    assert [e for e in trace.events if isinstance(e, TrustAnchorFound)]
    assert list(explanation.tls) == ["1"]


@pytest.mark.parametrize("alpn", ["h2", "http/1.1"])
def test_over_https_each_message_is_a_body(authority: Authority, alpn: str) -> None:
    with DnsOverHttps(Lives(), authority) as resolver:
        resolver._context.set_alpn_protocols([alpn])  # type: ignore[union-attr]
        trace = asked(resolver.notation, authority)
    assert code(trace) == "ok"
    explanation = explain(trace.events)
    messages = [pdu for pdu in explanation.pdus if pdu.protocol == "dns_message"]
    assert len(messages) == 6
    bodies = {pdu.number: pdu for pdu in explanation.pdus if pdu.name == "message_body"}
    inside = [inner for body in bodies.values() for inner in body.inside]
    assert sorted(pdu.number for pdu in inside) == sorted(pdu.number for pdu in messages)
    assert {dns.message.from_wire(pdu.octets).id for pdu in messages} == {0}


def test_one_connection_serves_all_hops(authority: Authority) -> None:
    with DnsOverTls(Lives(), authority) as resolver, HostileServer(reply(ARRIVED)) as last:
        there = f"HTTP/1.1 302 Found\r\nLocation: http://b.example.com:{last.port}/\r\n"
        with HostileServer(reply(f"{there}Content-Length: 0\r\n\r\n".encode())) as first:
            options = Options(
                dns_server=resolver.notation,
                cacert=authority.cacert,
                lab=Lab(endpoints=(first.endpoint, last.endpoint)),
                limits=LIMITS,
                follow_redirects=True,
            )
            trace = fetch(f"http://{NAME}:{first.port}/", options)
    assert code(trace) == "ok"
    connects = [e for e in trace.events if isinstance(e, Called) and e.call == "connect"]
    assert len([e for e in connects if e.arguments == (resolver.endpoint,)]) == 1


def test_a_connection_that_was_closed_between_lookups_is_made_anew() -> None:
    def once(connection: socket.socket) -> None:
        for _ in range(3):
            length = connection.recv(2, socket.MSG_WAITALL)
            query = connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
            connection.sendall(good(query))
        finish(connection)

    with HostileServer(once) as resolver, HostileServer(reply(ARRIVED)) as last:
        there = f"HTTP/1.1 302 Found\r\nLocation: http://b.example.com:{last.port}/\r\n"
        with HostileServer(reply(f"{there}Content-Length: 0\r\n\r\n".encode())) as first:
            options = Options(
                dns_server=f"tcp://{resolver.endpoint}",
                lab=Lab(endpoints=(first.endpoint, last.endpoint)),
                limits=LIMITS,
                follow_redirects=True,
            )
            trace = fetch(f"http://{NAME}:{first.port}/", options)
        assert len(resolver.sent) == 2
    assert code(trace) == "ok"


@pytest.mark.parametrize("transport", ["tls", "https"])
@pytest.mark.parametrize("why", ["another name", "another authority"])
def test_a_resolver_whose_certificate_is_refused_is_asked_nothing(
    authority: Authority, transport: str, why: str
) -> None:
    make = DnsOverTls if transport == "tls" else DnsOverHttps
    heard: list[bytes] = []

    class Heard(Lives):
        def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
            heard.append(untrusted)
            return super().answer(untrusted)

    with make(Heard(), authority) as resolver:
        if why == "another name":
            trace = asked(resolver.notation, authority, name="dns.example")
        else:
            trace = asked(resolver.notation)
    assert code(trace) == "dns.certificate"
    assert heard == []


def test_a_name_may_be_given_for_the_certificate(authority: Authority) -> None:
    with DnsOverTls(Lives(), authority) as resolver:
        assert code(asked(resolver.notation, authority, name="over-tls.dns.lab.test")) == "ok"


def test_a_resolver_that_speaks_no_tls_ends_the_fetch_clearly() -> None:
    with HostileServer(lambda c: c.sendall(b"no TLS here, sorry")) as resolver:
        assert code(asked(f"tls://{resolver.endpoint}")) == "dns.tls"


def test_nobody_at_the_port_is_told_as_for_udp() -> None:
    with HostileServer(hold, listening=False) as resolver:
        assert code(asked(f"tcp://{resolver.endpoint}")) == "dns.refused"


@pytest.mark.parametrize(
    ("converse", "expected"),
    [
        pytest.param(finish, "dns.tcp_closed", id="closed at once"),
        pytest.param(each(lambda q: b"\0"), "dns.timeout", id="half a length"),
        pytest.param(each(lambda q: b"\0\0" * 9), "dns.malformed", id="messages of no octets"),
        pytest.param(each(lambda q: prefixed(q)), "dns.timeout", id="the questions themselves"),
        pytest.param(each(lambda q: prefixed(cut(response(q)))), "dns.truncated", id="cut"),
        pytest.param(
            each(lambda q: prefixed(response(q, [LOCALHOST])[:-1])), "dns.malformed", id="short"
        ),
        pytest.param(each(lambda q: prefixed(response(q, rcode=3))), "dns.nxdomain", id="NXDOMAIN"),
        pytest.param(each(lambda q: b"" if kind_of(q) == AAAA else good(q)), "ok", id="no AAAA"),
        pytest.param(
            each(
                lambda q: (
                    good(q) if kind_of(q) in (A, AAAA) else prefixed(response(q, [LOCALHOST])[:-1])
                )
            ),
            "ok",
            id="HTTPS broken",
        ),
    ],
)
def test_what_a_resolver_over_tcp_does_wrong_has_its_code(
    converse: Converse, expected: str
) -> None:
    with HostileServer(converse) as resolver:
        assert code(asked(f"tcp://{resolver.endpoint}")) == expected


def doh(authority: Authority, answer: bytes) -> str:
    """What comes of a resolver that answers each request with these octets, over HTTP/1.1."""

    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(answer)
        hold(connection)

    context = Tls(certify=for_the_address, alpn=("http/1.1",)).context(authority, "doh.lab.test")
    with HostileServer(over_tls(context, converse)) as resolver:
        return code(asked(f"https://{resolver.endpoint}", authority))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        pytest.param("HTTP/1.1 404 Not Found\r\nContent-Length: 0", b"", id="404"),
        pytest.param(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2", b"no", id="html"
        ),
        pytest.param("HTTP/1.1 200 OK\r\nContent-Length: 2", b"no", id="no type"),
        pytest.param("SSH-2.0", b"", id="no HTTP"),
        pytest.param(
            "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: 70000",
            bytes(70_000),
            id="too long",
        ),
    ],
)
def test_an_answer_that_is_no_dns_has_its_code(
    authority: Authority, head: str, body: bytes
) -> None:
    assert doh(authority, f"{head}\r\n\r\n".encode() + body) == "dns.http"


def test_a_body_that_is_no_message_is_malformed(authority: Authority) -> None:
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: 3\r\n\r\n"
    assert doh(authority, head.encode() + b"abc") == "dns.malformed"


def test_the_guard_judges_a_resolver_over_tls_too() -> None:
    trace = asked("tls://224.0.0.1")
    assert code(trace) == "guard.blocked_address"
    assert not [e for e in trace.events if isinstance(e, Called)]


def test_the_zone_of_the_lab_is_the_same_over_all_transports(authority: Authority) -> None:
    zone = Zone(["plain.lab.test"])
    query = dns.message.make_query("plain.lab.test", "A").to_wire()
    assert zone.answer(query) == zone.answer(query, in_datagram=False)
