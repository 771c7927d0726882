"""Headers of packets: what stands in the clear, and where the packet number begins."""

from __future__ import annotations

import pytest
from aioquic.buffer import Buffer
from aioquic.quic.packet import pull_quic_header
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.quic_packet import (
    HANDSHAKE,
    INITIAL,
    RETRY,
    VERSION_NEGOTIATION,
    long_header,
    long_type,
    read_quic_packet,
)
from netcore.field import find
from netcore.reader import dissect
from netcore.registries.quic import V1, V2
from tools.vectors import VECTORS, read_octets

PATHS = sorted(p for p in VECTORS.glob("quic_packet/*.hex") if not p.stem.startswith("broken_"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_header_is_read_as_aioquic_reads_it(path) -> None:  # type: ignore[no-untyped-def]
    octets = read_octets(path)
    ours, theirs = long_header(octets), pull_quic_header(Buffer(data=octets))
    assert ours is not None
    assert (ours.version, ours.dcid, ours.scid) == (
        *(theirs.version, theirs.destination_cid, theirs.source_cid),
    )
    assert (ours.end, ours.token) == (theirs.packet_length, theirs.token)
    tree = dissect(read_quic_packet, octets, "quic_packet")
    protected = find(tree, "protected")
    assert protected is not None
    assert protected.start == ours.number_at * 8


def test_version_2_turns_the_types_by_one() -> None:
    assert [long_type(first << 4, V1) for first in range(4)] == [0, 1, 2, 3]
    assert [long_type(first << 4, V2) for first in range(4)] == [RETRY, INITIAL, 1, HANDSHAKE]


def test_packets_without_a_number_go_to_the_end_of_the_datagram() -> None:
    for name, kind in (("version_negotiation", VERSION_NEGOTIATION), ("retry", RETRY)):
        path = max(VECTORS.glob(f"quic_packet_{name}/*.hex"))
        octets = read_octets(path)
        header = long_header(octets)
        assert header is not None
        assert (header.kind, header.end) == (kind, len(octets))


@given(st.binary(max_size=80), st.integers(0, 90))
def test_any_octets_have_a_header_or_none(octets: bytes, at: int) -> None:
    header = long_header(octets, at)
    if header is not None:
        assert at < header.end <= len(octets)
        assert at < header.number_at
