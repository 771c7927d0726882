"""Calls in the order in which their octets crossed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcore.exports.order import in_order
from netcore.exports.pcapng import pcapng
from netcore.trace import AnyEvent, Called, KernelTimestamp
from tests.netcore.exports.reading import read
from tests.netcore.recordings import http_exchange, trace_of

EXCHANGE = http_exchange([b"GET", b"more"], [b"HTTP", b"body"])
SEND, LAST_SEND, RECV = 6, 7, 10  # their numbers


def stamped(*stamps: KernelTimestamp) -> list[AnyEvent]:
    return [*EXCHANGE[:-1], *stamps, EXCHANGE[-1]]


def sent(time_ns: int, offset: int) -> KernelTimestamp:
    return KernelTimestamp(time_ns, "tcp:1.sent", offset, "sent")


def arrived(time_ns: int, offset: int) -> KernelTimestamp:
    return KernelTimestamp(time_ns, "tcp:1.received", offset, "arrived")


def test_without_the_kernels_word_the_order_is_that_of_the_calls() -> None:
    found = in_order(EXCHANGE)
    assert [number for number, _, _ in found] == [2, 3, SEND, LAST_SEND, RECV, RECV + 1]
    assert not any(by_kernel for _, _, by_kernel in found)


def test_what_arrived_before_something_was_sent_stands_before_it() -> None:
    found = in_order(stamped(sent(100, 3), sent(30_000, 7), arrived(2_000, 4)))
    assert [number for number, _, _ in found] == [2, 3, SEND, RECV, LAST_SEND, RECV + 1]
    assert [call.time_ns for _, call, by_kernel in found if by_kernel] == [100, 2_000, 30_000]


def test_nothing_overtakes_in_one_direction_and_nothing_crosses_before_the_connection() -> None:
    found = in_order(stamped(sent(70_000, 3), sent(60_000, 7), arrived(1, 4)))
    numbers = [number for number, _, _ in found]
    assert numbers.index(SEND) < numbers.index(LAST_SEND)
    assert numbers.index(3) < numbers.index(RECV)


def test_what_left_late_still_stands_before_the_end_of_the_stream() -> None:
    closed = Called(95_000, "tcp:1", "close")
    found = in_order([*stamped(sent(99_000, 3), sent(99_000, 7)), closed])
    assert [call.call for _, call, _ in found][-3:] == ["send", "send", "close"]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=4, max_size=4))
def test_whatever_the_kernel_says_all_octets_are_in_the_file_in_their_order(
    times: list[int],
) -> None:
    a, b, c, d = times
    events = stamped(sent(a, 3), sent(b, 7), arrived(c, 4), arrived(d, 8))
    file = read(b"".join(pcapng(trace_of(events))))
    assert file.stream(inbound=False) == b"GETmore"
    assert file.stream(inbound=True) == b"HTTPbody"


def test_a_packet_says_that_its_time_is_the_kernels() -> None:
    file = read(b"".join(pcapng(trace_of(stamped(sent(100, 3))))))
    told = [each.comment for each in file.packets if "kernel" in each.comment]
    assert told == [f"event {SEND}: send, 3 octets. The time is the kernel's."]
