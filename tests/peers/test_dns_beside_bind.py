"""BIND over TCP, TLS and HTTPS, and what it says of a signed zone: beside a capture and tshark."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import dns.message
import dns.query
import dns.rdatatype
import pytest

from lab import Authority
from lab.authority import issue
from netcore.dissect import DISSECTORS
from netcore.field import Field, find_all
from netcore.pdus import explain
from netcore.reader import dissect
from netcore.trace import Chose
from tests.peers.bench import Bench, content
from tests.peers.capture import UDP, capturing
from tests.peers.process import free_port, program, running, wait_for_line
from tests.peers.servers import PLAIN
from tests.peers.shark import READ_S

pytestmark = [pytest.mark.peer, pytest.mark.wire]

ORIGIN: Final = "signed.example.com"
DIGEST: Final = "49fd46e6c4b45c55d4ac49fd46e6c4b45c55d4ac49fd46e6c4b45c55d4ac0011"
ZONE: Final = f"""\
$TTL 60
$ORIGIN {ORIGIN}.
@ SOA ns admin 1 7200 3600 1209600 300
@ NS ns
@ MX 10 mail
@ TXT "one string" "and another"
@ CAA 0 issue "ca.example.net"
ns A 127.0.0.1
mail A 127.0.0.1
web A 127.0.0.1
web HTTPS 1 . alpn=h3,h2 port=8443 ipv4hint=127.0.0.1
_443._tcp.web TLSA 3 1 1 {DIGEST}
_sip._tcp SRV 0 5 5060 web
alias CNAME web
below NS ns.below
below DS 60485 13 2 {DIGEST}
ns.below A 127.0.0.2
"""
CONFIGURATION: Final = """\
tls own {{ key-file "{key}"; cert-file "{certificate}"; }};
http own {{ endpoints {{ "/dns-query"; }}; }};
options {{
    directory "{directory}";
    pid-file none;
    session-keyfile none;
    listen-on port {plain} {{ 127.0.0.1; }};
    listen-on port {tls} tls own {{ 127.0.0.1; }};
    listen-on port {https} tls own http own {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
}};
controls {{ }};
zone "{origin}" {{ type primary; file "{directory}/zone.signed"; }};
"""


class Ports(NamedTuple):
    """Where BIND listens."""

    plain: int
    tls: int
    https: int


@pytest.fixture(scope="module")
def bind(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """BIND with a signed zone (NSEC3), and a certificate for its address."""
    directory = tmp_path_factory.mktemp("bind")
    signed(directory)
    own = issue(authority.root, "dns.example.com", ("dns.example.com", "127.0.0.1"))
    (directory / "key.pem").write_bytes(own.key_pem)
    (directory / "certificate.pem").write_bytes(own.certificate_pem)
    ports = Ports(free_port(), free_port(), free_port())
    configuration = directory / "named.conf"
    configuration.write_text(
        CONFIGURATION.format(
            key=directory / "key.pem",
            certificate=directory / "certificate.pem",
            directory=directory,
            origin=ORIGIN,
            **ports._asdict(),
        )
    )
    command = [program("named", "bind9"), "-g", "-n", "1", "-c", str(configuration)]
    with running(command, directory) as process:
        wait_for_line(process, "all zones loaded")
        wait_for_line(process, "running")
        yield ports


def signed(directory: Path) -> None:
    """Write the zone and sign it."""
    (directory / "zone").write_text(ZONE)
    keygen = program("dnssec-keygen", "bind9-utils")
    sign = program("dnssec-signzone", "bind9-utils")
    for flags in (["-f", "KSK"], []):
        command = [keygen, "-a", "ECDSAP256SHA256", "-K", str(directory), *flags, ORIGIN]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
    command = [sign, "-S", "-K", str(directory), "-3", "aabbccdd", "-o", ORIGIN]
    command += ["-f", str(directory / "zone.signed"), str(directory / "zone")]
    subprocess.run(command, check=True, capture_output=True, timeout=30, cwd=directory)


@pytest.mark.parametrize("how", ["tcp", "tls", "https"])
def test_the_resolver_is_asked_on_a_connection(
    how: str, bind: Ports, authority: Authority, web: dict[str, int], tmp_path: Path
) -> None:
    port = {"tcp": bind.plain, "tls": bind.tls, "https": bind.https}[how]
    bench = Bench(authority, port, tmp_path, how)
    trace = bench.fetch(f"http://web.{ORIGIN}:{web['plain']}/plain", web["plain"])
    assert content(trace).body_octets == len(PLAIN)
    explanation = explain(trace.events)
    messages = [pdu for pdu in explanation.pdus if pdu.name == "dns_message"]
    assert len(messages) == 6  # A, AAAA, HTTPS
    for pdu in explanation.pdus:
        assert [field.error for field in pdu.fields().walk() if field.error] == [], pdu.protocol
    told = [e.value for e in trace.events if isinstance(e, Chose) and e.what == "dns transport"]
    assert told[0].endswith({"tcp": "TCP", "tls": "TLS", "https": "HTTPS"}[how])


def test_a_certificate_for_another_name_is_refused(
    bind: Ports, authority: Authority, web: dict[str, int], tmp_path: Path
) -> None:
    bench = Bench(authority, bind.tls, tmp_path, "tls")
    url = f"http://web.{ORIGIN}:{web['plain']}/plain"
    bench.fetch(url, web["plain"], code="dns.certificate", dns_name="other.example.com")


ASKED: Final = (
    *((ORIGIN, kind) for kind in ("SOA", "NS", "MX", "TXT", "CAA", "DNSKEY", "NSEC3PARAM")),
    (f"web.{ORIGIN}", "A"),
    (f"web.{ORIGIN}", "HTTPS"),
    (f"alias.{ORIGIN}", "A"),
    (f"_443._tcp.web.{ORIGIN}", "TLSA"),
    (f"_sip._tcp.{ORIGIN}", "SRV"),
    (f"below.{ORIGIN}", "DS"),
    (f"www.below.{ORIGIN}", "A"),
    (f"nobody.{ORIGIN}", "A"),
)
"""Names and types that bring every kind of record of the zone, and its denials."""


def number(text: str) -> int:
    """tshark writes some in hexadecimal."""
    return int(text, 0)


NAMED: Final[dict[str, tuple[str, Callable[[str], object]]]] = {
    "dns.id": ("id", number),
    "dns.resp.ttl": ("ttl", number),
    "dns.a": ("address", str),
    "dns.mx.preference": ("preference", number),
    "dns.srv.port": ("port", number),
    "dns.soa.serial_number": ("serial", number),
    "dns.rrsig.type_covered": ("type_covered", number),
    "dns.rrsig.key_tag": ("rrsig/key_tag", number),
    "dns.rrsig.labels": ("labels", number),
    "dns.ds.key_id": ("ds/key_tag", number),
    "dns.ds.digest_type": ("digest_type", number),
    "dns.dnskey.protocol": ("protocol", number),
    "dns.nsec3.hash_length": ("hash_length", number),
    "dns.nsec3.iterations": ("iterations", number),
    "dns.tlsa.selector": ("selector", number),
    "dns.caa.tag": ("tag", str),
    "dns.txt": ("character_string", str),
    "dns.svcb.svcpriority": ("svc_priority", number),
    "dns.svcb.svcparam.key": ("svc_param_key", number),
    "dns.svcb.svcparam.port": ("svc_param/port", number),
}
"""tshark's name of a field -> ours, with the record that it has to be of, and how it is shown."""


def test_tshark_and_dnspython_read_the_same_in_a_signed_zone(bind: Ports, tmp_path: Path) -> None:
    with capturing(tmp_path, (bind.plain,)) as capture:
        for name, kind in ASKED:
            query = dns.message.make_query(name, kind, want_dnssec=True, payload=4096)
            dns.query.udp(query, "127.0.0.1", timeout=5, port=bind.plain)
    octets = [packet.payload for packet in capture.packets if packet.protocol == UDP]
    trees = [dissect(DISSECTORS["dns_message"], each, "dns_message") for each in octets]
    theirs = read(capture.file, tmp_path, bind.plain)
    assert len(octets) == len(theirs) == 2 * len(ASKED)
    compared = 0
    for tree, packet, message in zip(trees, theirs, octets, strict=True):
        assert [field.error for field in tree.walk() if field.error] == []
        for named, (ours, read_value) in NAMED.items():
            wanted = [read_value(text) for text in packet[named]]
            if wanted:
                assert values(tree, ours) == wanted, (named, ours)
                compared += len(wanted)
        assert_as_dnspython(tree, dns.message.from_wire(message, one_rr_per_rrset=True))
    assert compared > 150


def values(tree: Field, path: str) -> list[object]:
    """The values of a field, of the records of one type where the path begins with that."""
    record, _, name = path.rpartition("/")
    if record == "svc_param":
        within = list(find_all(tree, "svc_param_value"))
    elif record:
        sections = ("answer", "authority", "additional")
        records = [each for section in sections for each in find_all(tree, section)]
        within = [each for each in records if each.label == record.upper()]
    else:
        within = [tree]
    return [field.value for each in within for field in find_all(each, name)]


def assert_as_dnspython(tree: Field, message: dns.message.Message) -> None:
    for section in ("answer", "authority", "additional"):
        ours = [each for each in find_all(tree, section) if each.label != "OPT"]
        theirs = getattr(message, section)
        assert [next(find_all(each, "name")).value for each in ours] == [
            each.name.to_text() for each in theirs
        ]
        assert [each.label for each in ours] == [
            dns.rdatatype.to_text(each.rdtype) for each in theirs
        ]
        assert [next(find_all(each, "ttl")).value for each in ours] == [each.ttl for each in theirs]


def read(file: Path, directory: Path, port: int) -> list[dict[str, list[str]]]:
    """What tshark reads of DNS in a capture, message by message."""
    command = [program("tshark", "tshark"), "-n", "-r", str(file), "-d", f"udp.port=={port},dns"]
    command += [
        "-Y",
        f"udp.port=={port}",
        "-T",
        "fields",
        "-E",
        "separator=/t",
        "-E",
        "occurrence=a",
    ]
    command += ["-E", "aggregator=\x1e"]
    for each in NAMED:
        command += ["-e", each]
    calm = os.environ | {"WIRESHARK_CONFIG_DIR": str(directory)}
    done = subprocess.run(command, capture_output=True, check=True, timeout=READ_S, env=calm)
    lines = done.stdout.decode().split("\n")[:-1]
    rows = [dict(zip(NAMED, line.split("\t"), strict=True)) for line in lines]
    return [
        {name: [t for t in text.split("\x1e") if t] for name, text in row.items()} for row in rows
    ]
