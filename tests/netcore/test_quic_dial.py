"""From addresses to one connection of QUIC."""

from __future__ import annotations

import socket

import pytest

from lab import Authority
from lab.quic import Quic, bound_twice
from netcore import fetch
from tests.netcore.quic_fetching import (
    HOST,
    calls,
    chosen,
    completed,
    failed,
    hello,
    options,
    serving,
)

pytestmark = pytest.mark.wire


def test_an_address_where_nobody_listens_makes_room_at_once(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        wanted = options(
            authority, port, resolve=(f"{HOST}:{port}:127.0.0.2,127.0.0.1",), allow_private=True
        )
        trace = fetch(f"https://{HOST}:{port}/", wanted)
    assert completed(trace).http_version == "3"
    assert chosen(trace, "address") == [f"127.0.0.2:{port}", f"127.0.0.1:{port}"]
    assert [e.errno for e in calls(trace, "recv") if e.errno] == ["ECONNREFUSED"]


def test_a_silent_address_is_overtaken_after_250_ms(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        wanted = options(
            authority, port, resolve=(f"{HOST}:{port}:127.0.0.3,127.0.0.1",), allow_private=True
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
            nobody.bind(("127.0.0.3", port))
            trace = fetch(f"https://{HOST}:{port}/", wanted)
    assert completed(trace).http_version == "3"
    assert chosen(trace, "attempt") == [f"127.0.0.3:{port}"]
    begun = [e.time_ns for e in calls(trace, "connect")]
    assert begun[1] - begun[0] >= 250_000_000


def test_a_certificate_that_is_refused_ends_the_race(authority: Authority) -> None:
    with serving(authority, Quic(hello), "other.example.com") as port:
        wanted = options(
            authority, port, resolve=(f"{HOST}:{port}:127.0.0.1,127.0.0.4",), allow_private=True
        )
        trace = fetch(f"https://{HOST}:{port}/", wanted)
    assert (failed(trace).stage, failed(trace).code) == ("quic", "tls.hostname_mismatch")
    assert len(calls(trace, "connect")) == 1


def test_all_addresses_refused(authority: Authority) -> None:
    stream, datagrams = bound_twice()
    datagrams.close()
    with stream:
        port = stream.getsockname()[1]
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    assert (failed(trace).stage, failed(trace).code) == ("quic", "quic.refused")
    assert "ICMP" in failed(trace).message


def test_the_guard_is_asked_for_every_address(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        wanted = options(authority, port, resolve=(f"{HOST}:{port}:127.0.0.1,127.0.0.2",))
        trace = fetch(f"https://{HOST}:{port}/", wanted)
    assert failed(trace).code == "guard.blocked_address"
    assert calls(trace, "connect") == []
