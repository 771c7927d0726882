"""Captured packets: tshark finds no fault in the file, and names the fields as we do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from lab import Authority, Lab
from lab.quic import Quic
from netcore import Options, fetch
from netcore.capture.ring import Ring
from netcore.exports.blocks import RAW, interface, packet, section_header
from netcore.exports.pcapng import pcapng
from netcore.field import NOT_EXPLAINED, Field, find
from netcore.pdus import explain
from netcore.segments import Connections, read_segment
from netcore.trace import Called, Captured, Chose, Completed, Trace
from tests.netcore.quic_fetching import HOST as QUIC_HOST
from tests.netcore.quic_fetching import hello, options, serving
from tests.peers import shark
from tests.peers.capture import capturing
from tests.peers.process import program
from tools.vectors import VECTORS as ROOT_VECTORS
from tools.vectors import read_octets, tree_of

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.thorough]

SAME: Final = {
    "ip.hdr_len": ("ihl", lambda value: str(int(value) * 4)),
    "ip.len": ("total_length", str),
    "ip.id": ("identification", lambda value: f"0x{value:04x}"),
    "ip.flags.df": ("dont_fragment", lambda value: str(int(value))),
    "ip.frag_offset": ("fragment_offset", str),
    "ip.ttl": ("time_to_live", str),
    "ip.proto": ("protocol", str),
    "ip.checksum": ("header_checksum", lambda value: f"0x{value:04x}"),
    "ip.src": ("source_address", str),
    "ip.dst": ("destination_address", str),
    "tcp.seq_raw": ("sequence_number", str),
    "tcp.ack_raw": ("acknowledgment_number", str),
    "tcp.flags.syn": ("syn", lambda value: str(int(value))),
    "tcp.flags.ack": ("ack", lambda value: str(int(value))),
    "tcp.flags.push": ("psh", lambda value: str(int(value))),
    "tcp.flags.fin": ("fin", lambda value: str(int(value))),
    "tcp.flags.reset": ("rst", lambda value: str(int(value))),
    "tcp.window_size_value": ("window", str),
    "tcp.checksum": ("checksum", lambda value: f"0x{value:04x}"),
    "tcp.urgent_pointer": ("urgent_pointer", str),
    "tcp.options.mss_val": ("maximum_segment_size", str),
    "tcp.options.wscale.shift": ("shift_count", str),
    "tcp.options.timestamp.tsval": ("timestamp_value", str),
    "tcp.options.timestamp.tsecr": ("timestamp_echo_reply", str),
}
"""tshark's name: ours, and how our value is written there."""


SIX_AND_MORE: Final = {
    "ipv6.version": ("version", str),
    "ipv6.flow": ("flow_label", lambda value: f"0x{value:06x}"),
    "ipv6.plen": ("payload_length", str),
    "ipv6.hlim": ("hop_limit", str),
    "ipv6.src": ("source_address", str),
    "ipv6.dst": ("destination_address", str),
    "udp.srcport": ("source_port", str),
    "udp.dstport": ("destination_port", str),
    "udp.length": ("length", str),
    "udp.checksum": ("checksum", lambda value: f"0x{value:04x}"),
    "icmp.type": ("type", str),
    "icmp.code": ("code", str),
    "icmp.checksum": ("checksum", lambda value: f"0x{value:04x}"),
    "icmp.mtu": ("next_hop_mtu", str),
    "icmpv6.type": ("type", str),
    "icmpv6.code": ("code", str),
    "icmpv6.mtu": ("mtu", str),
}
"""The same for what the lab does not send: looked for in the part of the tree that it is of."""

PARTS: Final = {
    "ipv6": "ip_datagram",
    "udp": "udp_datagram",
    "icmp": "icmp_message",
    "icmpv6": "icmp_message_v6",
}
VECTORS: Final = sorted(
    path for path in (ROOT_VECTORS / "ip_datagram").glob("*.hex") if "broken" not in path.name
)


_HEADERS: Final = 28  # octets of IPv4 and UDP before what a datagram carries


def needs_the_privilege() -> None:
    try:
        Ring().close()
    except OSError:
        pytest.skip("CAP_NET_RAW is missing here")


@pytest.fixture(scope="module")
def trace(lab: Lab) -> Trace:
    needs_the_privilege()
    target = next(each for each in lab.targets if each.name == "tls13")
    lab_options = lab.options_lab()
    return fetch(target.url, Options(capture=True, cacert=str(lab.cacert), lab=lab_options))


@pytest.fixture(scope="module")
def file(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("captured") / "captured.pcapng"
    path.write_bytes(b"".join(pcapng(trace)))
    return path


def test_tshark_finds_no_fault_and_nothing_twice(trace: Trace, file: Path, tmp_path: Path) -> None:
    assert [e.value for e in trace.events if isinstance(e, Chose) and e.what == "capture"] == [
        "on",
        "complete",
    ]
    reading = shark.read(file, tmp_path, captured=True)
    assert reading.packets == sum(isinstance(e, Captured) for e in trace.events)
    assert reading.errors == []
    told, connections = [], Connections()
    for event in trace.events:
        if isinstance(event, Captured) and (segment := read_segment(event)) is not None:
            told.append(connections.take(segment))
    assert not any(each.is_repeated for each in told)
    # Two cores can change the order of packets on the loopback device. tshark guesses then.
    if not any("missing" in each.title for each in told):
        assert reading.analysis == set()
    assert [each[0] for each in reading.responses] == ["200"]


def test_both_name_the_same_values(trace: Trace, file: Path) -> None:
    command = [program("tshark", "tshark"), "-n", "-r", str(file), "-Y", "tcp", "-T", "fields"]
    for name in SAME:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    theirs = [dict(zip(SAME, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]
    packets = [pdu for pdu in explain(trace.events).pdus if pdu.protocol == "ip_datagram"]
    trees = [tree for pdu in packets if find(tree := pdu.fields(), "tcp_segment")]
    times = {pdu.events[0]: trace.events[pdu.events[0] - 1].time_ns for pdu in packets}
    assert len(theirs) == len(trees) >= 10
    assert times
    assert {compared(tree) for tree in trees} == {tuple(each.values()) for each in theirs}


def test_the_capture_is_what_tcpdump_captures(lab: Lab, tmp_path: Path) -> None:
    target = next(each for each in lab.targets if each.name == "tls13")
    port = int(target.url.rpartition(":")[2].strip("/"))
    lab_options = lab.options_lab()
    with capturing(tmp_path, (port,)) as theirs:
        trace = fetch(target.url, Options(capture=True, cacert=str(lab.cacert), lab=lab_options))
    ours = [event for event in trace.events if isinstance(event, Captured)]
    segments = [(s, e.data) for e in ours if (s := read_segment(e)) is not None]
    assert {
        (s.source, s.target, s.sequence, s.flags, data[len(data) - s.octets :])
        for s, data in segments
    } == {(p.source, p.destination, p.sequence, p.flags, p.payload) for p in theirs.packets}


def test_captured_datagrams_of_quic_are_those_of_the_calls_and_tshark_opens_them(
    authority: Authority, tmp_path: Path
) -> None:
    """The packets stand in the file as they passed, with the secrets that open them."""
    needs_the_privilege()
    with serving(authority, Quic(hello)) as port, capturing(tmp_path, (port,)) as theirs:
        wanted = options(authority, port, capture=True)
        trace = fetch(f"https://{QUIC_HOST}:{port}/", wanted)
    assert isinstance(trace.outcome, Completed), trace.outcome
    calls = [e for e in trace.events if isinstance(e, Called) and e.socket == "udp:1"]
    ours = [event for event in trace.events if isinstance(event, Captured)]
    for way, call in (("sent", "send"), ("received", "recv")):
        passed = [e.data[_HEADERS:] for e in ours if e.direction == way]
        assert passed == [e.data for e in calls if e.call == call and e.length]
    assert sorted(e.data[_HEADERS:] for e in ours) == sorted(p.payload for p in theirs.packets)
    exported = tmp_path / "captured.pcapng"
    exported.write_bytes(b"".join(pcapng(trace)))
    reading = shark.read(exported, tmp_path, captured=True)
    assert (reading.packets, reading.errors, reading.sealed) == (len(ours), [], [])
    assert {"1", "4"} <= set(reading.frames)  # HEADERS and SETTINGS of HTTP/3
    fields = [f for pdu in explain(trace.events).pdus for f in pdu.fields().walk()]
    assert [f.error for f in fields if f.error] == []
    assert NOT_EXPLAINED not in {f.name for f in fields}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_both_name_the_same_values_of_a_vector(path: Path, tmp_path: Path) -> None:
    octets = read_octets(path)
    file = tmp_path / "vector.pcapng"
    written_octets = packet(1, octets, len(octets), inbound=True, comment="")
    file.write_bytes(section_header("test", "") + interface("raw", "", RAW) + written_octets)
    names = list(SIX_AND_MORE)
    command = [program("tshark", "tshark"), "-n", "-r", str(file), "-T", "fields"]
    command += ["-E", "occurrence=f", *(part for name in names for part in ("-e", name))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    theirs = dict(zip(names, done.stdout.rstrip("\n").split("\t"), strict=True))
    tree = tree_of(path)
    for name, value in theirs.items():
        part = find(tree, PARTS[name.partition(".")[0]])
        if value and part is not None:
            assert written(part, *SIX_AND_MORE[name]) == value, name


def compared(tree: Field) -> tuple[str, ...]:
    """Our values, as tshark writes them."""
    return tuple(written(tree, *how) for how in SAME.values())


def written(tree: Field, name: str, write: Callable[[object], str]) -> str:
    field = find(tree, name)
    return "" if field is None else write(field.value)
