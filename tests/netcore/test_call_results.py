"""What a call came to, as the trace writes it."""

from __future__ import annotations

import struct

from netcore.call_results import bytes_sent, end_point, rtt, so_error

INFO = bytes(68) + struct.pack("=I", 84) + bytes(128) + struct.pack("=QQ", 1_000, 200)


def test_an_end_point_of_ipv6_has_brackets() -> None:
    assert end_point(("192.0.2.1", 443)) == ("192.0.2.1:443", "")
    assert end_point(("2001:db8::1", 443, 0, 0)) == ("[2001:db8::1]:443", "")


def test_an_error_has_its_name_or_its_number() -> None:
    assert so_error(0) == (0, "")
    assert so_error(111)[1] == "ECONNREFUSED"
    assert so_error(99_999)[1] == "99999"


def test_members_of_tcp_info_are_read_where_the_kernel_knows_them() -> None:
    assert rtt(INFO) == (84, "")
    assert bytes_sent(INFO) == (800, "")
    assert bytes_sent(INFO[:210]) == (None, "")
