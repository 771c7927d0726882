"""From a host to admitted addresses: what is asked, what is told, and what was given already."""

from __future__ import annotations

import dns.message
import dns.rdatatype
import pytest

from netcore import Options, Trace, fetch
from netcore.trace import Called, Chose, Failed
from tests.faults.case import options
from tests.faults.hostile import Datagram, HostileResolver, HostileServer, reply
from tests.faults.rows.dns import ARRIVED, LOCALHOST, kind_of, response
from tests.netcore.following import completed

pytestmark = pytest.mark.wire

ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)


def good(query: bytes) -> list[Datagram]:
    return [Datagram(response(query, [LOCALHOST] if kind_of(query) == 1 else []))]


def told(trace: Trace, what: str) -> list[Chose]:
    return [e for e in trace.events if isinstance(e, Chose) and e.what == what]


def asked(resolver: HostileResolver) -> set[str]:
    """The names whose addresses were asked for."""
    questions = [dns.message.from_wire(query).question[0] for query in resolver.queries]
    return {str(each.name) for each in questions if each.rdtype in ADDRESSES}


@pytest.mark.parametrize(
    ("written", "name", "read_as"),
    [
        ("M\u00dcNCHEN.example.com", "xn--mnchen-3ya.example.com", "m\u00fcnchen.example.com"),
        ("xn--mnchen-3ya.example.com", "xn--mnchen-3ya.example.com", "m\u00fcnchen.example.com"),
        ("fa\u00df.example.com", "xn--fa-hia.example.com", "fa\u00df.example.com"),
        ("\U0001f600.example.com", "xn--e28h.example.com", "\U0001f600.example.com"),
        ("\u4f8b\u3048.example.com.", "xn--r8jz45g.example.com", "\u4f8b\u3048.example.com"),
    ],
)
def test_dns_is_asked_in_a_labels_and_the_trace_tells_how_people_write_it(
    written: str, name: str, read_as: str
) -> None:
    with HostileResolver(good) as resolver, HostileServer(reply(ARRIVED)) as server:
        url = f"http://{written}:{server.port}/"
        trace = fetch(url, options(server, dns_server=resolver.address))
    completed(trace)
    assert asked(resolver) == {f"{name}."}
    (decision,) = told(trace, "idn")
    assert decision.value == name
    assert f"People write {read_as};" in decision.why


def test_of_a_name_in_ascii_nothing_is_told() -> None:
    with HostileResolver(good) as resolver, HostileServer(reply(ARRIVED)) as server:
        url = f"http://EXAMPLE.com:{server.port}/"
        trace = fetch(url, options(server, dns_server=resolver.address))
    completed(trace)
    assert asked(resolver) == {"example.com."}
    assert told(trace, "idn") == []


@pytest.mark.parametrize("host", ["a.example.com", "a.example.com.", "A.Example.com"])
@pytest.mark.parametrize("entry", ["a.example.com", "a.example.com.", "A.EXAMPLE.com."])
def test_resolve_finds_its_host_with_and_without_the_dot(host: str, entry: str) -> None:
    with HostileServer(reply(ARRIVED)) as server:
        given = options(server, resolve=(f"{entry}:{server.port}:127.0.0.1",))
        trace = fetch(f"http://{host}:{server.port}/", given)
    completed(trace)
    assert [each.value for each in told(trace, "hosts")] == ["127.0.0.1"]


def test_resolve_takes_a_host_as_people_write_it() -> None:
    with HostileServer(reply(ARRIVED)) as server:
        entry = f"m\u00fcnchen.example.com:{server.port}:127.0.0.1"
        url = f"http://xn--mnchen-3ya.example.com:{server.port}/"
        completed(fetch(url, options(server, resolve=(entry,))))


@pytest.mark.parametrize(
    "host",
    [
        ".",
        "..",
        "a..example.com",
        "example.com..",
        "127.0.0.1.",
        "\uff11\uff12\uff17.0.0.1",
        "127\u30020\u30020\u30021",
        "%31%32%37.0.0.1",
        "\u2460.example.com",
        "xn--a.example.com",
        "\u00ad.example.com",
        "a\u200d.example.com",
        "-\u00fc.example.com",
    ],
)
def test_a_host_that_is_none_is_refused_before_anything_is_sent(host: str) -> None:
    trace = fetch(f"http://{host}/", Options())
    end = trace.events[-1]
    assert isinstance(end, Failed)
    assert (end.stage, end.code) == ("target", "guard.bad_host")
    assert end.message.endswith(".")
    assert not [e for e in trace.events if isinstance(e, Called)]


def test_the_number_of_questions_is_bounded_for_each_name_and_not_for_all_hops() -> None:
    with HostileResolver(good) as resolver, HostileServer(reply(ARRIVED)) as last:
        there = f"HTTP/1.1 302 Found\r\nLocation: http://b.example.com:{last.port}/\r\n"
        redirect = f"{there}Content-Length: 0\r\n\r\n".encode()
        with HostileServer(reply(redirect)) as first:
            wanted = options(
                first,
                last,
                dns_server=resolver.address,
                follow_redirects=True,
                limits={"dns_queries": 2},
            )
            trace = fetch(f"http://a.example.com:{first.port}/", wanted)
    assert completed(trace).hop == 2
    assert asked(resolver) == {"a.example.com.", "b.example.com."}
