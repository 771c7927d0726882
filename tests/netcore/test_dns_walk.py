"""Walks from a root on loopback: referrals, glue, aliases across zones, and what misleads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Final

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from lab.dns import DnsServer
from netcore import Options, Trace, fetch
from netcore.deadline import Deadlines
from netcore.dns_walk import Walk
from netcore.errors import FetchError
from netcore.guard import Guard
from netcore.options import Lab, Limits
from netcore.recorder import Recorder
from netcore.trace import Called, Chose, Failed
from netcore.wire import Wire
from tests.tripwire import tripwire

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

Fill = Callable[[dns.message.Message, str, str], None]
LIMITS: Final = Limits(dns_try_s=0.3)
ROOT, SECOND, THIRD = "127.0.0.1", "127.0.0.2", "127.0.0.3"


class Zone:
    """Answers with what `fill` puts into the response; it counts who was asked what."""

    def __init__(self, fill: Fill) -> None:
        self.asked: list[tuple[str, str]] = []
        self.recursion: set[bool] = set()
        self._fill = fill

    def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
        query = dns.message.from_wire(untrusted)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        self.recursion.add(bool(query.flags & dns.flags.RD))
        response = dns.message.make_response(query)
        self._fill(response, name, kind)
        return response.to_wire()


def refer(zone: str, server: str = "", glue: str = "") -> Fill:
    def fill(response: dns.message.Message, name: str, kind: str) -> None:
        named = server or f"ns.{zone}"
        response.authority.append(dns.rrset.from_text(zone, 60, "IN", "NS", named))
        if glue:
            response.additional.append(dns.rrset.from_text(named, 60, "IN", "A", glue))

    return fill


def records(**zone: str) -> Fill:
    """Records of type A, or CNAME where the data is a name; names with _ for dots."""

    def fill(response: dns.message.Message, name: str, kind: str) -> None:
        response.flags |= dns.flags.AA
        data = {key.replace("_", "."): value for key, value in zone.items()}.get(name)
        if data is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif data.endswith("."):
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", data))
        elif kind == "A":
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "A", data))

    return fill


def by_name(**fills: Fill) -> Fill:
    """The first that the name ends in, with _ for dots."""

    def fill(response: dns.message.Message, name: str, kind: str) -> None:
        for end, each in fills.items():
            if name.endswith(end.replace("_", ".")):
                each(response, name, kind)
                return
        response.set_rcode(dns.rcode.REFUSED)

    return fill


@contextlib.contextmanager
def served(*fills: Fill) -> Iterator[tuple[list[Zone], tuple[str, ...]]]:
    """A server for each, at 127.0.0.1, .2, .3 and one port. Out: the zones, and the endpoints."""
    zones = [Zone(each) for each in fills]
    with contextlib.ExitStack() as stack:
        port = 0
        endpoints = []
        for zone, address in zip(zones, (ROOT, SECOND, THIRD), strict=False):
            server = stack.enter_context(DnsServer(zone=zone, listens=(address, port)))
            port = server.port
            endpoints.append(server.address)
        yield zones, tuple(endpoints)


class Walked:
    """One walk, and what came of it."""

    def __init__(
        self, name: str, endpoints: tuple[str, ...], *, let: int = 3, limits: Limits = LIMITS
    ) -> None:
        self.trace = Trace("", "", Options(), [])
        self.addresses: list[str] = []
        self.aliases: list[str] = []
        self.error: FetchError | None = None
        recorder = Recorder(self.trace)
        guard = Guard(Options(lab=Lab(name_servers=endpoints[:let])))
        deadlines = Deadlines(recorder.now_s)
        port = int(endpoints[0].rpartition(":")[2])
        with Wire(recorder) as wire, tripwire(*endpoints) as self.tried:
            walk = Walk(wire, guard, deadlines, limits, [("root", (ROOT,))], port)
            try:
                for answer in walk.look_up(name):
                    self.addresses += answer.addresses
                    self.aliases += answer.aliases
            except FetchError as error:
                self.error = error
            self.queries = walk.queries

    def told(self, what: str) -> list[str]:
        return [e.value for e in self.trace.events if isinstance(e, Chose) and e.what == what]


def test_referrals_lead_down_and_nobody_is_asked_to_recurse() -> None:
    fills = (refer("example.", glue=SECOND), refer("a.example.", glue=THIRD))
    with served(*fills, records(www_a_example="192.0.2.7")) as (zones, endpoints):
        walked = Walked("www.a.example", endpoints)
    assert walked.addresses == ["192.0.2.7"]
    assert [zone.asked for zone in zones] == [
        [("www.a.example", "A")],
        [("www.a.example", "A")],
        [("www.a.example", "A"), ("www.a.example", "AAAA")],
    ]
    assert set().union(*(zone.recursion for zone in zones)) == {False}
    assert walked.told("referral") == ["example", "a.example"]
    assert walked.queries == 4


def test_without_glue_the_server_is_walked_to_first() -> None:
    first = by_name(other=refer("other.", glue=THIRD), example=refer("example.", "ns.other."))
    with served(first, records(www_example="192.0.2.7"), records(ns_other=SECOND)) as (
        zones,
        endpoints,
    ):
        walked = Walked("www.example", endpoints)
    assert walked.addresses == ["192.0.2.7"]
    assert zones[2].asked == [("ns.other", "A")]


def test_an_alias_is_the_callers_to_follow() -> None:
    with served(refer("example.", glue=SECOND), records(www_example="b.other.")) as (_, endpoints):
        walked = Walked("www.example", endpoints)
    assert (walked.addresses, walked.aliases) == ([], ["b.other"])


def test_an_alias_across_zones_is_walked_to_from_the_root() -> None:
    root = by_name(example=refer("example.", glue=SECOND), other=refer("other.", glue=THIRD))
    fills = (root, records(www_example="b.other."), records(b_other="192.0.2.7"))
    with served(*fills) as (zones, endpoints):
        options = Options(
            dns_trace=True,
            dns_roots=endpoints[:1],
            lab=Lab(name_servers=endpoints),
            limits=LIMITS,
            allow_private=True,
            self_hosts=("blocked.example.org",),
        )
        with tripwire(*endpoints) as tried:
            fetch("http://www.example/", options)
    assert tried == ["192.0.2.7:80"]
    assert ("b.other", "A") in zones[0].asked


def test_a_referral_to_a_forbidden_address_is_not_asked() -> None:
    with served(refer("example.", glue="10.0.0.5")) as (_, endpoints):
        walked = Walked("www.example", endpoints)
    assert walked.error
    assert walked.error.code == "guard.blocked_address"
    assert walked.tried == []


def test_an_address_on_loopback_is_let_through_only_where_it_was_given() -> None:
    fills = (refer("example.", glue=SECOND), records(www_example="192.0.2.7"))
    with served(*fills) as (zones, endpoints):
        walked = Walked("www.example", endpoints, let=1)
    assert walked.error
    assert walked.error.code == "guard.blocked_address"
    assert zones[1].asked == []


@pytest.mark.parametrize(
    "fill",
    [
        pytest.param(refer(".", "ns.example."), id="up to the root"),
        pytest.param(refer("other."), id="to a zone beside the name"),
        pytest.param(lambda response, name, kind: None, id="nothing at all"),
        pytest.param(lambda r, n, k: r.set_rcode(dns.rcode.REFUSED), id="refused"),
    ],
)
def test_a_server_that_knows_nobody_ends_the_walk(fill: Fill) -> None:
    with served(fill) as (_, endpoints):
        walked = Walked("www.example", endpoints)
    assert walked.error
    assert walked.error.code == "dns.lame"
    assert walked.error.message.endswith(".")


def test_glue_for_names_outside_the_zone_is_not_believed() -> None:
    root = refer("example.", glue=SECOND)
    with served(root, refer("a.example.", "ns.bank.", glue=THIRD), records()) as (zones, endpoints):
        walked = Walked("www.a.example", endpoints)
    assert zones[2].asked == []
    assert walked.error


def test_a_name_that_does_not_exist_is_an_answer() -> None:
    with served(refer("example.", glue=SECOND), records()) as (_, endpoints):
        walked = Walked("www.example", endpoints)
    assert walked.error is None
    assert walked.addresses == []
    assert walked.queries == 2


def test_zones_without_end_are_left_after_twenty_questions() -> None:
    def deeper(response: dns.message.Message, name: str, kind: str) -> None:
        labels = name.split(".")
        depth = sum(zone.asked.count((name, kind)) for zone in held)
        below = ".".join(labels[-min(depth, len(labels)) :])
        refer(f"{below}.", glue=ROOT)(response, name, kind)

    held: list[Zone] = []
    with served(deeper) as (zones, endpoints):
        held += zones
        walked = Walked(".".join("a" * 40) + ".example", endpoints)
    assert walked.error
    assert walked.error.code == "dns.timeout"
    assert walked.queries == 21
    assert len(zones[0].asked) == 20


def test_servers_without_addresses_in_a_circle_end() -> None:
    root = by_name(a_test=refer("a.test.", "ns.b.test."), b_test=refer("b.test.", "ns.a.test."))
    with served(root) as (zones, endpoints):
        walked = Walked("www.a.test", endpoints)
    assert walked.error
    assert walked.error.code == "dns.lame"
    assert len(zones[0].asked) <= 20


def test_a_silent_server_is_given_up_and_told() -> None:
    class Mute(Zone):
        def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
            return b""

    mute = Mute(records())
    with DnsServer(zone=mute) as server:
        walked = Walked("www.example", (server.address,))
    assert walked.error
    assert walked.error.code == "dns.timeout"
    assert walked.told("dns answer") == ["none"]


def test_a_cut_answer_comes_over_tcp() -> None:
    class Cut(Zone):
        def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
            whole = super().answer(untrusted)
            return whole if not in_datagram else whole[:2] + bytes((whole[2] | 2,)) + whole[3:]

    with DnsServer(zone=Cut(records(www_example="192.0.2.7"))) as server:
        walked = Walked("www.example", (server.address,))
    assert walked.addresses == ["192.0.2.7"]
    sockets = {e.socket for e in walked.trace.events if isinstance(e, Called) and e.call == "send"}
    assert sockets == {"udp:1", "tcp:1", "udp:2", "tcp:2"}


def test_public_servers_are_asked_on_port_53_alone() -> None:
    trace = Trace("", "", Options(), [])
    with Wire(Recorder(trace)) as wire, tripwire() as tried:
        deadlines = Deadlines(Recorder(trace).now_s)
        for port in (53, 5353):
            walk = Walk(wire, Guard(Options()), deadlines, LIMITS, [("r", ("198.41.0.4",))], port)
            with pytest.raises(FetchError) as caught:
                walk.look_up("www.example")
            assert caught.value.code == ("dns.unreachable" if port == 53 else "guard.blocked_port")
    assert tried == ["198.41.0.4:53"]


def test_without_roots_given_the_walk_begins_at_iana_s() -> None:
    with tripwire() as tried:
        trace = fetch("http://www.example.com/", Options(dns_trace=True, limits=LIMITS))
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "dns.unreachable"
    assert len(tried) == 3
    assert all(each.endswith(":53") for each in tried)
