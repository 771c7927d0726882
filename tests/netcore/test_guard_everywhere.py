"""Every other way to reach somewhere is held to the guard's tables: no packet where none may go.

The ways are: HTTP/3 asked for, probes of the path, octets typed by hand over TCP and UDP, further
URLs, Alt-Svc, HTTPS records (target, port, hints), frames of HTTP/2 that name other origins, and
name servers that are asked over TLS or HTTPS. Redirects are in test_redirect_guard and
test_guard_over_http3, WebSocket in test_websocket_guard, answers over UDP in test_resolve_guard.

Left out, with why. Of url_cases those that are no http: or https: URL: they have no scheme that
another way's could stand in for. Of dns_cases: D031 to D034 (HTTPS records) are in test_services
over UDP, and so is D035; D036 is test_alt_svc_leads_to_no_forbidden_address; D018, D020, D021 and
D023 are of names whose addresses change, which is the resolver's, however it is asked; D017, D028,
D029, D040, D041, D042 and D043 say how a lookup goes on, in test_resolve_guard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import dns.message
import dns.rdatatype
import dns.rrset
import msgspec
import pytest

from lab import Authority
from lab.resolvers import DnsOverHttps, DnsOverTls
from netcore import Options, Trace, fetch
from netcore.options import Lab, Limits
from netcore.trace import Called, Chose
from tests.faults.hostile import Converse, HostileServer, over_tls, reply
from tests.netcore.following import LIMITS, PUBLIC_IPV4, completed, failure, follow
from tests.netcore.ssrf import SELF_HOST, SELF_PUBLIC_IPV4, filled, rows
from tests.netcore.test_resolve_guard import NameServer, from_row
from tests.tripwire import tripwire

pytestmark = pytest.mark.wire

_HTTP: Final = re.compile("^https?://", re.IGNORECASE)
HOST: Final = "www.example.com"
NAME: Final = "a.attacker.tld"
OTHER: Final = "b.attacker.tld"
PUBLIC: Final = f"{PUBLIC_IPV4}:443"
URLS: Final = [
    row for row in rows("url_cases") if row["expect"] == "block" and _HTTP.match(row["url"])
]
ADDRESSES: Final = [row for row in rows("address_cases") if row["expect"] == "block"]
NAMES: Final = {row["id"]: row for row in rows("dns_cases")}
HOPS: Final = {row["id"]: row for row in rows("hop_cases")}
FORBIDDEN: Final = "D001 D003 D005 D007 D009 D011 D013 D015".split()  # noqa: SIM905
OPEN: Final = Options(self_hosts=(SELF_HOST, SELF_PUBLIC_IPV4), limits=LIMITS, lab=Lab())


def ids(row: dict[str, Any]) -> str:
    return str(row["id"])


def host_of(row: dict[str, Any]) -> str:
    """The address of a row as it stands in a URL."""
    address = filled(str(row["address"]))
    return f"[{address}]" if ":" in address else address


def refused(url: str, **more: Any) -> None:
    """A fetch that the guard refuses before anything is sent anywhere."""
    with tripwire() as tried:
        trace = fetch(url, msgspec.structs.replace(OPEN, **more))
    assert failure(trace).code.startswith("guard."), failure(trace)
    assert tried == []
    assert not [event for event in trace.events if isinstance(event, Called)]


# What somebody asks for

WAYS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "http3": ("https", {"http": "3"}),
    "path": ("https", {"path": True}),
    "path-udp": ("https", {"path": True, "http": "3"}),
    "tcp": ("tcp", {"raw": b"x", "any_port": True}),
    "udp": ("udp", {"raw": b"x", "any_port": True}),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", ADDRESSES, ids=ids)
def test_no_way_leads_to_a_forbidden_address(row: dict[str, Any], way: str) -> None:
    scheme, options = WAYS[way]
    port = ":443" if scheme != "https" else "/"
    refused(f"{scheme}://{host_of(row)}{port}", **options)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", URLS, ids=ids)
def test_no_way_leads_to_a_forbidden_url(row: dict[str, Any], way: str) -> None:
    scheme, options = WAYS[way]
    if scheme != "https" and row["category"] == "port":
        options = {**options, "any_port": False}
    refused(_HTTP.sub(f"{scheme}://", filled(row["url"])), **options)


@pytest.mark.parametrize("row", [*URLS, *ADDRESSES], ids=ids)
def test_a_further_url_is_judged_before_the_first_is_asked_for(row: dict[str, Any]) -> None:
    url = filled(row["url"]) if "url" in row else f"http://{host_of(row)}/"
    refused(f"http://{PUBLIC_IPV4}/", further_urls=(f"http://{PUBLIC_IPV4}/b", url))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("id_", FORBIDDEN)
def test_no_way_leads_to_a_name_with_a_forbidden_address(id_: str, way: str) -> None:
    row = NAMES[id_]
    scheme, options = WAYS[way]
    port = ":443" if scheme != "https" else "/"
    with NameServer(from_row(row)).resolver as resolver:
        trace, tried = follow(
            f"{scheme}://{row['name']}{port}", dns_server=resolver.address, **options
        )
    assert (failure(trace).stage, failure(trace).code) == ("dns", "guard.blocked_address")
    assert tried == []


def test_d022_quic_and_tcp_share_one_look_up(patience: None) -> None:
    row = NAMES["D022"]
    assert row["expect"] == "reuse-vetted-address"

    def records(query: dns.message.Message, before: int) -> list[str]:
        if query.question[0].rdtype == dns.rdatatype.HTTPS:
            return ["HTTPS 1 . alpn=h3,h2"]
        return list(from_row(row)(query, before))

    server = NameServer(records)
    with server.resolver as resolver:
        trace, tried = follow(f"https://{row['name']}/", dns_server=resolver.address)
    assert failure(trace).code == "tcp.unreachable"  # what the tripwire makes of a connect
    assert set(tried) == {PUBLIC}
    assert len(tried) == 2  # over UDP, then over TCP
    assert server.asked[f"{row['name']}.", "A"] == 1


# What an HTTPS record says


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer about HTTPS records is there, however busy the machine is."""
    monkeypatch.setattr("netcore.resolve._EXTRA_S", 1.0)


def by_record(record: str, other: str = "") -> tuple[Trace, list[str]]:
    """Fetch from a public name with this HTTPS record; another name may have an address."""

    def records(query: dns.message.Message, before: int) -> list[str]:
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        if question.name.to_text(omit_final_dot=True) == OTHER:
            own = "AAAA" if ":" in other else "A"
            return [f"{kind} {other}"] if kind == own else []
        have = {"A": f"A {PUBLIC_IPV4}", "HTTPS": f"HTTPS {record}"}
        return [have[kind]] if kind in have else []

    with NameServer(records).resolver as resolver:
        return follow(f"https://{NAME}/", dns_server=resolver.address)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("row", ADDRESSES, ids=ids)
def test_no_https_record_leads_to_a_forbidden_address(row: dict[str, Any]) -> None:
    address = filled(str(row["address"]))
    hint = "ipv6hint" if ":" in address else "ipv4hint"
    for record in (f"1 . alpn=h3,h2 {hint}={address}", f"1 {OTHER}. alpn=h3,h2 {hint}={address}"):
        _, tried = by_record(record, address)
        assert set(tried) == {PUBLIC}


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("port", [22, 25, 53, 6379])
@pytest.mark.parametrize(
    "target", [".", "localhost.", f"{SELF_HOST}.", "metadata.google.internal."]
)
def test_no_https_record_leads_to_a_forbidden_port_or_name(target: str, port: int) -> None:
    _, tried = by_record(f"1 {target} alpn=h3,h2 port={port}")
    assert set(tried) == {PUBLIC}


# What Alt-Svc says


class Over:
    """A server over TLS that says where else it is, and leads on to itself."""

    def __init__(self, authority: Authority) -> None:
        self.field = ""
        context = authority.server_context(authority.identity(HOST))
        self.served = 0
        self.server = HostileServer(over_tls(context, self._converse))

    def _converse(self, connection: Any) -> None:
        self.served += 1
        head = f"Content-Length: 0\r\nConnection: close\r\nAlt-Svc: {self.field}\r\n"
        status = "302 Found\r\nLocation: /again" if self.served % 2 else "200 OK"
        reply(f"HTTP/1.1 {status}\r\n{head}\r\n".encode())(connection)


@pytest.fixture(scope="module")
def over(authority: Authority) -> Iterator[tuple[Over, Options]]:
    made = Over(authority)
    with made.server as server:
        yield (
            made,
            msgspec.structs.replace(
                OPEN,
                lab=Lab(endpoints=(server.endpoint,)),
                resolve=(f"{HOST}:{server.port}:127.0.0.1",),
                cacert=authority.cacert,
                follow_redirects=True,
                limits=Limits(quic_alternative_s=0.2),
            ),
        )


def told_by_field(over: tuple[Over, Options], field: str, dns_server: str = "") -> Trace:
    made, options = over
    made.field = field
    port = made.server.port
    options = msgspec.structs.replace(options, dns_server=dns_server)
    with tripwire(f"127.0.0.1:{port}", dns_server) as tried:
        trace = fetch(f"https://{HOST}:{port}/", options)
    assert tried == []
    assert (completed(trace).http_version, completed(trace).hop) == ("1.1", 2)
    assert not [e for e in trace.events if isinstance(e, Called) and is_to_target(e, dns_server)]
    return trace


def is_to_target(event: Called, dns_server: str) -> bool:
    """Whether a socket of UDP was connected to anybody but the resolver."""
    connects = event.call == "connect" and event.socket.startswith("udp:")
    return connects and event.arguments[0] != dns_server


@pytest.mark.parametrize("row", ADDRESSES, ids=ids)
def test_alt_svc_leads_to_no_forbidden_address(
    row: dict[str, Any], over: tuple[Over, Options]
) -> None:
    told_by_field(over, f'h3="{host_of(row)}:443"')


@pytest.mark.parametrize("id_", FORBIDDEN)
def test_alt_svc_leads_to_no_name_with_a_forbidden_address(
    id_: str, over: tuple[Over, Options]
) -> None:
    row = NAMES[id_]
    with NameServer(from_row(row)).resolver as resolver:
        trace = told_by_field(over, f'h3="{row["name"]}:443"', resolver.address)
    versions = [e.why for e in trace.events if isinstance(e, Chose) and e.what == "http version"]
    assert "guard.blocked_address" in versions[-1]


# What frames of HTTP/2 say


def frame(kind: int, payload: bytes, flags: int = 0, stream: int = 0) -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )


def sized(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


@pytest.mark.parametrize("again", [False, True])
def test_h035_frames_that_name_other_origins_are_recorded_only(
    again: bool, authority: Authority
) -> None:
    """With `again`, the connection ends and the next one could have gone there."""
    place = HOPS["H035"]["next_target"].encode()
    assert HOPS["H035"]["expect"] == "ignore"
    context = authority.server_context(authority.identity(HOST))
    context.set_alpn_protocols(["h2"])
    said = frame(4, b"") + frame(4, b"", 1)
    said += frame(12, sized(b"https://" + place))  # ORIGIN (RFC 8336)
    said += frame(10, sized(b"https://" + HOST.encode()) + b'h3="' + place + b':443"')  # ALTSVC
    said += frame(10, sized(b"") + b'h3="' + place + b':443"', 0, 1)
    said += frame(1, b"\x88", 5, 1) + frame(7, (1).to_bytes(4, "big") + bytes(4))
    with HostileServer(over_tls(context, reply_to_preface(said))) as server:
        url = f"https://{HOST}:{server.port}/"
        with tripwire(server.endpoint) as tried:
            trace = fetch(
                url,
                Options(
                    lab=Lab(endpoints=(server.endpoint,)),
                    resolve=(f"{HOST}:{server.port}:127.0.0.1",),
                    cacert=authority.cacert,
                    further_urls=(url,) if again else (),
                    limits=LIMITS,
                ),
            )
    assert tried == []
    assert completed(trace).http_version == "2"
    assert completed(trace).hop == 1 + again
    calls = [event for event in trace.events if isinstance(event, Called)]
    assert not [call for call in calls if call.socket.startswith("udp:")]
    received = b"".join(call.data for call in calls if (call.channel or "").endswith(".received"))
    assert received


def reply_to_preface(octets: bytes) -> Converse:
    def converse(connection: Any) -> None:
        heard = b""
        while b"\x01\x05" not in heard[24:] and b"\x01\x25" not in heard[24:]:  # HEADERS, all
            part = connection.recv(65_536)
            if not part:
                return
            heard += part
        connection.sendall(octets)

    return converse


# What name servers say that are asked over TLS or HTTPS


class Zone:
    """What a row says of its name, for one that is asked over a connection."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._records = from_row(row)

    def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
        query = dns.message.from_wire(untrusted)
        question = query.question[0]
        made = dns.message.make_response(query)
        for line in self._records(query, 0):
            kind, _, data = line.partition(" ")
            made.answer.append(dns.rrset.from_text(question.name, 0, "IN", kind, data))
        return made.to_wire()


@pytest.mark.parametrize("id_", [*FORBIDDEN, "D025", "D027", "D044"])
@pytest.mark.parametrize("transport", [DnsOverTls, DnsOverHttps])
def test_no_answer_over_a_connection_leads_to_a_forbidden_address(
    id_: str, transport: type[DnsOverTls | DnsOverHttps], authority: Authority
) -> None:
    row = NAMES[id_]
    with transport(Zone(row), authority) as resolver:
        options = msgspec.structs.replace(
            OPEN, dns_server=resolver.notation, cacert=authority.cacert
        )
        with tripwire(resolver.endpoint) as tried:
            trace = fetch(f"https://{name_of(row)}/", options)
    assert failure(trace).code in ("guard.blocked_address", "guard.blocked_name"), failure(trace)
    assert tried == []


def name_of(row: dict[str, Any]) -> str:
    return "127.0.0.1.nip.io" if row["id"] == "D044" else str(row["name"])


@pytest.mark.parametrize("notation", ["tcp://{}", "tls://{}", "https://{}/dns-query"])
@pytest.mark.parametrize("address", ["224.0.0.1", "[ff02::fb]"])
def test_no_group_of_machines_is_asked(notation: str, address: str) -> None:
    refused("https://example.com/", dns_server=notation.format(address))


def test_every_name_is_run_or_named_as_left_out() -> None:
    code = Path(__file__).read_text("utf-8")
    named = {f"D{number:03}" for number in range(31, 35)} if "D031 to D034" in code else set()
    for id_ in NAMES.keys() - named:
        assert id_ in code, f"{id_} is neither run nor left out"
