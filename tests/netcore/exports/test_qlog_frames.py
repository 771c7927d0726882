"""Each frame as qlog writes it, on the vectors of the dissector."""

from __future__ import annotations

import pytest

from netcore.dissect.quic_frame_walk import Frame, frames
from netcore.exports.qlog_frames import frame_json
from netcore.registries.quic import FRAME_TYPES
from tools.vectors import VECTORS, read_octets

PATHS = sorted(p for p in VECTORS.glob("quic_frame_*/*.hex") if not p.stem.startswith("broken_"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_frame_of_a_vector_has_its_type_and_its_numbers(path) -> None:  # type: ignore[no-untyped-def]
    octets = read_octets(path)
    (frame,) = frames(octets)
    shown = frame_json(frame, octets)
    assert shown["frame_type"] == path.parent.name.removeprefix("quic_frame_")
    assert len(shown) > 1 or frame.type in (0x01, 0x1E)


def test_every_frame_type_has_a_vector() -> None:
    names = {path.parent.name.removeprefix("quic_frame_").upper() for path in PATHS}
    assert names == set(FRAME_TYPES.values())


def test_ranges_are_from_the_lowest_to_the_highest() -> None:
    octets = read_octets(VECTORS / "quic_frame_ack" / "holes_and_ecn.hex")
    (frame,) = frames(octets)
    assert frame_json(frame, octets)["acked_ranges"] == [
        *([69_999, 70_000], [69_994, 69_997], [69_983, 69_983])
    ]


def test_what_is_no_frame_is_unknown() -> None:
    assert frame_json(Frame(-1, 0, 4), b"!!!!") == {"frame_type": "unknown", "raw_length": 4}
