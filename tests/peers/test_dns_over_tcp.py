"""Resolvers that we did not write cut their answers: dnsmasq a long chain of aliases, BIND many
records. The same question over TCP brings all of it, and trace and capture hold the same octets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dns.message
import pytest

from lab import Authority
from netcore import Trace
from netcore.field import find, find_all
from netcore.pdus import explain
from netcore.trace import Called, Chose
from tests.peers.bench import Bench, content
from tests.peers.process import free_port, program, running, wait_for_line
from tests.peers.servers import HOST, PLAIN

pytestmark = [pytest.mark.peer, pytest.mark.wire]

LINKS: Final = 7
CHAIN: Final = [
    f"{f'{n}' * 60}.{f'{n}' * 60}.{f'{n}' * 60}.chain.peer.example.com" for n in range(LINKS)
]
MANY: Final = 100  # BIND takes no more records of one name and type
BIND: Final = """\
options {{
    directory "{directory}";
    pid-file none;
    session-keyfile none;
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
}};
controls {{ }};
zone "peer.example.com" {{ type primary; file "{directory}/zone"; }};
"""
ZONE: Final = """\
$TTL 60
@ SOA ns admin 1 7200 3600 1209600 300
@ NS ns
ns A 127.0.0.1
"""


@contextmanager
def dnsmasq(directory: Path) -> Iterator[int]:
    """A resolver that knows a chain of aliases which no datagram of 1,232 octets can hold."""
    port = free_port()
    command = [program("dnsmasq", "dnsmasq-base"), "--keep-in-foreground", "--log-facility=-"]
    command += ["--conf-file=/dev/null", f"--port={port}", "--listen-address=127.0.0.1"]
    command += ["--bind-interfaces", "--no-resolv", "--no-hosts", "--pid-file", "--user="]
    command += ["--local=/peer.example.com/", f"--host-record={HOST},127.0.0.1"]
    for name, target in zip(CHAIN, [*CHAIN[1:], HOST], strict=True):
        command.append(f"--cname={name},{target}")
    with running(command, directory) as process:
        wait_for_line(process, "started, version")
        yield port


@contextmanager
def bind(directory: Path) -> Iterator[int]:
    """A server of one zone in which a name has a hundred addresses, all of them on loopback."""
    port = free_port()
    lines = [f"big A 127.0.{n // 250}.{n % 250 + 1}\n" for n in range(MANY)]
    (directory / "zone").write_text(ZONE + "".join(lines))
    configuration = directory / "named.conf"
    configuration.write_text(BIND.format(directory=directory, port=port))
    command = [program("named", "bind9"), "-g", "-n", "1", "-c", str(configuration)]
    with running(command, directory) as process:
        wait_for_line(process, "all zones loaded")
        wait_for_line(process, "running")
        yield port


def calls(trace: Trace, name: str) -> list[Called]:
    return [e for e in trace.events if isinstance(e, Called) and e.socket == name]


def of(trace: Trace, channel: str) -> bytes:
    return b"".join(e.data for e in trace.events if isinstance(e, Called) and e.channel == channel)


def assert_asked_again_over_tcp(trace: Trace) -> bytes:
    """A cut datagram, then the same question over TCP. Out: the message that came there."""
    told = [e.value for e in trace.events if isinstance(e, Chose) and e.what == "dns answer"]
    assert "truncated" in told
    assert set(told) == {"truncated"}
    datagrams = [e.data for e in trace.events if isinstance(e, Called) and e.call == "recv"]
    assert any(len(each) > 3 and each[2] & 0x02 for each in datagrams)
    received = of(trace, "tcp:1.received")
    assert int.from_bytes(received[:2], "big") == len(received) - 2 > 1232
    sent = of(trace, "tcp:1.sent")
    assert int.from_bytes(sent[:2], "big") == len(sent) - 2
    assert dns.message.from_wire(received[2:]).is_response
    return received[2:]


def assert_explained(trace: Trace, message: bytes) -> None:
    """Each record that dnspython reads is in the tree, and nothing is left over."""
    units = [pdu for pdu in explain(trace.events).pdus if pdu.protocol == "dns_message.tcp"]
    unit = next(pdu for pdu in units if pdu.octets[2:] == message)
    tree = unit.fields()
    assert [field.error for field in tree.walk() if field.error] == []
    theirs = dns.message.from_wire(message, one_rr_per_rrset=True)
    ours = list(find_all(tree, "answer"))
    assert [find(each, "name").value for each in ours] == [  # type: ignore[union-attr]
        str(each.name) for each in theirs.answer
    ]
    rdata = [
        str(field.value)
        for each in ours
        for field in each.walk()
        if field.name in ("address", "cname")
    ]
    assert rdata == [each[0].to_text() for each in theirs.answer]


def test_dnsmasq_with_a_chain_of_aliases(
    authority: Authority, web: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "dnsmasq").mkdir()
    with dnsmasq(tmp_path / "dnsmasq") as port:
        bench = Bench(authority, port, tmp_path)
        trace = bench.fetch(f"http://{CHAIN[0]}:{web['plain']}/plain", web["plain"])
    assert content(trace).body_octets == len(PLAIN)
    assert_explained(trace, assert_asked_again_over_tcp(trace))


def test_dnsmasq_asked_over_tcp_alone(
    authority: Authority, resolver: int, web: dict[str, int], tmp_path: Path
) -> None:
    bench = Bench(authority, resolver, tmp_path, "tcp")
    trace = bench.fetch(f"http://{HOST}:{web['plain']}/plain", web["plain"])
    assert content(trace).body_octets == len(PLAIN)
    assert calls(trace, "udp:1") == []
    messages = [p for p in explain(trace.events).pdus if p.protocol == "dns_message.tcp"]
    assert len(messages) >= 4  # A and AAAA, asked and answered


def test_bind_with_a_hundred_addresses(
    authority: Authority, web: dict[str, int], tmp_path: Path
) -> None:
    """The guard lets 127.0.0.1 through as an endpoint of the lab, and not its 99 neighbours."""
    (tmp_path / "bind").mkdir()
    with bind(tmp_path / "bind") as port:
        bench = Bench(authority, port, tmp_path)
        trace = bench.fetch(
            f"http://big.peer.example.com:{web['plain']}/plain",
            web["plain"],
            code="guard.blocked_address",
        )
    assert_explained(trace, assert_asked_again_over_tcp(trace))
    assert [e.call for e in calls(trace, "tcp:1")][-1] == "close"
    assert calls(trace, "tcp:2") == []
