"""Walking over frames without naming anything."""

from __future__ import annotations

from netcore.dissect.quic_frame_walk import Walk, acknowledged, frames


def test_numbers_are_noted_and_their_end_is_seen() -> None:
    walk = Walk(bytes.fromhex("25 7bbd 9d7f3e7d"), 0)
    assert [walk.number() for _ in range(3)] == [37, 15_293, 494_878_333]
    assert walk.numbers == [37, 15_293, 494_878_333]
    assert not walk.is_broken
    assert walk.number() == 0
    assert walk.is_broken


def test_octets_that_are_not_there_break_the_walk() -> None:
    walk = Walk(b"abc", 1)
    assert walk.octets(2) == range(1, 3)
    assert walk.octet() == 0
    assert walk.is_broken


def test_frames_that_follow_each_other_are_cut_apart() -> None:
    payload = bytes.fromhex("000000 01 0a0402") + b"hi" + bytes.fromhex("1e 21 ff")
    found = list(frames(payload))
    assert [frame.type for frame in found] == [0, 1, 0x0A, 0x1E, -1]
    assert found[2].values == (4, 0, 2) or found[2].values[:2] == (4, 0)
    assert payload[found[2].data.start : found[2].data.stop] == b"hi"


def test_an_ack_covers_what_its_ranges_say() -> None:
    (frame,) = frames(bytes.fromhex("02 0a 00 01 01 00 02"))
    assert acknowledged(frame) == [range(9, 11), range(5, 8)]


def test_ranges_below_zero_are_left_out() -> None:
    (frame,) = frames(bytes.fromhex("02 03 00 01 01 05 02"))
    assert acknowledged(frame) == [range(2, 4)]
