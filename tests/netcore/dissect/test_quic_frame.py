"""The cutter of frames and the dissector agree; what a frame says of others is computed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.quic_frame import PROTOCOLS, read_frame
from netcore.dissect.quic_frame_walk import frames
from netcore.field import find, find_all
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets

PATHS = sorted(VECTORS.glob("quic_frame*/*.hex"))
DATA = ("crypto_data", "stream_data", "token", "connection_id", "path_data", "datagram_data")


def test_what_is_cut_is_what_is_read() -> None:
    for path in PATHS:
        octets = read_octets(path)
        tree = dissect(read_frame, octets, "quic_frame")
        first = next(frames(octets))
        assert first.end == len(octets)
        is_whole = not any(field.error for field in tree.walk())
        assert not is_whole or PROTOCOLS[first.type] == path.parent.name
        leaf = next((leaf for name in DATA if (leaf := find(tree, name))), None)
        if leaf is not None and is_whole:
            assert (first.data.start * 8, first.data.stop * 8) == (leaf.start, leaf.end)


@settings(deadline=None, max_examples=400)
@given(st.binary(max_size=60))
def test_frames_of_any_octets_touch_and_cover_them(octets: bytes) -> None:
    at = 0
    for frame in frames(octets):
        assert frame.start == at < frame.end
        assert frame.start <= frame.data.start <= frame.data.stop <= frame.end or not frame.data
        tree = dissect(read_frame, octets[frame.start : frame.end], "quic_frame")
        assert tree.length == (frame.end - frame.start) * 8
        if frame.type < 0:
            assert any(field.error for field in tree.walk())
        at = frame.end
    assert at == len(octets)


def test_ranges_say_which_packets_they_mean() -> None:
    octets = read_octets(VECTORS / "quic_frame_ack" / "holes_and_ecn.hex")
    tree = dissect(read_frame, octets, "quic_frame_ack")
    labels = [field.label for field in find_all(tree, "ack_range")]
    assert labels == ["packets 69,994 to 69,997", "packet 69,983"]


def test_a_hostile_ack_is_read_up_to_a_bound() -> None:
    octets = bytes.fromhex("02 bfffffff 00 8000ffff 00") + b"\0\0" * 65_535
    tree = dissect(read_frame, octets, "quic_frame_ack")
    assert sum(1 for _ in tree.walk()) < 60_000
    assert sum(leaf.length for leaf in tree.leaves()) == len(octets) * 8
