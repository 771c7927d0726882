"""Options before and after, on real sockets: as they were, as asked, as they are."""

from __future__ import annotations

import socket
import sys
from typing import Any

import pytest

from netcore import Options, Trace, fetch
from netcore.trace import Called, Chose, Completed, SocketOptionsRead
from tests.faults.hostile import HostileServer
from tests.netcore.test_client import HELLO, reply

pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(sys.platform != "linux", reason="the options of Linux"),
]


def traced(*asked: tuple[str, str], **more: Any) -> Trace:
    with HostileServer(reply(HELLO)) as server:
        options = Options(allow_private=True, socket_options=asked, **more)
        return fetch(f"http://{server.endpoint}/", options)


def readings(trace: Trace) -> dict[str, SocketOptionsRead]:
    return {event.when: event for event in trace.events if isinstance(event, SocketOptionsRead)}


def settings(trace: Trace) -> dict[str, object]:
    calls = [event for event in trace.events if isinstance(event, Called)]
    return {str(e.arguments[1]): e.arguments[2] for e in calls if e.call == "setsockopt"}


def test_options_are_read_before_any_was_set_and_before_the_socket_is_closed() -> None:
    trace = traced()
    read = readings(trace)
    assert (read["opened"].values["TCP_NODELAY"], read["closed"].values["TCP_NODELAY"]) == (0, 1)
    assert read["opened"].values["SO_LINGER"] == -1
    assert trace.events.index(read["opened"]) < trace.events.index(read["closed"])


def test_what_is_asked_for_is_set_before_connecting_and_holds() -> None:
    trace = traced(
        ("TCP_NODELAY", "0"), ("SO_RCVBUF", "4096"), ("IP_TTL", "33"), ("SO_LINGER", "0")
    )
    assert isinstance(trace.outcome, Completed)
    wanted = {"TCP_NODELAY": 0, "SO_RCVBUF": 4096, "IP_TTL": 33, "SO_LINGER": 0}
    assert wanted.items() <= settings(trace).items()
    after = readings(trace)["closed"].values
    assert (after["TCP_NODELAY"], after["SO_RCVBUF"], after["IP_TTL"]) == (0, 8192, 33)
    calls = [event.call for event in trace.events if isinstance(event, Called)]
    assert calls.index("setsockopt") < calls.index("connect")


def test_what_the_system_refuses_is_told_and_the_fetch_goes_on() -> None:
    trace = traced(("TCP_CONGESTION", "nosuch"), ("IP_TTL", "33"))
    assert isinstance(trace.outcome, Completed)
    (said,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "socket option"]
    assert said.value == "TCP_CONGESTION=nosuch"
    assert said.why == "It was not set (ENOENT); the fetch goes on without it."
    assert readings(trace)["closed"].values["IP_TTL"] == 33


def test_an_option_that_nobody_could_set_is_told_too() -> None:
    trace = traced(("IP_TTL", "0"), ("NO_SUCH", "1"))
    assert isinstance(trace.outcome, Completed)
    (said,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "socket option"]
    assert said.why.startswith("It was not set (IP_TTL is a number from 1 to 255")


def test_where_there_is_no_privilege_for_it_the_fetch_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allowed = socket.socket.setsockopt

    def refuse(self: socket.socket, *arguments: Any) -> None:
        if arguments[1] == socket.TCP_CONGESTION:
            raise PermissionError(1, "Operation not permitted")
        allowed(self, *arguments)

    monkeypatch.setattr(socket.socket, "setsockopt", refuse)
    trace = traced(("TCP_CONGESTION", "cubic"))
    assert isinstance(trace.outcome, Completed)
    (said,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "socket option"]
    assert "(EPERM)" in said.why


def test_each_read_asks_for_as_much_as_was_said() -> None:
    trace = traced(recv_size=7)
    reads = [e for e in trace.events if isinstance(e, Called) and e.call == "recv" and e.length]
    assert {e.arguments[0] for e in reads[:-1]} == {7}
    assert max(e.length for e in reads) == 7


def test_over_ipv6_the_hop_limit_is_read_and_set() -> None:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        port = probe.getsockname()[1]
    trace = fetch(
        f"http://[::1]:{port}/", Options(allow_private=True, socket_options=(("IP_TTL", "9"),))
    )
    assert settings(trace)["IPV6_UNICAST_HOPS"] == 9
    assert readings(trace)["closed"].values["IP_TTL"] == 9
