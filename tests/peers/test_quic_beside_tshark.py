"""QUIC as tshark opens it from our pcapng, beside what we make of the recording."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netcore.exports.pcapng import pcapng
from netcore.framing.quic_connection import Packet
from netcore.trace import Called
from tests.netcore.quic_conversation import STORIES
from tests.peers.process import program

pytestmark = [pytest.mark.peer, pytest.mark.slow]

# tshark 4.0 opens no Initial packet of version 2 behind a version that was refused.
STORY_NAMES = sorted(set(STORIES) - {"version_negotiation", "upgraded"})
_CONNECT = Called(0, "udp:1", "connect", ("192.0.2.1:443",))
_WAIT_S = 60


def of_tshark(path: Path, *fields: str) -> Iterator[list[list[str]]]:
    """The values of each field, a line for each datagram."""
    command = [program("tshark", "tshark"), "-r", str(path), "-T", "fields"]
    command += [part for field in fields for part in ("-e", field)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_WAIT_S, check=True)
    for line in done.stdout.splitlines():
        yield [value.split(",") if value else [] for value in line.split("\t")]


def kinds(packet: Packet) -> list[int]:
    """Types of frames as tshark lists them: each octet of padding is one there, and left out."""
    return [frame.type for frame in packet.frames if frame.type]


@pytest.mark.parametrize("name", STORY_NAMES)
def test_packet_numbers_and_frames_are_those_that_tshark_sees(name: str, tmp_path: Path) -> None:
    talk = STORIES[name]()
    trace = talk.trace()
    trace.events.insert(0, _CONNECT)
    path = tmp_path / "quic.pcapng"
    path.write_bytes(b"".join(pcapng(trace)))
    lines = list(of_tshark(path, "quic.packet_number", "quic.frame_type"))
    packets = [packet for packet in talk.explained().quic["1"].packets if packet.opened]
    numbers = [int(number) for line in lines for number in line[0]]
    assert numbers == [packet.number for packet in packets]
    theirs = [int(kind, 0) for line in lines for kind in line[1]]
    assert [kind for kind in theirs if kind] == [kind for p in packets for kind in kinds(p)]
