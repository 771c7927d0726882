"""What the kernel tells of octets: read, matched, and put on the clock of the trace."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from netcore.kernel_clock import (
    ACKNOWLEDGED,
    ARRIVED,
    HANDED_OVER,
    OPTION,
    SENT,
    KernelClock,
    Note,
    Stamping,
    read_arrival,
    read_note,
)

KIND = OPTION or 37


def times(seconds: int, nanoseconds: int) -> tuple[int, int, bytes]:
    return 1, KIND, struct.pack("@llllll", seconds, nanoseconds, 0, 0, 0, 0)


def about(info: int, data: int, error: int = 42, origin: int = 4) -> tuple[int, int, bytes]:
    return 0, 11, struct.pack("@IBBBBII", error, origin, 0, 0, 0, info, data) + bytes(16)


def test_a_stamp_is_read_from_beside_the_octets() -> None:
    if OPTION is None:
        assert read_arrival([times(1, 2)]) == 0
        return
    assert read_arrival([(6, 1, b"x"), times(3, 7)]) == 3_000_000_007
    assert read_arrival([]) == 0
    assert read_arrival([(1, KIND, b"short")]) == 0


def test_a_note_says_what_became_of_which_octet() -> None:
    if OPTION is None:
        return
    for info, what in ((1, HANDED_OVER), (0, SENT), (2, ACKNOWLEDGED)):
        note = read_note([times(1, 5), about(info, 99)])
        assert note == Note(what, 99, 1_000_000_005)


def test_other_errors_and_notes_without_a_time_are_no_notes() -> None:
    assert read_note([times(1, 5), about(1, 99, error=111)]) is None
    assert read_note([times(1, 5), about(1, 99, origin=2)]) is None
    assert read_note([times(1, 5), about(7, 99)]) is None
    assert read_note([about(1, 99)]) is None
    assert read_note([times(1, 5)]) is None


@given(st.lists(st.tuples(st.integers(0, 41), st.sampled_from([KIND, 11]), st.binary(max_size=64))))
def test_any_ancillary_octets_are_read_without_an_error(
    untrusted: list[tuple[int, int, bytes]],
) -> None:
    assert read_arrival(untrusted) >= 0 or any(octets for *_, octets in untrusted)
    read_note(untrusted)


def test_the_clock_maps_by_how_far_the_two_are_apart() -> None:
    clock = KernelClock(monotonic_ns=lambda: 1_000, realtime_ns=lambda: 5_001_000)
    assert clock.monotonic_ns(5_000_400) == 400


def test_a_look_that_was_disturbed_does_not_move_the_clock() -> None:
    monotonic = iter([0, 100, 1_000, 9_000_000])
    realtime = iter([5_000_050, 5_000_000 + 8_000_000])
    clock = KernelClock(lambda: next(monotonic), lambda: next(realtime))
    assert clock.monotonic_ns(5_000_070) == 70
    assert clock.monotonic_ns(25_000_070) == 20_000_070


def test_the_clocks_are_compared_again_once_a_stamp_is_far_from_the_last_time() -> None:
    monotonic = iter([0, 100, 30_000_000, 30_000_100, 40_000_000, 40_000_100])
    realtime = iter([5_000_050, 36_000_050, 6_000_050])  # set forward by 1 ms, then back
    clock = KernelClock(lambda: next(monotonic), lambda: next(realtime))
    assert clock.monotonic_ns(5_000_070) == 70
    assert clock.monotonic_ns(9_000_070) == 4_000_070  # by the first comparison
    assert clock.monotonic_ns(36_000_070) == 30_000_070
    assert clock.monotonic_ns(6_000_070) == 40_000_070


def test_after_a_disturbed_look_the_next_stamp_looks_again() -> None:
    monotonic = iter([0, 9_000_000, 9_000_000, 9_000_100])
    realtime = iter([5_000_000, 14_000_050])
    clock = KernelClock(lambda: next(monotonic), lambda: next(realtime))
    assert clock.monotonic_ns(5_000_000) == 4_500_000
    assert clock.monotonic_ns(14_000_070) == 9_000_070


def test_of_a_stream_a_note_counts_octets_and_speaks_of_all_before() -> None:
    stamping = Stamping(1_000, datagrams=False)
    assert not stamping.owed
    assert not stamping.sent(10)
    assert not stamping.sent(5)
    assert stamping.end_of(Note(SENT, 14, 1)) == 15
    assert stamping.owed  # the acknowledgement is what comes last
    assert stamping.end_of(Note(ACKNOWLEDGED, 9, 1)) == 10
    assert stamping.owed
    assert stamping.end_of(Note(ACKNOWLEDGED, 14, 1)) == 15
    assert not stamping.owed


def test_of_datagrams_a_note_counts_the_datagrams() -> None:
    stamping = Stamping(1_000, datagrams=True)
    stamping.sent(10)
    stamping.sent(20)
    assert stamping.end_of(Note(HANDED_OVER, 0, 1)) == 10
    assert stamping.end_of(Note(SENT, 0, 1)) == 10
    assert stamping.owed
    assert stamping.end_of(Note(SENT, 1, 1)) == 30
    assert stamping.end_of(Note(SENT, 0, 1)) == 0  # told before
    assert stamping.end_of(Note(SENT, 5, 1)) == 0  # never sent
    assert not stamping.owed


def test_behind_the_limit_nothing_is_asked() -> None:
    stamping = Stamping(100, datagrams=False)
    assert not stamping.sent(99)
    assert stamping.sent(1)
    assert not stamping.sent(50)
    assert stamping.end_of(Note(ACKNOWLEDGED, 120, 1)) == 0
    assert stamping.end_of(Note(ACKNOWLEDGED, 99, 1)) == 100
    assert not stamping.owed
    assert stamping.received(60) == 60
    assert stamping.arrivals
    assert stamping.received(60) == 120
    assert not stamping.arrivals
    assert ARRIVED == "arrived"
