"""Socket options as they are written, set and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.socket_options import (
    BY_NAME,
    OPTIONS,
    answer_octets,
    build_value,
    parse_option,
    read_answer,
)


def test_an_option_is_a_name_and_a_value_within_its_bounds() -> None:
    assert parse_option("so_rcvbuf = 4096") == ("SO_RCVBUF", "4096")
    assert parse_option("TCP_CONGESTION=reno") == ("TCP_CONGESTION", "reno")
    assert parse_option("SO_LINGER=-1") == ("SO_LINGER", "-1")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no NAME=VALUE"),
        ("IP_TTL", "is no NAME=VALUE"),
        ("SO_BINDTODEVICE=lo", "is no NAME=VALUE"),
        ("IP_TTL=0", "IP_TTL is a number from 1 to 255"),
        ("IP_TTL=256", "IP_TTL is a number from 1 to 255"),
        ("IP_TTL=many", "IP_TTL is a number from 1 to 255"),
        ("TCP_NODELAY=2", "TCP_NODELAY is a number from 0 to 1"),
        ("SO_LINGER=600", "SO_LINGER is a number from -1 to 5"),
        ("TCP_CONGESTION=", "is a short name"),
        ("TCP_CONGESTION=" + "x" * 16, "is a short name"),
    ],
)
def test_what_is_no_option_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_option(text)


def test_a_linger_that_is_off_and_a_name_with_its_zeros() -> None:
    linger, name = BY_NAME["SO_LINGER"], BY_NAME["TCP_CONGESTION"]
    assert read_answer(linger, build_value(linger, -1)) == -1
    assert read_answer(linger, build_value(linger, 0)) == 0
    assert read_answer(name, b"cubic".ljust(16, b"\0")) == "cubic"
    assert (answer_octets(linger), answer_octets(name)) == (8, 16)


@given(st.binary(max_size=40))
def test_any_answer_is_read(untrusted: bytes) -> None:
    for option in OPTIONS:
        if answer_octets(option):
            assert isinstance(read_answer(option, untrusted), int | str)


def test_over_ipv6_the_hop_limit_has_another_name() -> None:
    assert BY_NAME["IP_TTL"].over_ipv6().option == "IPV6_UNICAST_HOPS"
    assert BY_NAME["SO_RCVBUF"].over_ipv6() is BY_NAME["SO_RCVBUF"]
