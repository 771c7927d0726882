"""What the inspector says of the kernel's clock."""

from __future__ import annotations

from netcore.kernel_times import KernelTimes
from netcore.trace import AnyEvent, Called, Chose, KernelTimestamp
from web.kernel import kernel_line

READ = Called(
    5_000_000, "tcp:1", "recv", duration_ns=9_000, channel="tcp:1.received", length=4, data=b"HTTP"
)
WRITE = Called(1_000_000, "tcp:1", "send", channel="tcp:1.sent", length=3, data=b"GET")
SAID: list[AnyEvent] = [
    KernelTimestamp(3_000_000, "tcp:1.received", 4, "arrived"),
    KernelTimestamp(1_002_000, "tcp:1.sent", 3, "handed over"),
    KernelTimestamp(1_003_000, "tcp:1.sent", 3, "sent"),
    KernelTimestamp(1_900_000, "tcp:1.sent", 3, "acknowledged"),
]


def test_of_a_read_it_says_how_long_the_bytes_waited() -> None:
    assert kernel_line(KernelTimes(SAID), READ) == (
        "By the kernel's clock the last of these bytes arrived at 3.00 ms and waited in the "
        "kernel for 2.01 ms, until recv() had it."
    )


def test_of_a_write_it_says_when_the_bytes_passed_each_place() -> None:
    assert kernel_line(KernelTimes(SAID), WRITE) == (
        "By the kernel's clock, counted from send(): handed to the device's queue 2.00 µs, sent "
        "3.00 µs, acknowledged by the other end 900 µs later."
    )


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert kernel_line(KernelTimes([]), READ) == ""
    assert kernel_line(KernelTimes([]), WRITE) == ""
    assert kernel_line(KernelTimes(SAID), Chose(1, "guard", "x")) == ""
