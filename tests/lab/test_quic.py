"""The lab's side of QUIC: its sockets, and what comes of its ways to serve."""

from __future__ import annotations

import pytest

from lab import Authority
from lab.quic import V1, V2, Conversation, Quic, bound_twice
from lab.streams import Asked
from netcore import fetch
from tests.netcore.quic_fetching import HOST, calls, completed, hello, options, serving

pytestmark = pytest.mark.wire


def test_both_sockets_have_one_port() -> None:
    stream, datagrams = bound_twice()
    with stream, datagrams:
        assert stream.getsockname() == datagrams.getsockname()


def test_a_request_is_whole_with_its_body(authority: Authority) -> None:
    heard: list[Asked] = []

    def serve(conversation: Conversation, asked: Asked) -> None:
        heard.append(asked)
        hello(conversation, asked)

    with serving(authority, Quic(serve)) as port:
        wanted = options(authority, port, method="POST", body=b"u" * 5_000)
        trace = fetch(f"https://{HOST}:{port}/a?b", wanted)
    assert completed(trace).status_code == 200
    (asked,) = heard
    assert (asked.method, asked.path, asked.body_octets) == ("POST", "/a?b", 5_000)


def test_head_gets_no_body(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, method="HEAD"))
    assert completed(trace).body_octets == 0


def test_several_clients_are_served(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        for _ in range(3):
            trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
            assert completed(trace).status_code == 200


def test_noise_is_not_answered_and_ends_nothing(authority: Authority) -> None:
    stream, noise = bound_twice()
    with stream, noise, serving(authority, Quic(hello, versions=(V1, V2))) as port:
        for octets in (b"", b"\0", b"\xff" * 40, b"\xc0\0\0\0\1" + bytes(1_300)):
            noise.sendto(octets, ("127.0.0.1", port))
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    assert completed(trace).status_code == 200


def test_datagrams_that_are_lost_never_leave(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        whole = fetch(f"https://{HOST}:{port}/", options(authority, port))
    with serving(authority, Quic(hello, lost=frozenset({1}))) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    assert completed(trace).status_code == 200
    first = min(e.time_ns for e in calls(trace, "recv") if e.length)
    assert first > min(e.time_ns for e in calls(whole, "recv") if e.length)
