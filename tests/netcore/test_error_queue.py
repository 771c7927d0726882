"""What the kernel tells of an ICMP error, also where it tells nonsense."""

from __future__ import annotations

import errno
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.error_queue import (
    IP_RECVERR,
    IPV6_RECVERR,
    Reported,
    read_ancillary,
    read_reported,
)

ROUTER = Reported("EHOSTUNREACH", "ICMP", 11, 0, "10.0.0.1")


def extended(origin: int, kind: int, code: int) -> bytes:
    return struct.pack("=IBBBBII", errno.EHOSTUNREACH, origin, kind, code, 0, 0, 0)


def test_a_router_is_named() -> None:
    offender = struct.pack("=HH4s8x", socket.AF_INET, 0, bytes([10, 0, 0, 1]))
    found = read_ancillary([(socket.IPPROTO_IP, IP_RECVERR, extended(2, 11, 0) + offender)])
    assert found == ROUTER
    assert str(found) == "EHOSTUNREACH ICMP 11 0 10.0.0.1"


def test_a_router_of_version_6_is_named() -> None:
    address = socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    offender = struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, address, 0)
    found = read_ancillary([(socket.IPPROTO_IPV6, IPV6_RECVERR, extended(3, 3, 0) + offender)])
    assert found == Reported("EHOSTUNREACH", "ICMPv6", 3, 0, "2001:db8::1")


def test_other_data_are_passed_over() -> None:
    assert read_ancillary([]) is None
    assert read_ancillary([(1, 2, bytes(99)), (0, IP_RECVERR, bytes(15))]) is None


def test_an_error_without_an_address_has_none() -> None:
    found = read_ancillary([(0, IP_RECVERR, extended(1, 0, 0))])
    assert found == Reported("EHOSTUNREACH", "local", 0, 0, "")
    assert read_reported(str(found)) == found


@given(st.binary(max_size=60))
def test_any_octets_are_an_error_or_none(octets: bytes) -> None:
    found = read_ancillary([(0, IP_RECVERR, octets)])
    assert found is None or read_reported(str(found)) in (found, None)


@given(st.text(max_size=40))
def test_any_text_is_an_error_or_none(text: str) -> None:
    found = read_reported(text)
    assert found is None or len(text.split(" ")) == 5


@pytest.mark.parametrize("strange", [None, 5, "", "E ICMP 1 0 nowhere", "E ICMP -1 0 10.0.0.1"])
def test_what_is_no_report_is_none(strange: object) -> None:
    assert read_reported(strange) is None
