"""The lab does wrong in many ways; tshark finds no fault of ours in what is exported then."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import Lab
from lab.behaviours import BEHAVIOURS
from netcore import Options, fetch
from netcore.exports.pcapng import pcapng
from netcore.options import Lab as LabOptions
from netcore.pdus import explain
from netcore.trace import Called, StageEnded, Trace
from tests.patience import limits_of
from tests.peers import shark

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.thorough]

WARNINGS = {"Connection reset (RST)"}
"""What a capture of the same would say too."""

FAULTS_OF_THE_SERVER = {
    "bad-gzip": "Decompression failed",
    "bad-chunk": "Leading CRLF previous message in the stream may have extra CRLF",
    "broken-certificate": "BER Error: Wrong field in SEQUENCE: expected class:UNIVERSAL(0) "
    "tag:2(INTEGER) but found class:UNIVERSAL(0) tag:12",
    "other-cipher": "Malformed Packet (Exception occurred)",
    "zstd": "Decompression failed",  # tshark's own: it does not know this coding yet
}


def as_dns(trace: Trace) -> list[str]:
    """Options for tshark: what goes over UDP is DNS if it is not QUIC, whatever port it is at."""
    over_quic = {f"udp:{number}" for number in explain(trace.events).quic}
    ends = [
        str(event.arguments[0] if event.call == "connect" else event.result)
        for event in trace.events
        if isinstance(event, Called)
        and event.socket.startswith("udp:")
        and event.socket not in over_quic
        and event.call in ("connect", "getsockname")
    ]
    ports = sorted({end.rpartition(":")[2] for end in ends})
    return [part for port in ports for part in ("-d", f"udp.port=={port},dns")]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_the_export_of_each_lab_target(lab: Lab, tmp_path: Path, name: str) -> None:
    target = next(each for each in lab.targets if each.name == name)
    wishes = target.ask.options(target.url)
    for other in ("http", "resume_session", "dns_trace"):
        wishes.pop(other, None)
    options = Options(
        **wishes,
        follow_redirects=target.ask.follow,
        tls_min="1.0",
        cacert=str(lab.cacert),
        lab=LabOptions(dns_server=lab.dns_server, endpoints=tuple(lab.endpoints)),
        limits=limits_of(name),
    )
    trace = fetch(target.url, options)
    file = tmp_path / "exported.pcapng"
    file.write_bytes(b"".join(pcapng(trace)))
    reading = shark.read(file, tmp_path, captured=False, options=as_dns(trace))
    fault = FAULTS_OF_THE_SERVER.get(name, "no fault")
    assert [each for each in reading.errors if fault not in each] == []
    assert reading.analysis == set()
    assert reading.warnings <= {*WARNINGS, fault}
    ended = [e for e in trace.events if isinstance(e, StageEnded) and e.stage == "request"]
    asked = [each for each in ended if not each.error]  # a part of a request is none for tshark
    over_quic = [b for each in explain(trace.events).http3.values() for b in each.blocks]
    there = [block for block in over_quic if block.direction == "sent"]
    assert len(reading.requests) == len(asked) - len(there)  # tshark 4.0 reads no QPACK
