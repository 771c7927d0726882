"""HTTPS records: what they change about whom a fetch connects to, and what they must not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Final

import dns.message
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest

from netcore import Trace
from netcore.guard import Guard
from netcore.options import Options
from netcore.protocols.dns import Answer
from netcore.protocols.dns_services import ServiceRecord, read_services
from netcore.recorder import Recorder
from netcore.services import Service, Services, over_tcp
from netcore.target import parse
from netcore.trace import Chose
from tests.faults.hostile import Datagram, HostileResolver
from tests.faults.rows.dns_tcp import cut
from tests.netcore.following import PUBLIC_IPV4, failure, follow
from tests.netcore.ssrf import rows
from tests.netcore.test_resolve_guard import NameServer, from_row

NAMES: Final = {row["id"]: row for row in rows("dns_cases")}
OTHER: Final = "93.184.216.35"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer about HTTPS records is there, however busy the machine is."""
    monkeypatch.setattr("netcore.resolve._EXTRA_S", 1.0)


def visited(
    name: str, zone: dict[tuple[str, str], Sequence[str]], url: str = "https://{}/"
) -> tuple[Trace, list[str], NameServer]:
    """Fetch over https from names that have these records; nobody is connected to."""

    def records(query: dns.message.Message, before: int) -> list[str]:
        question = query.question[0]
        asked = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        if (asked, "CNAME") in zone:
            return [f"CNAME {each}" for each in zone[asked, "CNAME"]]
        return [f"{kind} {each}" for each in zone.get((asked, kind), ())]

    server = NameServer(records)
    with server.resolver as resolver:
        trace, tried = follow(url.format(name), dns_server=resolver.address)
    return trace, tried, server


def told(trace: Trace) -> list[Chose]:
    return [e for e in trace.events if isinstance(e, Chose) and e.what == "https record"]


def row(id_: str) -> tuple[Trace, list[str], NameServer]:
    case = NAMES[id_]
    server = NameServer(from_row(case))
    with server.resolver as resolver:
        trace, tried = follow(f"https://{case['name']}/", dns_server=resolver.address)
    return trace, tried, server


@pytest.mark.wire
def test_d031_a_forbidden_hint_is_left_out_and_told() -> None:
    assert NAMES["D031"]["expect"] == "block-hint"
    trace, tried, _ = row("D031")
    assert tried == [f"{PUBLIC_IPV4}:443"]
    (decision,) = told(trace)
    assert "127.0.0.1" in decision.why
    assert "left out" in decision.why


@pytest.mark.wire
def test_d032_an_alias_of_a_forbidden_name_is_refused() -> None:
    assert NAMES["D032"]["expect"] == "block"
    trace, tried, server = row("D032")
    assert (failure(trace).stage, failure(trace).code) == ("dns", "guard.blocked_name")
    assert tried == []
    assert {name for name, _ in server.asked} == {f"{NAMES['D032']['name']}."}


@pytest.mark.wire
@pytest.mark.parametrize("address", ["", PUBLIC_IPV4])
def test_d033_a_record_with_a_forbidden_port_is_left_out(address: str) -> None:
    assert NAMES["D033"]["expect"] == "ignore-record"
    zone = {("a.example.com", "HTTPS"): ["1 . port=6379"], ("a.example.com", "A"): [address]}
    trace, tried, _ = visited(
        "a.example.com", zone if address else {k: v for k, v in zone.items() if v[0]}
    )
    assert tried == ([f"{PUBLIC_IPV4}:443"] if address else [])
    assert failure(trace).code == ("tcp.unreachable" if address else "dns.nodata")
    (decision,) = told(trace)
    assert decision.value == "1 . port 6379"
    assert decision.why.startswith("Left out")


@pytest.mark.wire
def test_d034_a_loop_of_aliases_is_left_out() -> None:
    assert NAMES["D034"]["expect"] == "error-or-ignore"
    zone = {
        ("a.attacker.tld", "HTTPS"): ["0 b.attacker.tld."],
        ("b.attacker.tld", "HTTPS"): ["0 a.attacker.tld."],
        ("a.attacker.tld", "A"): [PUBLIC_IPV4],
    }
    trace, tried, server = visited("a.attacker.tld", zone)
    assert tried == [f"{PUBLIC_IPV4}:443"]
    assert [each.value for each in told(trace)][-1] == "none"
    assert server.asked.total() <= 20


@pytest.mark.wire
def test_aliases_without_end_are_left_out_within_the_bound_on_questions() -> None:
    def records(query: dns.message.Message, before: int) -> list[str]:
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        first = str(query.question[0].name).startswith("start")
        if kind == "A" and first:
            return [f"A {PUBLIC_IPV4}"]
        return [f"HTTPS 0 n{before}.attacker.tld."] if kind == "HTTPS" else []

    server = NameServer(records)
    with server.resolver as resolver:
        _, tried = follow("https://start.attacker.tld/", dns_server=resolver.address)
    assert tried == [f"{PUBLIC_IPV4}:443"]
    assert server.asked.total() <= 20


@pytest.mark.wire
def test_d035_sixty_kilobytes_of_parameters_do_no_harm() -> None:
    assert NAMES["D035"]["expect"] == "allow"
    rdata = b"\0\1\0\xfd\xe8" + (60_000).to_bytes(2, "big") + b"x" * 60_000  # 1 . key65000=...
    long = f"\\# {len(rdata)} {rdata.hex()}"

    def answer(octets: bytes) -> list[Datagram]:
        query = dns.message.from_wire(octets)
        made = dns.message.make_response(query)
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        for line in {"A": [PUBLIC_IPV4], "HTTPS": [long]}.get(kind, []):
            name = query.question[0].name
            made.answer.append(dns.rrset.from_text(name, 0, "IN", kind, line))
        return [Datagram(made.to_wire(max_size=65_507))]

    with HostileResolver(answer) as resolver:
        trace, tried = follow("https://ech.attacker.tld/", dns_server=resolver.address)
    assert tried == [f"{PUBLIC_IPV4}:443"]
    (decision,) = told(trace)
    assert len(decision.why) < 500


@pytest.mark.wire
def test_port_and_target_of_a_record_stand_before_the_name_itself() -> None:
    zone = {
        ("a.example.com", "HTTPS"): ["1 svc.example.net. alpn=h2 port=8443"],
        ("a.example.com", "A"): [PUBLIC_IPV4],
        ("svc.example.net", "A"): [OTHER],
    }
    trace, tried, server = visited("a.example.com", zone)
    assert tried == [f"{OTHER}:8443", f"{PUBLIC_IPV4}:443"]
    (decision,) = told(trace)
    assert decision.value == "1 svc.example.net port 8443"
    assert "h2, http/1.1" in decision.why
    assert server.asked["svc.example.net.", "A"] == 1


@pytest.mark.wire
def test_hints_stand_in_for_addresses_that_are_not_there() -> None:
    zone = {("a.example.com", "HTTPS"): [f"1 svc.example.net. ipv4hint={OTHER}"]}
    trace, tried, _ = visited("a.example.com", zone)
    assert tried == [f"{OTHER}:443"]
    (decision,) = told(trace)
    assert "hinted addresses" in decision.why


@pytest.mark.wire
def test_priorities_decide_the_order() -> None:
    zone = {
        ("a.example.com", "HTTPS"): ["2 . port=8443", "1 svc.example.net."],
        ("a.example.com", "A"): [PUBLIC_IPV4],
        ("svc.example.net", "A"): [OTHER],
    }
    _, tried, _ = visited("a.example.com", zone)
    assert tried == [f"{OTHER}:443", f"{PUBLIC_IPV4}:8443", f"{PUBLIC_IPV4}:443"]


@pytest.mark.wire
def test_a_record_for_protocols_without_tcp_is_tried_over_quic_and_then_over_tcp() -> None:
    zone = {
        ("a.example.com", "HTTPS"): ["1 . alpn=h3 no-default-alpn port=8443"],
        ("a.example.com", "A"): [PUBLIC_IPV4],
    }
    trace, tried, _ = visited("a.example.com", zone)
    assert tried == [f"{PUBLIC_IPV4}:8443", f"{PUBLIC_IPV4}:443"]
    assert "h3" in told(trace)[0].why


@pytest.mark.wire
def test_an_alias_leads_to_the_records_of_another_name() -> None:
    zone = {
        ("a.example.com", "HTTPS"): ["0 pool.example.net."],
        ("a.example.com", "A"): [PUBLIC_IPV4],
        ("pool.example.net", "HTTPS"): ["1 . port=8443"],
        ("pool.example.net", "A"): [OTHER],
    }
    trace, tried, _ = visited("a.example.com", zone)
    assert tried == [f"{OTHER}:8443", f"{PUBLIC_IPV4}:443"]
    assert [each.value for each in told(trace)] == ["0 pool.example.net", "1 . port 8443"]


@pytest.mark.wire
def test_an_alias_of_a_name_without_such_records_has_its_addresses() -> None:
    zone = {
        ("a.example.com", "HTTPS"): ["0 pool.example.net."],
        ("pool.example.net", "A"): [OTHER],
    }
    _, tried, _ = visited("a.example.com", zone)
    assert tried == [f"{OTHER}:443"]


@pytest.mark.wire
@pytest.mark.parametrize(
    ("target", "address"),
    [("localhost.", ""), ("db.internal.", ""), ("svc.example.net.", "10.0.0.5")],
)
def test_a_service_that_may_not_be_reached_is_left_out(target: str, address: str) -> None:
    zone = {
        ("a.example.com", "HTTPS"): [f"1 {target}"],
        ("a.example.com", "A"): [PUBLIC_IPV4],
        (target.rstrip("."), "A"): [address] if address else [],
    }
    trace, tried, _ = visited("a.example.com", zone)
    assert tried == [f"{PUBLIC_IPV4}:443"]
    assert told(trace)[0].why.startswith("Left out: ")


@pytest.mark.wire
def test_another_port_has_a_name_of_its_own() -> None:
    zone = {
        ("_8443._https.a.example.com", "HTTPS"): ["1 svc.example.net. port=8080"],
        ("a.example.com", "A"): [PUBLIC_IPV4],
        ("svc.example.net", "A"): [OTHER],
    }
    _, tried, _ = visited("a.example.com", zone, "https://{}:8443/")
    assert tried == [f"{OTHER}:8080", f"{PUBLIC_IPV4}:8443"]


@pytest.mark.wire
def test_http_stays_http_and_it_is_told_what_a_browser_would_do() -> None:
    """The other answers wait for the one about HTTPS, which is not waited for by itself."""
    held: list[Datagram] = []

    def answer(octets: bytes) -> list[Datagram]:
        query = dns.message.from_wire(octets)
        made = dns.message.make_response(query)
        name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
        lines = {"A": PUBLIC_IPV4, "HTTPS": "1 . port=8443"}
        if kind in lines:
            made.answer.append(dns.rrset.from_text(name, 0, "IN", kind, lines[kind]))
        held.append(Datagram(made.to_wire()))
        return list(held) if kind == "HTTPS" else []

    class Later(HostileResolver):
        """Answers each asker once the last question is there."""

        def _run(self) -> None:
            askers = []
            while self._stop.wait_readable(self._socket):
                with contextlib.suppress(OSError):
                    query, asker = self._socket.recvfrom(65535)
                    askers.append(asker)
                    for to, datagram in zip(
                        reversed(askers), reversed(list(answer(query))), strict=False
                    ):
                        self._socket.sendto(datagram.octets, to)

    with Later(answer) as resolver:
        trace, tried = follow("http://a.example.com/", dns_server=resolver.address)
    assert tried == [f"{PUBLIC_IPV4}:80"]
    assert [each.value for each in told(trace)] == ["upgrade"]


@pytest.mark.wire
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda octets: octets[:-1], id="cut short"),
        pytest.param(lambda octets: b"\0\1" + octets[2:], id="another id"),
        pytest.param(cut, id="TC and nobody on TCP"),
        pytest.param(lambda octets: octets[:3] + b"\x82" + octets[4:], id="SERVFAIL"),
        pytest.param(lambda octets: None, id="silence"),
    ],
)
def test_what_becomes_of_the_question_never_fails_a_fetch(
    broken: Callable[[bytes], bytes | None],
) -> None:
    def answer(octets: bytes) -> list[Datagram]:
        query = dns.message.from_wire(octets)
        made = dns.message.make_response(query)
        name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
        lines = {"A": PUBLIC_IPV4, "HTTPS": "1 . port=8443"}
        if kind in lines:
            made.answer.append(dns.rrset.from_text(name, 0, "IN", kind, lines[kind]))
        wire = made.to_wire()
        spoilt = broken(wire) if kind == "HTTPS" else wire
        return [Datagram(spoilt)] if spoilt else []

    with HostileResolver(answer) as resolver:
        trace, tried = follow("https://a.example.com/", dns_server=resolver.address)
    assert tried[-1] == f"{PUBLIC_IPV4}:443"
    assert failure(trace).code == "tcp.unreachable"


def record(text: str) -> ServiceRecord:
    rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.HTTPS, text)
    return read_services([rdata], "a.example.com")[0]


def judged(*records: ServiceRecord) -> tuple[Sequence[Service], list[Chose]]:
    trace = Trace("", "", Options(), [])
    services = Services(Recorder(trace), Guard(Options()), lambda name: [OTHER])
    services.know("a.example.com", [PUBLIC_IPV4])
    answer = Answer("HTTPS", "NOERROR", False, (), (), "", tuple(records))
    return services.of(parse("https://a.example.com/"), answer), told(trace)


def test_a_service_carries_its_protocols_and_endpoints() -> None:
    (service,), _ = judged(record("1 . alpn=h3,h2 port=8443"))
    assert service.alpn == ("h3", "h2", "http/1.1")
    assert [(each.address, each.port) for each in service.endpoints] == [(PUBLIC_IPV4, 8443)]
    assert over_tcp([service], ["h2"]) == list(service.endpoints)
    assert over_tcp([service], ["h9"]) == []


def test_a_mandatory_key_that_is_not_spoken_leaves_the_record_out() -> None:
    services, decisions = judged(record("1 . mandatory=key667 key667=x"))
    assert services == ()
    assert "key667" in decisions[0].why


def test_no_more_than_eight_records_of_a_name_are_looked_at() -> None:
    services, decisions = judged(*(record(f"{n} .") for n in range(1, 20)))
    assert len(services) == len(decisions) == 8


def test_what_is_told_of_a_hostile_record_is_short_and_printable() -> None:
    _, decisions = judged(record('1 . alpn="' + "\\001<script>" * 20 + '"'))
    assert decisions[0].why.isprintable()
    assert len(decisions[0].why) < 400
