"""Answers of name servers that lead elsewhere: all are judged, by netcore.fetch, without a packet.

Left out of ssrf.json's dns_cases, because it is elsewhere: D023 (WebSocket) is in
test_websocket_guard, D031, D032, D033, D034 and D035 (HTTPS records) are in test_services, D036
(Alt-Svc) is H030 of test_redirect_guard, D022 (HTTP/3) is in test_guard_everywhere.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from netcore import Trace
from tests.faults.hostile import Datagram, HostileResolver
from tests.netcore.following import PUBLIC_IPV4, Origin, failure, follow, response
from tests.netcore.ssrf import filled, rows

pytestmark = pytest.mark.wire

NAMES: Final = {row["id"]: row for row in rows("dns_cases")}

Records = Callable[[dns.message.Message, int], Sequence[str]]
"""A query and how many of its type came before -> records, "TYPE data"."""


class NameServer:
    """Answers on loopback with what `records` gives; nothing for a name is NXDOMAIN."""

    def __init__(self, records: Records) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self._records = records
        self.resolver = HostileResolver(self._answer)

    def _answer(self, octets: bytes) -> list[Datagram]:
        query = dns.message.from_wire(octets)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        before = sum(n for (_, each), n in self.asked.items() if each == kind)
        self.asked[question.name.to_text(), kind] += 1
        answer = dns.message.make_response(query)
        for line in self._records(query, before):
            rdtype, _, data = line.partition(" ")
            if rdtype in (kind, "CNAME"):
                answer.answer.append(dns.rrset.from_text(question.name, 0, "IN", rdtype, data))
            if rdtype == "NXDOMAIN":
                answer.set_rcode(dns.rcode.NXDOMAIN)
        return [Datagram(answer.to_wire())]


def resolve(name: str, records: Records, path: str = "/") -> tuple[Trace, list[str], NameServer]:
    server = NameServer(records)
    with server.resolver as resolver:
        trace, tried = follow(f"http://{name}{path}", dns_server=resolver.address)
    return trace, tried, server


def from_row(row: dict[str, Any]) -> Records:
    """What a row says that its name server answers: the n-th time, and each time if it has no n."""

    def records(query: dns.message.Message, before: int) -> list[str]:
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        entries = [entry for entry in row["dns"] if entry["q"] == kind]
        fitting = [entry for entry in entries if entry.get("n", before + 1) == before + 1]
        lines = [filled(rr) for entry in fitting for rr in entry["rr"]]
        whole = ("CNAME", "NXDOMAIN")
        return [line if line.startswith(whole) else f"{kind} {line}" for line in lines]

    return records


@pytest.mark.parametrize(
    "id_",
    "D001 D003 D005 D007 D009 D011 D013 D015".split(),  # noqa: SIM905
)
def test_an_answer_with_a_forbidden_address_is_refused_whole(id_: str) -> None:
    row = NAMES[id_]
    assert row["expect"] == "block"
    trace, tried, _ = resolve(row["name"], from_row(row))
    assert (failure(trace).stage, failure(trace).code) == ("dns", "guard.blocked_address")
    assert tried == []


@pytest.mark.parametrize(
    "name",
    ["127.0.0.1.nip.io", "10-0-0-1.sslip.io", "localtest.me", "lvh.me"],
)
def test_d044_names_that_spell_an_address_are_caught_by_the_address(name: str) -> None:
    trace, tried, _ = resolve(name, from_row(NAMES["D044"]))
    assert failure(trace).code == "guard.blocked_address"
    assert tried == []


@pytest.mark.slow
def test_d017_an_address_that_comes_late_is_never_connected_to() -> None:
    row = NAMES["D017"]
    assert row["expect"] == "block-or-v4-only"
    pace = threading.Event()

    def late(query: dns.message.Message, before: int) -> Sequence[str]:
        records = from_row(row)(query, before)
        if query.question[0].rdtype == dns.rdatatype.AAAA:
            pace.wait(0.3)
        return records

    trace, tried, _ = resolve(row["name"], late)
    assert failure(trace).code in ("guard.blocked_address", "tcp.unreachable")
    assert set(tried) <= {f"{PUBLIC_IPV4}:80"}


@pytest.mark.parametrize("id_", ["D018", "D021"])
def test_a_name_is_asked_for_once_and_what_was_vetted_is_used(id_: str) -> None:
    row = NAMES[id_]
    trace, tried, server = resolve(row["name"], from_row(row))
    assert failure(trace).code == "tcp.unreachable"  # what the tripwire makes of a connect
    assert tried == [f"{PUBLIC_IPV4}:80"]
    once = {(f"{row['name']}.", kind): 1 for kind in ("A", "AAAA", "HTTPS")}
    assert server.asked | once == once  # nobody waits for HTTPS where the URL says http
    assert len(server.asked) >= 2


def test_d020_each_hop_resolves_and_judges_anew() -> None:
    row = NAMES["D020"]
    assert row["expect"] == "block-at-hop-2"
    name = row["name"]
    origin = Origin(response(302, f"Location: http://{name}/"))
    names = NameServer(lambda query, before: ["A 127.0.0.1"])
    with origin.server as server, names.resolver as resolver:
        # Loopback passes for the first hop as an endpoint of the lab, not for the second.
        url = f"http://{name}:{server.port}/"
        trace, tried = follow(url, server, dns_server=resolver.address)
    end = failure(trace)
    assert (end.hop, end.stage, end.code) == (2, "dns", "guard.blocked_address")
    assert tried == []
    assert names.asked[f"{name}.", "A"] == 2
    assert len(origin.requests) == 1


@pytest.mark.parametrize("id_", ["D025", "D027"])
@pytest.mark.parametrize("through", ["A", "AAAA", "both"])
def test_a_forbidden_name_in_the_chain_of_aliases_is_refused(id_: str, through: str) -> None:
    row = NAMES[id_]
    assert row["expect"] == "block"
    alias = filled(row["dns"][0]["rr"][0])

    def records(query: dns.message.Message, before: int) -> Sequence[str]:
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        return [alias] if through in (kind, "both") else [f"A {PUBLIC_IPV4}", "AAAA 2606:4700::1"]

    trace, tried, _ = resolve(row["name"], records)
    assert (failure(trace).stage, failure(trace).code) == ("dns", "guard.blocked_name")
    assert tried == []


def test_d028_a_loop_of_aliases_ends() -> None:
    assert NAMES["D028"]["expect"] == "error-dns-cname-loop"
    name = NAMES["D028"]["name"]

    def records(query: dns.message.Message, before: int) -> Sequence[str]:
        return [f"CNAME {'b.attacker.tld' if name in str(query.question[0].name) else name}."]

    trace, tried, server = resolve(name, records)
    assert failure(trace).code == "dns.cname_loop"
    assert tried == []
    assert server.asked.total() <= 20


def test_d029_a_long_chain_of_aliases_ends() -> None:
    assert NAMES["D029"]["expect"] == "error-dns-chain-too-long"

    def records(query: dns.message.Message, before: int) -> Sequence[str]:
        return [f"CNAME c{before}.attacker.tld."]

    trace, tried, server = resolve(NAMES["D029"]["name"], records)
    assert failure(trace).code == "dns.chain_too_long"
    assert tried == []
    assert server.asked.total() <= 20


def test_d040_only_addresses_and_services_are_asked_for() -> None:
    row = NAMES["D040"]
    trace, tried, server = resolve(row["name"], from_row(row))
    assert tried == [f"{PUBLIC_IPV4}:80"]
    assert {kind for _, kind in server.asked} - {"HTTPS"} == {"A", "AAAA"}
    assert failure(trace).code == "tcp.unreachable"


def test_d041_a_label_with_a_nul_is_shown_escaped() -> None:
    row = NAMES["D041"]

    def records(query: dns.message.Message, before: int) -> Sequence[str]:
        first = row["name"] in str(query.question[0].name)
        return [f"{row['dns'][0]['rr'][0]}."] if first else ["NXDOMAIN"]

    trace, tried, server = resolve(row["name"], records)
    end = failure(trace)
    assert end.code == "guard.bad_host"
    assert "\0" not in end.message
    assert "a\\000b.tld" in end.message
    assert tried == []
    assert {name for name, _ in server.asked} == {f"{row['name']}."}


@pytest.mark.parametrize(
    ("alias", "says"),
    [
        ("127.0.0.1.", "an address where a name has to stand"),
        ("10.1.", "another spelling of an IPv4 address"),
        ("a\\.b.example.com.", "There is \\ in the host"),
        ("a\\000.example.com.", "There is \\ in the host"),
        ("a\\032b.example.com.", "There is \\ in the host"),
        ("-a.example.com.", "begins with a hyphen"),
        ("xn--a.example.com.", "is no valid A-label"),
        ("example.c0m.", "the last part of a name is letters only"),
        (".", "which is no host"),
    ],
)
@pytest.mark.parametrize("through", ["A", "AAAA"])
def test_an_alias_is_held_to_the_rules_for_the_host_of_a_url(
    alias: str, says: str, through: str
) -> None:
    def records(query: dns.message.Message, before: int) -> Sequence[str]:
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        return [f"CNAME {alias}"] if kind == through else []

    trace, tried, server = resolve("alias.attacker.tld", records)
    end = failure(trace)
    assert (end.stage, end.code) == ("dns", "guard.bad_host")
    assert end.message.startswith("alias.attacker.tld is an alias (CNAME) of ")
    assert says in end.message
    assert tried == []
    assert {name for name, _ in server.asked} == {"alias.attacker.tld."}


def test_an_alias_with_an_underscore_is_followed() -> None:
    def records(query: dns.message.Message, before: int) -> Sequence[str]:
        first = "alias" in str(query.question[0].name)
        return ["CNAME _a.example.com."] if first else [f"A {PUBLIC_IPV4}"]

    _, tried, _ = resolve("alias.attacker.tld", records)
    assert tried == [f"{PUBLIC_IPV4}:80"]


def test_d042_no_search_domain_is_tried() -> None:
    row = NAMES["D042"]
    trace, tried, server = resolve(row["name"], from_row(row))
    assert failure(trace).code == "dns.nxdomain"
    assert {name for name, _ in server.asked} == {"search.domain."}
    assert tried == []


def test_d043_the_hosts_file_is_not_consulted() -> None:
    """The tripwire trips on opening it and on every look-up by the C library."""
    assert NAMES["D043"]["expect"] == "not-consulted"
    trace, tried, server = resolve("hosts-file.example.com", lambda q, n: [f"A {PUBLIC_IPV4}"])
    assert tried == [f"{PUBLIC_IPV4}:80"]
    assert server.asked["hosts-file.example.com.", "A"] == 1
    assert failure(trace).code == "tcp.unreachable"


def test_every_row_is_run_or_named_as_left_out() -> None:
    code = Path(__file__).read_text("utf-8")
    for id_ in NAMES:
        assert id_ in code, f"{id_} is neither run nor left out"
