"""Numbers as a reader sees them: times with three digits, octets exact while they are few."""

from __future__ import annotations

_UNITS = (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000), ("ns", 1))
_EXACT_BELOW = 10_000


def duration(time_ns: int) -> str:
    """A time as in "0.42 µs", "11.2 ms" or "1.38 s".

    Args:
        time_ns: nanoseconds, not negative.
    """
    if time_ns <= 0:
        return "0 ms"
    # A value that rounds up to 1,000 belongs to the next unit.
    unit, scale = next((u, s) for u, s in _UNITS if time_ns >= s * 0.9995 or s == 1)
    if unit == "ns" and time_ns >= 100:
        unit, scale = "µs", 1_000
    return f"{_three_digits(time_ns / scale)} {unit}"


def _three_digits(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def size(octets: int) -> str:
    """A size as in "517 B", "9,999 B" or "18.2 kB" (1 kB is 1,000 octets)."""
    if octets < _EXACT_BELOW:
        return f"{octets:,} B"
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= scale:
            return f"{_three_digits(octets / scale)} {unit}"
    raise AssertionError("octets were less than a kB after all")


def binary_size(octets: int) -> str:
    """A cap as it was set: "2 MiB", "512 KiB", "1,000 B"."""
    for unit, scale in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if octets >= scale and octets % scale == 0:
            return f"{octets // scale:,} {unit}"
    return f"{octets:,} B"
