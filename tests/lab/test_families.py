"""One port at both loopback addresses."""

from __future__ import annotations

import socket

import pytest

from lab import LabServer
from lab.families import V4, V6, bound_of_both, has_ipv6

pytestmark = pytest.mark.wire

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no address ::1")


@pytest.mark.usefixtures("nothing_left")
def test_both_have_the_same_port_and_without_ipv6_there_is_one() -> None:
    of_v4, of_v6 = bound_of_both()
    assert (of_v6 is not None) == has_ipv6()
    if of_v6 is not None:
        assert of_v4.getsockname()[1] == of_v6.getsockname()[1]
        of_v6.close()
    of_v4.close()


@needs_ipv6
@pytest.mark.usefixtures("nothing_left")
def test_a_server_of_two_families_answers_at_both_addresses() -> None:
    with LabServer("two-families") as server:
        assert server.endpoints == (f"{V4}:{server.port}", f"[{V6}]:{server.port}")
        for address in (V4, V6):
            with socket.create_connection((address, server.port), timeout=5) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert client.recv(12) == b"HTTP/1.1 200"


@needs_ipv6
def test_the_race_is_lost_by_ipv6_for_nobody_answers_there() -> None:
    with LabServer("race") as server:
        socket.create_connection((V4, server.port), timeout=5).close()
        with pytest.raises(TimeoutError):
            socket.create_connection((V6, server.port), timeout=0.1)
