import pytest

from netcore.figures import binary_size, duration, size


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "0 ms"),
        (7, "7.00 ns"),
        (420, "0.42 µs"),
        (999_400, "999 µs"),
        (999_600, "1.00 ms"),
        (11_200_000, "11.2 ms"),
        (1_380_000_000, "1.38 s"),
        (30_000_000_000, "30.0 s"),
    ],
)
def test_a_time_has_three_digits_and_its_unit(time_ns: int, text: str) -> None:
    assert duration(time_ns) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 B"),
        (9_999, "9,999 B"),
        (10_000, "10.0 kB"),
        (18_204, "18.2 kB"),
        (5 << 20, "5.24 MB"),
    ],
)
def test_octets_are_exact_below_ten_thousand(octets: int, text: str) -> None:
    assert size(octets) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (2 << 20, "2 MiB"),
        (512 << 10, "512 KiB"),
        (1_000, "1,000 B"),
        ((1 << 20) + 1, "1,048,577 B"),
    ],
)
def test_a_cap_is_told_as_it_was_set(octets: int, text: str) -> None:
    assert binary_size(octets) == text
