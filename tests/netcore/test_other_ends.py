"""Which calls of the other end belong to which of ours: those that moved the same octets."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from netcore.other_ends import MOST_PARTS, OtherEnds
from netcore.trace import AnyEvent, Called, Chose, PeerCalled


def ours(offset: int, length: int, call: str = "send", socket: str = "tcp:1") -> Called:
    way = "sent" if call == "send" else "received"
    return Called(9, socket, call, channel=f"{socket}.{way}", offset=offset, length=length)


def theirs(
    offset: int, length: int, time_ns: int = 0, call: str = "recv", socket: str = "tcp:1"
) -> PeerCalled:
    way = "sent" if call == "recv" else "received"
    return PeerCalled(time_ns, f"{socket}.{way}", call, offset, length, 7)


def parts(ends: OtherEnds, call: Called) -> list[tuple[int, int, int]]:
    return [(far.number, far.octets, far.whole) for far in ends.of(call)]


def test_one_write_forks_into_two_reads() -> None:
    ends = OtherEnds([theirs(0, 60), theirs(60, 40)])
    assert parts(ends, ours(0, 100)) == [(1, 60, 60), (2, 40, 40)]


def test_three_writes_merge_into_one_read() -> None:
    ends = OtherEnds([theirs(0, 30)])
    assert [parts(ends, ours(at, 10)) for at in (0, 10, 20)] == [[(1, 10, 30)]] * 3


def test_a_read_is_there_when_it_returned_and_a_write_when_it_was_called() -> None:
    ends = OtherEnds([theirs(0, 3, 100), theirs(0, 3, 200, "send")])
    assert [far.time_ns for far in ends.of(ours(0, 3))] == [107]
    assert [far.time_ns for far in ends.of(ours(0, 3, "recv"))] == [200]


def test_what_was_not_taken_to_its_end_is_not_known() -> None:
    ends = OtherEnds([theirs(0, 60)])
    assert ends.of(ours(0, 61)) == ()
    assert ends.of(ours(60, 5)) == ()
    assert ends.of(ours(0, 60, "recv")) == ()
    assert ends.of(Chose(1, "guard", "x")) == ()


def test_a_datagram_is_whole_at_both_ends_or_not_known() -> None:
    ends = OtherEnds([theirs(0, 60, socket="udp:1"), theirs(60, 40, socket="udp:1")])
    assert parts(ends, ours(60, 40, socket="udp:1")) == [(2, 40, 40)]
    assert ends.of(ours(0, 100, socket="udp:1")) == ()
    assert ends.of(ours(0, 30, socket="udp:1")) == ()


def test_a_datagram_that_was_never_sent_has_no_place() -> None:
    lost = PeerCalled(5, "udp:1.received", "send", 0, 9, lost=True)
    ends = OtherEnds([lost, theirs(0, 9, call="send", socket="udp:1")])
    assert parts(ends, ours(0, 9, "recv", "udp:1")) == [(2, 9, 9)]
    assert ends.lost == {1}


cuts = st.lists(st.integers(1, 50), min_size=1, max_size=30)


@given(cuts, cuts)
def test_however_a_stream_is_cut_each_call_has_all_of_its_octets(
    written: list[int], read: list[int]
) -> None:
    total = min(sum(written), sum(read))
    there: list[AnyEvent] = []
    for end, length in zip(accumulate(read), read, strict=True):
        there.append(theirs(end - length, length, end))
    ends = OtherEnds(there)
    for end, length in zip(accumulate(written), written, strict=True):
        found = ends.of(ours(end - length, length))
        if end > total and end > sum(read):
            assert found == ()
            continue
        assert found
        assert [far.number for far in found] == sorted({far.number for far in found})
        if len(found) < MOST_PARTS:
            assert sum(far.octets for far in found) == length
