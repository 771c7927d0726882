"""What Alt-Svc leads to: QUIC where somebody answers, else on over TCP; nowhere forbidden."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import dns.message
import dns.rdatatype
import msgspec
import pytest

from lab import Authority, LabServer
from lab.quic import Conversation, Quic, QuicServer, bound_twice
from lab.streams import Asked
from netcore import Options, Trace, fetch
from netcore.options import Lab, Limits
from netcore.trace import Called, Chose, Completed, StageEnded
from tests.faults.hostile import HostileServer, over_tls, reply
from tests.netcore.ssrf import rows
from tests.netcore.test_resolve_guard import NameServer
from tests.tripwire import tripwire

pytestmark = pytest.mark.wire

HOST = "www.example.com"
HOPS = {row["id"]: row for row in rows("hop_cases")}


def chosen(trace: Trace, what: str) -> list[tuple[str, str]]:
    return [(e.value, e.why) for e in trace.events if isinstance(e, Chose) and e.what == what]


def completed(trace: Trace) -> Completed:
    end = trace.outcome
    assert isinstance(end, Completed), end
    return end


def hello(conversation: Conversation, asked: Asked) -> None:
    conversation.respond(asked, 200, b"over QUIC")


GIVEN_UP_SOON = Limits(quic_alternative_s=0.2)


@contextlib.contextmanager
def visiting(authority: Authority, field: str, *more: object) -> Iterator[tuple[Options, str]]:
    """A server over TCP that says where else it is, and leads back to itself."""
    context = authority.server_context(authority.identity(HOST))
    head = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n{field}\r\n"
    served = 0

    def converse(connection: object) -> None:
        nonlocal served
        served += 1
        answer = head + "Location: /again\r\n\r\n"
        if served > 1:
            answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nover TCP"
        reply(answer.encode())(connection)  # type: ignore[arg-type]

    with HostileServer(over_tls(context, converse)) as server:
        yield (
            Options(
                lab=Lab(endpoints=(server.endpoint, *map(str, more))),
                resolve=(f"{HOST}:{server.port}:127.0.0.1",),
                cacert=authority.cacert,
                follow_redirects=True,
                limits=Limits(quic_alternative_s=10),
            ),
            f"https://{HOST}:{server.port}/",
        )


def udp_connects(trace: Trace) -> list[object]:
    return [
        e.arguments[0]
        for e in trace.events
        if isinstance(e, Called) and e.call == "connect" and e.socket.startswith("udp:")
    ]


def test_the_next_connection_goes_over_quic(authority: Authority) -> None:
    links = {"alt-svc": ""}  # its own URL, once it has one
    with LabServer("alt-svc", authority=authority, links=links) as server:
        links["alt-svc"] = server.url
        options = Options(
            lab=Lab(dns_server="127.0.0.1:53", endpoints=(server.endpoint,)),
            resolve=(f"{server.host}:{server.port}:127.0.0.1",),
            cacert=authority.cacert,
            follow_redirects=True,
        )
        trace = fetch(server.url, options)
    assert (completed(trace).http_version, completed(trace).hop) == ("3", 2)
    assert [value for value, _ in chosen(trace, "alt-svc")] == [f'h3=":{server.port}"']


def test_another_port_of_the_same_name(authority: Authority) -> None:
    stream, datagrams = bound_twice()
    port = datagrams.getsockname()[1]
    with (
        stream,
        QuicServer(datagrams, Quic(hello), authority.identity(HOST), (), "other"),
        visiting(authority, f'Alt-Svc: h3=":{port}"', f"127.0.0.1:{port}") as (options, url),
    ):
        trace = fetch(url, options)
    assert completed(trace).http_version == "3"
    assert udp_connects(trace) == [f"127.0.0.1:{port}"]


def test_where_nobody_answers_it_goes_on_over_tcp(authority: Authority) -> None:
    stream, datagrams = bound_twice()
    port = datagrams.getsockname()[1]
    with (
        stream,
        datagrams,
        visiting(authority, f'Alt-Svc: h3=":{port}"', f"127.0.0.1:{port}") as (options, url),
    ):
        trace = fetch(url, msgspec.structs.replace(options, limits=GIVEN_UP_SOON))
    assert (completed(trace).http_version, completed(trace).hop) == ("1.1", 2)
    tried, given_up = chosen(trace, "http version")
    assert tried[0] == "3"
    assert given_up[0] == "not 3"
    assert re.search("quic.timeout: .* TCP stands in for it", given_up[1])
    assert not [e for e in trace.events if isinstance(e, StageEnded) and e.error]


def test_a_certificate_for_another_name_is_no_alternative(authority: Authority) -> None:
    stream, datagrams = bound_twice()
    port = datagrams.getsockname()[1]
    with (
        stream,
        QuicServer(datagrams, Quic(hello), authority.identity("other.example.com"), (), "other"),
        visiting(authority, f'Alt-Svc: h3=":{port}"', f"127.0.0.1:{port}") as (options, url),
    ):
        trace = fetch(url, options)
    assert completed(trace).http_version == "1.1"
    assert "tls.hostname_mismatch" in chosen(trace, "http version")[1][1]


@pytest.mark.parametrize(
    ("authority_of", "why"),
    [
        (HOPS["H030"]["next_target"], "127.0.0.1 is in 127.0.0.0/8"),
        ("localhost:443", "localhost is not fetched"),
        (":22", "Port 22 is not fetched"),
        ("metadata.google.internal:443", "not fetched"),
        ("[::1]:443", "::1 is in ::1/128"),
        ("user@example.com:443", "Not followed"),
        ("0x7f.1:443", "Not followed"),
    ],
)
def test_h030_a_forbidden_place_is_told_and_not_tried(
    authority_of: str, why: str, authority: Authority
) -> None:
    assert HOPS["H030"]["expect"] == "ignore"
    with visiting(authority, f'Alt-Svc: h3="{authority_of}"') as (options, url):
        port = int(url.rsplit(":", 1)[1].strip("/"))
        with tripwire(f"127.0.0.1:{port}") as tried:
            trace = fetch(url, options)
    assert tried == []
    assert completed(trace).http_version == "1.1"
    ((value, said),) = chosen(trace, "alt-svc")
    assert value == f'h3="{authority_of}"'
    assert said.startswith("Not followed: ")
    assert re.search(why, said)
    assert udp_connects(trace) == []


@pytest.mark.parametrize("field", ["clear", 'h2=":443"', 'h3=":443"; ma=0', "h3"])
def test_fields_that_offer_nothing(field: str, authority: Authority) -> None:
    with visiting(authority, f"Alt-Svc: {field}") as (options, url):
        trace = fetch(url, options)
    assert completed(trace).http_version == "1.1"
    assert "nothing over which HTTP/3" in chosen(trace, "alt-svc")[0][1]
    assert udp_connects(trace) == []


@contextlib.contextmanager
def with_record(authority: Authority, port: int) -> Iterator[tuple[Options, str]]:
    """A server over TCP, whose name has an HTTPS record that leads to HTTP/3 at a port."""
    context = authority.server_context(authority.identity(HOST))

    def records(query: dns.message.Message, before: int) -> list[str]:
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        have = {"A": "A 127.0.0.1", "HTTPS": f"HTTPS 1 . alpn=h3 port={port}"}
        return [have[kind]] if kind in have else []

    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nover TCP"
    with (
        HostileServer(over_tls(context, reply(answer))) as server,
        NameServer(records).resolver as resolver,
    ):
        yield (
            Options(
                allow_private=True,
                dns_server=resolver.address,
                cacert=authority.cacert,
                limits=Limits(quic_alternative_s=10),
            ),
            f"https://{HOST}:{server.port}/",
        )


def tcp_connects(trace: Trace) -> list[Called]:
    calls = [e for e in trace.events if isinstance(e, Called) and e.socket.startswith("tcp:")]
    return [each for each in calls if each.call == "connect"]


@pytest.mark.parametrize("http", ["auto", "3"])
def test_an_https_record_leads_to_quic_at_once(
    http: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netcore.resolve._EXTRA_S", 1.0)
    stream, datagrams = bound_twice()
    port = datagrams.getsockname()[1]
    with (
        stream,
        QuicServer(datagrams, Quic(hello), authority.identity(HOST), (), "other"),
        with_record(authority, port) as (options, url),
    ):
        trace = fetch(url, msgspec.structs.replace(options, http=http))
    assert (completed(trace).http_version, completed(trace).hop) == ("3", 1)
    assert f"127.0.0.1:{port}" in udp_connects(trace)
    assert tcp_connects(trace) == []
    assert ("3" in [value for value, _ in chosen(trace, "http version")]) == (http == "auto")


def test_a_record_whose_quic_does_not_answer_costs_little(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netcore.resolve._EXTRA_S", 1.0)
    stream, datagrams = bound_twice()
    port = datagrams.getsockname()[1]
    with stream, datagrams, with_record(authority, port) as (options, url):
        trace = fetch(url, msgspec.structs.replace(options, limits=GIVEN_UP_SOON))
    assert completed(trace).http_version == "1.1"
    tried, given_up = chosen(trace, "http version")
    assert (tried[0], given_up[0]) == ("3", "not 3")
    assert "by its HTTPS record" in tried[1]


def test_a_version_that_was_asked_for_is_not_replaced_by_a_record(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netcore.resolve._EXTRA_S", 1.0)
    with with_record(authority, 9) as (options, url):
        trace = fetch(url, msgspec.structs.replace(options, http="1.1"))
    assert completed(trace).http_version == "1.1"
    assert chosen(trace, "http version") == []
